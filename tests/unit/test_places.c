/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/arena.h"
#include "detect/places.h"

static uint64_t spread(uint64_t v)
{
	return v * 0x9e3779b97f4a7c15u;
}

static void the_first_place_of_each_hash_is_kept(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	static uint32_t first[500];
	struct places p;

	(void)state;
	srand(3);
	assert_int_equal(places_init(&p, 4000, arena), STATUS_OK);
	for (unsigned i = 0; i < 500; i++)
		first[i] = PLACES_NONE;
	for (uint32_t at = 0; at < 4000; at++) {
		unsigned v = (unsigned)rand() % 500;
		uint32_t slot = places_put(&p, spread(v), at);

		if (first[v] == PLACES_NONE)
			first[v] = at;
		assert_int_equal(p.at[slot], first[v]);
	}
	for (unsigned v = 0; v < 500; v++) {
		uint32_t slot = places_slot(&p, spread(v));

		assert_int_equal(slot != PLACES_NONE ? p.at[slot] : PLACES_NONE, first[v]);
	}
	assert_int_equal(places_slot(&p, spread(501)), PLACES_NONE);
	arena_close(arena);
}

/* Hashes that all want one slot: the probe ends, and what is found is never another's place. */
static void hashes_that_collide_may_be_missed_but_not_mistaken(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct places p;
	uint32_t found = 0;

	(void)state;
	assert_int_equal(places_init(&p, 1000, arena), STATUS_OK);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t slot = places_put(&p, i, i);

		assert_true(slot == PLACES_NONE || p.at[slot] == i);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t slot = places_slot(&p, i);

		if (slot == PLACES_NONE)
			continue;
		assert_int_equal(p.at[slot], i);
		found++;
	}
	assert_int_equal(found, p.distinct);
	assert_in_range(found, 64, 999);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_place_of_each_hash_is_kept),
		cmocka_unit_test(hashes_that_collide_may_be_missed_but_not_mistaken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
