/* SPDX-License-Identifier: BSD-2-Clause */
/* Every variant this machine can run against the shortest scalar code, all in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <reprint/fingerprint.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"
#include "fingerprint/winnow.h"

#define LENGTHS 131u
#define OFFSETS 16u
#define LONG 20000u
#define SECRET UINT64_C(0x123456789abcdef)

typedef void (*check_fn)(const struct kernel *k, size_t count, size_t offset);

static uint64_t random_at(uint64_t i)
{
	return mix64(i + 42);
}

/* Every variant, every length and offset, and some long ones. */
static void each_variant(check_fn check)
{
	static const size_t lengths[] = { 255, 256, 1000, 4032, 4096, 4097, 9000, LONG };
	const struct kernel *const *rows;
	size_t count = kernel_rows(&rows);

	for (size_t r = 0; r < count; r++) {
		if (!kernel_usable(rows[r]))
			continue;
		for (size_t offset = 0; offset < OFFSETS; offset++)
			for (size_t n = 0; n < LENGTHS; n++)
				check(rows[r], n, offset);
		for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
			check(rows[r], lengths[i], i % 5);
	}
}

/* Exactly `size` bytes behind `offset` ones, so that a sanitizer sees any other being touched. */
static void *block(unsigned char **out_base, size_t offset, size_t size)
{
	*out_base = malloc(offset + size + 1);
	assert_non_null(*out_base);
	return *out_base + offset;
}

/* ---- classify */

static uint64_t bit(int condition, unsigned place)
{
	return (uint64_t)(condition != 0) << place;
}

static struct ascii_block classify_law(const unsigned char *p)
{
	struct ascii_block out = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < BLOCK_BYTES; i++) {
		int digit = p[i] >= '0' && p[i] <= '9', small = p[i] | 0x20;

		out.digit |= bit(digit, i);
		out.word |= bit(digit || (small >= 'a' && small <= 'z'), i);
		out.comma |= bit(p[i] == ',', i);
		out.leave |= bit(p[i] >= 0x80 || p[i] == '&', i);
	}
	return out;
}

static void classify_blocks(const struct kernel *k, size_t blocks, size_t offset)
{
	unsigned char *text_base, *lower_base;
	unsigned char *text = block(&text_base, offset, blocks * BLOCK_BYTES);
	unsigned char *lower = block(&lower_base, offset, blocks * BLOCK_BYTES);
	struct ascii_block *got = malloc((blocks + 1) * sizeof *got);

	assert_non_null(got);
	for (size_t i = 0; i < blocks * BLOCK_BYTES; i++)
		text[i] = (unsigned char)(i < 1024 ? i + i / 256 : random_at(i));
	k->classify(got, lower, text, blocks);
	for (size_t b = 0; b < blocks; b++) {
		struct ascii_block want = classify_law(text + b * BLOCK_BYTES);

		assert_memory_equal(&got[b], &want, sizeof want);
	}
	for (size_t i = 0; i < blocks * BLOCK_BYTES; i++)
		assert_int_equal(lower[i], text[i] | 0x20);
	free(got);
	free(lower_base);
	free(text_base);
}

static void check_classify(const struct kernel *k, size_t count, size_t offset)
{
	classify_blocks(k, count % 40, offset);
}

/* ---- edges */

static bool in_word(const struct ascii_block *blocks, size_t place)
{
	return blocks[place / BLOCK_BYTES].word >> place % BLOCK_BYTES & 1;
}

static size_t edges_law(uint16_t *out, uint16_t *before, const struct ascii_block *blocks,
			size_t from, size_t to)
{
	size_t count = 0;
	bool inside = false;

	for (size_t i = from; i <= to; i++) {
		bool now = i < to && in_word(blocks, i);

		if (i < to && (i == from || i % BLOCK_BYTES == 0))
			before[i / BLOCK_BYTES] = (uint16_t)count;
		/* A word that ends with a block ends in the next one. */
		if (now != inside)
			out[count++] = (uint16_t)i;
		inside = now;
	}
	return count;
}

/* Whether a run may begin or end here. */
static bool is_border(const struct ascii_block *blocks, size_t place, size_t end)
{
	return place == 0 || place == end || !in_word(blocks, place - 1) || !in_word(blocks, place);
}

