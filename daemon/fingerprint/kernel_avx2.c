/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/kernel_table.h"

#include <immintrin.h>
#include <reprint/fingerprint.h>
#include <string.h>

#include "fingerprint/bit_places.h"
#include "fingerprint/mix.h"
#include "fingerprint/shingle.h"

#define LANES 4u /* hashes in a register */

static __m256i load(const void *p)
{
	return _mm256_loadu_si256(p);
}

static uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
							     << 32;
}

/* Bytes from first on, `count` of them. */
static __m256i in_range(__m256i v, char first, char count)
{
	__m256i place = _mm256_sub_epi8(v, _mm256_set1_epi8(first));

	return _mm256_cmpeq_epi8(_mm256_min_epu8(place, _mm256_set1_epi8((char)(count - 1))),
				 place);
}

static void classify(struct ascii_block *out, unsigned char *lower, const unsigned char *text,
		     size_t blocks)
{
	const __m256i comma = _mm256_set1_epi8(','), ampersand = _mm256_set1_epi8('&');
	const __m256i bit5 = _mm256_set1_epi8(0x20);

	for (size_t b = 0; b < blocks; b++, text += BLOCK_BYTES, lower += BLOCK_BYTES) {
		__m256i v0 = load(text), v1 = load(text + 32);
		__m256i low0 = _mm256_or_si256(v0, bit5), low1 = _mm256_or_si256(v1, bit5);
		uint64_t digit = bits(in_range(v0, '0', 10), in_range(v1, '0', 10));

		_mm256_storeu_si256((void *)lower, low0);
		_mm256_storeu_si256((void *)(lower + 32), low1);
		out[b].digit = digit;
		out[b].word = digit | bits(in_range(low0, 'a', 26), in_range(low1, 'a', 26));
		out[b].comma = bits(_mm256_cmpeq_epi8(v0, comma), _mm256_cmpeq_epi8(v1, comma));
		out[b].leave = bits(_mm256_or_si256(v0, _mm256_cmpeq_epi8(v0, ampersand)),
				    _mm256_or_si256(v1, _mm256_cmpeq_epi8(v1, ampersand)));
	}
}

/* Eight bits' places, without a branch that could be mispredicted; returns how many. */
static size_t write_places(uint16_t *out, unsigned byte, size_t base)
{
	__m128i places = _mm_cvtepu8_epi16(_mm_loadu_si64(&bit_places[byte]));

	_mm_storeu_si128((void *)out, _mm_add_epi16(places, _mm_set1_epi16((short)base)));
	return (size_t)_mm_popcnt_u32(byte);
}

static size_t edges(uint16_t *out, uint16_t *before, const struct ascii_block *blocks, size_t from,
		    size_t to)
{
	uint64_t carry = 0;
	size_t count = 0;

	for (size_t b = from / BLOCK_BYTES; b * BLOCK_BYTES < to; b++) {
		size_t base = b * BLOCK_BYTES;
		uint64_t mask = block_edges(blocks[b].word, base, from, to, &carry);

		before[b] = (uint16_t)count;
		for (unsigned i = 0; i < 64; i += 8)
			count += write_places(out + count, (unsigned)(mask >> i) & 0xff, base + i);
	}
	if (carry)
		out[count++] = (uint16_t)to;
	return count;
}

/* Lengths of the eight words from this border on. */
static __m128i eight_lengths(const uint16_t *border, size_t stride)
{
	__m256i pairs;

	if (stride == 1)
		return _mm_sub_epi16(_mm_loadu_si128((const void *)(border + 1)),
				     _mm_loadu_si128((const void *)border));
	pairs = load(border);
	pairs = _mm256_sub_epi32(_mm256_srli_epi32(pairs, 16),
				 _mm256_and_si256(pairs, _mm256_set1_epi32(0xffff)));
	return _mm_packus_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

static void queue(struct length_queues *out, const uint16_t *border, size_t stride, size_t count)
{
	size_t tinies = 0, smalls = 0, larges = 0;

	for (size_t i = 0; i < count; i += 8) {
		__m128i len = eight_lengths(border + stride * i, stride);
		__m128i large = _mm_cmpgt_epi16(len, _mm_set1_epi16(8));
		__m128i tiny = _mm_cmpgt_epi16(_mm_set1_epi16(4), len);
		unsigned masks = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(tiny, large));
		unsigned real = count - i < 8 ? (1u << (count - i)) - 1 : 0xff;

		tinies += write_places(out->tiny + tinies, masks & real, i);
		larges += write_places(out->large + larges, masks >> 8 & real, i);
		smalls += write_places(out->small + smalls, ~(masks | masks >> 8) & real, i);
	}
	out->tinies = tinies;
	out->smalls = smalls;
	out->larges = larges;
}

