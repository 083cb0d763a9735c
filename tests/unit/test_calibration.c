/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/calibration.h"

#define NEAR_RESEMBLANCE 0u
#define PASSAGE_WORDS 6u

/* A pair of two sites whose only number that matters is its resemblance. */
static struct labelled pair_of(double resemblance, enum truth truth)
{
	return (struct labelled){
		.numbers = { .resemblance = resemblance,
			     .containment = 0.05,
			     .contained_by = 0.05,
			     .longest_units = 45,
			     .numbers = 1 },
		.known = { .relation = RELATION_CROSS_SITE,
			   .sites_known = true,
			   .here_units = 600,
			   .there_units = 600 },
		.truth = truth,
	};
}

static void pairs_are_counted_as_the_judge_finds_them(void **state)
{
	const struct labelled pairs[] = {
		pair_of(0.5, TRUTH_COPY),  pair_of(0.45, TRUTH_COPY), pair_of(0.2, TRUTH_COPY),
		pair_of(0.5, TRUTH_OTHER), pair_of(0.1, TRUTH_OTHER), pair_of(0.5, TRUTH_PART),
	};
	struct thresholds t = *judge_defaults();
	struct score s;

	(void)state;
	s = calibration_score(pairs, 6, &t, NEAR_RESEMBLANCE);
	assert_int_equal(s.hits, 2);
	assert_int_equal(s.misses, 1);
	assert_int_equal(s.false_hits, 1);
	assert_true(fabs(s.precision - 2.0 / 3) < 1e-9 && fabs(s.recall - 2.0 / 3) < 1e-9);
	assert_true(fabs(s.f1 - 2.0 / 3) < 1e-9);
	calibration_set(&t, NEAR_RESEMBLANCE, 0.47);
	s = calibration_score(pairs, 6, &t, NEAR_RESEMBLANCE);
	assert_int_equal(s.hits, 1);
	/* No pair of these is of one site. */
	s = calibration_score(pairs, 6, &t, 2);
	assert_int_equal(s.hits + s.misses + s.false_hits, 0);
	assert_true(isnan(s.precision) && isnan(s.recall) && isnan(s.f1));
}

static void what_is_too_short_is_never_found(void **state)
{
	struct labelled p = pair_of(0.9, TRUTH_COPY);

	(void)state;
	assert_int_equal(calibration_score(&p, 1, judge_defaults(), NEAR_RESEMBLANCE).hits, 1);
	p.too_short = true;
	assert_int_equal(calibration_score(&p, 1, judge_defaults(), NEAR_RESEMBLANCE).hits, 0);
}

static void a_threshold_between_copies_and_others_is_advised(void **state)
{
	struct labelled pairs[60];
	struct advice advice[CALIBRATION_KEYS];
	struct thresholds t = *judge_defaults();

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		pairs[i] = pair_of(0.26 + i * 0.01, TRUTH_COPY);
		pairs[30 + i] = pair_of(0.24 - i * 0.005, TRUTH_OTHER);
	}
	calibration_advise(advice, &t, pairs, 60);
	assert_true(advice[NEAR_RESEMBLANCE].enough);
	assert_true(fabs(advice[NEAR_RESEMBLANCE].value - 0.25) < 1e-9);
	assert_true(fabs(advice[NEAR_RESEMBLANCE].after.f1 - 1) < 1e-9);
	assert_true(advice[NEAR_RESEMBLANCE].before.f1 < 0.9);
	assert_true(fabs(t.near_resemblance - 0.25) < 1e-9);
	/* The partner was tried too and stays, and other keys are not touched. */
	assert_true(fabs(t.near_containment - judge_defaults()->near_containment) < 0.051);
	assert_true(fabs(t.same_site_resemblance - judge_defaults()->same_site_resemblance) < 1e-9);
}

static void few_labels_or_a_small_gain_move_nothing(void **state)
{
	struct labelled pairs[60];
	struct advice advice[CALIBRATION_KEYS];
	struct thresholds t = *judge_defaults();

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		pairs[i] = pair_of(i < 2 ? 0.3 : 0.5, TRUTH_COPY);
		pairs[30 + i] = pair_of(0.1, TRUTH_OTHER);
	}
	calibration_advise(advice, &t, pairs, 60); /* two pairs more: noise */
	assert_true(advice[NEAR_RESEMBLANCE].enough);
	assert_memory_equal(&t, judge_defaults(), sizeof t);
	for (unsigned i = 0; i < 9; i++)
		pairs[i] = pair_of(0.3, TRUTH_COPY);
	calibration_advise(advice, &t, pairs, 9); /* no other pairs at all */
	assert_false(advice[NEAR_RESEMBLANCE].enough);
	assert_memory_equal(&t, judge_defaults(), sizeof t);
}

static void every_key_has_a_place_in_its_own_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALIBRATION_KEYS; i++) {
		const struct calibration_key *k = calibration_key(i);
		struct thresholds t = *judge_defaults();

		assert_true(k->low <= calibration_get(&t, i) && calibration_get(&t, i) <= k->high);
		calibration_set(&t, i, k->high);
		assert_true(fabs(calibration_get(&t, i) - k->high) < 1e-9);
	}
	assert_true(fabs(calibration_get(judge_defaults(), PASSAGE_WORDS) -
			 judge_defaults()->passage_shared / 2) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_counted_as_the_judge_finds_them),
		cmocka_unit_test(what_is_too_short_is_never_found),
		cmocka_unit_test(a_threshold_between_copies_and_others_is_advised),
		cmocka_unit_test(few_labels_or_a_small_gain_move_nothing),
		cmocka_unit_test(every_key_has_a_place_in_its_own_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