static void check_edges(const struct kernel *k, size_t count, size_t offset)
{
	enum { BLOCKS = 8, BYTES = BLOCKS * BLOCK_BYTES };
	struct ascii_block blocks[BLOCKS];
	uint16_t want[BYTES + EDGES_SLACK], got[BYTES + EDGES_SLACK];
	uint16_t want_before[BLOCKS] = { 0 }, got_before[BLOCKS] = { 0 };
	size_t from = random_at(count * 16 + offset) % BYTES, to = from + count, n;

	for (size_t b = 0; b < BLOCKS; b++) {
		uint64_t r = random_at(b + count + offset * 1000);

		blocks[b].word = count % 7 == 0   ? 0
				 : count % 7 == 1 ? UINT64_MAX
				 : count % 7 == 2 ? r
						  : r | r << 1 | r >> 1;
	}
	to = to > BYTES ? BYTES : to;
	while (!is_border(blocks, from, BYTES))
		from--;
	while (!is_border(blocks, to, BYTES))
		to++;
	n = edges_law(want, want_before, blocks, from, to);
	assert_int_equal(k->edges(got, got_before, blocks, from, to), n);
	assert_memory_equal(got, want, n * sizeof *want);
	assert_memory_equal(got_before, want_before, sizeof want_before);
}

/* ---- queue */

static void check_queue_of(const struct kernel *k, size_t count, size_t stride, size_t offset)
{
	static uint16_t border[2 * QUEUE_MAX + 16];
	static struct length_queues got;
	uint16_t at = (uint16_t)offset;
	size_t tiny = 0, small = 0, large = 0;

	for (size_t i = 0; i < stride * count + 1; i++) {
		border[i] = at;
		at = (uint16_t)(at + 1 + random_at(i + count) % (i % 9 == 0 ? 60 : 10));
	}
	k->queue(&got, border, stride, count);
	assert_int_equal(got.tinies + got.smalls + got.larges, count);
	for (size_t i = 0; i < count; i++) {
		int len = border[stride * i + 1] - border[stride * i];

		if (len <= 3)
			assert_int_equal(got.tiny[tiny++], i);
		else if (len <= 8)
			assert_int_equal(got.small[small++], i);
		else
			assert_int_equal(got.large[large++], i);
	}
}

static void check_queue(const struct kernel *k, size_t count, size_t offset)
{
	check_queue_of(k, count > QUEUE_MAX ? QUEUE_MAX : count, 1, offset);
	check_queue_of(k, count > QUEUE_MAX ? QUEUE_MAX : count, 2, offset);
}

/* ---- shingles */

static uint64_t shingle_law(const uint16_t *t, size_t left)
{
	uint64_t three = t[0] + ((uint64_t)t[1] << 16) + ((uint64_t)t[2] << 32);

	if (t[0] % 4 != TOKEN_CHARACTER || left < 6)
		return mix64(three + SHINGLE_SEED);
	return mix64(three + ((uint64_t)t[3] << 48) +
		     (t[4] + ((uint64_t)t[5] << 16)) * SHINGLE_SIX_FACTOR + SHINGLE_SIX_SEED);
}

static void check_shingles_of(const struct kernel *k, size_t count, size_t offset, int mode)
{
	unsigned char *in_base, *out_base;
	size_t n = count < 3 ? 0 : count - 2;
	uint16_t *tokens = block(&in_base, offset * sizeof *tokens, count * sizeof *tokens);
	uint64_t *out = block(&out_base, offset * sizeof *out, n * sizeof *out);

	for (size_t i = 0; i < count; i++) {
		uint64_t class = mode == 0 ? 0 : mode == 1 ? 2 : random_at(i / 3) % 3;

		tokens[i] = (uint16_t)((random_at(i + count) & 0xfffc) | class);
	}
	k->shingles(out, tokens, count);
	for (size_t i = 0; i < n; i++)
		assert_true(out[i] == shingle_law(tokens + i, count - i));
	free(in_base);
	free(out_base);
}

static void check_shingles(const struct kernel *k, size_t count, size_t offset)
{
	for (int mode = 0; mode < 3; mode++)
		check_shingles_of(k, count, offset, mode);
}

/* ---- votes */

static uint64_t *hashes_of(unsigned char **base, size_t count, size_t offset, int mode)
{
	uint64_t *hashes = block(base, offset * sizeof *hashes, count * sizeof *hashes);

	for (size_t i = 0; i < count; i++)
		hashes[i] = mode == 0   ? random_at(i)
			    : mode == 1 ? UINT64_MAX
					: random_at(i) & random_at(~i);
	return hashes;
}

