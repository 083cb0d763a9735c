/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/kernel_table.h"

#include <immintrin.h>
#include <reprint/fingerprint.h>
#include <string.h>

#include "fingerprint/mix.h"
#include "fingerprint/shingle.h"

#define LANES 8u /* hashes in a register */
#define HALF 4u  /* in half a one */

/* The lowest n bits of 32, all of them from 32 on. */
static uint32_t lowest(size_t n)
{
	return _bzhi_u32(UINT32_MAX, n < 32 ? (uint32_t)n : 32);
}

static __m512i load(const void *p)
{
	return _mm512_loadu_si512(p);
}

/* 0, 1, 2... in lanes of 16 bits. */
static __m512i numbers(void)
{
	const __m256i bytes =
		_mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
				 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);

	return _mm512_cvtepu8_epi16(bytes);
}

/* Bytes from first on, `count` of them. */
static uint64_t in_range(__m512i v, char first, char count)
{
	__m512i place = _mm512_sub_epi8(v, _mm512_set1_epi8(first));

	return _mm512_cmplt_epu8_mask(place, _mm512_set1_epi8(count));
}

static void classify(struct ascii_block *out, unsigned char *lower, const unsigned char *text,
		     size_t blocks)
{
	for (size_t b = 0; b < blocks; b++, text += BLOCK_BYTES, lower += BLOCK_BYTES) {
		__m512i v = load(text), low = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
		uint64_t digit = in_range(v, '0', 10);

		_mm512_storeu_si512(lower, low);
		out[b].digit = digit;
		out[b].word = digit | in_range(low, 'a', 26);
		out[b].comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(','));
		out[b].leave =
			_mm512_movepi8_mask(v) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('&'));
	}
}

/* The places of a mask's bits from `base` on; writes 32 and returns how many count. Compressed in
 * a register: to memory it is slow on some machines. */
static size_t write_places(uint16_t *out, uint32_t mask, __m512i base)
{
	_mm512_storeu_si512(out, _mm512_maskz_compress_epi16(mask, base));
	return (size_t)_mm_popcnt_u32(mask);
}

static size_t edges(uint16_t *out, uint16_t *before, const struct ascii_block *blocks, size_t from,
		    size_t to)
{
	const __m512i number = numbers();
	uint64_t carry = 0;
	size_t count = 0;

	for (size_t b = from / BLOCK_BYTES; b * BLOCK_BYTES < to; b++) {
		size_t base = b * BLOCK_BYTES;
		uint64_t mask = block_edges(blocks[b].word, base, from, to, &carry);
		__m512i low = _mm512_add_epi16(number, _mm512_set1_epi16((short)base));
		__m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(32));

		before[b] = (uint16_t)count;
		count += write_places(out + count, (uint32_t)mask, low);
		count += write_places(out + count, (uint32_t)(mask >> 32), high);
	}
	if (carry)
		out[count++] = (uint16_t)to;
	return count;
}

/* Lengths of up to 32 words from this border on; reads no border behind the last of them. */
static __m512i lengths(const uint16_t *border, size_t stride, size_t count)
{
	const __m512i from_place = _mm512_slli_epi16(numbers(), 1);
	const __m512i to_place = _mm512_add_epi16(from_place, _mm512_set1_epi16(1));
	uint32_t real = lowest(count);
	__m512i first, second;

	if (stride == 1) {
		first = _mm512_maskz_loadu_epi16(real, border);
		return _mm512_sub_epi16(_mm512_maskz_loadu_epi16(real, border + 1), first);
	}
	first = _mm512_maskz_loadu_epi32((__mmask16)real, border);
	second = _mm512_maskz_loadu_epi32((__mmask16)(real >> 16), border + 32);
	return _mm512_sub_epi16(_mm512_permutex2var_epi16(first, to_place, second),
				_mm512_permutex2var_epi16(first, from_place, second));
}

static void queue(struct length_queues *out, const uint16_t *border, size_t stride, size_t count)
{
	size_t tinies = 0, smalls = 0, larges = 0;
	__m512i number = numbers();

	for (size_t i = 0; i < count; i += 32) {
		uint32_t real = lowest(count - i);
		__m512i len = lengths(border + stride * i, stride, count - i);
		uint32_t tiny = _mm512_cmple_epu16_mask(len, _mm512_set1_epi16(3));
		uint32_t large = _mm512_cmpgt_epu16_mask(len, _mm512_set1_epi16(8));

		tinies += write_places(out->tiny + tinies, tiny & real, number);
		larges += write_places(out->large + larges, large & real, number);
		smalls += write_places(out->small + smalls, ~(tiny | large) & real, number);
		number = _mm512_add_epi16(number, _mm512_set1_epi16(32));
	}
	out->tinies = tinies;
	out->smalls = smalls;
	out->larges = larges;
}

