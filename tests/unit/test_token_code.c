/* SPDX-License-Identifier: BSD-2-Clause */
/* The shorter form of tokens: what goes in comes out, and nothing else is taken. */
#include "base/bytes.h"
#include "base/checksum.h"
#include "store/token_code.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT 3000u

static uint32_t counts[TOKEN_VALUES];
static uint16_t tokens[COUNT], got[COUNT];
static char *const in = (char *)tokens, *const out = (char *)got;

/* Rank r comes about 1/r as often as the first. */
static uint16_t token_of(uint64_t n, uint32_t ranks)
{
	double share = (double)(mix64(n) >> 11) / (double)(UINT64_C(1) << 53);
	uint32_t rank = 0;

	for (double sum = 0; rank + 1 < ranks && sum < share; rank++)
		sum += 1 / (double)(rank + 1) / 9;
	return (uint16_t)(mix64(rank) >> 48);
}

static struct token_code *code_of(uint32_t ranks, uint64_t from)
{
	struct token_code *c;

	memset(counts, 0, sizeof counts);
	for (uint64_t n = 0; n < COUNT; n++)
		counts[token_of(from + n, ranks)] += 1 + (uint32_t)(n % 3);
	assert_int_equal(token_code_make(&c, counts), STATUS_OK);
	return c;
}

static size_t assert_same_after(const struct token_code *c, size_t count)
{
	struct bytes packed = { 0 };
	size_t len;

	token_code_pack(c, &packed, in, count);
	assert_false(packed.failed);
	memset(got, 0xee, sizeof got);
	assert_true(token_code_unpack(c, out, count, bytes_span(&packed)));
	assert_memory_equal(got, tokens, count * sizeof *tokens);
	assert_false(count > 0 &&
		     token_code_unpack(c, out, count, span_of(packed.p, packed.len - 1)));
	put_u8(&packed, 0);
	assert_false(token_code_unpack(c, out, count, bytes_span(&packed)));
	len = packed.len - 1;
	bytes_free(&packed);
	return len;
}

static void tokens_of_every_number_come_back(void **state)
{
	struct token_code *c = code_of(8000, 1);

	(void)state;
	for (size_t count = 0; count < 200; count++) {
		for (size_t i = 0; i < count; i++)
			tokens[i] = token_of(count << 20 | i, 8000);
		assert_same_after(c, count);
	}
	token_code_close(c);
}

/* Shannon 1948: no code of tokens one by one is shorter. Of tokens that were not counted. */
static void tokens_take_little_more_bits_than_they_tell(void **state)
{
	struct token_code *c;
	double bits = 0;

	(void)state;
	memset(counts, 0, sizeof counts);
	for (size_t i = 0; i < 100 * COUNT; i++)
		counts[token_of(1000000 + i, 2000)]++;
	assert_int_equal(token_code_make(&c, counts), STATUS_OK);
	for (size_t i = 0; i < COUNT; i++) {
		tokens[i] = token_of(500000 + i, 2000);
		bits -= log2(counts[tokens[i]] / (100.0 * COUNT));
	}
	assert_true((double)assert_same_after(c, COUNT) * 8 < bits * 1.02);
	token_code_close(c);
}

static void tokens_never_seen_come_back_too(void **state)
{
	struct token_code *c = code_of(100, 1);

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		tokens[i] = (uint16_t)(i * 22);
	assert_true(assert_same_after(c, COUNT) < COUNT * 4);
	token_code_close(c);
}

/* Whatever was seen: nothing, one token, each once, and all of them unlike often. */
static void no_token_takes_more_than_three_bytes(void **state)
{
	(void)state;
	for (unsigned seen = 0; seen < 4; seen++) {
		struct token_code *c;

		for (uint32_t i = 0; i < TOKEN_VALUES; i++)
			counts[i] = seen == 1   ? i == 7 ? 1000 : 0
				    : seen == 3 ? (uint32_t)mix64(i) >> (i % 31)
						: seen;
		assert_int_equal(token_code_make(&c, counts), STATUS_OK);
		for (uint32_t i = 0; i < TOKEN_VALUES; i++) {
			tokens[0] = (uint16_t)i;
			assert_true(assert_same_after(c, 1) <= 3);
		}
		token_code_close(c);
	}
}