/* The low halves of four products. */
static __m256i multiply(__m256i a, uint64_t factor)
{
	const __m256i low = _mm256_set1_epi64x((long long)factor);
	const __m256i high = _mm256_set1_epi64x((long long)(factor >> 32));
	__m256i cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), low),
					 _mm256_mul_epu32(a, high));

	return _mm256_add_epi64(_mm256_mul_epu32(a, low), _mm256_slli_epi64(cross, 32));
}

static __m256i mix(__m256i x)
{
	x = multiply(_mm256_xor_si256(x, _mm256_srli_epi64(x, 30)), MIX_FIRST);
	x = multiply(_mm256_xor_si256(x, _mm256_srli_epi64(x, 27)), MIX_SECOND);
	return _mm256_xor_si256(x, _mm256_srli_epi64(x, 31));
}

/* Lane k: tokens k..k+3 of the eight at p. */
static __m256i slide(const uint16_t *p)
{
	const __m256i places = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 8, 9, 4,
						5, 6, 7, 8, 9, 10, 11, 6, 7, 8, 9, 10, 11, 12, 13);
	__m128i tokens = _mm_loadu_si128((const void *)p);

	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(tokens), places);
}

static void shingles(uint64_t *out, const uint16_t *t, size_t token_count)
{
	const __m256i three_tokens = _mm256_set1_epi64x(0xffffffffffff);
	const __m256i two_tokens = _mm256_set1_epi64x(0xffffffff);
	const __m256i seed = _mm256_set1_epi64x((long long)SHINGLE_SEED);
	const __m256i six_seed = _mm256_set1_epi64x((long long)SHINGLE_SIX_SEED);
	const __m256i token_class = _mm256_set1_epi64x(TOKEN_CLASS);
	const __m256i character = _mm256_set1_epi64x(TOKEN_CHARACTER);
	size_t i = 0;

	/* A step looks at tokens i..i+11, and then six are left for each of its shingles. */
	for (; token_count - i >= 12 && token_count >= 12; i += LANES) {
		__m256i first = slide(t + i);
		__m256i sixes = _mm256_cmpeq_epi64(_mm256_and_si256(first, token_class), character);
		__m256i x = _mm256_add_epi64(_mm256_and_si256(first, three_tokens), seed);

		if (!_mm256_testz_si256(sixes, sixes)) {
			__m256i tail = _mm256_and_si256(slide(t + i + 4), two_tokens);
			__m256i six = _mm256_add_epi64(first, multiply(tail, SHINGLE_SIX_FACTOR));

			x = _mm256_blendv_epi8(x, _mm256_add_epi64(six, six_seed), sixes);
		}
		_mm256_storeu_si256((void *)(out + i), mix(x));
	}
	kernel_portable.shingles(out + i, t + i, token_count - i);
}

/* Bit counters of one place: a full adder on 256 bits; *low takes the sum, the carry returns. */
static __m256i carry_save(__m256i *low, __m256i a, __m256i b)
{
	__m256i partial = _mm256_xor_si256(*low, a);
	__m256i carry = _mm256_or_si256(_mm256_and_si256(*low, a), _mm256_and_si256(partial, b));

	*low = _mm256_xor_si256(partial, b);
	return carry;
}

/* The four hashes' bits spread to bytes and counted: byte b of counts[] is bit b. */
static void count_bits(__m256i counts[2], __m256i hashes)
{
	const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2,
						2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
	const __m256i four = _mm256_set1_epi8(4);
	const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
	uint64_t lanes[LANES];

	_mm256_storeu_si256((void *)lanes, hashes);
	for (unsigned k = 0; k < LANES; k++) {
		__m256i hash = _mm256_set1_epi64x((long long)lanes[k]);
		__m256i low = _mm256_and_si256(_mm256_shuffle_epi8(hash, spread), bit);
		__m256i high = _mm256_and_si256(
			_mm256_shuffle_epi8(hash, _mm256_add_epi8(spread, four)), bit);

		counts[0] = _mm256_sub_epi8(counts[0], _mm256_cmpeq_epi8(low, bit));
		counts[1] = _mm256_sub_epi8(counts[1], _mm256_cmpeq_epi8(high, bit));
	}
}

