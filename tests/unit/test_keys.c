/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <reprint/fingerprint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "detect/compare.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "ingest/keys.h"

#include "common_flank.h"

#define SECRET 77

static uint16_t word(unsigned n)
{
	return (uint16_t)(n % 16384 << 2 | TOKEN_WORD);
}

static uint16_t short_word(unsigned n)
{
	return (uint16_t)(n % 16384 << 2 | TOKEN_SHORT);
}

static struct keys keys_of_tokens(const uint16_t *tokens, uint32_t count, struct arena *arena)
{
	uint32_t paragraphs[2] = { 0, count };
	struct kept kept;
	struct keys keys;

	assert_int_equal(kept_of(&kept, tokens, count, paragraphs, 1, NULL, 0, arena), STATUS_OK);
	assert_int_equal(keys_of(&keys, &kept, SECRET, arena), STATUS_OK);
	return keys;
}

static bool has(const struct keys *k, uint64_t key)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->all[i] == key)
			return true;
	return false;
}

static bool meet(const struct keys *a, const struct keys *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (has(b, a->all[i]))
			return true;
	return false;
}

/* A phrase of grammar stands in every text; texts that share nothing else should not meet. */
static void a_phrase_of_short_words_is_passed_over(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	uint16_t a[400], b[400];

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		a[i] = i % 10 < 3 ? short_word(i % 10) : word(2 * i);
		b[i] = i % 10 < 3 ? short_word(i % 10) : word(2 * i + 1);
	}
	struct keys here = keys_of_tokens(a, 400, arena), there = keys_of_tokens(b, 400, arena);

	assert_false(meet(&here, &there));
	assert_in_range(here.count, 50, 100);
	arena_close(arena);
}

static void a_text_of_nothing_else_still_has_keys(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	uint16_t tokens[200];
	struct keys keys;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		tokens[i] = short_word(i);
	keys = keys_of_tokens(tokens, 200, arena);
	assert_in_range(keys.count, 12, 60);
	arena_close(arena);
}

/* Every shingle of a text as short as an excerpt is a key, so it meets any key of a longer one. */
static void a_short_text_gives_all_its_shingles(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	uint16_t tokens[400];

	(void)state;
	for (unsigned i = 0; i < 400; i++)
		tokens[i] = i % 3 == 0 ? short_word(i) : word(i);
	struct keys whole = keys_of_tokens(tokens, 400, arena);

	for (unsigned from = 0; from + 40 <= 400; from += 7) {
		struct keys part = keys_of_tokens(tokens + from, 40, arena);

		assert_true(part.count >= shingles_count(40));
		assert_true(meet(&part, &whole));
	}
	arena_close(arena);
}

/* Wherever the run stands and whatever stands around it, of either sort of words. */
static void a_shared_run_of_a_window_meets(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	uint16_t a[300], b[300];
	const unsigned run = WINNOW_WINDOW + 2;

	(void)state;
	srand(5);
	for (unsigned round = 0; round < 3000; round++) {
		struct arena_mark mark = arena_mark(arena);
		unsigned here = (unsigned)rand() % (300 - run),
			 there = (unsigned)rand() % (300 - run);
		unsigned vocabulary = round % 2 == 0 ? 16384 : 50;
		struct keys left, right;

		for (unsigned i = 0; i < 300; i++) {
			unsigned x = (unsigned)rand() % vocabulary,
				 y = (unsigned)rand() % vocabulary;

			a[i] = rand() % 3 == 0 ? short_word(x) : word(x);
			b[i] = rand() % 3 == 0 ? short_word(y) : word(y);
		}
		for (unsigned i = 0; i < run; i++)
			b[there + i] = a[here + i];
		left = keys_of_tokens(a, 300, arena);
		right = keys_of_tokens(b, 300, arena);
		assert_true(meet(&left, &right));
		arena_rewind(arena, mark);
	}
	arena_close(arena);
}

/* Around whatever key two texts share, in a run of six words or more: a flank is the same. Where
 * only its own three words are, both are others as a rule. */
static void a_shared_run_around_a_key_has_a_flank_in_common(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	uint16_t a[200], b[200];
	unsigned keys_in_run = 0, alone = 0, chance = 0;

	(void)state;
	srand(7);
	for (unsigned round = 0; round < 3000; round++) {
		struct arena_mark mark = arena_mark(arena);
		unsigned run = round % 2 == 0 ? 3 : 6 + round % 20,
			 at = (unsigned)rand() % (200 - run);
		struct keys here, there;

		for (unsigned i = 0; i < 200; i++) {
			a[i] = word((unsigned)rand());
			b[i] = i >= at && i < at + run ? a[i] : word((unsigned)rand());
		}
		here = keys_of_tokens(a, 200, arena);
		there = keys_of_tokens(b, 200, arena);
		for (size_t i = 0; i < here.count; i++)
			for (size_t j = 0; j < there.count; j++) {
				if (here.all[i] != there.all[j])
					continue;
				if (run >= 6)
					assert_true(common_flank(&here, i, &there, j));
				keys_in_run += run >= 6;
				alone += run == 3;
				chance += run == 3 && common_flank(&here, i, &there, j);
			}
		arena_rewind(arena, mark);
	}
	assert_true(keys_in_run > 1000);
	assert_in_range(alone, 100, 1500);
	assert_true(chance < alone / 4);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phrase_of_short_words_is_passed_over),
		cmocka_unit_test(a_text_of_nothing_else_still_has_keys),
		cmocka_unit_test(a_short_text_gives_all_its_shingles),
		cmocka_unit_test(a_shared_run_of_a_window_meets),
		cmocka_unit_test(a_shared_run_around_a_key_has_a_flank_in_common),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
