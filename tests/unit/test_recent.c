/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/recent.h"

#define BYTES 4096u
#define ROWS 16u

static const uint64_t alone[RECORD_BASES];

static const uint64_t told[RECORD_BASES] = { 3, 4 };

static size_t length_of(uint64_t seq)
{
	return (size_t)(seq * 37 % 300);
}

static struct span row_of(char *out, uint64_t seq)
{
	for (size_t i = 0; i < length_of(seq); i++)
		out[i] = (char)(seq * 7 + i);
	return span_of(out, length_of(seq));
}

static void what_was_put_last_is_found_and_nothing_else_ever(void **state)
{
	char bytes[300];
	struct recent *r;
	struct span got;

	(void)state;
	assert_int_equal(recent_open(&r, BYTES, ROWS), STATUS_OK);
	assert_false(recent_get(r, 1, &got));
	for (uint64_t seq = 1; seq <= 2000; seq++) {
		recent_put(r, seq, row_of(bytes, seq), alone);
		for (uint64_t old = 1; old <= seq + 1; old++) {
			recent_prefetch(r, old);
			if (!recent_get(r, old, &got)) {
				assert_true(old != seq && (old > seq || seq - old > 10));
				continue;
			}
			assert_true(old <= seq && seq - old < ROWS);
			assert_int_equal((uintptr_t)got.p % 8, 0);
			assert_true(span_equal(got, row_of(bytes, old)));
		}
	}
	recent_close(r);
}

static void a_number_that_comes_again_has_its_new_row(void **state)
{
	struct recent *r;
	struct span got;

	(void)state;
	assert_int_equal(recent_open(&r, BYTES, ROWS), STATUS_OK);
	recent_put(r, 5, span_of_text("given back"), alone);
	recent_put(r, 5, span_of_text("kept"), told);
	assert_memory_equal(recent_bases(r, 5), told, sizeof told);
	assert_null(recent_bases(r, 4));
	assert_true(recent_get(r, 5, &got));
	assert_true(span_equal(got, span_of_text("kept")));
	recent_clear(r);
	assert_false(recent_get(r, 5, &got));
	recent_close(r);
}

static void a_row_too_large_is_left_out(void **state)
{
	static char large[BYTES];
	struct recent *r;
	struct span got;

	(void)state;
	assert_int_equal(recent_open(&r, BYTES, ROWS), STATUS_OK);
	recent_put(r, 1, span_of_text("small"), alone);
	recent_put(r, 2, span_of(large, sizeof large / 4), alone);
	assert_true(recent_get(r, 1, &got));
	assert_false(recent_get(r, 2, &got));
	recent_close(r);
}

static void what_is_read_stays_until_the_next_settling_while_it_is_not_crowded(void **state)
{
	struct span kept[ROWS * 4];
	uint64_t first = 1, seq = 1;
	char bytes[300], more[300];
	struct recent *r;

	(void)state;
	assert_int_equal(recent_open(&r, BYTES * 4, ROWS * 4), STATUS_OK);
	for (unsigned round = 0; round < 100; round++) {
		size_t count = 0;

		first = seq;
		for (uint64_t old = seq; --old > 0 && recent_get(r, old, &kept[count]);)
			count++;
		for (; !recent_crowded(r, seq, length_of(seq)); seq++)
			recent_put(r, seq, row_of(bytes, seq), alone);
		assert_true(seq > first && (round < 10 || count > ROWS));
		for (size_t i = 0; i < count; i++)
			assert_true(span_equal(kept[i], row_of(more, first - 1 - i)));
		recent_settle(r);
	}
	recent_close(r);
}

static void what_is_dropped_is_found_again_when_it_was_put_again(void **state)
{
	struct recent *r;
	struct span got;

	(void)state;
	assert_int_equal(recent_open(&r, BYTES, ROWS), STATUS_OK);
	recent_put(r, 1, span_of_text("one"), alone);
	recent_put(r, 2, span_of_text("taken back"), alone);
	recent_put(r, 3, span_of_text("this too"), alone);
	recent_drop(r, 2);
	assert_true(recent_get(r, 1, &got));
	assert_false(recent_get(r, 2, &got));
	assert_false(recent_get(r, 3, &got));
	recent_put(r, 2, span_of_text("two"), alone);
	assert_true(recent_get(r, 2, &got));
	assert_true(span_equal(got, span_of_text("two")));
	assert_false(recent_get(r, 3, &got));
	recent_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_last_is_found_and_nothing_else_ever),
		cmocka_unit_test(a_number_that_comes_again_has_its_new_row),
		cmocka_unit_test(a_row_too_large_is_left_out),
		cmocka_unit_test(
			what_is_read_stays_until_the_next_settling_while_it_is_not_crowded),
		cmocka_unit_test(what_is_dropped_is_found_again_when_it_was_put_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
