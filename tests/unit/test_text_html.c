/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

#define ONE                                                                                      \
	"The harbour was closed on Monday, said the master of the port, who gave no reason for " \
	"it."
#define TWO "Ships had to wait outside for nine hours, and two of them turned back in the evening."
#define THREE \
	"\"We were told nothing,\" a captain said, \"and nobody answered when we called them.\""

static void the_article_is_told_from_what_is_around_it(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(
		&r, TEXT_HTML,
		"<!doctype html><html><head><title>Harbour closed - The Paper</title></head><body>"
		"<nav><ul><li><a href='/'>Home</a><li><a href='/w'>World</a></ul></nav>"
		"<div class='cookie-banner'><p>We use cookies, as everybody does, to make this "
		"site "
		"work for you and for our partners.</p></div>"
		"<main><article><h1>Harbour closed</h1><div class='byline'>By Somebody</div>"
		"<p>" ONE "</p><figure><img src='x'><figcaption>The harbour, in happier days, seen "
		"from the tower.</figcaption></figure><p>" TWO
		"</p><h2>Angry captains</h2><p>" THREE
		"</p><p>It rained.</p><ul><li>nine hours<li>two ships</ul></article>"
		"<section class='related-articles'><h2>Related</h2><p>Another story of which only "
		"the "
		"first lines stand here, so that somebody may click on it.</p></section></main>"
		"<div id='comments'><p>First! I have always said that this harbour is badly run, "
		"and "
		"here is the proof.</p></div>"
		"<footer><p>Copyright, all rights reserved, by the paper and its "
		"owners.</p></footer>"
		"<script>var p = '<p>not text at all, really, not any text.</p>';</script></body>");
	assert_int_equal(r.st, STATUS_OK);
	const struct article *a = nth(&r, 1);
	assert_part(a, a->title, "Harbour closed");
	assert_text(a, ONE "\n" TWO "\nAngry captains\n" THREE
			   "\nIt rained.\nnine hours\ntwo ships\n");
	assert_int_equal(article_hints(a)[2], ARTICLE_HINT_HEADING);
	assert_int_equal(a->flags, ARTICLE_FROM_HTML);
	articles_free(&r.articles);
}

static void a_body_that_stands_twice_is_kept_twice(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<body><h1>T</h1><div class='story-body'><p>" ONE "<p>" TWO "</div>"
		  "<div class='story-body'><p>" ONE "<p>" TWO "</div></body>");
	assert_text(nth(&r, 1), ONE "\n" TWO "\n" ONE "\n" TWO "\n");
	read_text(&r, TEXT_HTML,
		  "<body><h1>T</h1><p>" ONE "<p>" TWO "<h2>T</h2><p>" ONE "<p>" TWO "</body>");
	assert_text(nth(&r, 1), ONE "\n" TWO "\nT\n" ONE "\n" TWO "\n");
	articles_free(&r.articles);
}

static void short_pages_are_kept_whole(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<title>T</title><nav><a "
		  "href='/'>Home</a></nav><h1>T</h1><p>Short.</p><p>Also</p>");
	assert_text(nth(&r, 1), "Short.\nAlso\n");
	read_text(&r, TEXT_HTML, "just text");
	assert_text(nth(&r, 1), "just text\n");
	articles_free(&r.articles);
}

static void short_paragraphs_among_long_ones_are_text(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<body><h1>H</h1><p>KABUL</p><p>" ONE "</p><p>No.</p><p>" TWO "</p><p>The end</p>"
		  "<div><a href='#'>Share this</a></div></body>");
	assert_text(nth(&r, 1), "KABUL\n" ONE "\nNo.\n" TWO "\nThe end\n");
	articles_free(&r.articles);
}

static void pages_without_paragraphs_break_at_br(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<table><tr><td><a href='a'>Home</a><br><a href='b'>News</a></td><td><b>" ONE
		  "</b><br><br>" TWO "<br>" THREE "</td></tr></table>");
	assert_text(nth(&r, 1), ONE "\n" TWO "\n" THREE "\n");
	articles_free(&r.articles);
}

static void the_deck_below_the_headline_is_text(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(
		&r, TEXT_HTML,
		"<body><header><h1>H</h1><p class='deck'>Nine hours without a word from anybody</p>"
		"</header><div class='article-body'><p>" ONE "</p><p>" TWO "</p></div></body>");
	assert_text(nth(&r, 1), "Nine hours without a word from anybody\n" ONE "\n" TWO "\n");
	articles_free(&r.articles);
}

static void a_page_says_what_it_is(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<head><title>A &amp; B | The Paper</title>"
		  "<meta property='og:title' content='A &amp;amp; B'>"
		  "<meta property='og:url' content='https://s.example/x?fbclid=1'>"
		  "<link rel='canonical' href='/news/x/'>"
		  "<meta property='article:published_time' content='2026-11-23T03:00:00Z'></head>"
		  "<body><p>Text.</p></body>");
	const struct article *a = nth(&r, 1);
	assert_part(a, a->title, "A & B");
	assert_part(a, a->url, "https://s.example/news/x/");
	assert_part(a, a->canonical, "s.example/news/x");
	assert_part(a, a->id, "s.example/news/x");
	assert_part(a, a->published, "2026-11-23T03:00:00Z");
	assert_true(a->published_ms == INT64_C(1795402800000));
	articles_free(&r.articles);
}

