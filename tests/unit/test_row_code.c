/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/bytes.h"
#include "store/record.h"
#include "store/record_pack.h"
#include "store/row_code.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packer.h"

static const uint16_t tokens[] = { 7, 8, 7, 7, 300 };

static void put_row(struct bytes *b)
{
	static const uint32_t paragraphs[] = { 0, 5 };
	struct row r = {
		.tokens = tokens, .token_count = 5, .paragraphs = paragraphs, .paragraph_count = 1
	};

	r.verdict.title = span_of_text("a title, and a title");
	record_put_row(b, &r);
	assert_false(b->failed);
}

static struct row_code *make_code(void)
{
	static struct row_counts counts;
	struct bytes row = { 0 };
	struct row_code *c;

	memset(&counts, 0, sizeof counts);
	put_row(&row);
	assert_int_equal(record_pack_count(packer, &counts, bytes_span(&row), &alone), STATUS_OK);
	assert_int_equal(counts.counted, 5);
	assert_int_equal(counts.tokens[7], 3);
	assert_true(counts.rest['t' | 'i' << 8] + counts.rest['i' | 't' << 8] > 0);
	bytes_free(&row);
	assert_int_equal(row_code_make(&c, &counts), STATUS_OK);
	return c;
}

static void what_is_no_row_is_not_counted(void **state)
{
	static struct row_counts counts;
	struct bytes row = { 0 };

	(void)state;
	put_row(&row);
	for (size_t len = 0; len < row.len; len++)
		assert_int_equal(record_pack_count(packer, &counts, span_of(row.p, len), &alone),
				 STATUS_DAMAGED);
	assert_int_equal(counts.counted, 0);
	bytes_free(&row);
}

static void a_stored_code_packs_the_same(void **state)
{
	struct row_code *c = make_code(), *again;
	struct bytes stored = { 0 }, row = { 0 }, one = { 0 }, two = { 0 };

	(void)state;
	put_row(&row);
	row_code_put(&stored, c);
	assert_int_equal(row_code_take(&again, bytes_span(&stored)), STATUS_OK);
	assert_int_equal(record_pack(packer, &one, bytes_span(&row), c, &alone), STATUS_OK);
	assert_int_equal(record_pack(packer, &two, bytes_span(&row), again, &alone), STATUS_OK);
	assert_true(span_equal(bytes_span(&one), bytes_span(&two)));
	assert_true(one.len < row.len);
	bytes_free(&stored);
	bytes_free(&row);
	bytes_free(&one);
	bytes_free(&two);
	row_code_close(again);
	row_code_close(c);
}

static void half_a_code_is_none(void **state)
{
	struct row_code *c = make_code(), *half;
	struct bytes stored = { 0 };

	(void)state;
	row_code_put(&stored, c);
	for (size_t len = 0; len < stored.len; len++)
		assert_int_equal(row_code_take(&half, span_of(stored.p, len)), STATUS_DAMAGED);
	assert_int_equal(row_code_take(&half, span_of("\0", 1)), STATUS_DAMAGED); /* absent */
	assert_int_equal(row_code_take(&half, span_of("\1", 1)), STATUS_DAMAGED); /* empty */
	bytes_free(&stored);
	row_code_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_row_is_not_counted),
		cmocka_unit_test(a_stored_code_packs_the_same),
		cmocka_unit_test(half_a_code_is_none),
	};

	return cmocka_run_group_tests(tests, open_packer, close_packer);
}
