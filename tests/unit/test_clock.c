/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

static int64_t parsed(const char *text)
{
	int64_t ms = -1;

	assert_true(clock_parse(&ms, span_of_text(text)));
	return ms;
}

static void moments_are_written_and_read(void **state)
{
	char text[CLOCK_TEXT_BYTES];

	(void)state;
	assert_string_equal(clock_text(text, 0), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_text(text, -1), "1969-12-31T23:59:59.999Z");
	assert_string_equal(clock_text(text, INT64_C(951782400123)), "2000-02-29T00:00:00.123Z");
	for (int64_t ms = -4000000000000; ms < 4000000000000; ms += 12345678901)
		assert_true(parsed(clock_text(text, ms)) == ms);
}

static void moments_out_of_range_are_clipped(void **state)
{
	char text[CLOCK_TEXT_BYTES];

	(void)state;
	assert_string_equal(clock_text(text, INT64_MAX), "9999-12-31T23:59:59.999Z");
	assert_string_equal(clock_text(text, INT64_MIN), "0000-01-01T00:00:00.000Z");
}

static void the_forms_of_rfc_3339_are_read(void **state)
{
	(void)state;
	assert_true(parsed("2026-11-23T03:00:00Z") == INT64_C(1795402800000));
	assert_true(parsed("2026-11-23T05:00:00+02:00") == INT64_C(1795402800000));
	assert_true(parsed("2026-11-22T21:30:00-05:30") == INT64_C(1795402800000));
	assert_true(parsed("2026-11-23 03:00:00.5") == INT64_C(1795402800500));
	assert_true(parsed("2026-11-23t03:00") == INT64_C(1795402800000));
	assert_true(parsed("2026-11-23") == INT64_C(1795392000000));
}

static void what_is_no_moment_is_refused(void **state)
{
	static const char *const wrong[] = { "",
					     "yesterday",
					     "2026",
					     "2026-13-01",
					     "2026-11-23T25:00:00Z",
					     "2026-11-23T03:00:00+",
					     "2026-11-23T03:00:00Zx",
					     "2026-11-23T03:00:00.",
					     "26-11-23" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(clock_parse(&ms, span_of_text(wrong[i])));
	assert_false(clock_parse(&ms, (struct span){ NULL, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_written_and_read),
		cmocka_unit_test(moments_out_of_range_are_clipped),
		cmocka_unit_test(the_forms_of_rfc_3339_are_read),
		cmocka_unit_test(what_is_no_moment_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
