/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "wire/json.h"
#include "wire/value.h"

#include <math.h>
#include <stdlib.h>

static void expect(struct bytes *b, const char *want)
{
	put_u8(b, 0);
	assert_false(b->failed);
	assert_string_equal(b->p, want);
	bytes_free(b);
}

static void expect_text(struct span text, const char *want)
{
	struct bytes b = { 0 };
	struct json j = json_of(&b);

	json_text(&j, text);
	expect(&b, want);
}

static void commas_stand_between_values_and_nowhere_else(void **state)
{
	struct bytes b = { 0 };
	struct json j = json_of(&b);

	(void)state;
	json_open(&j, '{');
	json_key(&j, "empty");
	json_open(&j, '[');
	json_close(&j, ']');
	json_key(&j, "list");
	json_open(&j, '[');
	json_number(&j, 0);
	json_open(&j, '{');
	json_close(&j, '}');
	json_null(&j);
	json_close(&j, ']');
	json_put_flag(&j, "yes", true);
	json_put_text(&j, "none", span_of_text(NULL));
	json_close(&j, '}');
	expect(&b, "{\"empty\":[],\"list\":[0,{},null],\"yes\":true,\"none\":null}");
}

static void what_a_terminal_obeys_is_escaped(void **state)
{
	struct bytes b = { 0 };
	struct json j = json_of(&b);

	(void)state;
	json_text(&j, span_of_text("a\x1b[m\xc2\x9b"
				   "2J\xc2\x85\xc2\xa0\xc3\x9b\xc2"));
	expect(&b, "\"a\\u001b[m\\u009b2J\\u0085\xc2\xa0\xc3\x9b\xef\xbf\xbd\"");
}

static void numbers_keep_all_their_digits(void **state)
{
	struct bytes b = { 0 };
	struct json j = json_of(&b);

	(void)state;
	json_open(&j, '[');
	json_number(&j, UINT64_MAX);
	json_signed(&j, INT64_MIN);
	json_signed(&j, -1);
	json_signed(&j, 10);
	json_hex(&j, (const uint64_t[]){ 0x0123456789abcdef, 1 }, 2);
	json_close(&j, ']');
	expect(&b, "[18446744073709551615,-9223372036854775808,-1,10,"
		   "\"0123456789abcdef0000000000000001\"]");
}

static void shares_are_rounded_and_carry_no_noise(void **state)
{
	struct bytes b = { 0 };
	struct json j = json_of(&b);
	const double shares[] = { 0,       1,      0.5,     0.91,    0.25001, 0.12345,
				  0.99996, 0.0001, 0.00004, 1.0 / 3, -0.25,   NAN };

	(void)state;
	json_open(&j, '[');
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
		json_share(&j, shares[i]);
	json_close(&j, ']');
	expect(&b, "[0.0,1.0,0.5,0.91,0.25,0.1235,1.0,0.0001,0.0,0.3333,0.0,0.0]");
}

static void texts_are_escaped(void **state)
{
	(void)state;
	expect_text(span_of_text(""), "\"\"");
	expect_text(span_of_text("a\"b\\c/\n\r\t\b\f\x01\x1f\x7f"),
		    "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\"");
	expect_text(span_of("a\0b", 3), "\"a\\u0000b\"");
	expect_text(span_of_text("é 漢 😀"), "\"é 漢 😀\"");
}

static void each_maximal_broken_part_becomes_one_replacement(void **state)
{
	(void)state;
	expect_text(span_of_text("a\xff\x62"), "\"a\xef\xbf\xbd\x62\"");
	expect_text(span_of_text("\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	/* overlong, a surrogate, beyond U+10FFFF: no sequence starts there */
	expect_text(span_of_text("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_text(span_of_text("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_text(span_of_text("\xf4\x90\x80\x80"),
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	/* cut short: one part */
	expect_text(span_of_text("\xf0\x9f\x98"), "\"\xef\xbf\xbd\"");
	expect_text(span_of_text("\xe6\xbc\x22"), "\"\xef\xbf\xbd\\\"\"");
}

static void any_bytes_come_out_as_json_that_parses(void **state)
{
	uint32_t seed = 7;
	char why[100];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct bytes b = { 0 };
		struct json j = json_of(&b);
		struct value *v = NULL;
		size_t len = (size_t)round % 23;
		/* On the heap and exact, so that a read past the end is seen. */
		char *text = malloc(len + 1);

		assert_non_null(text);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			/* half of them where sequences begin and go on */
			text[i] = (char)(seed >> 24 | ((seed >> 8 & 1) ? 0x80 : 0));
		}
		text = realloc(text, len > 0 ? len : 1);
		json_text(&j, span_of(text, len));
		/* a NUL is the one character that the reader refuses */
		if (memchr(text, 0, len) == NULL || len == 0) {
			assert_int_equal(value_parse(&v, why, sizeof why, bytes_span(&b), 1), 0);
			assert_int_equal(value_type(v), VALUE_TEXT);
		}
		value_free(v);
		bytes_free(&b);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_values_and_nowhere_else),
		cmocka_unit_test(what_a_terminal_obeys_is_escaped),
		cmocka_unit_test(numbers_keep_all_their_digits),
		cmocka_unit_test(shares_are_rounded_and_carry_no_noise),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(each_maximal_broken_part_becomes_one_replacement),
		cmocka_unit_test(any_bytes_come_out_as_json_that_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
