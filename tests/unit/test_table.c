/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of the newest postings, where the index's own tests do not reach. */
#include "index/column.h"
#include "index/table.h"

#include "base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CAP 64u
#define LARGE 1000000u /* postings expected: the slots are one block */

static uint64_t key_of(uint64_t i)
{
	return mix64(i);
}

static void add(struct table *t, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		while (table_add(t, key_of(i), i + 1) != STATUS_OK)
			assert_int_equal(table_grow(t, key_of(i)), STATUS_OK);
}

/* All of these, and nothing else, also when swept. */
static void assert_holds(const struct table *t, uint64_t from, uint64_t to)
{
	uint64_t numbers[CAP], count = 0, last = 0;
	struct posting p;
	struct sweep s;

	assert_int_equal(table_postings(t), to - from);
	for (uint64_t i = from; i < to; i += 97) {
		assert_int_equal(table_find(t, key_of(i), numbers), 1);
		assert_int_equal(numbers[0], i + 1);
	}
	assert_int_equal(table_find(t, key_of(to), numbers), 0);
	sweep_begin(&s, t);
	for (; sweep_next(&s, &p); count++, last = p.key) {
		assert_true(count == 0 || p.key > last);
		assert_true(p.number > from && p.number <= to && p.key == key_of(p.number - 1));
	}
	sweep_end(&s);
	assert_int_equal(count, to - from);
}

static void a_large_table_is_used_again_as_if_it_were_new(void **state)
{
	struct table *t, *again;

	(void)state;
	assert_int_equal(table_open(&t, CAP, LARGE), STATUS_OK);
	assert_holds(t, 0, 0);
	add(t, 0, LARGE);
	assert_int_equal(column_add(table_column(t), 2, 5), STATUS_OK);
	assert_int_equal(column_add(table_column(t), 1, 5), STATUS_OK);
	assert_holds(t, 0, LARGE);
	again = table_again(t, CAP, LARGE);
	assert_ptr_equal(again, t); /* its memory stays where it is */
	assert_holds(t, 0, 0);
	assert_int_equal(table_column(t)->count, 0);
	assert_false(table_column(t)->unsorted);
	add(t, LARGE, LARGE + 1000);
	assert_holds(t, LARGE, LARGE + 1000);
	table_close(t);
}

static void a_table_that_outgrew_its_block_keeps_all_and_is_replaced(void **state)
{
	struct table *t;

	(void)state;
	assert_int_equal(table_open(&t, CAP, LARGE), STATUS_OK);
	add(t, 0, 2 * LARGE);
	assert_holds(t, 0, 2 * LARGE);
	t = table_again(t, CAP, LARGE);
	assert_non_null(t);
	assert_holds(t, 0, 0);
	add(t, 0, 1000);
	assert_holds(t, 0, 1000);
	table_close(t);
}

static void a_table_can_be_had_with_its_memory_at_hand(void **state)
{
	struct table *t = table_again(NULL, CAP, LARGE);

	(void)state;
	assert_non_null(t);
	assert_holds(t, 0, 0);
	add(t, 0, LARGE);
	assert_holds(t, 0, LARGE);
	table_close(t);
}

static void numbers_are_sorted(void **state)
{
	static uint64_t numbers[5000];

	(void)state;
	for (size_t count = 0; count < 5000; count = count * 2 + 1) {
		uint64_t sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += numbers[i] = mix64(i + count) % (count + 1);
		numbers_sort(numbers, count);
		for (size_t i = 0; i < count; i++) {
			assert_true(i == 0 || numbers[i - 1] <= numbers[i]);
			sum -= numbers[i];
		}
		assert_int_equal(sum, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_table_is_used_again_as_if_it_were_new),
		cmocka_unit_test(a_table_that_outgrew_its_block_keeps_all_and_is_replaced),
		cmocka_unit_test(a_table_can_be_had_with_its_memory_at_hand),
		cmocka_unit_test(numbers_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
