/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel_table.h - the row of one variant; for this room and its tests only.
 *
 * Every variant gives the same values for any input; the tests hold them to the shortest scalar
 * code. Pure; any thread. */
#ifndef FINGERPRINT_KERNEL_TABLE_H
#define FINGERPRINT_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_BYTES 64u

/* What 64 bytes of text are; bit i speaks of byte i. */
struct ascii_block {
	uint64_t word;  /* ASCII letter or digit */
	uint64_t digit; /* ASCII digit */
	uint64_t comma;
	uint64_t leave; /* not ASCII, or '&': the fast path cannot read it */
};

#define EDGES_SLACK 32u

/* Numbers of words in order, by length in bytes: up to 3, 4 to 8, and longer. */
#define QUEUE_MAX 1024u
#define QUEUE_SLACK 32u /* a variant may write so many behind the last */
struct length_queues {
	size_t tinies, smalls, larges;
	uint16_t tiny[QUEUE_MAX + QUEUE_SLACK], small[QUEUE_MAX + QUEUE_SLACK];
	uint16_t large[QUEUE_MAX + QUEUE_SLACK];
};

struct kernel {
	const char *name;

	/* blocks * 64 bytes of text: what they are, and the same bytes with bit 5 set in lower[],
	 * which makes letters small and leaves digits as they are. */
	void (*classify)(struct ascii_block *out, unsigned char *lower, const unsigned char *text,
			 size_t blocks);

	/* Places where words begin and end in [from, to) of the blocks, in turn; `from` and `to`
	 * are no places inside a word. Returns how many, an even number; before[b] is how many lie
	 * before block b of those that [from, to) touches. edges[] has room for EDGES_SLACK more,
	 * which may be written to. */
	size_t (*edges)(uint16_t *edges, uint16_t *before, const struct ascii_block *blocks,
			size_t from, size_t to);

	/* Words by length; word i is from border[stride * i] to border[stride * i + 1], stride 1 or
	 * 2, and count at most QUEUE_MAX. Behind the last border eight places must be readable,
	 * with stride 2 fourteen. */
	void (*queue)(struct length_queues *out, const uint16_t *border, size_t stride,
		      size_t count);

	/* See shingle.h. */
	void (*shingles)(uint64_t *out, const uint16_t *tokens, size_t token_count);

	/* votes[b] += how many hashes have bit b set. */
	void (*votes)(uint32_t votes[64], const uint64_t *hashes, size_t count);

	/* Of every window of successive hashes the rightmost smallest one, each place once, in
	 * order of place; fewer hashes than a window are one. Returns how many; window > 0, and
	 * out[] has room for count and lies elsewhere. */
	size_t (*minima)(uint64_t *out, const uint64_t *hashes, size_t count, size_t window);

	/* hashes[i] = mix_with(hashes[i], secret) */
	void (*mix)(uint64_t *hashes, size_t count, uint64_t secret);

	/* See kernel.h. */
	size_t (*nth_bit)(const uint64_t *words, size_t count, size_t n, uint64_t flip);

	/* See kernel.h; stops behind the number that filled out[]. */
	size_t (*hamming)(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
			  size_t count, uint64_t hash, unsigned max_bits);
};

/* The edges of words in one block, of which [from, to) counts; *carry is whether a word goes on
 * from the block before, then into the next. */
static inline uint64_t block_edges(uint64_t word, size_t base, size_t from, size_t to,
				   uint64_t *carry)
{
	uint64_t edges;

	if (base < from)
		word &= UINT64_MAX << (from - base);
	if (to - base < BLOCK_BYTES)
		word &= (UINT64_C(1) << (to - base)) - 1;
	edges = word ^ (word << 1 | *carry);
	*carry = word >> 63;
	return edges;
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Byte k: bits set in bytes 0 to k, where no instruction is at hand (Warren 2012, 5-1). */
static inline uint64_t byte_sums(uint64_t v)
{
	v -= v >> 1 & UINT64_C(0x5555555555555555);
	v = (v & UINT64_C(0x3333333333333333)) + (v >> 2 & UINT64_C(0x3333333333333333));
	v = (v + (v >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return v * EACH_BYTE;
}

static inline unsigned bits_of(uint64_t v)
{
	return (unsigned)(byte_sums(v) >> 56);
}

/* For the rows whose machine has an instruction for it. */
static inline unsigned bits_counted(uint64_t v)
{
	return (unsigned)__builtin_popcountll(v);
}

/* The place of the n-th bit set, of which there are more than n: by sums over bytes (Vigna 2008,
 * algorithm 2), then in one byte. */
static inline unsigned nth_in_word(uint64_t bits, unsigned n)
{
	uint64_t sums = byte_sums(bits);
	/* A bit for each byte that it lies behind. */
	uint64_t behind = (((n * EACH_BYTE) | 0x80 * EACH_BYTE) - sums) & 0x80 * EACH_BYTE;
	unsigned place = (unsigned)((behind >> 7) * EACH_BYTE >> 56) * 8, in_byte;

	n -= (unsigned)(sums << 8 >> place & 0xff);
	in_byte = (unsigned)(bits >> place & 0xff);
	for (; n > 0; n--)
		in_byte &= in_byte - 1;
	return place + (unsigned)__builtin_ctz(in_byte);
}

/* nth_bit() for a row that counts the bits of a word and finds one of them so. */
static inline __attribute__((always_inline)) size_t nth_bit_by(const uint64_t *words, size_t count,
							       size_t n, uint64_t flip,
							       unsigned (*ones)(uint64_t),
							       unsigned (*nth)(uint64_t, unsigned))
{
	for (size_t w = 0; w < count; w++) {
		uint64_t bits = words[w] ^ flip;
		unsigned here = ones(bits);

		if (n < here)
			return 64 * w + nth(bits, (unsigned)n);
		n -= here;
	}
	return SIZE_MAX;
}

extern const struct kernel kernel_portable;
/* For the rows that have none of their own. */
size_t minima_portable(uint64_t *out, const uint64_t *hashes, size_t count, size_t window);
void mix_portable(uint64_t *hashes, size_t count, uint64_t secret);
extern const struct kernel kernel_avx2;   /* x86-64 only */
extern const struct kernel kernel_avx512; /* x86-64 only; scans with vpopcntdq */
extern const struct kernel kernel_neon;   /* aarch64 only */

/* Rows from narrow to wide, and whether this CPU can run one. */
size_t kernel_rows(const struct kernel *const **out_rows);
bool kernel_usable(const struct kernel *k);
/* Whether a row agrees with the portable one over several lengths and offsets. */
bool kernel_agrees(const struct kernel *k);

#endif
