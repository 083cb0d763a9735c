/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "detect/chrome.h"
#include "detect/mask.h"
#include "detect/page_line.h"
#include "detect/repeats.h"
#include "print_of.h"

#define SITE span_of_text("a.example")

static const char notice[] = "this page uses cookies to remember how you like to read the news\n";

struct page {
	struct fingerprint f;
	struct repeats repeats;
	const struct page_line *lines;
};

static void page_of(struct page *p, struct bytes *text, struct arena *arena)
{
	put_u8(text, 0);
	p->f = print_of(text->p, arena);
	assert_int_equal(page_lines_of(&p->lines, &p->f, NULL, (struct span){ NULL, 0 }, arena),
			 STATUS_OK);
	assert_int_equal(repeats_find(&p->repeats, &p->f, arena), STATUS_OK);
	bytes_free(text);
}

/* Four unlike pages with the notice. */
static struct chrome *taught(struct arena *arena)
{
	struct chrome *c;

	assert_int_equal(chrome_open(&c), STATUS_OK);
	for (unsigned n = 0; n < 4; n++) {
		struct bytes text = { 0 };
		struct page p;

		put_text(&text, notice);
		put_words(&text, n, 40);
		page_of(&p, &text, arena);
		assert_int_equal(chrome_learn(c, SITE, p.lines, p.f.paragraph_count, NULL),
				 STATUS_OK);
	}
	return c;
}

static void what_is_kept_is_all_but_chrome_and_repeats(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(arena);
	struct bytes text = { 0 };
	struct page p;
	struct kept k;
	uint32_t left_out, end = 0, masked = 0;

	(void)state;
	put_text(&text, notice);
	put_words(&text, 9, 40);
	put_text(&text, "\n");
	put_words(&text, 10, 40);
	put_text(&text, "\n");
	put_words(&text, 9, 40);
	page_of(&p, &text, arena);
	assert_int_equal(mask_of(&k, &left_out, &p.f, &p.repeats, c, SITE, p.lines, arena),
			 STATUS_OK);
	assert_int_equal(left_out, 1);
	assert_int_equal(k.count, 80);
	for (uint32_t m = 0; m < k.masked_count; m++) {
		assert_true(k.masked[m].from >= end);
		end = k.masked[m].from + k.masked[m].count;
		masked += k.masked[m].count;
	}
	assert_true(end <= p.f.token_count);
	assert_int_equal(masked + k.count, p.f.token_count);
	/* Elsewhere the notice is text. */
	assert_int_equal(mask_of(&k, &left_out, &p.f, &p.repeats, c, span_of_text("b.example"),
				 p.lines, arena),
			 STATUS_OK);
	assert_int_equal(left_out, 0);
	assert_int_equal(k.count, 93);
	chrome_close(c);
	arena_close(arena);
}

static void a_page_that_is_nothing_but_chrome_is_kept_as_it_is(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(arena);
	struct bytes text = { 0 };
	struct page p;
	struct kept k;
	uint32_t left_out;

	(void)state;
	put_text(&text, notice);
	page_of(&p, &text, arena);
	assert_int_equal(mask_of(&k, &left_out, &p.f, &p.repeats, c, SITE, p.lines, arena),
			 STATUS_OK);
	assert_int_equal(left_out, 0);
	assert_int_equal(k.count, p.f.token_count);
	chrome_close(c);
	arena_close(arena);
}

/* Less is left than can be judged: then short lines are the text, and the notice is none still. */
static void where_hardly_anything_is_left_short_lines_are_text(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct chrome *c = taught(arena);
	struct bytes text = { 0 };
	struct page p;
	struct kept k;
	uint32_t left_out;

	(void)state;
	put_text(&text, notice);
	put_text(&text, "first of all\nseven words are left over here then\nlast of all\n");
	page_of(&p, &text, arena);
	assert_int_equal(mask_of(&k, &left_out, &p.f, &p.repeats, c, SITE, p.lines, arena),
			 STATUS_OK);
	assert_int_equal(left_out, 1);
	assert_int_equal(k.count, 13);
	chrome_close(c);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_all_but_chrome_and_repeats),
		cmocka_unit_test(a_page_that_is_nothing_but_chrome_is_kept_as_it_is),
		cmocka_unit_test(where_hardly_anything_is_left_short_lines_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
