/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "xorshift.h"

#define TOKENS_MAX 2000u
#define SECRET UINT64_C(0x123456789abcdef)

static uint64_t seed;

static uint64_t next_random(void)
{
	return xorshift(&seed);
}

/* The law: of every window the rightmost smallest one, each place once. */
static size_t law(uint64_t *out, uint32_t *places, const uint64_t *hashes, size_t count,
		  size_t window)
{
	size_t selected = 0, last = SIZE_MAX;

	for (size_t from = 0; count > 0 && (from == 0 || from + window <= count); from++) {
		size_t best = from;

		for (size_t i = from; i < from + window && i < count; i++)
			best = hashes[i] <= hashes[best] ? i : best;
		if (best != last) {
			places[selected] = (uint32_t)best;
			out[selected++] = winnow_key(hashes[best], SECRET);
		}
		last = best;
	}
	return selected;
}

static void selects_the_rightmost_smallest_of_every_window(void **state)
{
	uint64_t hashes[300], want[300], got[300];
	uint32_t want_places[300], places[300];

	(void)state;
	seed = 7;
	for (size_t round = 0; round < 4000; round++) {
		size_t count = round % 130, n;
		unsigned window = 1 + (unsigned)(next_random() % 60);
		/* Few values, so that equal ones meet in a window. */
		uint64_t values = round % 3 == 0 ? 2 : round % 3 == 1 ? 50 : UINT64_MAX;

		for (size_t i = 0; i < count; i++)
			hashes[i] = next_random() % values;
		n = law(want, want_places, hashes, count, window);
		assert_int_equal(winnow(got, hashes, count, window, SECRET), n);
		assert_memory_equal(got, want, n * sizeof *want);
		assert_int_equal(winnow_places(got, places, hashes, count, window, SECRET), n);
		assert_memory_equal(got, want, n * sizeof *want);
		assert_memory_equal(places, want_places, n * sizeof *places);
	}
}

static void of_no_hashes_none_is_selected(void **state)
{
	uint64_t out = 5;

	(void)state;
	assert_int_equal(winnow(&out, &out, 0, WINNOW_WINDOW, SECRET), 0);
	assert_int_equal(out, 5);
}

static void secrets_give_other_keys_and_the_same_number(void **state)
{
	uint64_t hashes[200], a[200], b[200];
	size_t n;

	(void)state;
	seed = 3;
	for (size_t i = 0; i < 200; i++)
		hashes[i] = next_random();
	n = winnow(a, hashes, 200, WINNOW_WINDOW, 1);
	assert_int_equal(winnow(b, hashes, 200, WINNOW_WINDOW, 2), n);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(a[i], b[i]);
	assert_int_equal(winnow_key(hashes[0], 1), winnow_key(hashes[0], 1));
}

static void selects_about_two_of_a_window_and_one(void **state)
{
	static uint64_t hashes[100000], out[100000];
	size_t n;

	(void)state;
	seed = 11;
	for (size_t i = 0; i < 100000; i++)
		hashes[i] = next_random();
	n = winnow(out, hashes, 100000, WINNOW_WINDOW, SECRET);
	assert_in_range(n, 100000 * 2 / (WINNOW_WINDOW + 1) * 95 / 100,
			100000 * 2 / (WINNOW_WINDOW + 1) * 105 / 100);
}

/* ---- the guarantee */

static void random_tokens(uint16_t *out, size_t count, unsigned vocabulary)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (uint16_t)(next_random() % vocabulary << 2);
}

typedef size_t (*keys_fn)(uint64_t *keys, const uint16_t *tokens, size_t count);

static size_t keys_of(uint64_t *keys, const uint16_t *tokens, size_t count)
{
	static uint64_t hashes[TOKENS_MAX];

	shingles_of(hashes, tokens, count);
	return winnow(keys, hashes, shingles_count(count), WINNOW_WINDOW, SECRET);
}

static size_t long_keys_of(uint64_t *keys, const uint16_t *tokens, size_t count)
{
	static uint64_t hashes[TOKENS_MAX], longer[TOKENS_MAX];
	size_t n = shingles_count(count);

	shingles_of(hashes, tokens, count);
	long_shingles_of(longer, hashes, n);
	return winnow(keys, longer, long_shingles_count(n), WINNOW_LONG_WINDOW, SECRET);
}