static void check_votes(const struct kernel *k, size_t count, size_t offset)
{
	for (int mode = 0; mode < 3; mode++) {
		unsigned char *base;
		uint64_t *hashes = hashes_of(&base, count, offset, mode);
		uint32_t got[64], want[64];

		for (uint32_t b = 0; b < 64; b++) {
			got[b] = want[b] = b * 1000;
			for (size_t i = 0; i < count; i++)
				want[b] += (uint32_t)(hashes[i] >> b & 1);
		}
		k->votes(got, hashes, count);
		assert_memory_equal(got, want, sizeof want);
		free(base);
	}
}

/* ---- minima */

static size_t minima_law(uint64_t *out, const uint64_t *hashes, size_t count, size_t window)
{
	size_t selected = 0, before = SIZE_MAX;

	for (size_t from = 0; count > 0 && (from == 0 || from + window <= count); from++) {
		size_t best = from;

		for (size_t i = from; i < from + window && i < count; i++)
			best = hashes[i] <= hashes[best] ? i : best;
		if (best != before)
			out[selected++] = hashes[best];
		before = best;
	}
	return selected;
}

static void check_minima_of(const struct kernel *k, const uint64_t *hashes, size_t count,
			    size_t window)
{
	unsigned char *want_base, *got_base;
	uint64_t *want = block(&want_base, 0, count * sizeof *want);
	uint64_t *got = block(&got_base, 0, count * sizeof *got);
	size_t n = minima_law(want, hashes, count, window);

	assert_int_equal(k->minima(got, hashes, count, window), n);
	assert_memory_equal(got, want, n * sizeof *want);
	free(got_base);
	free(want_base);
}

static void check_minima(const struct kernel *k, size_t count, size_t offset)
{
	static const size_t windows[] = { 1, 2, 7, 8, 24, 31, 32, 33, 100 };

	for (int mode = 0; mode < 4; mode++) {
		unsigned char *base;
		uint64_t *hashes = hashes_of(&base, count, offset, mode);

		/* Few values, so that equal ones meet in a window. */
		for (size_t i = 0; mode == 3 && i < count; i++)
			hashes[i] %= 3;
		for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
			check_minima_of(k, hashes, count, windows[i]);
		free(base);
	}
}

static void check_mix(const struct kernel *k, size_t count, size_t offset)
{
	unsigned char *want_base, *got_base;
	uint64_t *want = hashes_of(&want_base, count, offset, 0);
	uint64_t *got = block(&got_base, offset * sizeof *got, count * sizeof *got);

	memcpy(got, want, count * sizeof *got);
	for (size_t i = 0; i < count; i++)
		want[i] = winnow_key(want[i], SECRET);
	k->mix(got, count, SECRET);
	assert_memory_equal(got, want, count * sizeof *got);
	free(got_base);
	free(want_base);
}

/* ---- nth bit */

#define NTH_WORDS 64u

static void check_nth_bit(const struct kernel *k, size_t count, size_t offset)
{
	for (int mode = 0; mode < 4 && count <= NTH_WORDS; mode++) {
		unsigned char *base;
		uint64_t *words = hashes_of(&base, count, offset, mode);
		size_t ones = 0, zeros = 0;

		for (size_t i = 0; i < 64 * count; i++)
			if (words[i / 64] >> i % 64 & 1)
				assert_int_equal(k->nth_bit(words, count, ones++, 0), i);
			else
				assert_int_equal(k->nth_bit(words, count, zeros++, UINT64_MAX), i);
		assert_true(k->nth_bit(words, count, ones, 0) == SIZE_MAX);
		assert_true(k->nth_bit(words, count, zeros + 100, UINT64_MAX) == SIZE_MAX);
		free(base);
	}
}

/* ---- hamming */

static size_t hamming_law(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
			  size_t count, uint64_t hash, unsigned max_bits)
{
	size_t found = 0, i = 0;

	for (; i < count && found < cap; i++) {
		unsigned distance = 0;

		for (uint64_t v = hashes[i] ^ hash; v != 0; v &= v - 1)
			distance++;
		if (distance <= max_bits)
			out[found++] = (uint32_t)i;
	}
	*out_next = i;
	return found;
}

