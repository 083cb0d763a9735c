/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <reprint/article.h>
#include <stdio.h>

#include "base/bytes.h"
#include "chrome_page.h"

#define NOTICE "This page uses cookies to remember how you like to read the news of the day\n"
#define FOOTER "All rights reserved by the company that prints this paper every single day\n"

/* The n-th page of the site: a notice, a text, a footer. */
static void nth_page(struct page *p, unsigned n, struct arena *arena)
{
	page_around(p, NOTICE, n, FOOTER, arena);
}

static struct chrome *opened(void)
{
	struct chrome *c;

	assert_int_equal(chrome_open(&c), STATUS_OK);
	return c;
}

/* Pages `from` to `to` of a site, each around a text of its own. */
static void teach(struct chrome *c, struct span site, const char *before, const char *after,
		  unsigned from, unsigned to, struct arena *arena)
{
	struct page p;

	for (unsigned n = from; n < to; n++) {
		struct arena_mark mark = arena_mark(arena);

		page_around(&p, before, n, after, arena);
		learn_page(c, site, &p);
		arena_rewind(arena, mark);
	}
}

static struct chrome *taught(unsigned pages, struct arena *arena)
{
	struct chrome *c = opened();

	teach(c, SITE, NOTICE, FOOTER, 0, pages, arena);
	return c;
}

/* ---- lines that stay as they are */

static void lines_of_several_unlike_articles_are_chrome(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena);
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	assert_int_equal(p.marks[0], CHROME_SEEN);
	assert_int_equal(p.marks[1], CHROME_NONE);
	assert_int_equal(p.marks[2], CHROME_SEEN);
	chrome_close(c);
	arena_close(arena);
}

static void what_both_articles_of_a_new_site_have_is_chrome_in_the_third(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	for (unsigned pages = 0; pages < 3; pages++) {
		struct chrome *c = taught(pages, arena);

		assert_int_equal(mark_page(c, SITE, &p), pages < 2 ? 0 : 2);
		chrome_close(c);
	}
	arena_close(arena);
}

static void a_line_that_is_not_usual_takes_three(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	teach(c, SITE, "", "", 0, 20, arena);
	nth_page(&p, 99, arena);
	for (unsigned pages = 0; pages < 4; pages++) {
		assert_int_equal(mark_page(c, SITE, &p), pages < 3 ? 0 : 2);
		teach(c, SITE, NOTICE, FOOTER, 20 + pages, 21 + pages, arena);
	}
	chrome_close(c);
	arena_close(arena);
}

