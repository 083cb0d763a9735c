/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "detect/compare.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "print_of.h"

struct pair {
	struct arena *arena;
	struct kept here, there;
	uint64_t *hashes;
	struct comparison c;
};

static struct kept all_of(const char *text, struct arena *arena)
{
	struct fingerprint f = print_of(text, arena);
	struct kept k;

	assert_int_equal(kept_of(&k, f.tokens, f.token_count, f.paragraphs, f.paragraph_count, NULL,
				 0, arena),
			 STATUS_OK);
	return k;
}

static void compare_texts(struct pair *p, const char *here, const char *there)
{
	struct probe *probe;

	p->arena = arena_open(1 << 16);
	p->here = all_of(here, p->arena);
	p->there = all_of(there, p->arena);
	p->hashes = ARENA_ARRAY(p->arena, uint64_t, shingles_count(p->here.count) + 8);
	shingles_of(p->hashes, p->here.tokens, p->here.count);
	assert_int_equal(probe_of(&probe, &p->here, p->hashes, p->arena), STATUS_OK);
	assert_int_equal(compare(&p->c, probe, &p->there, p->arena), STATUS_OK);
}

/* Jaccard and containments by nested loops over distinct shingles. */
static void law(double out[3], const struct pair *p)
{
	size_t n = shingles_count(p->here.count), m = shingles_count(p->there.count);
	uint64_t *theirs = calloc(m + 8, sizeof *theirs);
	double a = 0, b = 0, both = 0;

	assert_non_null(theirs);
	shingles_of(theirs, p->there.tokens, p->there.count);
	for (size_t i = 0; i < n; i++) {
		size_t first = 0, found = 0;

		while (p->hashes[first] != p->hashes[i])
			first++;
		if (first < i)
			continue;
		a++;
		while (found < m && theirs[found] != p->hashes[i])
			found++;
		both += found < m;
	}
	for (size_t i = 0; i < m; i++) {
		size_t first = 0;

		while (theirs[first] != theirs[i])
			first++;
		b += first == i;
	}
	free(theirs);
	out[0] = a + b - both > 0 ? both / (a + b - both) : 0;
	out[1] = a > 0 ? both / a : 0;
	out[2] = b > 0 ? both / b : 0;
}

static void shares_agree_with_the_law_on_random_texts(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 200; round++) {
		struct bytes text[2] = { { 0 }, { 0 } };
		struct pair p;
		double want[3];

		for (int side = 0; side < 2; side++) {
			unsigned first = (unsigned)rand() % 8;

			for (unsigned s = first; s < first + 1 + (unsigned)rand() % 6; s++)
				put_words(&text[side], s, 10 + s % 3 * 10);
			put_u8(&text[side], 0);
		}
		compare_texts(&p, text[0].p, text[1].p);
		law(want, &p);
		assert_float_equal(p.c.resemblance, want[0], 1e-9);
		assert_float_equal(p.c.containment, want[1], 1e-9);
		assert_float_equal(p.c.contained_by, want[2], 1e-9);
		bytes_free(&text[0]);
		bytes_free(&text[1]);
		arena_close(p.arena);
	}
}

static void equal_texts_are_the_same_and_share_one_passage(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(
		&p, "one two three four five six seven eight nine\nten eleven twelve thirteen\n",
		"One two three four; five six seven eight nine.\nTen - eleven twelve thirteen!\n");
	assert_true(p.c.same);
	assert_float_equal(p.c.resemblance, 1.0, 1e-9);
	assert_int_equal(p.c.passage_count, 1);
	assert_int_equal(p.c.passages[0].here.from, 1);
	assert_int_equal(p.c.passages[0].here.to, 2);
	assert_int_equal(p.c.passages[0].words, 13);
	arena_close(p.arena);
}

static void a_passage_names_its_paragraphs_on_both_sides(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p,
		      "nothing of this is anywhere else at all\n"
		      "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu\n"
		      "and this is not there either my friend\n",
		      "first line of a page\nsecond line of it\nthird one\n"
		      "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu\n");
	assert_int_equal(p.c.passage_count, 1);
	assert_int_equal(p.c.passages[0].here.from, 2);
	assert_int_equal(p.c.passages[0].here.to, 2);
	assert_int_equal(p.c.passages[0].there.from, 4);
	assert_int_equal(p.c.passages[0].there.to, 4);
	assert_int_equal(p.c.passages[0].words, 12);
	assert_int_equal(p.c.longest_units, 24);
	arena_close(p.arena);
}

