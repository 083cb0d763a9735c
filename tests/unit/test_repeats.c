/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "detect/repeats.h"
#include "print_of.h"

#define LEAD \
	"The harbour authority closed the northern quay on Monday after engineers found cracks."
#define BODY                                                                                   \
	"Ships bound for the grain terminal were sent to the southern basin instead.\n"        \
	"A spokeswoman said the repairs would take three weeks and cost two million crowns.\n" \
	"Fishermen complained that nobody had told them where to land their catch.\n"          \
	"The council meets on Thursday to decide whether the ferry may still call.\n"

struct found {
	struct arena *arena;
	struct fingerprint f;
	struct repeats r;
};

static void find(struct found *out, const char *text)
{
	out->arena = arena_open(1 << 16);
	assert_non_null(out->arena);
	out->f = print_of(text, out->arena);
	assert_int_equal(repeats_find(&out->r, &out->f, out->arena), STATUS_OK);
}

static void expect_block(const struct found *f, uint32_t i, uint32_t a, uint32_t b, uint32_t c,
			 uint32_t d)
{
	assert_true(i < f->r.block_count);
	assert_int_equal(f->r.blocks[i].first.from, a);
	assert_int_equal(f->r.blocks[i].first.to, b);
	assert_int_equal(f->r.blocks[i].again.from, c);
	assert_int_equal(f->r.blocks[i].again.to, d);
}

static void an_article_without_repeats_has_no_block(void **state)
{
	struct found f;

	(void)state;
	find(&f, LEAD "\n" BODY);
	assert_int_equal(f.r.block_count, 0);
	assert_int_equal(f.r.later_units, 0);
	assert_false(repeats_doubled(&f.r, &f.f, 0));
	arena_close(f.arena);
}

