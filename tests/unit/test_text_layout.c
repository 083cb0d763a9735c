/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of many makes: which of their lines are the article. */
#include "reading_of.h"

#define A "The ferry to the northern islands will sail again from Thursday, the council decided."
#define B "It had been tied up since March, when a pump failed and water came into the hold."
#define C "A diver spent two weeks below the keel, and what he found surprised even the owners."
#define D "\"Nobody had looked there for eleven years,\" said the harbour engineer, Olga Brandt."
#define E "Tickets will cost a little more than before, while residents keep their half fare."
#define F "The first boat leaves at six in the morning, the last one shortly before midnight."
#define P(text) "<p>" text "</p>"
#define BODY P(A) P(B) P(C) P(D) P(E) P(F)
#define TEXT A "\n" B "\n" C "\n" D "\n" E "\n" F "\n"

#define HEAD "<title>Ferry sails again - The Mail</title>"
#define H1 "<h1>Ferry sails again</h1>"
#define NAV "<nav><a href='/'>Front page</a> <a href='/sport'>Sport</a></nav>"

static void assert_page(const char *page, const char *text)
{
	struct reading_of r = { 0 };

	read_text(&r, TEXT_HTML, page);
	assert_int_equal(r.st, STATUS_OK);
	assert_text(nth(&r, 1), text);
	articles_free(&r.articles);
}

static void a_name_that_most_paragraphs_bear_sets_nothing_apart(void **state)
{
	(void)state;
	assert_page(HEAD NAV "<article>" H1 P(A) "<p class='paywall'>" B "<p class='paywall'>" C
						 "<p class='paywall'>" D "<p class='paywall'>" E
						 "<p class='paywall'>" F "</article>",
		    TEXT);
	assert_page(HEAD NAV "<article>" H1 P(A) P(B) P(C) P(D) P(E)
			    P(F) "<div class='paywall'>" P(E) "</div></article>",
		    TEXT);
}

static void what_a_script_will_show_is_read(void **state)
{
	(void)state;
	assert_page("<html><head>" HEAD "</head><body style='display:none'>" H1 BODY "</body>",
		    TEXT);
	assert_page("<html><head>" HEAD "</head><body class='right-sidebar'><div hidden>" H1 BODY
		    "</div></body>",
		    TEXT);
	assert_page(HEAD NAV "<div id='app' hidden>" H1 BODY "</div><footer>" P(A) "</footer>",
		    TEXT);
	assert_page(HEAD H1 BODY "<div hidden>" BODY "</div>", TEXT);
	assert_page(HEAD H1 "<p>Soon.</p><div class='modal' hidden>" BODY "</div>", "Soon.\n");
	assert_page("<html><head>" HEAD "</head><body class='right-sidebar'>" H1 BODY
		    "<div hidden>" BODY "</div></body>",
		    TEXT);
}

static void short_lines_of_a_layout_table_are_kept(void **state)
{
	(void)state;
	assert_page(HEAD "<table><tr><td><a href='/'>Front page</a></td><td>" H1
			 "<p>HARBOUR</p>" BODY "<p>No comment</p></td></tr></table>",
		    "HARBOUR\n" TEXT "No comment\n");
	assert_page(HEAD "<div>" H1 "<p>" A "<br>" B "<br>So it is<br>" C "</p></div>",
		    A "\n" B "\nSo it is\n" C "\n");
}

static void boxes_for_paragraphs_may_each_have_a_name(void **state)
{
	(void)state;
	assert_page(HEAD "<div>" H1 "<div class='a'>" A "</div><div class='b'>" B
			 "</div><div class='c'>" C "</div><div class='d'>" D
			 "</div><div class='e'>" E "</div><div class='f'>" F
			 "</div><div class='g'>" A "</div></div>",
		    TEXT A "\n");
}

static void an_article_with_another_headline_is_another_article(void **state)
{
	(void)state;
	assert_page(HEAD "<article>" H1 P(A) P(B) "</article>"
						  "<article><h1>Bakery wins prize</h1>" P(C) P(D)
							  P(E) P(F) "</article>",
		    A "\n" B "\n");
	/* The same one is the same article, twice. */
	assert_page(HEAD "<article>" H1 P(A) P(B) "</article><article>" H1 P(A) P(B) "</article>",
		    A "\n" B "\n" A "\n" B "\n");
}

#define CARD(to, title, text) "<div><h3><a href='" to "'>" title "</a></h3><p>" text "</p></div>"
#define CARDS(site)                                                        \
	CARD(site "/1", "Bakery wins the golden loaf of the province", C)  \
	CARD(site "/2", "School of music opens its doors to everybody", D) \
	CARD(site "/3", "Rain ahead for most of the week, says the bureau", E)

static void teasers_are_told_by_their_shape(void **state)
{
	(void)state;
	assert_page(HEAD "<div>" H1 P(A) P(B) "</div><section>" CARDS("") "</section>",
		    A "\n" B "\n");
	/* Next to the text they are a part of it: a round-up. */
	assert_page(HEAD "<section>" H1 P(A) CARDS("") "</section>",
		    A "\nBakery wins the golden loaf of the province\n" C
		      "\nSchool of music opens its doors to everybody\n" D
		      "\nRain ahead for most of the week, says the bureau\n" E "\n");
	/* Links that lead elsewhere, and a list that is most of the body, are the article. */
	assert_page(HEAD "<div>" H1 P(A) CARDS("https://shop.example") "</div>",
		    A "\nBakery wins the golden loaf of the province\n" C
		      "\nSchool of music opens its doors to everybody\n" D
		      "\nRain ahead for most of the week, says the bureau\n" E "\n");
	assert_page(HEAD "<div class='article-body'>" H1 P(A) CARDS("") "</div>",
		    A "\nBakery wins the golden loaf of the province\n" C
		      "\nSchool of music opens its doors to everybody\n" D
		      "\nRain ahead for most of the week, says the bureau\n" E "\n");
}

