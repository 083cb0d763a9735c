/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/kernel_table.h"

#include <endian.h>
#include <reprint/fingerprint.h>
#include <string.h>

#include "fingerprint/mix.h"
#include "fingerprint/shingle.h"

/* Eight bytes at a time in one register (Lamport 1975). */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define TOPS EACH(0x80)

static uint64_t load_bytes(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

/* Top bits of the bytes of seven bits that lie in [from, to]. */
static uint64_t between(uint64_t bytes, unsigned from, unsigned to)
{
	return (bytes + EACH(0x80 - from)) & ~(bytes + EACH(0x7f - to)) & TOPS;
}

/* The eight top bits side by side. */
static uint64_t gather(uint64_t tops)
{
	return (tops >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static void classify(struct ascii_block *out, unsigned char *lower, const unsigned char *text,
		     size_t blocks)
{
	for (size_t b = 0; b < blocks; b++) {
		struct ascii_block block = { 0, 0, 0, 0 };

		for (unsigned i = 0; i < BLOCK_BYTES; i += 8) {
			uint64_t bytes = load_bytes(text + b * BLOCK_BYTES + i);
			uint64_t low = bytes & ~TOPS, folded = htole64(bytes | EACH(0x20));
			uint64_t digit = between(low, '0', '9') & ~bytes;
			uint64_t letter = between(low | EACH(0x20), 'a', 'z') & ~bytes;
			uint64_t leave = (bytes & TOPS) | between(low, '&', '&');

			memcpy(lower + b * BLOCK_BYTES + i, &folded, sizeof folded);
			block.word |= gather(digit | letter) << i;
			block.digit |= gather(digit) << i;
			block.comma |= gather(between(low, ',', ',') & ~bytes) << i;
			block.leave |= gather(leave) << i;
		}
		out[b] = block;
	}
}

static size_t edges(uint16_t *out, uint16_t *before, const struct ascii_block *blocks, size_t from,
		    size_t to)
{
	uint64_t carry = 0;
	size_t count = 0;

	for (size_t b = from / BLOCK_BYTES; b * BLOCK_BYTES < to; b++) {
		uint64_t left = block_edges(blocks[b].word, b * BLOCK_BYTES, from, to, &carry);

		before[b] = (uint16_t)count;
		for (; left != 0; left &= left - 1)
			out[count++] = (uint16_t)(b * BLOCK_BYTES + (size_t)__builtin_ctzll(left));
	}
	if (carry)
		out[count++] = (uint16_t)to;
	return count;
}

static void queue(struct length_queues *out, const uint16_t *border, size_t stride, size_t count)
{
	size_t tinies = 0, smalls = 0, larges = 0;

	for (size_t i = 0; i < count; i++) {
		int len = border[stride * i + 1] - border[stride * i];

		out->tiny[tinies] = out->small[smalls] = out->large[larges] = (uint16_t)i;
		tinies += len <= 3;
		larges += len > 8;
		smalls = i + 1 - tinies - larges;
	}
	out->tinies = tinies;
	out->smalls = smalls;
	out->larges = larges;
}

/* Four tokens side by side, the first one low. */
static uint64_t four_at(const uint16_t *t)
{
	return t[0] | (uint64_t)t[1] << 16 | (uint64_t)t[2] << 32 | (uint64_t)t[3] << 48;
}

static uint64_t shingle_of_six(const uint16_t *t)
{
	uint64_t tail = t[4] | (uint64_t)t[5] << 16;

	return mix64(four_at(t) + tail * SHINGLE_SIX_FACTOR + SHINGLE_SIX_SEED);
}

static void shingles(uint64_t *out, const uint16_t *t, size_t token_count)
{
	size_t i = 0, n = shingles_count(token_count);

	for (; i + 6 <= token_count; i++) {
		uint64_t three = four_at(t + i) & UINT64_C(0xffffffffffff);

		out[i] = (t[i] & TOKEN_CLASS) == TOKEN_CHARACTER ? shingle_of_six(t + i)
								 : mix64(three + SHINGLE_SEED);
	}
	for (; i < n; i++) {
		uint64_t three = t[i] | (uint64_t)t[i + 1] << 16 | (uint64_t)t[i + 2] << 32;

		out[i] = mix64(three + SHINGLE_SEED);
	}
}

/* Bit counters of one place: a full adder; *low takes the sum, the carry returns. */
static uint64_t carry_save(uint64_t *low, uint64_t a, uint64_t b)
{
	uint64_t partial = *low ^ a, carry = (*low & a) | (partial & b);

	*low = partial ^ b;
	return carry;
}

/* Sixteen hashes into the planes of weight 1, 2, 4 and 8; returns the carries of weight 16 (Harley
 * and Seal: Mula, Kurz, Lemire 2018). */
static uint64_t add_sixteen(uint64_t plane[4], const uint64_t *hashes)
{
	uint64_t ones = plane[0], twos = plane[1], fours = plane[2], eights[2];

	for (unsigned half = 0; half < 2; half++, hashes += 8) {
		uint64_t a = carry_save(&ones, hashes[0], hashes[1]);
		uint64_t b = carry_save(&ones, hashes[2], hashes[3]);
		uint64_t c = carry_save(&ones, hashes[4], hashes[5]);
		uint64_t d = carry_save(&ones, hashes[6], hashes[7]);

		a = carry_save(&twos, a, b);
		b = carry_save(&twos, c, d);
		eights[half] = carry_save(&fours, a, b);
	}
	plane[0] = ones;
	plane[1] = twos;
	plane[2] = fours;
	return carry_save(&plane[3], eights[0], eights[1]);
}

/* Adds each bit, times 2^weight: byte k of sums[j] counts bit 8k + j. */
static void count_bits(uint64_t sums[8], uint64_t bits, unsigned weight)
{
	for (unsigned j = 0; j < 8; j++)
		sums[j] += (bits >> j & EACH(1)) << weight;
}

#define AT_ONCE 240u /* a byte counts to 255 */

static void votes(uint32_t out[64], const uint64_t *hashes, size_t count)
{
	while (count > 0) {
		size_t n = count < AT_ONCE ? count : AT_ONCE;
		uint64_t sums[8] = { 0 }, plane[4] = { 0 }, last[16] = { 0 };

		for (size_t i = 0; i + 16 <= n; i += 16)
			count_bits(sums, add_sixteen(plane, hashes + i), 4);
		if (n % 16 > 0) {
			memcpy(last, hashes + n / 16 * 16, n % 16 * sizeof *hashes);
			count_bits(sums, add_sixteen(plane, last), 4);
		}
		for (unsigned p = 0; p < 4; p++)
			count_bits(sums, plane[p], p);
		for (unsigned bit = 0; bit < 64; bit++)
			out[bit] += (uint32_t)(sums[bit % 8] >> (bit / 8 * 8) & 0xff);
		hashes += n;
		count -= n;
	}
}

/* Place of the rightmost smallest hash in [from, to]. */
static size_t smallest(const uint64_t *hashes, size_t from, size_t to)
{
	size_t best = to;

	for (size_t i = to; i > from; i--)
		if (hashes[i - 1] < hashes[best])
			best = i - 1;
	return best;
}

size_t minima_portable(uint64_t *out, const uint64_t *hashes, size_t count, size_t window)
{
	size_t selected = 0, best;

	if (count == 0)
		return 0;
	best = smallest(hashes, 0, (count < window ? count : window) - 1);
	out[selected++] = hashes[best];
	for (size_t last = window; last < count; last++) {
		if (hashes[last] <= hashes[best])
			best = last;
		else if (best + window <= last)
			best = smallest(hashes, last + 1 - window, last);
		else
			continue;
		out[selected++] = hashes[best];
	}
	return selected;
}

void mix_portable(uint64_t *hashes, size_t count, uint64_t secret)
{
	for (size_t i = 0; i < count; i++)
		hashes[i] = mix_with(hashes[i], secret);
}

static size_t nth_bit_portable(const uint64_t *words, size_t count, size_t n, uint64_t flip)
{
	return nth_bit_by(words, count, n, flip, bits_of, nth_in_word);
}

static size_t hamming(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
		      size_t count, uint64_t hash, unsigned max_bits)
{
	size_t found = 0, i = 0;

	for (; i < count && found < cap; i++)
		if (bits_of(hashes[i] ^ hash) <= max_bits)
			out[found++] = (uint32_t)i;
	*out_next = i;
	return found;
}

const struct kernel kernel_portable = {
	.name = "portable",
	.classify = classify,
	.edges = edges,
	.queue = queue,
	.shingles = shingles,
	.votes = votes,
	.minima = minima_portable,
	.mix = mix_portable,
	.nth_bit = nth_bit_portable,
	.hamming = hamming,
};
