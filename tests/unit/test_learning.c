/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chrome_page.h"
#include "ingest/learning.h"
#include "store/store.h"

#define NOTICE "This page uses cookies to remember how you like to read the news of the day\n"

/* The n-th page of the site, with one match. */
static void judged(struct row *row, struct page *p, const struct match *m, unsigned n,
		   struct arena *arena)
{
	page_around(p, NOTICE, n, "", arena);
	*row = (struct row){ .token_count = p->f.token_count,
			     .paragraph_count = p->f.paragraph_count,
			     .tokens = p->f.tokens,
			     .paragraphs = p->f.paragraphs };
	row->verdict.site = SITE;
	row->verdict.matches = m;
	row->verdict.match_count = m != NULL;
}

/* How many lines the site has as chrome after `pages` such pages around one text, and how many
 * articles were counted. */
static uint32_t learned(const struct match *m, unsigned pages, uint32_t *out_articles)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c;
	struct row row;
	struct page p;
	uint32_t marked;

	assert_int_equal(chrome_open(&c), STATUS_OK);
	judged(&row, &p, m, 1, arena);
	for (unsigned n = 0; n < pages; n++)
		assert_int_equal(learning_take(c, &row, p.lines, arena), STATUS_OK);
	*out_articles = chrome_articles(c, SITE);
	marked = mark_page(c, SITE, &p);
	chrome_close(c);
	arena_close(arena);
	return marked;
}

static const struct passage text = { { 2, 2 }, { 1, 1 }, 40 };

static void an_article_without_matches_is_learned_from(void **state)
{
	uint32_t articles;

	(void)state;
	assert_int_equal(learned(NULL, 3, &articles), 2);
	assert_int_equal(articles, 3);
}

static void look_alikes_of_one_site_count_once(void **state)
{
	static const enum kind kinds[] = { KIND_NEAR, KIND_REVISION, KIND_EXACT };
	struct match m = { .relation = RELATION_SAME_SITE, .passages = &text, .passage_count = 1 };
	uint32_t articles;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		m.kind = kinds[i];
		assert_int_equal(learned(&m, 20, &articles), 0);
		assert_int_equal(articles, 0);
	}
	m.relation = RELATION_SELF;
	assert_int_equal(learned(&m, 20, &articles), 0);
}

static void what_stands_in_a_copy_elsewhere_is_the_storys(void **state)
{
	const struct match m = { .kind = KIND_NEAR,
				 .relation = RELATION_CROSS_SITE,
				 .passages = &text,
				 .passage_count = 1 };
	uint32_t articles;

	(void)state;
	assert_int_equal(learned(&m, 20, &articles), 1);
	assert_int_equal(articles, 20);
}

static void what_a_longer_version_has_is_weak_evidence(void **state)
{
	const struct match m = { .kind = KIND_CONTAINS,
				 .relation = RELATION_SAME_SITE,
				 .passages = &text,
				 .passage_count = 1 };
	uint32_t articles;

	(void)state;
	assert_int_equal(learned(&m, 4, &articles), 1);
	assert_int_equal(learned(&m, 9, &articles), 2);
}

static void a_long_passage_of_one_site_is_weak_evidence_and_a_short_one_may_be_chrome(void **state)
{
	const struct passage much = { { 2, 2 }, { 1, 1 }, 400 };
	struct match m = { .kind = KIND_PARTIAL,
			   .relation = RELATION_SAME_SITE,
			   .passages = &much,
			   .passage_count = 1 };
	uint32_t articles;

	(void)state;
	assert_int_equal(learned(&m, 4, &articles), 1);
	m.passages = &text;
	assert_int_equal(learned(&m, 4, &articles), 2);
}

static void passages_beyond_the_article_are_survived(void **state)
{
	const struct passage wild[] = { { { 0, 0 }, { 1, 1 }, 40 },
					{ { 3, UINT32_MAX }, { 1, 1 }, 40 },
					{ { UINT32_MAX, UINT32_MAX }, { 1, 1 }, 40 } };
	const struct match m = { .kind = KIND_NEAR,
				 .relation = RELATION_CROSS_SITE,
				 .passages = wild,
				 .passage_count = 3 };
	uint32_t articles;

	(void)state;
	assert_int_equal(learned(&m, 4, &articles), 2);
}

static void a_site_that_is_not_known_learns_nothing(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct row row;
	struct page p;

	(void)state;
	judged(&row, &p, NULL, 1, arena);
	assert_true(learning_wants(&row));
	row.verdict.site = span_of_text("unknown");
	assert_false(learning_wants(&row));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_article_without_matches_is_learned_from),
		cmocka_unit_test(look_alikes_of_one_site_count_once),
		cmocka_unit_test(what_stands_in_a_copy_elsewhere_is_the_storys),
		cmocka_unit_test(what_a_longer_version_has_is_weak_evidence),
		cmocka_unit_test(
			a_long_passage_of_one_site_is_weak_evidence_and_a_short_one_may_be_chrome),
		cmocka_unit_test(passages_beyond_the_article_are_survived),
		cmocka_unit_test(a_site_that_is_not_known_learns_nothing),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