static __m256i mix(__m256i x)
{
	x = _mm256_xor_si256(x, _mm256_srli_epi64(x, 30));
	x = _mm256_mullo_epi64(x, _mm256_set1_epi64x((long long)MIX_FIRST));
	x = _mm256_xor_si256(x, _mm256_srli_epi64(x, 27));
	x = _mm256_mullo_epi64(x, _mm256_set1_epi64x((long long)MIX_SECOND));
	return _mm256_xor_si256(x, _mm256_srli_epi64(x, 31));
}

/* Lane k: tokens k..k+3 of the eight. */
static __m256i slide(__m128i tokens)
{
	const __m256i places = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 8, 9, 4,
						5, 6, 7, 8, 9, 10, 11, 6, 7, 8, 9, 10, 11, 12, 13);

	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(tokens), places);
}

/* What is mixed for shingles of six: four tokens, and two folded over them. */
static __m256i six_of(__m256i four, __m256i two)
{
	__m256i tail = _mm256_and_si256(two, _mm256_set1_epi64x(0xffffffff));

	tail = _mm256_mullo_epi64(tail, _mm256_set1_epi64x((long long)SHINGLE_SIX_FACTOR));
	return _mm256_add_epi64(_mm256_add_epi64(four, tail),
				_mm256_set1_epi64x((long long)SHINGLE_SIX_SEED));
}

/* In half registers: whole ones are faster in a row of steps, but between other work, as for each
 * article, they made the whole fingerprint 3 to 6 % slower. */
static void shingles(uint64_t *out, const uint16_t *t, size_t token_count)
{
	const __m256i three_tokens = _mm256_set1_epi64x(0xffffffffffff);
	const __m256i token_class = _mm256_set1_epi64x(TOKEN_CLASS);
	const __m256i character = _mm256_set1_epi64x(TOKEN_CHARACTER);
	size_t i = 0;

	/* A step looks at tokens i..i+11, and then six are left for each of its shingles. */
	for (; token_count - i >= 12 && token_count >= 12; i += HALF) {
		__m256i first = slide(_mm_loadu_si128((const void *)(t + i)));
		__m256i x = _mm256_and_si256(first, three_tokens);
		__mmask8 sixes =
			_mm256_cmpeq_epi64_mask(_mm256_and_si256(first, token_class), character);

		x = _mm256_add_epi64(x, _mm256_set1_epi64x((long long)SHINGLE_SEED));
		if (sixes != 0) {
			__m256i two = slide(_mm_loadu_si128((const void *)(t + i + 4)));

			x = _mm256_mask_mov_epi64(x, sixes, six_of(first, two));
		}
		_mm256_storeu_si256((void *)(out + i), mix(x));
	}
	kernel_portable.shingles(out + i, t + i, token_count - i);
}

static void add_counts(uint32_t out[64], __m512i counts, unsigned shift)
{
	unsigned char bytes[64];

	_mm512_storeu_si512(bytes, counts);
	for (unsigned b = 0; b < 64; b += 16) {
		__m512i sixteen = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(bytes + b)));

		sixteen = _mm512_add_epi32(load(out + b), _mm512_slli_epi32(sixteen, shift));
		_mm512_storeu_si512(out + b, sixteen);
	}
}

/* A hash is the mask of the counters that it raises. */
static __m512i raise(__m512i counts, const uint64_t *hashes, size_t count)
{
	const __m512i one = _mm512_set1_epi8(1);

	for (size_t i = 0; i < count; i++)
		counts = _mm512_mask_add_epi8(counts, hashes[i], counts, one);
	return counts;
}

static __m512i raise_by_plane(__m512i counts, __m512i plane)
{
	uint64_t hashes[LANES];

	_mm512_storeu_si512(hashes, plane);
	return raise(counts, hashes, LANES);
}

/* A full adder of each bit: *low takes the sum, the carry returns. */
static __m512i carry_save(__m512i *low, __m512i a, __m512i b)
{
	__m512i carry = _mm512_ternarylogic_epi64(*low, a, b, 0xe8);

	*low = _mm512_ternarylogic_epi64(*low, a, b, 0x96);
	return carry;
}