static void swapped_paragraphs_are_two_passages(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p,
		      "red orange yellow green blue indigo violet black white grey\n"
		      "oak elm ash birch maple pine fir cedar larch yew\n",
		      "oak elm ash birch maple pine fir cedar larch yew\n"
		      "red orange yellow green blue indigo violet black white grey\n");
	assert_false(p.c.same);
	assert_int_equal(p.c.passage_count, 2);
	assert_true(p.c.resemblance > 0.7);
	assert_int_equal(p.c.passages[0].here.from, 1);
	assert_int_equal(p.c.passages[0].there.from, 2);
	arena_close(p.arena);
}

#define FRAME " as shares of the old brewery"

static void numbers_are_compared_apart(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p, "rose 12 points to 3401 on monday" FRAME,
		      "rose 17 points to 9920 on monday" FRAME);
	assert_float_equal(p.c.numbers, 0.0, 1e-9);
	arena_close(p.arena);
	compare_texts(&p, "rose 12 points to 3401 on monday" FRAME,
		      "fell 12 points to 9920 on monday" FRAME);
	assert_float_equal(p.c.numbers, 0.5, 1e-9);
	arena_close(p.arena);
	compare_texts(&p, "rose a lot" FRAME, "rose 17 points" FRAME);
	assert_float_equal(p.c.numbers, 1.0, 1e-9);
	arena_close(p.arena);
}

static void numbers_are_not_counted_without_a_shared_run(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p, "rose 12 points to 3401 on monday", "rose 17 points to 3401 on friday");
	assert_int_equal(p.c.number_count, 0);
	assert_float_equal(p.c.numbers, 1.0, 1e-9);
	arena_close(p.arena);
}

static void masked_tokens_are_not_compared(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct fingerprint f = print_of("a b c d e f\ng h i j k l\n", arena);
	struct masked masked[] = { { 2, 2, 0 }, { 6, 6, 1 } };
	struct kept k;

	(void)state;
	assert_int_equal(kept_of(&k, f.tokens, f.token_count, f.paragraphs, f.paragraph_count,
				 masked, 2, arena),
			 STATUS_OK);
	assert_int_equal(k.count, 4);
	assert_int_equal(k.units, 8);
	assert_int_equal(k.tokens[2], f.tokens[4]);
	assert_int_equal(k.tokens[3], f.tokens[5]);
	arena_close(arena);
}

static void a_shared_quotation_is_counted_apart(void **state)
{
	static const uint8_t is_quoted[] = { 0, 1 };
	struct arena *arena = arena_open(1 << 16);
	struct kept here =
		all_of("our own words about it all\n"
		       "\"we have never seen a flood like that in this valley before\"\n",
		       arena);
	struct kept there = all_of(
		"we have never seen a flood like that in this valley before he said\n", arena);
	uint64_t hashes[64];
	struct comparison c;
	struct probe *probe;

	(void)state;
	shingles_of(hashes, here.tokens, here.count);
	assert_int_equal(probe_of(&probe, &here, hashes, arena), STATUS_OK);
	assert_int_equal(compare(&c, probe, &there, arena), STATUS_OK);
	assert_int_equal(c.quoted_units, 0);
	assert_int_equal(c.shared_units, 24);
	assert_int_equal(c.whole_units, 24);
	here.quoted = is_quoted;
	assert_int_equal(compare(&c, probe, &there, arena), STATUS_OK);
	assert_int_equal(c.quoted_units, 24);
	assert_int_equal(c.shared_units, 0);
	assert_int_equal(c.whole_units, 0);
	assert_int_equal(c.passage_count, 1);
	arena_close(arena);
}

/* words put_words() makes of `from` on, as lines of ten. */
static void lines(struct bytes *out, unsigned from, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put_words(out, from + i, 10);
}

static void the_span_goes_from_the_first_passage_to_the_last(void **state)
{
	struct bytes here = { 0 }, there = { 0 };
	struct pair p;

	(void)state;
	lines(&here, 1, 10);
	lines(&there, 1, 2); /* the first fifth, something else, the last fifth */
	lines(&there, 50, 6);
	lines(&there, 9, 2);
	put_u8(&here, 0);
	put_u8(&there, 0);
	compare_texts(&p, here.p, there.p);
	assert_int_equal(p.c.passage_count, 2);
	assert_float_equal(p.c.span, 1.0, 0.02);
	assert_float_equal(p.c.span_there, 1.0, 0.02);
	assert_true(p.c.opening_units >= 40 && p.c.opening_units < 80);
	arena_close(p.arena);
	bytes_clear(&there);
	lines(&there, 60, 4);
	lines(&there, 4, 3);
	put_u8(&there, 0);
	compare_texts(&p, here.p, there.p);
	assert_float_equal(p.c.span, 0.3, 0.02);
	assert_float_equal(p.c.span_there, 3.0 / 7, 0.02);
	assert_int_equal(p.c.opening_units, 0);
	arena_close(p.arena);
	bytes_free(&here);
	bytes_free(&there);
}

