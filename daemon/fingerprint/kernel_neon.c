/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/kernel_table.h"

#include <arm_neon.h>
#include <string.h>

#include "fingerprint/bit_places.h"

#define LANES 2u /* hashes in a register */

/* Four registers whose bytes are all ones or zero; bit i speaks of byte i. */
static uint64_t bits(const uint8x16_t v[4])
{
	static const uint8_t places[16] = {
		1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128
	};
	const uint8x16_t place = vld1q_u8(places);
	uint8x16_t low = vpaddq_u8(vandq_u8(v[0], place), vandq_u8(v[1], place));
	uint8x16_t high = vpaddq_u8(vandq_u8(v[2], place), vandq_u8(v[3], place));

	low = vpaddq_u8(low, high);
	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

/* Bytes from first on, `count` of them. */
static uint8x16_t in_range(uint8x16_t v, uint8_t first, uint8_t count)
{
	return vcltq_u8(vsubq_u8(v, vdupq_n_u8(first)), vdupq_n_u8(count));
}

static void classify(struct ascii_block *out, unsigned char *lower, const unsigned char *text,
		     size_t blocks)
{
	const uint8x16_t bit5 = vdupq_n_u8(0x20), top = vdupq_n_u8(0x80);

	for (size_t b = 0; b < blocks; b++, text += BLOCK_BYTES, lower += BLOCK_BYTES) {
		uint8x16_t word[4], digit[4], comma[4], leave[4];

		for (unsigned i = 0; i < 4; i++) {
			uint8x16_t v = vld1q_u8(text + i * 16), low = vorrq_u8(v, bit5);

			vst1q_u8(lower + i * 16, low);
			digit[i] = in_range(v, '0', 10);
			word[i] = vorrq_u8(digit[i], in_range(low, 'a', 26));
			comma[i] = vceqq_u8(v, vdupq_n_u8(','));
			leave[i] = vorrq_u8(vcgeq_u8(v, top), vceqq_u8(v, vdupq_n_u8('&')));
		}
		out[b].word = bits(word);
		out[b].digit = bits(digit);
		out[b].comma = bits(comma);
		out[b].leave = bits(leave);
	}
}

/* Eight bits' places, without a branch that could be mispredicted. */
static void write_places(uint16_t *out, unsigned byte, size_t base)
{
	uint16x8_t places = vmovl_u8(vcreate_u8(bit_places[byte]));

	vst1q_u16(out, vaddq_u16(places, vdupq_n_u16((uint16_t)base)));
}

/* Byte i: how many bits are set in bytes 0 to i. */
static uint64_t bits_up_to(uint64_t mask)
{
	uint64_t each = vget_lane_u64(vreinterpret_u64_u8(vcnt_u8(vcreate_u8(mask))), 0);

	return each * UINT64_C(0x0101010101010101);
}

static size_t edges(uint16_t *out, uint16_t *before, const struct ascii_block *blocks, size_t from,
		    size_t to)
{
	uint64_t carry = 0;
	size_t count = 0;

	for (size_t b = from / BLOCK_BYTES; b * BLOCK_BYTES < to; b++) {
		size_t base = b * BLOCK_BYTES;
		uint64_t mask = block_edges(blocks[b].word, base, from, to, &carry);
		uint64_t up_to = bits_up_to(mask);

		before[b] = (uint16_t)count;
		write_places(out + count, (unsigned)mask & 0xff, base);
		for (unsigned i = 8; i < 64; i += 8)
			write_places(out + count + (up_to >> (i - 8) & 0xff),
				     (unsigned)(mask >> i) & 0xff, base + i);
		count += up_to >> 56;
	}
	if (carry)
		out[count++] = (uint16_t)to;
	return count;
}

/* Lengths of the eight words from this border on. */
static uint16x8_t eight_lengths(const uint16_t *border, size_t stride)
{
	uint16x8x2_t pairs;

	if (stride == 1)
		return vsubq_u16(vld1q_u16(border + 1), vld1q_u16(border));
	pairs = vld2q_u16(border);
	return vsubq_u16(pairs.val[1], pairs.val[0]);
}

/* One bit for each of eight lanes that are all ones or zero. */
static unsigned eight_bits(uint16x8_t v)
{
	static const uint16_t places[8] = { 1, 2, 4, 8, 16, 32, 64, 128 };

	return vaddvq_u16(vandq_u16(v, vld1q_u16(places)));
}

static void queue(struct length_queues *out, const uint16_t *border, size_t stride, size_t count)
{
	size_t tinies = 0, smalls = 0, larges = 0;

	for (size_t i = 0; i < count; i += 8) {
		uint16x8_t len = eight_lengths(border + stride * i, stride);
		unsigned real = count - i < 8 ? (1u << (count - i)) - 1 : 0xff;
		unsigned tiny = eight_bits(vcltq_u16(len, vdupq_n_u16(4))) & real;
		unsigned large = eight_bits(vcgtq_u16(len, vdupq_n_u16(8))) & real;
		unsigned small = real & ~(tiny | large);

		write_places(out->tiny + tinies, tiny, i);
		write_places(out->small + smalls, small, i);
		write_places(out->large + larges, large, i);
		tinies += (size_t)__builtin_popcount(tiny);
		smalls += (size_t)__builtin_popcount(small);
		larges += (size_t)__builtin_popcount(large);
	}
	out->tinies = tinies;
	out->smalls = smalls;
	out->larges = larges;
}

/* NEON has no product of 64 bits, and the scalar one takes a cycle. */
static void shingles(uint64_t *out, const uint16_t *t, size_t token_count)
{
	kernel_portable.shingles(out, t, token_count);
}

/* Bit counters of one place: a full adder on 128 bits; *low takes the sum, the carry returns. */
static uint64x2_t carry_save(uint64x2_t *low, uint64x2_t a, uint64x2_t b)
{
	uint64x2_t partial = veorq_u64(*low, a);
	uint64x2_t carry = vbslq_u64(partial, b, a);

	*low = veorq_u64(partial, b);
	return carry;
}

/* Eight registers of hashes into the planes of weight 1, 2 and 4; returns the carries of weight 8
 * (Harley and Seal: Mula, Kurz, Lemire 2018). */
static uint64x2_t add_eight(uint64x2_t plane[3], const uint64_t *hashes)
{
	uint64x2_t twos[2], fours[2];

	for (unsigned half = 0; half < 2; half++) {
		for (unsigned pair = 0; pair < 2; pair++, hashes += 2 * LANES)
			twos[pair] =
				carry_save(&plane[0], vld1q_u64(hashes), vld1q_u64(hashes + LANES));
		fours[half] = carry_save(&plane[1], twos[0], twos[1]);
	}
	return carry_save(&plane[2], fours[0], fours[1]);
}

/* Byte k of either half of counts[j] counts bit 8k + j. */
static void count_bits(uint8x16_t counts[8], uint64x2_t hashes)
{
	const uint8x16_t one = vdupq_n_u8(1);
	uint8x16_t v = vreinterpretq_u8_u64(hashes);

	for (unsigned j = 0; j < 8; j++, v = vshrq_n_u8(v, 1))
		counts[j] = vaddq_u8(counts[j], vandq_u8(v, one));
}

static void add_counts(uint32_t out[64], const uint8x16_t counts[8])
{
	for (unsigned j = 0; j < 8; j++) {
		unsigned char bytes[16];

		vst1q_u8(bytes, counts[j]);
		for (unsigned k = 0; k < 8; k++)
			out[8 * k + j] += (uint32_t)bytes[k] + bytes[k + 8];
	}
}

#define EIGHT (8 * LANES)
#define PASS (31 * EIGHT) /* fills no byte: half of the hashes are in its half of a register */

static void votes_of_pass(uint32_t out[64], const uint64_t *hashes, size_t count)
{
	uint64x2_t zero = vdupq_n_u64(0), plane[3] = { zero, zero, zero };
	uint64_t last[EIGHT] = { 0 };
	uint8x16_t counts[8];

	for (unsigned j = 0; j < 8; j++)
		counts[j] = vdupq_n_u8(0);
	for (; count >= EIGHT; hashes += EIGHT, count -= EIGHT)
		count_bits(counts, add_eight(plane, hashes));
	if (count > 0) {
		memcpy(last, hashes, count * sizeof *hashes);
		count_bits(counts, add_eight(plane, last));
	}
	/* What was counted are eights; each plane is worth half of the one before. */
	for (unsigned p = 3; p-- > 0;) {
		for (unsigned j = 0; j < 8; j++)
			counts[j] = vaddq_u8(counts[j], counts[j]);
		count_bits(counts, plane[p]);
	}
	add_counts(out, counts);
}

static void votes(uint32_t out[64], const uint64_t *hashes, size_t count)
{
	while (count > 0) {
		size_t n = count < PASS ? count : PASS;

		votes_of_pass(out, hashes, n);
		hashes += n;
		count -= n;
	}
}

#define SCAN (4 * LANES)

/* The bits set in each byte of two hashes that differ from the wanted one. */
static uint8x16_t differing(const uint64_t *hashes, uint64_t hash)
{
	return vcntq_u8(vreinterpretq_u8_u64(veorq_u64(vld1q_u64(hashes), vdupq_n_u64(hash))));
}

/* Which of eight hashes are near. */
static unsigned near_ones(const uint64_t *hashes, uint64_t hash, unsigned max_bits)
{
	uint8x16_t low = vpaddq_u8(differing(hashes, hash), differing(hashes + 2, hash));
	uint8x16_t high = vpaddq_u8(differing(hashes + 4, hash), differing(hashes + 6, hash));
	uint16x8_t distance = vpaddlq_u8(vpaddq_u8(low, high));

	return eight_bits(
		vcleq_u16(distance, vdupq_n_u16(max_bits < 64 ? (uint16_t)max_bits : 64)));
}

static size_t hamming(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
		      size_t count, uint64_t hash, unsigned max_bits)
{
	size_t found = 0, i = 0, rest;

	for (; count - i >= SCAN && found < cap; i += SCAN) {
		unsigned near = near_ones(hashes + i, hash, max_bits);

		for (; near != 0; near &= near - 1) {
			unsigned k = (unsigned)__builtin_ctz(near);

			out[found++] = (uint32_t)(i + k);
			if (found == cap) {
				*out_next = i + k + 1;
				return found;
			}
		}
	}
	rest = kernel_portable.hamming(out + found, cap - found, out_next, hashes + i, count - i,
				       hash, max_bits);
	for (size_t k = found; k < found + rest; k++)
		out[k] += (uint32_t)i;
	*out_next += i;
	return found + rest;
}

static size_t nth(const uint64_t *words, size_t count, size_t n, uint64_t flip)
{
	return nth_bit_by(words, count, n, flip, bits_counted, nth_in_word);
}

const struct kernel kernel_neon = {
	.name = "neon",
	.classify = classify,
	.edges = edges,
	.queue = queue,
	.shingles = shingles,
	.votes = votes,
	.minima = minima_portable,
	.mix = mix_portable,
	.nth_bit = nth,
	.hamming = hamming,
};
