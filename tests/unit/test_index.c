/* SPDX-License-Identifier: BSD-2-Clause */
#include "index_model.h"

static void what_was_added_is_found_under_its_keys(void **state)
{
	struct index *x;
	uint64_t keys[] = { 7, 9, 7 }, found[4];

	(void)state;
	assert_int_equal(index_open(&x, &(struct index_options){ 0 }), STATUS_OK);
	assert_int_equal(index_find(x, 7, found, 4), 0);
	assert_int_equal(index_add(x, 1, 0, keys, 3), STATUS_OK);
	assert_int_equal(index_add(x, 2, 0, keys, 1), STATUS_OK);
	assert_int_equal(index_post(x, 9, 5), STATUS_OK);
	assert_int_equal(index_find(x, 7, found, 4), 2);
	assert_int_equal(found[0], 2);
	assert_int_equal(found[1], 1);
	assert_int_equal(index_find(x, 9, found, 4), 2);
	assert_int_equal(found[0], 5);
	assert_int_equal(index_find(x, 8, found, 4), 0);
	assert_int_equal(index_find(x, 7, found, 1), 1);
	assert_int_equal(found[0], 2);
	index_close(x);
}

static void candidates_come_by_hits_then_by_age(void **state)
{
	struct index *x;
	uint64_t a[] = { 1, 2, 3 }, b[] = { 2, 3, 4 }, asked[] = { 4, 3, 3, 2, 9 };
	struct candidate c[4];
	size_t capped;

	(void)state;
	assert_int_equal(index_open(&x, &(struct index_options){ 0 }), STATUS_OK);
	assert_int_equal(index_add(x, 1, 0, a, 3), STATUS_OK);
	assert_int_equal(index_add(x, 2, 0, b, 3), STATUS_OK);
	assert_int_equal(index_add(x, 3, 0, a, 3), STATUS_OK);
	assert_int_equal(index_candidates(x, asked, 5, c, 4, &capped), 3);
	assert_int_equal(c[0].seq, 2);
	assert_int_equal(c[0].hits, 3);
	assert_int_equal(c[1].seq, 1);
	assert_int_equal(c[1].hits, 2);
	assert_int_equal(c[2].seq, 3);
	assert_int_equal(index_candidates(x, asked, 5, c, 1, &capped), 1);
	assert_int_equal(c[0].seq, 2);
	index_close(x);
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
	struct index *x;
	uint64_t key = 1, found[1];

	(void)state;
	assert_int_equal(index_open(&x, &(struct index_options){ 0 }), STATUS_OK);
	assert_int_equal(index_add(x, 0, 0, &key, 1), STATUS_TOO_LARGE);
	assert_int_equal(index_post(x, key, UINT64_C(1) << 39), STATUS_TOO_LARGE);
	assert_int_equal(index_post(x, key, (UINT64_C(1) << 39) - 1), STATUS_OK);
	assert_int_equal(index_find(x, key, found, 1), 1);
	assert_int_equal(found[0], (UINT64_C(1) << 39) - 1);
	index_close(x);
}

static void a_random_history_agrees_with_the_linear_scan(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct trial t;

		trial_begin(&t, seed, &(struct index_options){ .postings_cap = 8 });
		for (unsigned round = 0; round < 12; round++) {
			trial_add(&t, 60);
			trial_compare(&t);
		}
		trial_end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found_under_its_keys),
		cmocka_unit_test(candidates_come_by_hits_then_by_age),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(a_random_history_agrees_with_the_linear_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