static void figures_replaced_inside_a_passage_are_told_from_figures_kept(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p,
		      "revenue of the company rose to 12 million in the quarter and profit went up "
		      "to 34 million after 56 million in the year before that one\n",
		      "revenue of the company rose to 77 million in the quarter and profit went up "
		      "to 88 million after 56 million in the year before that one\n");
	assert_int_equal(p.c.figures_replaced, 2);
	assert_int_equal(p.c.figures_kept, 1);
	assert_int_equal(p.c.passage_count, 1);
	arena_close(p.arena);
}

static void a_copy_with_every_fifth_word_damaged_is_aligned(void **state)
{
	struct bytes here = { 0 }, there = { 0 };
	struct pair p;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char a[32], b[32];

		snprintf(a, sizeof a, "word%c%c ", 'a' + i % 26, 'a' + i / 26 % 26);
		snprintf(b, sizeof b, "wurd%c%c ", 'a' + i % 26, 'a' + i / 26 % 26);
		put_bytes(&here, a, strlen(a));
		put_bytes(&there, i % 5 == 2 ? b : a, strlen(a));
	}
	put_u8(&here, 0);
	put_u8(&there, 0);
	compare_texts(&p, here.p, there.p);
	assert_true(p.c.resemblance < 0.3);
	assert_float_equal(p.c.aligned, 0.8, 0.03);
	assert_true(p.c.aligned_span > 0.96);
	assert_float_equal(p.c.words_changed, 0.2, 0.02);
	arena_close(p.arena);
	bytes_free(&here);
	bytes_free(&there);
}

static void empty_texts_share_nothing(void **state)
{
	struct pair p;

	(void)state;
	compare_texts(&p, "...\n", "some words that stand here alone\n");
	assert_float_equal(p.c.resemblance, 0.0, 1e-9);
	assert_float_equal(p.c.containment, 0.0, 1e-9);
	assert_int_equal(p.c.passage_count, 0);
	arena_close(p.arena);
}

/* DESIGN's promise: wherever a run of 40 kept words stands in both, the index keys meet. */
static void a_shared_run_of_forty_words_always_meets(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < 2000; round++) {
		uint64_t keys[2][600];
		size_t count[2], met = 0;
		uint16_t run[40];

		for (int i = 0; i < 40; i++)
			run[i] = (uint16_t)(rand() & 0xfffc);
		for (int side = 0; side < 2; side++) {
			uint16_t tokens[400];
			uint64_t hashes[400];
			size_t n = 40 + (size_t)rand() % 361, at = (size_t)rand() % (n - 39);

			for (size_t i = 0; i < n; i++)
				tokens[i] = (uint16_t)(rand() & 0xfffc);
			memcpy(tokens + at, run, sizeof run);
			shingles_of(hashes, tokens, n);
			count[side] =
				winnow(keys[side], hashes, shingles_count(n), WINNOW_WINDOW, 5);
		}
		for (size_t i = 0; i < count[0]; i++)
			for (size_t j = 0; j < count[1]; j++)
				met += keys[0][i] == keys[1][j];
		assert_true(met > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_agree_with_the_law_on_random_texts),
		cmocka_unit_test(equal_texts_are_the_same_and_share_one_passage),
		cmocka_unit_test(a_passage_names_its_paragraphs_on_both_sides),
		cmocka_unit_test(swapped_paragraphs_are_two_passages),
		cmocka_unit_test(numbers_are_compared_apart),
		cmocka_unit_test(numbers_are_not_counted_without_a_shared_run),
		cmocka_unit_test(masked_tokens_are_not_compared),
		cmocka_unit_test(a_shared_quotation_is_counted_apart),
		cmocka_unit_test(the_span_goes_from_the_first_passage_to_the_last),
		cmocka_unit_test(figures_replaced_inside_a_passage_are_told_from_figures_kept),
		cmocka_unit_test(a_copy_with_every_fifth_word_damaged_is_aligned),
		cmocka_unit_test(empty_texts_share_nothing),
		cmocka_unit_test(a_shared_run_of_forty_words_always_meets),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