static void a_body_that_stands_twice_is_one_block_and_doubled(void **state)
{
	struct found f;

	(void)state;
	find(&f, "Skip to the text\n" LEAD "\n" BODY LEAD "\n" BODY "Share\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 2, 6, 7, 11);
	assert_float_equal(f.r.blocks[0].similarity, 1.0, 1e-9);
	assert_true(repeats_doubled(&f.r, &f.f, 0));
	assert_true(repeats_ratio(&f.r, &f.f) > 0.45 && repeats_ratio(&f.r, &f.f) <= 0.5);
	arena_close(f.arena);
}

static void a_body_that_stands_three_times_points_to_the_first(void **state)
{
	struct found f;

	(void)state;
	find(&f, BODY BODY BODY);
	assert_int_equal(f.r.block_count, 2);
	expect_block(&f, 0, 1, 4, 5, 8);
	expect_block(&f, 1, 1, 4, 9, 12);
	assert_float_equal(repeats_ratio(&f.r, &f.f), 2.0 / 3, 0.01);
	arena_close(f.arena);
}

static void half_a_body_again_is_found_and_is_no_doubling(void **state)
{
	struct found f;

	(void)state;
	find(&f,
	     LEAD "\n" BODY
		  "Ships bound for the grain terminal were sent to the southern basin instead.\n"
		  "A spokeswoman said the repairs would take three weeks and cost two million "
		  "crowns.\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 2, 3, 6, 7);
	assert_false(repeats_doubled(&f.r, &f.f, 0));
	arena_close(f.arena);
}

static void small_edits_keep_the_block_whole(void **state)
{
	struct found f;

	(void)state;
	find(&f, BODY
	     "Ships bound for the grain terminal were now sent to the southern basin instead.\n"
	     "A spokeswoman said the repairs would take four weeks and cost two million crowns.\n"
	     "Fishermen complained that nobody had ever told them where to land their catch.\n"
	     "The council meets on Friday to decide whether the ferry may still call.\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 1, 4, 5, 8);
	assert_true(f.r.blocks[0].similarity > 0.8 && f.r.blocks[0].similarity < 1.0);
	assert_true(repeats_doubled(&f.r, &f.f, 0));
	arena_close(f.arena);
}

static void interleaved_paragraphs_are_each_found(void **state)
{
	struct found f;

	(void)state;
	find(&f,
	     LEAD "\n" LEAD
		  "\nShips bound for the grain terminal were sent to the southern basin instead.\n"
		  "Ships bound for the grain terminal were sent to the southern basin instead.\n");
	assert_int_equal(f.r.block_count, 2);
	expect_block(&f, 0, 1, 1, 2, 2);
	expect_block(&f, 1, 3, 3, 4, 4);
	arena_close(f.arena);
}

static void a_short_label_is_found_again_as_a_whole_paragraph(void **state)
{
	struct found f;

	(void)state;
	find(&f, "Live\n" BODY "Live\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 1, 1, 6, 6);
	assert_int_equal(f.r.blocks[0].words, 1);
	arena_close(f.arena);
}

static void a_repeat_inside_one_paragraph_is_found(void **state)
{
	struct bytes b = { 0 };
	struct found f;

	(void)state;
	put_words(&b, 7, 200);
	put_words(&b, 7, 200);
	put_u8(&b, 0);
	find(&f, b.p);
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 1, 1, 1, 1);
	assert_float_equal(repeats_ratio(&f.r, &f.f), 0.5, 0.01);
	assert_true(repeats_doubled(&f.r, &f.f, 0));
	bytes_free(&b);
	arena_close(f.arena);
}

static void a_phrase_of_a_few_words_is_no_repeat(void **state)
{
	struct found f;

	(void)state;
	find(&f, "The mayor said on Monday that the bridge over the river would stay closed.\n"
		 "On Tuesday the mayor said on Monday nothing had been decided about the school "
		 "yet.\n");
	assert_int_equal(f.r.block_count, 0);
	arena_close(f.arena);
}

static void the_ending_of_another_paragraph_does_not_move_a_repeat(void **state)
{
	struct found f;

	(void)state;
	find(&f,
	     "1986 net includes tax credits of 165,000 dlrs in quarter and 189,000 dlrs in year.\n"
	     "Net includes pretax loan loss provisions of 1,439,000 dlrs vs 127,000 dlrs in "
	     "quarter "
	     "and 1,701,000 dlrs vs 222,000 dlrs in year.\n"
	     "Net includes pretax loan loss provisions of 1,439,000 dlrs vs 127,000 dlrs in "
	     "quarter "
	     "and 1,701,000 dlrs vs 222,000 dlrs in year.\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 2, 2, 3, 3);
	assert_float_equal(f.r.blocks[0].similarity, 1.0, 1e-9);
	arena_close(f.arena);
}

static void a_block_ends_where_its_paragraphs_do(void **state)
{
	struct found f;

	(void)state;
	find(&f,
	     "The council meets on Thursday.\n" LEAD "\n" BODY LEAD
	     "\nThe council meets on Thursday to hear the fishermen and the owners of the ferry "
	     "before it votes on the bridge that both of them want closed to lorries.\n");
	assert_int_equal(f.r.block_count, 1);
	expect_block(&f, 0, 2, 2, 7, 7);
	arena_close(f.arena);
}

static void rows_with_other_figures_are_no_repeat(void **state)
{
	struct found f;

	(void)state;
	find(&f, "Wheat shipped in March 412 tonnes against 377 tonnes a year ago.\n"
		 "Wheat shipped in March 398 tonnes against 365 tonnes a year ago.\n"
		 "Wheat shipped in March 441 tonnes against 402 tonnes a year ago.\n");
	assert_int_equal(f.r.block_count, 0);
	arena_close(f.arena);
}

static void one_word_repeated_for_ever_takes_linear_time(void **state)
{
	struct bytes b = { 0 };
	struct found f;

	(void)state;
	for (int i = 0; i < 300000; i++)
		put_text(&b, i % 50 == 49 ? "so\n" : "so ");
	put_u8(&b, 0);
	find(&f, b.p);
	assert_true(repeats_ratio(&f.r, &f.f) > 0.9);
	bytes_free(&b);
	arena_close(f.arena);
}

/* The dumbest correct version: a token is a later occurrence when it lies in some run of at least
 * `least` tokens that stands earlier too. */
static uint32_t quadratic(const struct fingerprint *f, uint32_t least)
{
	uint8_t *later = calloc(f->token_count + 1, 1);
	uint32_t count = 0;

	assert_non_null(later);
	for (uint32_t i = 1; i < f->token_count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			uint32_t len = 0;

			while (i + len < f->token_count && f->tokens[i + len] == f->tokens[j + len])
				len++;
			for (uint32_t k = 0; len >= least && k < len; k++)
				later[i + k] = 1;
		}
	}
	for (uint32_t i = 0; i < f->token_count; i++)
		count += later[i];
	free(later);
	return count;
}

static void random_copies_agree_with_the_quadratic_truth(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 200; round++) {
		struct bytes b = { 0 };
		struct found f;
		unsigned paragraphs = 2 + (unsigned)rand() % 6;

		for (unsigned p = 0; p < paragraphs; p++) {
			put_words(&b, (unsigned)rand() % 8, 40);
			put_text(&b, "\n");
		}
		put_u8(&b, 0);
		find(&f, b.p);
		assert_int_equal(f.r.later_units, 2 * quadratic(&f.f, 30));
		bytes_free(&b);
		arena_close(f.arena);
	}
}

static void a_list_of_different_words_repeats_nothing(void **state)
{
	struct bytes text = { 0 };
	struct arena *arena = arena_open(1 << 16);
	struct fingerprint f;
	struct repeats r;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char line[32];
		int len = snprintf(line, sizeof line, "w%c%c%c%c\n", 'a' + i % 26,
				   'a' + i / 26 % 26, 'a' + i / 676 % 26, 'a' + i / 17576);

		put_bytes(&text, line, (size_t)len);
	}
	put_u8(&text, 0);
	f = print_of(text.p, arena);
	assert_int_equal(repeats_find(&r, &f, arena), STATUS_OK);
	assert_int_equal(r.block_count, 0);
	bytes_free(&text);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_article_without_repeats_has_no_block),
		cmocka_unit_test(a_body_that_stands_twice_is_one_block_and_doubled),
		cmocka_unit_test(a_body_that_stands_three_times_points_to_the_first),
		cmocka_unit_test(half_a_body_again_is_found_and_is_no_doubling),
		cmocka_unit_test(small_edits_keep_the_block_whole),
		cmocka_unit_test(interleaved_paragraphs_are_each_found),
		cmocka_unit_test(a_short_label_is_found_again_as_a_whole_paragraph),
		cmocka_unit_test(a_repeat_inside_one_paragraph_is_found),
		cmocka_unit_test(a_phrase_of_a_few_words_is_no_repeat),
		cmocka_unit_test(the_ending_of_another_paragraph_does_not_move_a_repeat),
		cmocka_unit_test(a_block_ends_where_its_paragraphs_do),
		cmocka_unit_test(rows_with_other_figures_are_no_repeat),
		cmocka_unit_test(one_word_repeated_for_ever_takes_linear_time),
		cmocka_unit_test(random_copies_agree_with_the_quadratic_truth),
		cmocka_unit_test(a_list_of_different_words_repeats_nothing),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
