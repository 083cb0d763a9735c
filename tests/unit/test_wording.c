/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "detect/wording.h"
#include "print_of.h"

static bool same(const char *a, const char *b)
{
	struct wording x = { .text = span_of_text(a) }, y = { .text = span_of_text(b) };

	return wording_same(&x, &y);
}

static void typography_is_no_difference(void **state)
{
	(void)state;
	assert_true(same("\"We shall see,\" he said.\nIt rains.\n",
			 "\xe2\x80\x9cWe shall SEE\xe2\x80\x9d he said\nit rains"));
	assert_true(same("", " ... \n"));
}

static void another_word_is_a_difference_wherever_it_stands(void **state)
{
	(void)state;
	assert_false(same("one two three", "one two tree"));
	assert_false(same("one two three", "one two three four"));
	assert_false(same("one two three", "two three"));
	assert_false(same("onetwo three", "one two three"));
}

static void masked_words_are_passed_over(void **state)
{
	const struct masked first = { 0, 2, 1 }, last = { 3, 1, 0 };
	struct wording a = { .text = span_of_text("site menu one two three"),
			     .masked = &first,
			     .masked_count = 1 };
	struct wording b = { .text = span_of_text("one two three footer"),
			     .masked = &last,
			     .masked_count = 1 };

	(void)state;
	assert_true(wording_same(&a, &b));
	b.masked_count = 0;
	assert_false(wording_same(&a, &b));
}

static void equal_texts_with_other_words_masked_are_compared(void **state)
{
	const struct masked first = { 0, 1, 1 }, second = { 1, 1, 1 }, two = { 0, 2, 1 };
	struct span text = span_of_text("one two two three");
	struct wording a = { text, &first, 1, NULL, 0 }, b = { text, &first, 1, NULL, 0 };

	(void)state;
	assert_true(wording_same(&a, &b));
	b.masked = &second;
	assert_false(wording_same(&a, &b));
	b.masked = &two;
	assert_false(wording_same(&a, &b));
	a = (struct wording){ text, &second, 1, NULL, 0 };
	b = (struct wording){ span_of_text("one two three"), NULL, 0, NULL, 0 };
	assert_true(wording_same(&a, &b));
}

/* Paragraphs that are masked whole, equal, masked in part, merged, and last of all another word. */
static void knowing_where_paragraphs_begin_changes_no_answer(void **state)
{
	const struct masked menu[] = { { 0, 2, 1 }, { 5, 1, 0 } },
			    note[] = { { 3, 1, 0 }, { 8, 2, 1 } };
	const uint32_t here[] = { 0, 2, 4, 7, 9, 9, 11 }, there[] = { 0, 2, 6, 8, 10 };
	struct wording a = { .text = span_of_text("site menu\none two\nthree copy four\n"
						  "five six\n...\nseven eight\n"),
			     .masked = menu,
			     .masked_count = 2 };
	struct wording b = { .masked = note, .masked_count = 2 };
	const char *const last[] = { "eight", "nine", "eight more", "" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		char text[80];

		snprintf(text, sizeof text,
			 "One two\nthree copy four five\nsix seven\nfooter line\n%s", last[i]);
		b.text = span_of_text(text);
		a.paragraphs = b.paragraphs = NULL;
		assert_int_equal(wording_same(&a, &b), i == 0);
		a.paragraphs = here;
		a.paragraph_count = 6;
		assert_int_equal(wording_same(&a, &b), i == 0);
		b.paragraphs = there;
		b.paragraph_count = 4;
		assert_int_equal(wording_same(&a, &b), i == 0);
		assert_int_equal(wording_same(&b, &a), i == 0);
		assert_true(wording_same(&b, &b));
	}
}

/* Two words with one token: found by trying, as anybody could. */
static void equal_tokens_do_not_deceive_it(void **state)
{
	struct arena *arena = arena_open(1 << 20);
	struct arena_mark mark = arena_mark(arena);
	uint16_t wanted = print_of("harbour", arena).tokens[0];
	char text[64] = "";

	(void)state;
	for (unsigned i = 0; i < 1000000; i++) {
		arena_rewind(arena, mark);
		snprintf(text, sizeof text, "x%c%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26,
			 'a' + i / 676 % 26, 'a' + i / 17576 % 26);
		if (print_of(text, arena).tokens[0] == wanted)
			break;
	}
	assert_int_equal(print_of(text, arena).tokens[0], wanted);
	assert_false(same("harbour", text));
	arena_close(arena);
}

/* Words are numbered as the tokeniser numbers its tokens, or masks would slip. */
static void words_and_tokens_are_as_many(void **state)
{
	static const char *const texts[] = {
		"Don't 1,234 stop.", "caf\xc3\xa9 na\xc3\xafve \xe4\xb8\xad\xe6\x96\x87 end",
		"a\xc2\xad"
		"b &amp; c &eacute;t\xc3\xa9"
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena *arena = arena_open(1 << 16);
		struct masked all = { 0, print_of(texts[i], arena).token_count, 0 };
		struct wording a = { .text = span_of_text(texts[i]),
				     .masked = &all,
				     .masked_count = 1 };
		struct wording nothing = { .text = span_of_text("") };

		assert_true(wording_same(&a, &nothing));
		all.count--;
		assert_false(wording_same(&a, &nothing));
		arena_close(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typography_is_no_difference),
		cmocka_unit_test(another_word_is_a_difference_wherever_it_stands),
		cmocka_unit_test(masked_words_are_passed_over),
		cmocka_unit_test(equal_texts_with_other_words_masked_are_compared),
		cmocka_unit_test(knowing_where_paragraphs_begin_changes_no_answer),
		cmocka_unit_test(equal_tokens_do_not_deceive_it),
		cmocka_unit_test(words_and_tokens_are_as_many),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
