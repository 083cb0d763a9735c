/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/delta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNITS (DELTA_BASE_MAX + 3000u)

static struct delta_finder finder;
static uint16_t own[UNITS], base[UNITS], literals[UNITS], back[UNITS + 1];

static uint64_t lot(uint64_t *state, uint64_t below)
{
	return mix64((*state)++) % below;
}

/* Packs, measures, follows; how many literals it took. */
static size_t round_trip(struct bytes *copies, size_t count, size_t base_count)
{
	size_t made;

	bytes_clear(copies);
	made = delta_make(&finder, copies, literals, own, count, base, base_count);
	assert_false(copies->failed);
	assert_int_equal(delta_literals(bytes_span(copies), count, base_count), made);
	memset(back, 0xaa, sizeof back);
	delta_apply(back, count, bytes_span(copies), literals, base);
	assert_memory_equal(back, own, count * sizeof *own);
	assert_int_equal(back[count], 0xaaaa);
	return made;
}

/* Pieces of the base at any place, units replaced, left out and put in. */
static size_t edit(uint64_t *state, size_t base_count)
{
	size_t count = 0, place = 0, edits = 1 + lot(state, 60);

	while (count < UNITS - 1 && base_count > 0) {
		if (lot(state, edits) == 0)
			place = lot(state, base_count);
		if (lot(state, edits) == 0)
			own[count++] = (uint16_t)lot(state, 500);
		if (place >= base_count || lot(state, 300) == 0)
			break;
		own[count++] = base[place++];
	}
	return count;
}

static void what_was_told_comes_back(void **state)
{
	struct bytes copies = { 0 };
	uint64_t lots = 1;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		size_t base_count = lot(&lots, round % 50 == 0 ? UNITS : 400);
		unsigned alphabet = 1 + (unsigned)lot(&lots, round % 3 == 0 ? 3 : 2000);

		for (size_t i = 0; i < base_count; i++)
			base[i] = (uint16_t)lot(&lots, alphabet);
		round_trip(&copies, edit(&lots, base_count), base_count);
	}
	assert_int_equal(round_trip(&copies, 0, 0), 0);
	assert_int_equal(copies.len, 0);
	bytes_free(&copies);
}

static void a_replaced_word_costs_itself_and_a_byte(void **state)
{
	struct bytes copies = { 0 };

	(void)state;
	for (size_t i = 0; i < 300; i++)
		own[i] = base[i] = (uint16_t)mix64(i);
	assert_int_equal(round_trip(&copies, 300, 300), 0);
	assert_true(copies.len <= 3);
	for (size_t i = 14; i < 300; i += 15)
		own[i] ^= 1;
	assert_int_equal(round_trip(&copies, 300, 300), 20);
	assert_int_equal(copies.len, 20); /* of 14 units each, and what is last is a literal */
	bytes_free(&copies);
}

static void what_moved_is_found(void **state)
{
	struct bytes copies = { 0 };

	(void)state;
	for (size_t i = 0; i < 300; i++)
		base[i] = (uint16_t)mix64(i);
	for (size_t i = 0; i < 300; i++)
		own[i] = base[(i + 100) % 300];
	assert_int_equal(round_trip(&copies, 300, 300), 0);
	assert_true(copies.len <= 10);
	bytes_free(&copies);
}

/* What is measured as possible is followed within bounds, which the sanitizers see. */
static void hostile_copies_stay_within_bounds(void **state)
{
	uint16_t *exact_base = malloc(50 * sizeof *exact_base), *exact_own, *exact_literals;
	char bytes[12];
	uint64_t lots = 7;
	unsigned possible = 0;

	(void)state;
	memset(exact_base, 0, 50 * sizeof *exact_base);
	for (unsigned round = 0; round < 200000; round++) {
		size_t len = 1 + lot(&lots, sizeof bytes), count = lot(&lots, 200), need;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)lot(&lots, round % 2 == 0 ? 256 : 24);
		need = delta_literals(span_of(bytes, len), count, 50);
		if (need == SIZE_MAX)
			continue;
		assert_true(need <= count);
		possible++;
		exact_own = malloc(count * sizeof *exact_own + 1);
		exact_literals = calloc(need + 1, sizeof *exact_literals);
		delta_apply(exact_own, count, span_of(bytes, len), exact_literals, exact_base);
		free(exact_own);
		free(exact_literals);
	}
	assert_true(possible > 1000);
	free(exact_base);
}

static void numbers_that_overflow_are_refused(void **state)
{
	static const char jumps[][12] = {
		"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* the lowest jump */
		"\x80\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* the highest */
		"\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* literals */
		"\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* units */
	};

	(void)state;
	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++)
		assert_true(delta_literals(span_of(jumps[i], 11), 100, 100) == SIZE_MAX);
	assert_true(delta_literals(span_of("\x04", 1), 4, 100) == SIZE_MAX); /* one more than own */
	assert_true(delta_literals(span_of("\x04", 1), 5, 4) == SIZE_MAX);   /* and than the base */
	assert_true(delta_literals(span_of("\x04", 1), 5, 5) == 0);
	assert_true(delta_literals(span_of("\x80\x02", 1), 5, 5) == SIZE_MAX); /* cut short */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_told_comes_back),
		cmocka_unit_test(a_replaced_word_costs_itself_and_a_byte),
		cmocka_unit_test(what_moved_is_found),
		cmocka_unit_test(hostile_copies_stay_within_bounds),
		cmocka_unit_test(numbers_that_overflow_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