/* Eight registers of hashes into the planes of weight 1, 2 and 4; returns the carries of weight 8
 * (Harley and Seal: Mula, Kurz, Lemire 2018). */
static __m512i add_eight(__m512i plane[3], const uint64_t *hashes)
{
	__m512i twos[2], fours[2];

	for (unsigned half = 0; half < 2; half++) {
		for (unsigned pair = 0; pair < 2; pair++, hashes += 2 * LANES)
			twos[pair] = carry_save(&plane[0], load(hashes), load(hashes + LANES));
		fours[half] = carry_save(&plane[1], twos[0], twos[1]);
	}
	return carry_save(&plane[2], fours[0], fours[1]);
}

#define EIGHT ((size_t)(8 * LANES))
#define ROUNDS_MAX 31u /* of at most eight a byte */

/* Adds the eights of `rounds` times EIGHT hashes; returns what is left, at most 56 a byte. */
static __m512i votes_of_many(uint32_t out[64], const uint64_t *hashes, size_t rounds)
{
	__m512i zero = _mm512_setzero_si512(), plane[3] = { zero, zero, zero };
	__m512i eights = zero, left = zero;

	for (size_t round = 0; round < rounds; round++)
		eights = raise_by_plane(eights, add_eight(plane, hashes + round * EIGHT));
	add_counts(out, eights, 3);
	for (unsigned p = 3; p-- > 0;)
		left = raise_by_plane(_mm512_add_epi8(left, left), plane[p]);
	return left;
}

/* Fewer hashes than the planes' own cost is worth are counted one by one; so are the last ones. */
#define FEW (2 * EIGHT)

static void votes(uint32_t out[64], const uint64_t *hashes, size_t count)
{
	while (count > 0) {
		__m512i counts = _mm512_setzero_si512();
		size_t rounds = count < FEW ? 0 : count / EIGHT, rest;

		if (rounds > ROUNDS_MAX)
			rounds = ROUNDS_MAX;
		if (rounds > 0)
			counts = votes_of_many(out, hashes, rounds);
		hashes += rounds * EIGHT;
		count -= rounds * EIGHT;
		rest = count < FEW ? count : 0;
		add_counts(out, raise(counts, hashes, rest), 0);
		hashes += rest;
		count -= rest;
	}
}

#define WINDOWS 512u /* at a time: what is about them stays in the first-level cache */
#define WINDOW_MAX 64u
#define SPAN (WINDOWS + WINDOW_MAX) /* of hashes that so many windows see */

/* least[i]: the smallest of the eight hashes from i on, for every i that has so many. Of two, of
 * four, of eight: each register with the one behind it, so each step is one register later. */
static void least_of_eight(uint64_t *least, const uint64_t *hashes, size_t count)
{
	__m512i one = load(hashes), two = one, four = one;

	for (size_t i = LANES; i < count + 3 * LANES; i += LANES, least += LANES) {
		size_t left = i < count ? count - i : 0;
		__m512i next = _mm512_maskz_loadu_epi64((__mmask8)lowest(left), hashes + i);
		__m512i next_two = _mm512_min_epu64(one, _mm512_alignr_epi64(next, one, 1));
		__m512i next_four = _mm512_min_epu64(two, _mm512_alignr_epi64(next_two, two, 2));
		__m512i eight = _mm512_min_epu64(four, _mm512_alignr_epi64(next_four, four, 4));

		if (i >= 3 * LANES)
			_mm512_storeu_si512(least - 2 * LANES, eight);
		one = next;
		two = next_two;
		four = next_four;
	}
}

/* The smallest of windows i to i + 7, from the eights that they are made of. */
static __m512i least_of_windows(const uint64_t *eights, size_t window)
{
	__m512i least = load(eights + window - LANES);

	for (size_t k = 0; k + LANES < window; k += LANES)
		least = _mm512_min_epu64(least, load(eights + k));
	return least;
}

/* What stands before the first window, so that it chooses: in every lane what it does not. */
static __m512i none_before(__m512i least)
{
	return _mm512_set1_epi64(~_mm_cvtsi128_si64(_mm512_castsi512_si128(least)));
}

/* The smallest hashes of windows that the window before did not choose, after its smallest one. A
 * window chooses anew when its smallest hash is another, or came in at its end. */