static void add_counts(uint32_t out[64], const __m256i counts[2], int shift)
{
	unsigned char bytes[64];

	_mm256_storeu_si256((void *)bytes, counts[0]);
	_mm256_storeu_si256((void *)(bytes + 32), counts[1]);
	for (unsigned b = 0; b < 64; b += 8) {
		__m256i eight = _mm256_cvtepu8_epi32(_mm_loadu_si64(bytes + b));

		eight = _mm256_add_epi32(load(out + b), _mm256_slli_epi32(eight, shift));
		_mm256_storeu_si256((void *)(out + b), eight);
	}
}

static void add_plane(uint32_t out[64], __m256i plane, int shift)
{
	__m256i counts[2] = { _mm256_setzero_si256(), _mm256_setzero_si256() };

	count_bits(counts, plane);
	add_counts(out, counts, shift);
}

/* Sixteen registers of hashes into the planes of weight 1, 2, 4 and 8; returns the carries of
 * weight 16 (Harley and Seal: Mula, Kurz, Lemire 2018). */
static __m256i add_sixteen(__m256i plane[4], const uint64_t *hashes)
{
	__m256i twos[2], fours[2], eights[2];

	for (unsigned half = 0; half < 2; half++) {
		for (unsigned quarter = 0; quarter < 2; quarter++) {
			for (unsigned pair = 0; pair < 2; pair++, hashes += 2 * LANES)
				twos[pair] =
					carry_save(&plane[0], load(hashes), load(hashes + LANES));
			fours[quarter] = carry_save(&plane[1], twos[0], twos[1]);
		}
		eights[half] = carry_save(&plane[2], fours[0], fours[1]);
	}
	return carry_save(&plane[3], eights[0], eights[1]);
}

#define SIXTEEN (16 * LANES)
#define ROUNDS_MAX 63u /* of at most four a byte */

static void votes(uint32_t out[64], const uint64_t *hashes, size_t count)
{
	__m256i zero = _mm256_setzero_si256(), plane[4] = { zero, zero, zero, zero };
	uint64_t last[SIXTEEN] = { 0 };

	for (bool more = count > 0; more;) {
		__m256i counts[2] = { zero, zero };

		for (unsigned round = 0; round < ROUNDS_MAX && more; round++) {
			if (count < SIXTEEN) {
				memcpy(last, hashes, count * sizeof *hashes);
				hashes = last;
				more = false;
			}
			count_bits(counts, add_sixteen(plane, hashes));
			hashes += SIXTEEN;
			count -= SIXTEEN;
			more = more && count > 0;
		}
		add_counts(out, counts, 4);
	}
	for (int p = 0; p < 4; p++)
		add_plane(out, plane[p], p);
}

/* Bits set in each hash (Mula, Kurz, Lemire 2018, section 3). */
static __m256i bits_in_each(__m256i v)
{
	const __m256i nibble = _mm256_set1_epi8(0xf);
	const __m256i bits_in = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0,
						 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	__m256i low = _mm256_shuffle_epi8(bits_in, _mm256_and_si256(v, nibble));
	__m256i high =
		_mm256_shuffle_epi8(bits_in, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));

	return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}

static size_t hamming(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
		      size_t count, uint64_t hash, unsigned max_bits)
{
	const __m256i wanted = _mm256_set1_epi64x((long long)hash);
	const __m256i limit = _mm256_set1_epi64x((long long)max_bits);
	size_t found = 0, i = 0, rest;

	for (; count - i >= LANES && found < cap; i += LANES) {
		__m256i distance = bits_in_each(_mm256_xor_si256(load(hashes + i), wanted));
		__m256i far = _mm256_cmpgt_epi64(distance, limit);
		unsigned near = ~(unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(far)) & 0xf;

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

const struct kernel kernel_avx2 = {
	.name = "avx2",
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
