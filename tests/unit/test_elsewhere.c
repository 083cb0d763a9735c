/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/elsewhere.h"

static uint64_t nth(uint64_t n)
{
	return (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void sites_are_counted_as_they_come_and_go(void **state)
{
	enum { LINES = 3000 };
	static uint32_t model[LINES];
	struct elsewhere e = { 0 };
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(elsewhere_sites(&e, nth(0)), 0);
	elsewhere_drop(&e, nth(0));
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t n;

		seed = seed * 1664525 + 1013904223;
		n = (seed >> 8) % LINES;
		if ((seed >> 30) != 0) {
			elsewhere_add(&e, nth(n));
			model[n]++;
		} else {
			elsewhere_drop(&e, nth(n));
			model[n] -= model[n] > 0;
		}
	}
	for (unsigned n = 0; n < LINES; n++)
		assert_int_equal(elsewhere_sites(&e, nth(n)), model[n]);
	elsewhere_free(&e);
}

static void what_is_gone_makes_room(void **state)
{
	struct elsewhere e = { 0 };

	(void)state;
	for (uint64_t n = 0; n < 100000; n++) {
		elsewhere_add(&e, nth(n));
		if (n >= 100)
			elsewhere_drop(&e, nth(n - 100));
	}
	assert_true(e.cap <= 1024);
	elsewhere_free(&e);
}

static void at_the_limit_the_least_shared_lines_are_forgotten(void **state)
{
	struct elsewhere e = { 0 };

	(void)state;
	for (unsigned site = 0; site < 3; site++)
		elsewhere_add(&e, nth(0));
	for (uint64_t n = 1; n < 3 * ELSEWHERE_LINES; n++)
		elsewhere_add(&e, nth(n));
	assert_true(e.cap <= ELSEWHERE_LINES);
	assert_true(2 * e.used <= e.cap);
	assert_int_equal(elsewhere_sites(&e, nth(0)), 3);
	elsewhere_free(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sites_are_counted_as_they_come_and_go),
		cmocka_unit_test(what_is_gone_makes_room),
		cmocka_unit_test(at_the_limit_the_least_shared_lines_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