/* Weights that double make the deepest tree there is. */
static void any_frequencies_make_a_code(void **state)
{
	(void)state;
	for (uint32_t kinds = 0; kinds < 5000; kinds = kinds * 2 + 1)
		for (unsigned shape = 0; shape < 3; shape++) {
			struct token_code *c;

			memset(counts, 0, sizeof counts);
			for (uint32_t i = 0; i < kinds; i++)
				counts[i * 13] = shape == 0   ? UINT32_C(2) << i % 30
						 : shape == 1 ? 2
							      : UINT32_MAX;
			assert_int_equal(token_code_make(&c, counts), STATUS_OK);
			for (size_t i = 0; i < COUNT; i++)
				tokens[i] = (uint16_t)(i * 13);
			assert_same_after(c, COUNT);
			token_code_close(c);
		}
}

static void a_stored_code_is_the_same_and_a_changed_one_refused(void **state)
{
	struct token_code *c = code_of(8000, 1), *again;
	struct bytes stored = { 0 }, packed = { 0 };

	(void)state;
	token_code_put(&stored, c);
	assert_int_equal(token_code_take(&again, bytes_span(&stored)), STATUS_OK);
	for (size_t i = 0; i < COUNT; i++)
		tokens[i] = token_of(i, 8000);
	token_code_pack(c, &packed, in, COUNT);
	assert_true(token_code_unpack(again, out, COUNT, bytes_span(&packed)));
	assert_memory_equal(got, tokens, sizeof tokens);
	token_code_close(again);
	for (size_t i = 0; i < stored.len; i++) {
		stored.p[i] ^= 1;
		assert_int_equal(token_code_take(&again, bytes_span(&stored)), STATUS_DAMAGED);
		stored.p[i] ^= 1;
		assert_int_equal(token_code_take(&again, span_of(stored.p, i)), STATUS_DAMAGED);
	}
	bytes_free(&packed);
	bytes_free(&stored);
	token_code_close(c);
}

/* A stored code whose checksum is right, whatever it says. */
static enum status take_lie(struct bytes *stored)
{
	struct span rest = span_of(stored->p + 8, stored->len - 8);
	struct bytes sum = { .p = stored->p, .cap = 8 };
	struct token_code *c;
	enum status st;

	put_u64(&sum, checksum_of(rest));
	st = token_code_take(&c, bytes_span(stored));
	if (st == STATUS_OK)
		token_code_close(c);
	return st;
}

static void what_is_no_code_is_refused(void **state)
{
	struct token_code *c = code_of(8000, 1);
	struct bytes stored = { 0 };
	static const char lengths[] = { 0, 1, 13, 127 }; /* the second: too many short ones */
	char first;

	(void)state;
	token_code_put(&stored, c);
	assert_int_equal(take_lie(&stored), STATUS_OK);
	for (size_t i = 0; i < sizeof lengths; i++)
		for (size_t symbol = 8; symbol < 1000; symbol += 97) {
			first = stored.p[symbol];
			stored.p[symbol] = lengths[i];
			assert_int_equal(take_lie(&stored), STATUS_DAMAGED);
			stored.p[symbol] = first;
		}
	put_bytes(&stored, stored.p + stored.len - 2, 2); /* a token of two ranks */
	assert_int_equal(take_lie(&stored), STATUS_DAMAGED);
	stored.len--; /* half of one */
	assert_int_equal(take_lie(&stored), STATUS_DAMAGED);
	stored.len = 1000; /* half of the lengths */
	assert_int_equal(take_lie(&stored), STATUS_DAMAGED);
	bytes_free(&stored);
	token_code_close(c);
}

static void no_bits_are_trusted(void **state)
{
	struct token_code *c = code_of(300, 1);
	char junk[64];

	(void)state;
	for (uint64_t n = 0; n < 20000; n++) {
		size_t len = n % sizeof junk;

		for (size_t i = 0; i < len; i++)
			junk[i] = (char)mix64(n << 8 | i);
		token_code_unpack(c, out, n % 61, span_of(junk, len));
	}
	token_code_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_of_every_number_come_back),
		cmocka_unit_test(tokens_take_little_more_bits_than_they_tell),
		cmocka_unit_test(tokens_never_seen_come_back_too),
		cmocka_unit_test(no_token_takes_more_than_three_bytes),
		cmocka_unit_test(any_frequencies_make_a_code),
		cmocka_unit_test(a_stored_code_is_the_same_and_a_changed_one_refused),
		cmocka_unit_test(what_is_no_code_is_refused),
		cmocka_unit_test(no_bits_are_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