static int share_a_key(keys_fn keys, const uint16_t *a, size_t a_count, const uint16_t *b,
		       size_t b_count)
{
	static uint64_t a_keys[TOKENS_MAX], b_keys[TOKENS_MAX];
	size_t n = keys(a_keys, a, a_count), m = keys(b_keys, b, b_count);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m; k++)
			if (a_keys[i] == b_keys[k])
				return 1;
	return 0;
}

/* A run of tokens put anywhere into two texts that share nothing else. */
static int run_meets(size_t run, unsigned vocabulary, uint16_t class)
{
	static uint16_t a[TOKENS_MAX], b[TOKENS_MAX];
	size_t a_count = run + next_random() % 400, b_count = run + next_random() % 400;
	size_t a_at = next_random() % (a_count - run + 1),
	       b_at = next_random() % (b_count - run + 1);

	random_tokens(a, a_count, vocabulary);
	random_tokens(b, b_count, vocabulary);
	for (size_t i = 0; i < a_count; i++)
		a[i] |= class;
	for (size_t i = 0; i < b_count; i++)
		b[i] |= class;
	memcpy(b + b_at, a + a_at, run * sizeof *a);
	return share_a_key(keys_of, a, a_count, b, b_count);
}

static void every_shared_run_of_the_promised_length_meets(void **state)
{
	(void)state;
	seed = 13;
	for (size_t i = 0; i < 10000; i++)
		assert_true(run_meets(WINNOW_WINDOW + 2 + i % 30, 16384, 0));
	/* Repeats inside the run change nothing. */
	for (size_t i = 0; i < 5000; i++)
		assert_true(run_meets(40, 2 + (unsigned)(i % 9), 0));
}

/* A six-character shingle reaches three tokens further. */
static void every_run_of_characters_of_the_promised_length_meets(void **state)
{
	(void)state;
	seed = 17;
	for (size_t i = 0; i < 10000; i++)
		assert_true(run_meets(WINNOW_WINDOW + 5 + i % 30, 16384, 2));
}

/* Words and characters in any mixture. */
static void every_run_of_eighty_half_words_meets_by_long_shingles(void **state)
{
	static uint16_t a[TOKENS_MAX], b[TOKENS_MAX];

	(void)state;
	seed = 23;
	for (size_t round = 0; round < 20000; round++) {
		unsigned characters = round % 5 == 0 ? 50 : (unsigned)(round % 9);
		size_t a_at = next_random() % 100, b_at = next_random() % 100, run = 0;
		size_t behind = next_random() % 2 * 100;

		random_tokens(a, 400, 16384);
		random_tokens(b, 400, 16384);
		for (unsigned units = 0; units < 80; run++) {
			bool character = next_random() % 100 < characters;

			a[a_at + run] = (uint16_t)(a[a_at + run] | (character ? 2 : 0));
			units += character ? 1 : 2;
		}
		memcpy(b + b_at, a + a_at, run * sizeof *a);
		assert_true(share_a_key(long_keys_of, a, a_at + run + behind, b, b_at + run));
	}
}

static void a_long_shingle_changes_with_each_of_its_eight_words(void **state)
{
	uint16_t tokens[8] = { 4, 8, 12, 16, 20, 24, 28, 32 };
	uint64_t hashes[6], before, after;

	(void)state;
	shingles_of(hashes, tokens, 8);
	assert_int_equal(long_shingles_count(6), 1);
	assert_int_equal(long_shingles_count(5), 0);
	long_shingles_of(&before, hashes, 6);
	for (size_t i = 0; i < 8; i++) {
		tokens[i] ^= 64;
		shingles_of(hashes, tokens, 8);
		long_shingles_of(&after, hashes, 6);
		assert_true(after != before);
		tokens[i] ^= 64;
	}
}

static void runs_below_the_guarantee_may_be_missed(void **state)
{
	size_t missed = 0;

	(void)state;
	seed = 19;
	for (size_t i = 0; i < 2000; i++)
		missed += !run_meets(12, 16384, 0);
	assert_true(missed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selects_the_rightmost_smallest_of_every_window),
		cmocka_unit_test(of_no_hashes_none_is_selected),
		cmocka_unit_test(secrets_give_other_keys_and_the_same_number),
		cmocka_unit_test(selects_about_two_of_a_window_and_one),
		cmocka_unit_test(every_shared_run_of_the_promised_length_meets),
		cmocka_unit_test(every_run_of_characters_of_the_promised_length_meets),
		cmocka_unit_test(every_run_of_eighty_half_words_meets_by_long_shingles),
		cmocka_unit_test(a_long_shingle_changes_with_each_of_its_eight_words),
		cmocka_unit_test(runs_below_the_guarantee_may_be_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