static size_t choose(uint64_t *out, __m512i *last, const uint64_t *eights, const uint64_t *hashes,
		     size_t windows, size_t window)
{
	const uint64_t *ends = hashes + window - 1;
	size_t chosen = 0;

	for (size_t i = 0; i < windows; i += LANES) {
		__mmask8 real = (__mmask8)lowest(windows - i);
		__m512i now = least_of_windows(eights + i, window),
			end = _mm512_maskz_loadu_epi64(real, ends + i);
		__mmask8 anew = _mm512_cmpneq_epu64_mask(now, _mm512_alignr_epi64(now, *last, 7)) |
				_mm512_cmpeq_epu64_mask(now, end);

		unsigned more = (unsigned)_mm_popcnt_u32(anew & real);

		_mm512_mask_storeu_epi64(out + chosen, (__mmask8)lowest(more),
					 _mm512_maskz_compress_epi64(anew & real, now));
		chosen += more;
		*last = now;
	}
	return chosen;
}

static void mix_each(uint64_t *hashes, size_t count, uint64_t secret)
{
	__m256i with = _mm256_set1_epi64x((long long)secret);

	for (size_t i = 0; i < count; i += HALF) {
		__mmask8 real = (__mmask8)(lowest(count - i) & 0xf);
		__m256i x = _mm256_maskz_loadu_epi64(real, hashes + i);

		x = mix(_mm256_add_epi64(mix(_mm256_xor_si256(x, with)), with));
		_mm256_mask_storeu_epi64(hashes + i, real, x);
	}
}

static size_t minima(uint64_t *out, const uint64_t *hashes, size_t count, size_t window)
{
	uint64_t eights[SPAN + LANES];
	__m512i last = _mm512_setzero_si512();
	size_t chosen = 0;

	if (window > count)
		window = count;
	if (window < LANES || window > WINDOW_MAX)
		return minima_portable(out, hashes, count, window);
	for (size_t i = 0; i + window <= count; i += WINDOWS) {
		size_t left = count - window + 1 - i, windows = left < WINDOWS ? left : WINDOWS;

		least_of_eight(eights, hashes + i, windows + window - 1);
		if (i == 0)
			last = none_before(least_of_windows(eights, window));
		chosen += choose(out + chosen, &last, eights, hashes + i, windows, window);
	}
	return chosen;
}

#define SCAN (4 * LANES)

/* Which of up to 32 hashes are near. */
__attribute__((target("avx512vpopcntdq"))) static uint32_t near_ones(const uint64_t *hashes,
								     size_t count, uint64_t hash,
								     unsigned max_bits)
{
	const __m512i wanted = _mm512_set1_epi64((long long)hash);
	const __m512i limit = _mm512_set1_epi64((long long)max_bits);
	uint32_t real = lowest(count), near = 0;

	for (unsigned k = 0; k < SCAN; k += LANES) {
		__m512i v = _mm512_maskz_loadu_epi64((__mmask8)(real >> k), hashes + k);
		__m512i distance = _mm512_popcnt_epi64(_mm512_xor_si512(v, wanted));

		near |= (uint32_t)_mm512_cmple_epu64_mask(distance, limit) << k;
	}
	return near & real;
}

__attribute__((target("avx512vpopcntdq"))) static size_t hamming(uint32_t *out, size_t cap,
								 size_t *out_next,
								 const uint64_t *hashes,
								 size_t count, uint64_t hash,
								 unsigned max_bits)
{
	size_t found = 0;

	for (size_t i = 0; i < count && found < cap; i += SCAN) {
		uint32_t near = near_ones(hashes + i, count - i, hash, max_bits);

		for (; near != 0; near &= near - 1) {
			out[found++] = (uint32_t)i + (uint32_t)__builtin_ctz(near);
			if (found == cap) {
				*out_next = out[found - 1] + (size_t)1;
				return found;
			}
		}
	}
	*out_next = cap > 0 ? count : 0;
	return found;
}

static unsigned nth_one(uint64_t bits, unsigned n)
{
	return (unsigned)__builtin_ctzll(_pdep_u64(UINT64_C(1) << n, bits));
}

static size_t nth(const uint64_t *words, size_t count, size_t n, uint64_t flip)
{
	return nth_bit_by(words, count, n, flip, bits_counted, nth_one);
}

const struct kernel kernel_avx512 = {
	.name = "avx512",
	.classify = classify,
	.edges = edges,
	.queue = queue,
	.shingles = shingles,
	.votes = votes,
	.minima = minima,
	.mix = mix_each,
	.nth_bit = nth,
	.hamming = hamming,
};