static void the_h1_is_the_title_when_the_page_confirms_it(void **state)
{
	static const struct {
		const char *page, *title;
	} rows[] = {
		{ "<title>Real title - Paper</title><h1>Real title</h1>", "Real title" },
		{ "<title>Real title - Paper</title><h1>Paper</h1><h1>x</h1>", "Real title" },
		{ "<title>Real title - Paper</title>", "Real title" },
		{ "<title>News - World - Real title of it</title>",
		  "News - World - Real title of it" },
		{ "<h1>Only this</h1>", "Only this" },
		{ "<title>\n  Split\n  title </title>", "Split title" },
		{ "<p>none</p>", NULL },
	};
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		read_text(&r, TEXT_HTML, rows[i].page);
		assert_part(nth(&r, 1), nth(&r, 1)->title, rows[i].title);
	}
	articles_free(&r.articles);
}

static void json_ld_fills_what_the_head_leaves_out(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<script type='application/ld+json'>{broken</script>"
		  "<script type='application/ld+json'>/*<![CDATA[*/{\"@context\":\"x\",\"@graph\":["
		  "{\"@type\":\"WebSite\",\"headline\":\"No\"},{\"@type\":[\"Thing\","
		  "\"NewsArticle\"],"
		  "\"headline\":\"The &quot;headline&quot;\",\"url\":\"https://s.example/l\","
		  "\"datePublished\":\"2026-01-02\"}]}/*]]>*/</script><p>Text.</p>");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "The \"headline\"");
	assert_part(nth(&r, 1), nth(&r, 1)->url, "https://s.example/l");
	assert_part(nth(&r, 1), nth(&r, 1)->published, "2026-01-02");
	articles_free(&r.articles);
}

static void a_canonical_address_without_a_page_is_no_id(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML, "<link rel=canonical href='https://s.example/'><p>Text.</p>");
	assert_part(nth(&r, 1), nth(&r, 1)->url, NULL);
	assert_part(nth(&r, 1), nth(&r, 1)->id, NULL);
	articles_free(&r.articles);
}

static void what_a_page_hides_is_no_text(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML,
		  "<body><p>" ONE "</p><p hidden>" TWO
		  "</p><p style='color:red; display: none'>" TWO "</p><noscript><p>" TWO
		  "</p></noscript><template><p>" TWO "</p></template>"
		  "<p>" THREE "</p></body>");
	assert_text(nth(&r, 1), ONE "\n" THREE "\n");
	articles_free(&r.articles);
}

static void charsets_of_pages_are_found(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_HTML, "<meta charset='windows-1251'><p>\xCF\xF0\xE8.</p>");
	assert_text(nth(&r, 1), "\xD0\x9F\xD1\x80\xD0\xB8.\n");
	read_text(&r, TEXT_HTML, "<p>caf\xE9.</p>");
	assert_text(nth(&r, 1), "caf\xC3\xA9.\n");
	read_bytes(&r, TEXT_HTML, "<p>a\0b.</p>", 11);
	assert_text(nth(&r, 1), "a\xEF\xBF\xBD"
				"b.\n");
	articles_free(&r.articles);
}

static void a_page_that_is_all_comment_has_no_text(void **state)
{
	static const char *const pages[] = { "<!--", "<!-- no end", "<!-- a --><!-- b -->" };
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		read_text(&r, TEXT_HTML, pages[i]);
		assert_int_equal(r.articles.count, 1);
		assert_text(nth(&r, 1), "");
	}
	articles_free(&r.articles);
}

/* What many times over, then the rest. */
static void read_many(struct reading_of *r, const char *what, size_t count, const char *rest)
{
	size_t len = strlen(what);
	char *page = malloc(len * count + strlen(rest) + 1);

	assert_non_null(page);
	for (size_t i = 0; i < count; i++)
		memcpy(page + i * len, what, len);
	strcpy(page + len * count, rest);
	read_bytes(r, TEXT_HTML, page, len * count + strlen(rest));
	free(page);
	assert_int_equal(r->st, STATUS_OK);
	assert_int_equal(r->articles.count, 1);
}

static void the_text_of_a_page_that_nests_too_deep_is_found(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_many(&r, "<div><span>", 100000, "<p>" ONE "</p><p>" TWO "</p>");
	assert_text(nth(&r, 1), ONE "\n" TWO "\n");
	assert_true(nth(&r, 1)->flags & ARTICLE_RECOVERED);
	assert_int_equal(r.told, 1);
	articles_free(&r.articles);
}

static void pages_made_to_be_slow_are_read(void **state)
{
	static const char *const pieces[] = { "<div>",    "<b></i>",  "<",         "&",
					      "<!--",     "<a href=", "<p a=1",    "<table><tr>",
					      "<font>",   "<h1>",     "<ul><li>",  "</p>",
					      "<script>", "<svg>",    "<p class='" };
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		read_many(&r, pieces[i], 50000, "x");
	read_many(&r, "", 0, "");
	assert_text(nth(&r, 1), "");
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_article_is_told_from_what_is_around_it),
		cmocka_unit_test(a_body_that_stands_twice_is_kept_twice),
		cmocka_unit_test(short_pages_are_kept_whole),
		cmocka_unit_test(short_paragraphs_among_long_ones_are_text),
		cmocka_unit_test(pages_without_paragraphs_break_at_br),
		cmocka_unit_test(the_deck_below_the_headline_is_text),
		cmocka_unit_test(a_page_says_what_it_is),
		cmocka_unit_test(the_h1_is_the_title_when_the_page_confirms_it),
		cmocka_unit_test(json_ld_fills_what_the_head_leaves_out),
		cmocka_unit_test(a_canonical_address_without_a_page_is_no_id),
		cmocka_unit_test(what_a_page_hides_is_no_text),
		cmocka_unit_test(charsets_of_pages_are_found),
		cmocka_unit_test(the_text_of_a_page_that_nests_too_deep_is_found),
		cmocka_unit_test(a_page_that_is_all_comment_has_no_text),
		cmocka_unit_test(pages_made_to_be_slow_are_read),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
