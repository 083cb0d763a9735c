/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/bytes.h"
#include "detect/chrome.h"
#include "print_of.h"

#define SITE span_of_text("a.example")

struct page {
	struct fingerprint f;
	uint64_t hashes[64];
	uint8_t marks[64];
};

static void page_of(struct page *p, const char *text, struct arena *arena)
{
	p->f = print_of(text, arena);
	assert_true(p->f.paragraph_count <= 64);
	for (uint32_t i = 0; i < p->f.paragraph_count; i++)
		p->hashes[i] = tokens_hash(p->f.tokens + p->f.paragraphs[i],
					   p->f.paragraphs[i + 1] - p->f.paragraphs[i]);
}

/* A page of the site: a notice, `n`-th text, a footer. */
static void nth_page(struct page *p, unsigned n, struct arena *arena)
{
	struct bytes b = { 0 };

	put_text(&b,
		 "This page uses cookies to remember how you like to read the news of the day\n");
	put_words(&b, n, 40);
	put_text(&b,
		 "\nAll rights reserved by the company that prints this paper every single day\n");
	put_u8(&b, 0);
	page_of(p, b.p, arena);
	bytes_free(&b);
}

static struct chrome *taught(unsigned pages, struct arena *arena)
{
	struct chrome *c;
	struct page p;

	assert_int_equal(chrome_open(&c), STATUS_OK);
	for (unsigned n = 0; n < pages; n++) {
		nth_page(&p, n, arena);
		assert_int_equal(chrome_learn(c, SITE, &p.f, p.hashes), STATUS_OK);
	}
	return c;
}

static void lines_of_several_unlike_articles_are_chrome(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena);
	struct page p;

	(void)state;
	nth_page(&p, 99, arena);
	assert_int_equal(chrome_mark(c, p.marks, SITE, &p.f, p.hashes), 2);
	assert_int_equal(p.marks[0], 1);
	assert_int_equal(p.marks[1], 0);
	assert_int_equal(p.marks[2], 1);
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
	assert_int_equal(chrome_mark(c, p.marks, span_of_text("b.example"), &p.f, p.hashes), 0);
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
	assert_int_equal(chrome_mark(c, p.marks, (struct span){ NULL, 0 }, &p.f, p.hashes), 0);
	chrome_close(c);
	arena_close(arena);
}

static void short_lines_are_no_text_where_the_site_is_known(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(0, arena);
	struct page p;

	(void)state;
	page_of(&p,
		"Menu\nLatest news\n"
		"A paragraph with enough words in it to be taken for the text of an article.\n"
		"Short inside\n"
		"Another paragraph with enough words in it to be taken for the text of an "
		"article.\n"
		"Share this post\n",
		arena);
	assert_int_equal(chrome_mark(c, p.marks, SITE, &p.f, p.hashes), 4);
	assert_int_equal(p.marks[2], 0);
	assert_int_equal(p.marks[3], 1);
	assert_int_equal(p.marks[5], 1);
	assert_int_equal(chrome_mark(c, p.marks, (struct span){ NULL, 0 }, &p.f, p.hashes), 0);
	chrome_close(c);
	arena_close(arena);
}

static void an_article_of_short_lines_only_is_kept(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(0, arena);
	struct page p;

	(void)state;
	page_of(&p, "Home 2\nAway 1\nHalf time\n", arena);
	assert_int_equal(chrome_mark(c, p.marks, SITE, &p.f, p.hashes), 0);
	chrome_close(c);
	arena_close(arena);
}

static void a_line_that_stands_twice_in_one_article_counts_once(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(5, arena);
	struct page p;

	(void)state;
	page_of(&p,
		"The same sentence of a few more words than usual stands here\n"
		"The same sentence of a few more words than usual stands here\n"
		"The same sentence of a few more words than usual stands here\n",
		arena);
	assert_int_equal(chrome_learn(c, SITE, &p.f, p.hashes), STATUS_OK);
	assert_int_equal(chrome_mark(c, p.marks, SITE, &p.f, p.hashes), 0);
	chrome_close(c);
	arena_close(arena);
}

static void what_was_saved_marks_the_same(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(6, arena), *again = taught(0, arena);
	struct bytes saved = { 0 };
	struct page p;

	(void)state;
	chrome_save(c, &saved);
	assert_false(saved.failed);
	assert_int_equal(chrome_load(again, bytes_span(&saved)), STATUS_OK);
	nth_page(&p, 99, arena);
	assert_int_equal(chrome_mark(again, p.marks, SITE, &p.f, p.hashes), 2);
	for (size_t cut = 0; cut < saved.len; cut++)
		assert_int_equal(chrome_load(again, span_of(saved.p, cut)), STATUS_MALFORMED);
	assert_int_equal(chrome_mark(again, p.marks, SITE, &p.f, p.hashes), 2);
	bytes_free(&saved);
	chrome_close(c);
	chrome_close(again);
	arena_close(arena);
}

static void many_lines_are_forgotten_before_memory_grows(void **state)
{
	struct arena *arena = arena_open(1 << 20);
	struct chrome *c = taught(6, arena);
	struct page p;
	struct bytes saved = { 0 };

	(void)state;
	for (unsigned n = 1000; n < 9000; n++) {
		struct arena_mark mark = arena_mark(arena);

		nth_page(&p, n, arena);
		assert_int_equal(chrome_learn(c, SITE, &p.f, p.hashes), STATUS_OK);
		arena_rewind(arena, mark);
	}
	chrome_save(c, &saved);
	assert_true(saved.len < 128 * 1024);
	nth_page(&p, 99, arena);
	assert_int_equal(chrome_mark(c, p.marks, SITE, &p.f, p.hashes), 2);
	bytes_free(&saved);
	chrome_close(c);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_several_unlike_articles_are_chrome),
		cmocka_unit_test(another_site_has_its_own_chrome),
		cmocka_unit_test(an_unknown_site_has_none),
		cmocka_unit_test(short_lines_are_no_text_where_the_site_is_known),
		cmocka_unit_test(an_article_of_short_lines_only_is_kept),
		cmocka_unit_test(a_line_that_stands_twice_in_one_article_counts_once),
		cmocka_unit_test(what_was_saved_marks_the_same),
		cmocka_unit_test(many_lines_are_forgotten_before_memory_grows),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