static void check_hamming_of(const struct kernel *k, const uint64_t *hashes, size_t count,
			     size_t cap, unsigned max_bits)
{
	uint32_t *want = malloc((cap + 1) * sizeof *want), *got = malloc((cap + 1) * sizeof *got);
	size_t want_next = 0, got_next = 0, n;

	assert_non_null(want);
	assert_non_null(got);
	n = hamming_law(want, cap, &want_next, hashes, count, UINT64_C(0x5555), max_bits);
	assert_int_equal(k->hamming(got, cap, &got_next, hashes, count, UINT64_C(0x5555), max_bits),
			 n);
	assert_int_equal(got_next, want_next);
	assert_memory_equal(got, want, n * sizeof *got);
	free(want);
	free(got);
}

static void check_hamming(const struct kernel *k, size_t count, size_t offset)
{
	static const unsigned limits[] = { 0, 3, 28, 32, 63, 64, 1000 };
	unsigned char *base;
	uint64_t *hashes = hashes_of(&base, count, offset, 0);

	if (count > 1) {
		hashes[count / 2] = UINT64_C(0x5555); /* as near and as far as can be */
		hashes[count - 1] = ~UINT64_C(0x5555);
	}
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		check_hamming_of(k, hashes, count, 0, limits[i]);
		check_hamming_of(k, hashes, count, 1 + count / 3, limits[i]);
		check_hamming_of(k, hashes, count, count, limits[i]);
	}
	free(base);
}

static void classify_is_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_classify);
}

static void edges_are_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_edges);
}

static void queues_are_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_queue);
}

static void shingles_are_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_shingles);
}

static void votes_are_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_votes);
}

static void minima_are_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_minima);
}

static void mixing_is_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_mix);
}

static void the_nth_bit_is_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_nth_bit);
}

static void hamming_is_the_law_in_every_variant(void **state)
{
	(void)state;
	each_variant(check_hamming);
}

static void a_scan_can_go_on_where_it_stopped(void **state)
{
	unsigned char *base;
	uint64_t *hashes = hashes_of(&base, LONG, 0, 0);
	static uint32_t want[LONG], got[LONG];
	size_t next, n = hamming_scan(want, LONG, &next, hashes, LONG, 7, 26), found = 0;

	(void)state;
	assert_int_equal(next, LONG);
	assert_true(n > 100);
	for (size_t at = 0; at < LONG; at += next) {
		size_t some = hamming_scan(got + found, 3, &next, hashes + at, LONG - at, 7, 26);

		for (size_t i = found; i < found + some; i++)
			got[i] += (uint32_t)at;
		found += some;
	}
	assert_int_equal(found, n);
	assert_memory_equal(got, want, n * sizeof *want);
	free(base);
}

static void one_wrong_votes(uint32_t votes[64], const uint64_t *hashes, size_t count)
{
	kernel_portable.votes(votes, hashes, count);
	votes[63] += count == 17;
}

static void the_self_check_finds_a_wrong_variant(void **state)
{
	struct kernel wrong = kernel_portable;

	(void)state;
	assert_true(kernel_agrees(&wrong));
	wrong.votes = one_wrong_votes;
	assert_false(kernel_agrees(&wrong));
}

static void the_chosen_variant_is_usable_and_the_one_named(void **state)
{
	const char *forced = getenv("REPRINT_KERNEL");
	const struct kernel *const *rows;
	size_t count = kernel_rows(&rows);

	(void)state;
	assert_true(kernel_usable(kernel_get()));
	assert_string_equal(kernel_name(), kernel_get()->name);
	for (size_t r = 0; r < count; r++)
		if (forced != NULL && strcmp(forced, rows[r]->name) == 0 && kernel_usable(rows[r]))
			assert_string_equal(kernel_name(), forced);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classify_is_the_law_in_every_variant),
		cmocka_unit_test(edges_are_the_law_in_every_variant),
		cmocka_unit_test(queues_are_the_law_in_every_variant),
		cmocka_unit_test(shingles_are_the_law_in_every_variant),
		cmocka_unit_test(votes_are_the_law_in_every_variant),
		cmocka_unit_test(minima_are_the_law_in_every_variant),
		cmocka_unit_test(mixing_is_the_law_in_every_variant),
		cmocka_unit_test(the_nth_bit_is_the_law_in_every_variant),
		cmocka_unit_test(hamming_is_the_law_in_every_variant),
		cmocka_unit_test(a_scan_can_go_on_where_it_stopped),
		cmocka_unit_test(the_self_check_finds_a_wrong_variant),
		cmocka_unit_test(the_chosen_variant_is_usable_and_the_one_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
