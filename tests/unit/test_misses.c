/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ingest/misses.h"

static void the_newest_thousand_are_kept(void **state)
{
	struct misses *m;

	(void)state;
	assert_int_equal(misses_open(&m), STATUS_OK);
	assert_int_equal(misses_count(m), 0);
	assert_null(misses_at(m, 0));
	assert_null(misses_at(m, 1));
	for (uint64_t i = 1; i <= 2500; i++) {
		struct miss one = { .here = i };

		misses_add(m, &one);
		assert_int_equal(misses_count(m), i);
		assert_int_equal(misses_at(m, i)->here, i);
		assert_null(misses_at(m, i + 1));
		if (i > MISSES_KEPT)
			assert_null(misses_at(m, i - MISSES_KEPT));
		if (i >= MISSES_KEPT)
			assert_int_equal(misses_at(m, i - MISSES_KEPT + 1)->here,
					 i - MISSES_KEPT + 1);
	}
	misses_close(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_thousand_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
