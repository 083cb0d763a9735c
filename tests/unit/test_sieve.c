/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "detect/compare.h"
#include "detect/judge.h"
#include "detect/sieve.h"
#include "fingerprint/shingle.h"

#define COUNT 300u
#define ROUNDS 2000u

static uint64_t state = 1;

static uint32_t below(uint32_t limit)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(state >> 33) % limit;
}

/* Words, numbers and characters of a small vocabulary: short runs are shared by chance. */
static uint16_t any_token(uint32_t vocabulary)
{
	uint32_t lot = below(16);

	return (uint16_t)(below(vocabulary) | (lot == 0   ? TOKEN_NUMBER
					       : lot == 1 ? TOKEN_CHARACTER
							  : 0));
}

static struct kept kept_tokens(const uint16_t *tokens, uint32_t count, struct arena *arena)
{
	uint32_t *paragraphs = ARENA_ARRAY(arena, uint32_t, 2);
	struct kept k;

	paragraphs[0] = 0;
	paragraphs[1] = count;
	assert_int_equal(kept_of(&k, tokens, count, paragraphs, 1, NULL, 0, arena), STATUS_OK);
	return k;
}

static struct kept any_text(uint32_t count, uint32_t vocabulary, struct arena *arena)
{
	uint16_t *tokens = ARENA_ARRAY(arena, uint16_t, (size_t)count + 1);

	for (uint32_t i = 0; i < count; i++)
		tokens[i] = any_token(vocabulary);
	return kept_tokens(tokens, count, arena);
}

static void a_shared_run_passes_wherever_it_stands(void **unused)
{
	struct arena *arena = arena_open(1 << 16);

	(void)unused;
	for (uint32_t i = 0; i < ROUNDS; i++, arena_clear(arena)) {
		uint32_t n = SIEVE_TOKENS + below(COUNT), m = SIEVE_TOKENS + below(COUNT);
		struct kept here = any_text(n, 2000, arena), there = any_text(m, 2000, arena);
		uint16_t *tokens = (uint16_t *)(uintptr_t)there.tokens;
		struct sieve s;

		memcpy(tokens + below(m - SIEVE_TOKENS + 1),
		       here.tokens + below(n - SIEVE_TOKENS + 1), SIEVE_TOKENS * sizeof *tokens);
		assert_int_equal(sieve_of(&s, here.tokens, n, arena), STATUS_OK);
		assert_true(sieve_passes(&s, tokens, m));
	}
	arena_close(arena);
}

static void no_judge_is_kept_from_a_match(const struct comparison *c, uint32_t here, uint32_t there)
{
	struct judge_miss missed;

	assert_int_equal(c->longest_units, 0);
	assert_int_equal(c->passage_count, 0);
	for (unsigned place = 0; place < 3; place++) {
		struct acquaintance a = {
			.relation = place == 0 ? RELATION_CROSS_SITE : RELATION_SAME_SITE,
			.sites_known = place < 2,
			.here_units = here,
			.there_units = there,
		};

		assert_int_equal(judge_by(c, &a, judge_defaults()), KIND_UNIQUE);
		assert_false(judge_missed(&missed, c, &a, judge_defaults(), KIND_UNIQUE));
	}
}

/* Much is shared in places of five tokens and fewer. */
static void what_does_not_pass_is_no_match_and_no_near_miss(void **unused)
{
	struct arena *arena = arena_open(1 << 16);
	uint32_t turned_away = 0;

	(void)unused;
	for (uint32_t i = 0; i < ROUNDS; i++, arena_clear(arena)) {
		uint32_t n = 10 + below(i % 2 == 0 ? COUNT : 60), vocabulary = 2u << below(12);
		struct kept here = any_text(n, vocabulary, arena);
		struct kept there = any_text(10 + below(COUNT), vocabulary, arena);
		uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, n);
		struct comparison c;
		struct probe *probe;
		struct sieve s;

		for (uint32_t at = 0; at + 5 < n && at + 5 < there.count; at += 6)
			memcpy((uint16_t *)(uintptr_t)there.tokens + at, here.tokens + at,
			       below(6) * sizeof *here.tokens);
		there = kept_tokens(there.tokens, there.count, arena);
		assert_int_equal(sieve_of(&s, here.tokens, n, arena), STATUS_OK);
		if (sieve_passes(&s, there.tokens, there.count))
			continue;
		turned_away++;
		shingles_of(hashes, here.tokens, n);
		assert_int_equal(probe_of(&probe, &here, hashes, arena), STATUS_OK);
		assert_int_equal(compare(&c, probe, &there, arena), STATUS_OK);
		no_judge_is_kept_from_a_match(&c, here.units, there.units);
	}
	assert_in_range(turned_away, ROUNDS / 10, ROUNDS);
	arena_close(arena);
}

/* Five tokens in a row of every six, which is no run. */
static void a_line_or_two_passes_on_either_side_where_it_stands_in_small_pieces(void **unused)
{
	struct arena *arena = arena_open(1 << 12);
	struct kept few = any_text(SIEVE_SHORT / 2 - 2, 8000, arena);
	struct kept many = any_text(SIEVE_SHORT, 8000, arena);
	struct kept others = any_text(SIEVE_SHORT, 8000, arena);
	struct sieve s;

	(void)unused;
	for (uint32_t at = 0; at + 5 < few.count; at += 6)
		memcpy((uint16_t *)(uintptr_t)many.tokens + at, few.tokens + at,
		       5 * sizeof *few.tokens);
	assert_int_equal(sieve_of(&s, many.tokens, many.count, arena), STATUS_OK);
	assert_true(sieve_passes(&s, few.tokens, few.count));
	assert_true(sieve_passes(&s, few.tokens, 0));
	assert_false(sieve_passes(&s, others.tokens, others.count));
	assert_int_equal(sieve_of(&s, few.tokens, few.count, arena), STATUS_OK);
	assert_true(sieve_passes(&s, many.tokens, many.count));
	assert_false(sieve_passes(&s, others.tokens, others.count));
	assert_int_equal(sieve_of(&s, few.tokens, 0, arena), STATUS_OK);
	assert_true(sieve_passes(&s, others.tokens, others.count));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_run_passes_wherever_it_stands),
		cmocka_unit_test(what_does_not_pass_is_no_match_and_no_near_miss),
		cmocka_unit_test(
			a_line_or_two_passes_on_either_side_where_it_stands_in_small_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
