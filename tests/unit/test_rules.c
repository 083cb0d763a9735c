/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/compare.h"
#include "detect/rules.h"

static size_t tests_of(const struct rule *r)
{
	size_t n = 0;

	while (n < JUDGE_CONDITIONS && r->tests[n].sense != END)
		n++;
	return n;
}

static void every_measure_has_a_name_and_every_rule_its_own(void **state)
{
	(void)state;
	for (size_t m = 0; m < MEASURE_COUNT; m++) {
		assert_non_null(rules_measure_names[m].name);
		for (size_t k = 0; k < m; k++)
			assert_string_not_equal(rules_measure_names[m].name,
						rules_measure_names[k].name);
	}
	for (size_t i = 0; i < rules_count; i++) {
		assert_true(tests_of(&rules_table[i]) > 0);
		assert_in_range(rules_table[i].where, CROSS_SITE, ANYWHERE);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rules_table[i].name, rules_table[k].name);
	}
}

static void every_threshold_is_asked_by_a_rule(void **state)
{
	static const char *const names[] = {
#define THRESHOLD(name, unit, value, meaning) #name,
#include "detect/thresholds.def"
#undef THRESHOLD
	};
	char asked[sizeof names / sizeof names[0]] = { 0 };

	(void)state;
	for (size_t i = 0; i < rules_count; i++)
		for (size_t k = 0; k < tests_of(&rules_table[i]); k++)
			if (rules_table[i].tests[k].sense != IS)
				asked[rules_table[i].tests[k].field / sizeof(double)] = 1;
	for (size_t i = 0; i < sizeof asked; i++)
		if (!asked[i])
			fail_msg("no rule asks %s", names[i]);
}

/* Values at, just under and far from the thresholds that are asked of them. */
static void put_values(double *measured, const struct thresholds *t)
{
	for (size_t m = 0; m < MEASURE_COUNT; m++)
		measured[m] = rand() % 4 == 0 ? rand() % 100 : rand() % 100 / 100.0;
	measured[SAME] = measured[SAME_WORK] = 0;
	for (size_t i = 0; i < rules_count; i++) {
		for (size_t k = 0; k < tests_of(&rules_table[i]); k++) {
			const struct test *test = &rules_table[i].tests[k];

			if (test->sense != IS && rand() % 4 == 0)
				measured[test->measure] =
					rules_threshold(t, test->field) - (rand() % 2 ? 1e-9 : 0);
		}
	}
}

/* The dumbest correct version: what no bar above forbids. */
static const struct rule *first_of(const double *measured, unsigned place,
				   const struct thresholds *t)
{
	for (size_t i = 0; i < rules_count; i++) {
		bool forbidden = rules_table[i].bars || (rules_table[i].where & place) == 0;

		for (size_t k = 0; k < tests_of(&rules_table[i]); k++)
			forbidden |= !rules_test_holds(&rules_table[i].tests[k], measured, t);
		for (size_t b = 0; b < i; b++)
			forbidden |= rules_table[b].bars &&
				     rules_table[b].kind == rules_table[i].kind &&
				     (rules_table[b].where & place) != 0 &&
				     rules_rule_holds(&rules_table[b], measured, t);
		if (!forbidden)
			return &rules_table[i];
	}
	return NULL;
}

static void the_first_rule_that_holds_and_is_not_barred_decides(void **state)
{
	static const unsigned places[] = { CROSS_SITE, SAME_SITE, UNKNOWN_SITE };
	const struct thresholds *t = judge_defaults();
	unsigned decided = 0;

	(void)state;
	srand(11);
	for (unsigned round = 0; round < 20000; round++) {
		double measured[MEASURE_COUNT];
		const struct rule *r;

		put_values(measured, t);
		r = rules_decide(measured, places[round % 3], t);
		assert_ptr_equal(r, first_of(measured, places[round % 3], t));
		decided += r != NULL;
	}
	assert_true(decided > 1000);
}

static void a_value_at_its_threshold_is_not_below_it(void **state)
{
	const struct thresholds *t = judge_defaults();
	const struct test at_least = { NOT_BELOW, SPAN_LEAST,
				       offsetof(struct thresholds, near_span) };
	const struct test below = { IS_BELOW, SPAN_LEAST, offsetof(struct thresholds, near_span) };
	double measured[MEASURE_COUNT] = { 0 };

	(void)state;
	measured[SPAN_LEAST] = t->near_span;
	assert_true(rules_test_holds(&at_least, measured, t));
	assert_false(rules_test_holds(&below, measured, t));
	measured[SPAN_LEAST] = t->near_span - 1e-12;
	assert_false(rules_test_holds(&at_least, measured, t));
	assert_true(rules_test_holds(&below, measured, t));
}

static void titles_that_are_not_known_are_neither_alike_nor_unlike(void **state)
{
	struct comparison c = { 0 };
	struct acquaintance a = { .titles = 0.25 };
	double measured[MEASURE_COUNT];

	(void)state;
	rules_measure(measured, &c, &a);
	assert_float_equal(measured[TITLES_ALIKE], 0, 0);
	assert_float_equal(measured[TITLES_UNLIKE], 0, 0);
	a.titles_known = true;
	rules_measure(measured, &c, &a);
	assert_float_equal(measured[TITLES_ALIKE], 0.25, 0);
	assert_float_equal(measured[TITLES_UNLIKE], 0.75, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_measure_has_a_name_and_every_rule_its_own),
		cmocka_unit_test(every_threshold_is_asked_by_a_rule),
		cmocka_unit_test(the_first_rule_that_holds_and_is_not_barred_decides),
		cmocka_unit_test(a_value_at_its_threshold_is_not_below_it),
		cmocka_unit_test(titles_that_are_not_known_are_neither_alike_nor_unlike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
