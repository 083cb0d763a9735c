/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static void takes_are_aligned_and_apart(void **state)
{
	struct arena *a = arena_open(128);
	char *last = NULL;

	(void)state;
	for (size_t i = 1; i < 100; i++) {
		char *p = arena_take(a, i);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, (int)i, i);
		if (last != NULL)
			assert_int_equal(*last, (int)i - 1);
		last = p;
	}
	arena_close(a);
}

static void a_rewind_gives_the_same_memory_again(void **state)
{
	struct arena *a = arena_open(64);
	struct arena_mark mark;
	void *p, *q;
	size_t held;

	(void)state;
	arena_take(a, 40);
	mark = arena_mark(a);
	p = arena_take(a, 200);
	q = arena_take(a, 30);
	held = arena_held(a);
	for (int i = 0; i < 100; i++) {
		arena_rewind(a, mark);
		assert_ptr_equal(arena_take(a, 200), p);
		assert_ptr_equal(arena_take(a, 30), q);
	}
	assert_int_equal(arena_held(a), held);
	arena_clear(a);
	arena_take(a, 40);
	assert_int_equal(arena_held(a), held);
	arena_close(a);
}

static void an_overflow_fails_and_sticks_until_the_rewind(void **state)
{
	struct arena *a = arena_open(64);
	struct arena_mark mark = arena_mark(a);

	(void)state;
	assert_null(arena_take_array(a, SIZE_MAX / 2, 8));
	assert_true(arena_failed(a));
	assert_null(arena_take(a, 1));
	arena_rewind(a, mark);
	assert_false(arena_failed(a));
	assert_non_null(arena_take(a, 1));
	assert_null(arena_take(a, SIZE_MAX - 3));
	arena_close(a);
}

static void zeroed_memory_is_zero_even_when_reused(void **state)
{
	struct arena *a = arena_open(256);
	unsigned char *p = arena_take(a, 100);

	(void)state;
	memset(p, 0xff, 100);
	arena_clear(a);
	p = arena_take_zeroed(a, 25, 4);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	assert_string_equal(arena_copy(a, span_of("abc", 2)), "ab");
	arena_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_are_aligned_and_apart),
		cmocka_unit_test(a_rewind_gives_the_same_memory_again),
		cmocka_unit_test(an_overflow_fails_and_sticks_until_the_rewind),
		cmocka_unit_test(zeroed_memory_is_zero_even_when_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