static void another_site_has_its_own_chrome(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena);
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	assert_int_equal(mark_page(c, span_of_text("b.example"), &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void an_unknown_site_has_none(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena);
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	assert_int_equal(mark_page(c, (struct span){ NULL, 0 }, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_line_that_stands_twice_in_one_article_counts_once(void **state)
{
	static const char line[] = "The same sentence of a few more words than usual stands here\n";
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(5, arena);
	struct page p;
	char text[3 * sizeof line];

	(void)state;
	snprintf(text, sizeof text, "%s%s%s", line, line, line);
	page_of(&p, text, NULL, arena);
	learn_page(c, SITE, &p);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

/* ---- what is no evidence */

static void a_story_in_copies_elsewhere_is_no_evidence(void **state)
{
	static const uint8_t evidence[] = { CHROME_EVIDENCE, CHROME_NO_EVIDENCE, CHROME_EVIDENCE };
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	nth_page(&p, 1, arena);
	for (unsigned n = 0; n < 20; n++)
		assert_int_equal(chrome_learn(c, SITE, p.lines, 3, evidence), STATUS_OK);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	assert_int_equal(p.marks[1], CHROME_NONE);
	chrome_close(c);
	arena_close(arena);
}

static void weak_evidence_takes_four_times_as_many(void **state)
{
	static const uint8_t weak[] = { CHROME_WEAK_EVIDENCE, CHROME_WEAK_EVIDENCE,
					CHROME_WEAK_EVIDENCE };
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;
	unsigned taken = 0;

	(void)state;
	nth_page(&p, 1, arena);
	for (; mark_page(c, SITE, &p) == 0; taken++)
		assert_int_equal(chrome_learn(c, SITE, p.lines, 3, weak), STATUS_OK);
	assert_in_range(taken, 7, 8);
	chrome_close(c);
	arena_close(arena);
}

/* ---- forgetting */

static void after_a_redesign_the_new_lines_are_learned_at_once_and_the_old_fade(void **state)
{
	static const char line[] =
		"Sign up here to have the best of our stories in your mailbox daily\n";
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(400, arena);
	struct page old, new;

	(void)state;
	nth_page(&old, 5001, arena);
	page_around(&new, line, 5002, "", arena);
	teach(c, SITE, line, "", 1000, 1002, arena);
	assert_int_equal(mark_page(c, SITE, &new), 0);
	teach(c, SITE, line, "", 1002, 1003, arena);
	assert_int_equal(mark_page(c, SITE, &new), 1);
	assert_int_equal(mark_page(c, SITE, &old), 2);
	teach(c, SITE, line, "", 1003, 3000, arena);
	assert_int_equal(mark_page(c, SITE, &new), 1);
	assert_int_equal(mark_page(c, SITE, &old), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_line_that_comes_again_now_and_then_stays(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	for (unsigned n = 0; n < 4000; n += 50) {
		teach(c, SITE, NOTICE, FOOTER, n, n + 1, arena);
		teach(c, SITE, "", "", n + 1, n + 50, arena);
	}
	nth_page(&p, 99999, arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	chrome_close(c);
	arena_close(arena);
}

/* ---- from the first article on */

static void short_lines_are_no_text_where_the_site_is_known(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_of(&p,
		"Menu\nLatest news\n"
		"A paragraph with enough words in it to be taken for the text of an article.\n"
		"12:31\n"
		"Another paragraph with enough words in it to be taken for the text of an "
		"article.\n"
		"Share this post\n",
		NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 4);
	assert_int_equal(p.marks[2], CHROME_NONE);
	assert_int_equal(p.marks[3], CHROME_SHORT);
	assert_int_equal(p.marks[5], CHROME_SHORT);
	assert_int_equal(mark_page(c, (struct span){ NULL, 0 }, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void an_article_of_short_lines_only_is_kept(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_of(&p, "Home 2\nAway 1\nHalf time\n", NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void lines_of_links_are_no_text_unless_there_is_nothing_else(void **state)
{
	static const char text[] =
		"The minister and seven others said on Monday that they would go at once.\n"
		"Nobody in the town had seen it coming and few were sorry to see them go.\n"
		"Seven things that you should know about the ministers who went today\n";
	static const uint8_t last[] = { 0, 0, ARTICLE_HINT_LINKS };
	static const uint8_t all[] = { ARTICLE_HINT_LINKS, ARTICLE_HINT_LINKS, ARTICLE_HINT_LINKS };
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_of(&p, text, last, arena);
	assert_int_equal(mark_page(c, SITE, &p), 1);
	assert_int_equal(p.marks[2], CHROME_LINKS);
	page_of(&p, text, all, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void what_is_chrome_at_three_sites_is_chrome_at_the_first_article_of_a_fourth(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	teach(c, span_of_text("b.example"), NOTICE, "", 0, 4, arena);
	teach(c, span_of_text("c.example"), NOTICE, "", 4, 8, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	teach(c, span_of_text("d.example"), NOTICE, "", 8, 12, arena);
	assert_int_equal(mark_page(c, SITE, &p), 1);
	assert_int_equal(p.marks[0], CHROME_ELSEWHERE);
	chrome_close(c);
	arena_close(arena);
}

/* ---- another name in it */

#define FOLLOW(name) "Follow " name " on all of its channels for the news of the day and night\n"

/* What three sites have under their own names, short and long. */
static struct chrome *followed(struct arena *arena)
{
	struct chrome *c = opened();

	teach(c, span_of_text("b.example"), FOLLOW("the Northern Echo"), "", 0, 4, arena);
	teach(c, span_of_text("c.example"), FOLLOW("The Eastern Star and Morning Mail"), "", 4, 8,
	      arena);
	teach(c, span_of_text("d.example"), FOLLOW("The Weekly"), "", 8, 12, arena);
	return c;
}

static void chrome_of_three_sites_is_known_at_a_fourth_with_its_name_in_it(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = followed(arena);
	struct page p;

	(void)state;
	page_around(&p, FOLLOW("Sun of the Day"), 99, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 1);
	assert_int_equal(p.marks[0], CHROME_EDGE);
	page_around(&p, "News of the day and night: follow Sun of the Day on all of its channels\n",
		    99, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_longer_sentence_with_the_same_end_is_text(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = followed(arena);
	struct page p;

	(void)state;
	page_around(&p,
		    "The minister had told the reporters who were waiting at the gate that he too "
		    "had stayed awake for " FOLLOW("them"),
		    99, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_sentence_that_comes_again_now_and_then_gives_away_no_edge(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	for (unsigned site = 0; site < 3; site++) {
		static const char *const names[] = { "b.example", "c.example", "d.example" };
		static const char *const lines[] = { FOLLOW("the Northern Echo"),
						     FOLLOW("The Eastern Star and Morning Mail"),
						     FOLLOW("The Weekly") };

		for (unsigned n = 0; n < 6; n++) {
			unsigned from = 100 * site + 10 * n;

			teach(c, span_of_text(names[site]), "", "", from, from + 4, arena);
			teach(c, span_of_text(names[site]), lines[site], "", from + 4, from + 5,
			      arena);
		}
		page_around(&p, lines[site], 999, "", arena);
		assert_int_equal(mark_page(c, span_of_text(names[site]), &p), 1);
	}
	page_around(&p, FOLLOW("Sun of the Day"), 999, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void what_fades_at_one_of_three_sites_is_not_known_elsewhere(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = followed(arena);
	struct page p;

	(void)state;
	teach(c, span_of_text("b.example"), "", "", 1000, 6000, arena);
	page_around(&p, FOLLOW("Sun of the Day"), 99, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

/* ---- what speaks of itself */

#define LEAD "The minister and seven others said on Monday that they would all go at once today.\n"

static void a_short_line_with_the_address_of_its_site_is_chrome(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_of(&p,
		LEAD "Read the full story of the eight at A.EXAMPLE\n"
		     "Have you seen anything? Write to news@a.example today\n"
		     "Have you seen anything? Write to news@b.example today\n"
		     "Nobody but the paper in the next town and one reader of a.example who wrote "
		     "to its editors had seen it coming\n",
		NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	assert_int_equal(p.marks[1], CHROME_HOST);
	assert_int_equal(p.marks[2], CHROME_HOST);
	assert_int_equal(mark_page(c, (struct span){ NULL, 0 }, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_site_that_is_no_address_may_be_named_in_a_text(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_of(&p, LEAD "Nobody in New York had seen it coming before Monday\n", NULL, arena);
	assert_int_equal(mark_page(c, span_of_text("new york"), &p), 0);
	assert_int_equal(mark_page(c, span_of_text("monday."), &p), 0);
	assert_int_equal(mark_page(c, span_of_text("."), &p), 0);
	assert_int_equal(mark_page(c, span_of_text(""), &p), 0);
	chrome_close(c);
	arena_close(arena);
}

#define TITLE "Minister and seven others leave over a bridge in the east"

static void the_own_title_is_left_out_wherever_it_stands(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	titled_page(&p, TITLE, TITLE "\n" LEAD TITLE "\n" LEAD, NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	assert_int_equal(p.marks[0], CHROME_TITLE);
	assert_int_equal(p.marks[1], CHROME_NONE);
	assert_int_equal(p.marks[2], CHROME_TITLE);
	page_of(&p, TITLE "\n" LEAD LEAD, NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void where_hardly_anything_is_below_it_the_title_is_text(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	titled_page(&p, TITLE, TITLE "\n" LEAD, NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	titled_page(&p, TITLE, TITLE "\n", NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

/* ---- lines that change */

static void a_date_line_is_known_by_its_shape(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;
	char line[100];

	(void)state;
	for (unsigned n = 0; n < 4; n++) {
		snprintf(line, sizeof line, "Last updated on %u March 2026 at 1%u:0%u GMT\n", n + 1,
			 n, n);
		page_around(&p, line, n, "", arena);
		assert_int_equal(mark_page(c, SITE, &p), 0);
		learn_page(c, SITE, &p);
	}
	page_around(&p, "Last updated on 29 March 2026 at 22:48 GMT\n", 9, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 1);
	assert_int_equal(p.marks[0], CHROME_SHAPE);
	chrome_close(c);
	arena_close(arena);
}

static void a_new_date_line_is_learned_at_an_old_site(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(100, arena);
	struct page p;
	char line[100];

	(void)state;
	for (unsigned n = 0; n < 5; n++) {
		snprintf(line, sizeof line, "Last updated on %u March 2026 at 1%u:0%u GMT\n", n + 1,
			 n, n);
		page_around(&p, line, 200 + n, "", arena);
		assert_int_equal(mark_page(c, SITE, &p), n == 4);
		learn_page(c, SITE, &p);
	}
	chrome_close(c);
	arena_close(arena);
}

static void figures_that_stand_in_few_articles_are_no_date_line(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;
	char line[100];

	(void)state;
	for (unsigned n = 0; n < 20; n++) {
		snprintf(line, sizeof line, "Revenue %u.%u mln vs %u.%u mln in 2025\n", 200 + n, n,
			 100 + n, n);
		page_around(&p, line, 10 * n, "", arena);
		assert_int_equal(mark_page(c, SITE, &p), 0);
		learn_page(c, SITE, &p);
		teach(c, SITE, "", "", 10 * n + 1, 10 * n + 4, arena);
	}
	chrome_close(c);
	arena_close(arena);
}

static void the_sentences_of_template_news_are_no_date_lines(void **state)
{
	static const char *const frames[] = {
		"Sunrise is at 6:1%u and sunset at 19:4%u.\n",
		"The index closed up 1%u points at 72%u today.\n",
		"The rouble opened at 63.1%u against the dollar and at 7%u against the euro.\n",
	};
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;
	char lines[300];

	(void)state;
	for (unsigned n = 0; n < 9; n++) {
		int len = 0;

		for (unsigned k = 0; k < 3; k++)
			len += snprintf(lines + len, sizeof lines - (size_t)len, frames[k], n, n);
		/* Below a lead of its own. */
		page_around(&p, "", n, lines, arena);
		assert_int_equal(mark_page(c, SITE, &p), 0);
		learn_page(c, SITE, &p);
	}
	chrome_close(c);
	arena_close(arena);
}

#define HEADLINE "Minister and seven others leave the government over a bridge"

static void the_headline_of_another_article_is_a_link_below_the_text_or_behind_a_label(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_around(&p, HEADLINE "\n", 1, "", arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	learn_page(c, SITE, &p);
	page_around(&p, "A headline of its own that has nothing to do with bridges\n", 2,
		    "Read also: " HEADLINE "\n" HEADLINE "\n", arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	assert_int_equal(p.marks[2], CHROME_HEADLINE);
	assert_int_equal(p.marks[3], CHROME_HEADLINE);
	chrome_close(c);
	arena_close(arena);
}

static void the_sentences_of_others_in_a_page_of_briefs_are_text(void **state)
{
	static const char *const briefs[] = {
		"Minister and seven others leave the government over a bridge in the east\n",
		"A ship ran aground off the cape and nobody on board was hurt\n"
	};
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;
	char text[300];

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		page_around(&p, briefs[n], n, "", arena);
		learn_page(c, SITE, &p);
	}
	snprintf(text, sizeof text, "What the town was talking about this morning\n%s%s", briefs[0],
		 briefs[1]);
	page_of(&p, text, NULL, arena);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_story_that_is_told_again_keeps_its_headline_and_its_body(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = opened();
	struct page p;

	(void)state;
	page_around(&p, HEADLINE "\n", 1, "", arena);
	learn_page(c, SITE, &p);
	assert_int_equal(mark_page(c, SITE, &p), 0);
	chrome_close(c);
	arena_close(arena);
}

/* ---- who asks why */

static void a_line_tells_how_often_and_how_lately_it_was_seen(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(5, arena);
	struct chrome_line *lines = ARENA_ARRAY(arena, struct chrome_line, CHROME_LINES);

	(void)state;
	teach(c, SITE, "", "", 100, 105, arena);
	assert_int_equal(chrome_articles(c, SITE), 10);
	assert_int_equal(chrome_lines(c, lines, SITE), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(lines[i].articles, 5);
		assert_int_equal(lines[i].since, 5);
		assert_true(lines[i].weight > 4.9 && lines[i].weight < 5);
		assert_int_equal(chrome_reason_of(&lines[i], 30), CHROME_SEEN);
		assert_int_equal(chrome_reason_of(&lines[i], 4), CHROME_SHORT);
	}
	teach(c, SITE, "", "", 200, 2200, arena);
	assert_int_equal(chrome_lines(c, lines, SITE), 2);
	assert_int_equal(lines[0].since, 2005);
	assert_int_equal(chrome_reason_of(&lines[0], 30), CHROME_NONE);
	assert_int_equal(chrome_lines(c, lines, span_of_text("b.example")), 0);
	chrome_close(c);
	arena_close(arena);
}

/* ---- the snapshot */

static void what_was_saved_marks_the_same(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena), *again = opened();
	struct bytes saved = { 0 };
	struct page p;

	(void)state;
	chrome_save(c, &saved);
	assert_false(saved.failed);
	assert_int_equal(chrome_load(again, bytes_span(&saved)), STATUS_OK);
	nth_page(&p, 99, arena);
	assert_int_equal(mark_page(again, SITE, &p), 2);
	for (size_t cut = 0; cut < saved.len; cut++)
		assert_int_equal(chrome_load(again, span_of(saved.p, cut)), STATUS_MALFORMED);
	assert_int_equal(mark_page(again, SITE, &p), 2);
	bytes_free(&saved);
	chrome_close(c);
	chrome_close(again);
	arena_close(arena);
}

static void what_was_saved_knows_other_names_too(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = followed(arena), *again = opened();
	struct bytes saved = { 0 };
	struct page p;

	(void)state;
	chrome_save(c, &saved);
	assert_int_equal(chrome_load(again, bytes_span(&saved)), STATUS_OK);
	page_around(&p, FOLLOW("Sun of the Day"), 99, "", arena);
	assert_int_equal(mark_page(again, SITE, &p), 1);
	assert_int_equal(p.marks[0], CHROME_EDGE);
	bytes_free(&saved);
	chrome_close(c);
	chrome_close(again);
	arena_close(arena);
}

static void a_snapshot_of_another_format_is_refused(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena);
	struct bytes saved = { 0 };
	struct page p;

	(void)state;
	chrome_save(c, &saved);
	saved.p[0]--;
	assert_int_equal(chrome_load(c, bytes_span(&saved)), STATUS_VERSION);
	nth_page(&p, 99, arena);
	assert_int_equal(mark_page(c, SITE, &p), 2);
	bytes_free(&saved);
	chrome_close(c);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_several_unlike_articles_are_chrome),
		cmocka_unit_test(what_both_articles_of_a_new_site_have_is_chrome_in_the_third),
		cmocka_unit_test(a_line_that_is_not_usual_takes_three),
		cmocka_unit_test(another_site_has_its_own_chrome),
		cmocka_unit_test(an_unknown_site_has_none),
		cmocka_unit_test(a_line_that_stands_twice_in_one_article_counts_once),
		cmocka_unit_test(a_story_in_copies_elsewhere_is_no_evidence),
		cmocka_unit_test(weak_evidence_takes_four_times_as_many),
		cmocka_unit_test(
			after_a_redesign_the_new_lines_are_learned_at_once_and_the_old_fade),
		cmocka_unit_test(a_line_that_comes_again_now_and_then_stays),
		cmocka_unit_test(short_lines_are_no_text_where_the_site_is_known),
		cmocka_unit_test(an_article_of_short_lines_only_is_kept),
		cmocka_unit_test(lines_of_links_are_no_text_unless_there_is_nothing_else),
		cmocka_unit_test(
			what_is_chrome_at_three_sites_is_chrome_at_the_first_article_of_a_fourth),
		cmocka_unit_test(chrome_of_three_sites_is_known_at_a_fourth_with_its_name_in_it),
		cmocka_unit_test(a_longer_sentence_with_the_same_end_is_text),
		cmocka_unit_test(a_sentence_that_comes_again_now_and_then_gives_away_no_edge),
		cmocka_unit_test(what_fades_at_one_of_three_sites_is_not_known_elsewhere),
		cmocka_unit_test(a_short_line_with_the_address_of_its_site_is_chrome),
		cmocka_unit_test(a_site_that_is_no_address_may_be_named_in_a_text),
		cmocka_unit_test(the_own_title_is_left_out_wherever_it_stands),
		cmocka_unit_test(where_hardly_anything_is_below_it_the_title_is_text),
		cmocka_unit_test(a_date_line_is_known_by_its_shape),
		cmocka_unit_test(a_new_date_line_is_learned_at_an_old_site),
		cmocka_unit_test(figures_that_stand_in_few_articles_are_no_date_line),
		cmocka_unit_test(the_sentences_of_template_news_are_no_date_lines),
		cmocka_unit_test(
			the_headline_of_another_article_is_a_link_below_the_text_or_behind_a_label),
		cmocka_unit_test(the_sentences_of_others_in_a_page_of_briefs_are_text),
		cmocka_unit_test(a_story_that_is_told_again_keeps_its_headline_and_its_body),
		cmocka_unit_test(a_line_tells_how_often_and_how_lately_it_was_seen),
		cmocka_unit_test(what_was_saved_marks_the_same),
		cmocka_unit_test(what_was_saved_knows_other_names_too),
		cmocka_unit_test(a_snapshot_of_another_format_is_refused),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