#define LINKED(body)                                                     \
	"<script type='application/ld+json'>{\"@type\":\"NewsArticle\"," \
	"\"headline\":\"Ferry sails again\",\"articleBody\":\"" body "\"}</script>"

static void text_for_machines_fills_an_empty_page(void **state)
{
	(void)state;
	assert_page(HEAD LINKED(A "\\n" B) "<div id='root'>" H1 "</div>", A "\n" B "\n");
	assert_page(HEAD LINKED("<p>" A "</p><p>" B "</p>") H1, A "\n" B "\n");
	assert_page(HEAD LINKED(A "\\n" B) H1 BODY, TEXT);
}

static void a_notice_above_the_headline_is_left_out(void **state)
{
	(void)state;
	assert_page(
		HEAD
		"<div>" P("Everything here was read by a person, mostly on trains.") "</"
										     "div><div><"
										     "div>" H1 BODY
										     "</div></div>",
		TEXT);
	/* A lead below it is not. */
	assert_page(HEAD "<div>" H1 "<div>" P(A) "</div><div>" P(B) P(C) P(D) P(E) P(F)
			    P(A) "</div></div>",
		    TEXT A "\n");
}

static void a_body_in_pieces_is_put_together(void **state)
{
	(void)state;
	assert_page(HEAD H1 "<div class='story-text'><div>" P(A) P(B) P(C)
			    P(D) "</div></div><div>Advertisement</div>"
				 "<div class='story-text'><div>" P(
					 E) "</div></div>"
					    "<div class='story-text'><div>" P(F) "</div></div>",
		    TEXT);
}

static void a_box_named_after_comments_may_hold_the_article(void **state)
{
	(void)state;
	assert_page(HEAD H1 "<div class='node comments-open'>" BODY "</div>", TEXT);
	assert_page(HEAD H1 P(A) P(B) "<div class='comments'>" P(C) P(D) P(E) P(F) "</div>",
		    A "\n" B "\n");
}

static void a_box_with_a_picture_and_a_line_is_a_caption(void **state)
{
	(void)state;
	assert_page(HEAD "<div>" H1 P(A) "<div class='x'><img src='f.jpg'>" P(
			    "The ferry at its pier, seen "
			    "from the old light house, in "
			    "May.") "</div>" P(B) P(C) P(D) P(E) P(F) "</div>",
		    TEXT);
	assert_page(HEAD "<div>" H1 "<div><img src='a.jpg'>" P(A) "</div><div><img src='b.jpg'>" P(
			    B) "</div></div>",
		    A "\n" B "\n");
}

static void forms_and_custom_elements_may_be_set_apart(void **state)
{
	(void)state;
	assert_page(HEAD "<form action='/'>" H1 BODY "</form>", TEXT);
	assert_page(HEAD H1 P(A) P(B) P(C) "<form><p>"
					   "Leave your address, and the paper comes to "
					   "you every morning.</p><input name='mail'></form>" P(D)
						   P(E) P(F),
		    TEXT);
	assert_page(
		HEAD "<x-sidebar>" P(
			"Old ferries, new ferries, and a map of all the piers.") "</x-sidebar>" H1
			BODY,
		TEXT);
}

static void a_time_stamp_is_no_line_of_text(void **state)
{
	(void)state;
	assert_page(HEAD "<main>" H1 "<div>" P(A) "<p><time>12 May, 10:40</time></p>" P(B)
			    P(C) "</div></main>",
		    A "\n" B "\n" C "\n");
}

static void a_mark_to_jump_to_is_no_link(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	assert_page(HEAD "<div><a name='top'>" H1 BODY "</div>", TEXT);
	read_text(&r, TEXT_HTML,
		  HEAD H1 P(A) "<blockquote>" P(B) "</blockquote><h2><a href='/p'>A pump</a></h2>"
						   "<p><a name='x'>" C "</a></p>");
	assert_text(nth(&r, 1), A "\n" B "\nA pump\n" C "\n");
	assert_int_equal(article_hints(nth(&r, 1))[0], 0);
	assert_int_equal(article_hints(nth(&r, 1))[1], ARTICLE_HINT_QUOTE);
	assert_int_equal(article_hints(nth(&r, 1))[2], ARTICLE_HINT_HEADING | ARTICLE_HINT_LINKS);
	assert_int_equal(article_hints(nth(&r, 1))[3], 0);
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_most_paragraphs_bear_sets_nothing_apart),
		cmocka_unit_test(what_a_script_will_show_is_read),
		cmocka_unit_test(short_lines_of_a_layout_table_are_kept),
		cmocka_unit_test(boxes_for_paragraphs_may_each_have_a_name),
		cmocka_unit_test(an_article_with_another_headline_is_another_article),
		cmocka_unit_test(teasers_are_told_by_their_shape),
		cmocka_unit_test(text_for_machines_fills_an_empty_page),
		cmocka_unit_test(a_notice_above_the_headline_is_left_out),
		cmocka_unit_test(a_body_in_pieces_is_put_together),
		cmocka_unit_test(a_box_named_after_comments_may_hold_the_article),
		cmocka_unit_test(a_box_with_a_picture_and_a_line_is_a_caption),
		cmocka_unit_test(forms_and_custom_elements_may_be_set_apart),
		cmocka_unit_test(a_time_stamp_is_no_line_of_text),
		cmocka_unit_test(a_mark_to_jump_to_is_no_link),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
