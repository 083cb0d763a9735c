/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"

static void what_is_put_is_taken_again(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX };
	struct bytes b = { 0 };
	struct cursor c;

	(void)state;
	put_u8(&b, 0xfe);
	put_u16(&b, 0x1234);
	put_u32(&b, 0x89abcdef);
	put_u64(&b, UINT64_C(0x0123456789abcdef));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		put_varint(&b, numbers[i]);
	put_zigzag(&b, INT64_MIN);
	put_zigzag(&b, -1);
	put_span(&b, span_of_text("words"));
	put_span(&b, span_of_text(""));
	put_span(&b, (struct span){ NULL, 0 });
	assert_false(b.failed);
	c = cursor_of(bytes_span(&b));
	assert_int_equal(take_u8(&c), 0xfe);
	assert_int_equal(take_u16(&c), 0x1234);
	assert_int_equal(take_u32(&c), 0x89abcdef);
	assert_true(take_u64(&c) == UINT64_C(0x0123456789abcdef));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		assert_true(take_varint(&c) == numbers[i]);
	assert_true(take_zigzag(&c) == INT64_MIN);
	assert_true(take_zigzag(&c) == -1);
	assert_true(span_equal(take_span(&c), span_of_text("words")));
	assert_non_null(take_span(&c).p);
	assert_null(take_span(&c).p);
	assert_false(c.failed);
	assert_ptr_equal(c.p, c.end);
	bytes_free(&b);
}

static void numbers_are_little_endian_on_every_machine(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	put_u32(&b, 0x01020304);
	assert_memory_equal(b.p, "\x04\x03\x02\x01", 4);
	bytes_free(&b);
}

static void after_the_first_failure_every_take_is_zero(void **state)
{
	struct cursor c = cursor_of(span_of("\x05\x01", 2));

	(void)state;
	assert_int_equal(take_u32(&c), 0);
	assert_true(c.failed);
	assert_int_equal(take_u8(&c), 0);
	assert_null(take_bytes(&c, 0));
	assert_null(take_span(&c).p);
}

static void a_varint_without_an_end_is_refused(void **state)
{
	struct cursor c = cursor_of(span_of("\xff\xff\xff", 3));

	(void)state;
	assert_true(take_varint(&c) == 0);
	assert_true(c.failed);
	c = cursor_of(span_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12));
	assert_true(take_varint(&c) == 0);
	assert_true(c.failed);
}

static void a_span_longer_than_what_is_left_is_refused(void **state)
{
	struct cursor c = cursor_of(span_of("\x7f"
					    "abc",
					    4));

	(void)state;
	assert_null(take_span(&c).p);
	assert_true(c.failed);
}

static void text_is_formatted_whatever_its_length(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	put_format(&b, "%s", "short");
	put_format(&b, "%01000d", 7);
	assert_int_equal(b.len, 1005);
	assert_int_equal(b.p[1004], '7');
	bytes_clear(&b);
	assert_int_equal(b.len, 0);
	bytes_free(&b);
}

static void digits_are_those_of_printf(void **state)
{
	struct bytes b = { 0 };
	char text[64];

	(void)state;
	for (uint64_t v = 0; v < UINT64_MAX / 12; v = v * 11 + 1 + v % 7) {
		bytes_clear(&b);
		put_hex64(&b, v);
		put_hex32(&b, (uint32_t)v);
		put_u8(&b, 0);
		snprintf(text, sizeof text, "%016" PRIx64 "%08" PRIx32, v, (uint32_t)v);
		assert_string_equal(b.p, text);
		for (int width = 0; width <= 24; width += 6) {
			bytes_clear(&b);
			put_decimal(&b, v, (unsigned)width);
			put_u8(&b, 0);
			snprintf(text, sizeof text, "%*" PRIu64, width, v);
			assert_string_equal(b.p, text);
		}
	}
	bytes_free(&b);
}

static void a_reserve_beyond_reason_fails_and_sticks(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	assert_false(bytes_reserve(&b, SIZE_MAX / 2));
	assert_true(b.failed);
	put_u8(&b, 1);
	assert_int_equal(b.len, 0);
	bytes_clear(&b);
	put_u8(&b, 1);
	assert_int_equal(b.len, 1);
	bytes_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_taken_again),
		cmocka_unit_test(numbers_are_little_endian_on_every_machine),
		cmocka_unit_test(after_the_first_failure_every_take_is_zero),
		cmocka_unit_test(a_varint_without_an_end_is_refused),
		cmocka_unit_test(a_span_longer_than_what_is_left_is_refused),
		cmocka_unit_test(text_is_formatted_whatever_its_length),
		cmocka_unit_test(digits_are_those_of_printf),
		cmocka_unit_test(a_reserve_beyond_reason_fails_and_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
