/* SPDX-License-Identifier: BSD-2-Clause */
/* Which candidates are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "index/index.h"
#include "ingest/look.h"

#define MANY_KEYS 50u

static bool looked_at(uint32_t hits, uint32_t firm, uint32_t backed, size_t key_count)
{
	const struct candidate one = { .seq = 7, .hits = hits, .firm = firm, .backed = backed };
	uint64_t seq = 0;

	return look_promising(&seq, &one, 1, key_count) == 1 && seq == 7;
}

static void one_key_in_common_must_be_backed_and_its_list_whole(void **state)
{
	(void)state;
	assert_true(looked_at(1, 1, 1, MANY_KEYS));
	assert_false(looked_at(1, 1, 0, MANY_KEYS));
	assert_false(looked_at(1, 0, 1, MANY_KEYS));
}

static void two_keys_in_common_are_enough(void **state)
{
	(void)state;
	assert_true(looked_at(2, 0, 0, MANY_KEYS));
}

static void of_a_text_with_hardly_a_key_one_is_enough(void **state)
{
	(void)state;
	assert_true(looked_at(1, 0, 0, 3));
}

static void the_order_stays(void **state)
{
	const struct candidate found[] = { { 9, 5, 5, 5 }, { 4, 1, 1, 0 }, { 3, 1, 1, 1 } };
	uint64_t seqs[3];

	(void)state;
	assert_int_equal(look_promising(seqs, found, 3, MANY_KEYS), 2);
	assert_int_equal(seqs[0], 9);
	assert_int_equal(seqs[1], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_key_in_common_must_be_backed_and_its_list_whole),
		cmocka_unit_test(two_keys_in_common_are_enough),
		cmocka_unit_test(of_a_text_with_hardly_a_key_one_is_enough),
		cmocka_unit_test(the_order_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
