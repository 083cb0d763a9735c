/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/fingerprinting.h"

#include <endian.h>
#include <string.h>

#include "base/arena.h"
#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"
#include "fingerprint/shingle.h"

/* Shingles at a time: hashes stay in the first-level cache between making and counting. */
#define BATCH 1024u
#define REACH 5u /* tokens behind a shingle's first that it may look at */

/* Charikar 2002: a bit is set where more than half of the hashes have it. */
static uint64_t majority(const uint32_t votes[64], size_t count)
{
	uint32_t half = (uint32_t)(count / 2);
	unsigned char more[64];
	uint64_t simhash = 0;

	for (unsigned bit = 0; bit < 64; bit++) /* of a known length: it becomes vectors */
		more[bit] = votes[bit] > half;
	for (unsigned b = 0; b < 64; b += 8) {
		uint64_t eight;

		memcpy(&eight, more + b, sizeof eight);
		/* The eight bytes' lowest bits side by side. */
		simhash |= (le64toh(eight) * UINT64_C(0x0102040810204080) >> 56) << b;
	}
	return simhash;
}

static uint64_t simhash_of_few(const uint16_t *tokens, size_t count)
{
	uint32_t votes[64] = { 0 };
	uint64_t hashes[2];

	for (size_t i = 0; i < count; i++)
		hashes[i] = mix64(tokens[i] + SHINGLE_SEED);
	kernel_get()->votes(votes, hashes, count);
	return majority(votes, count);
}

uint64_t simhash_of(const uint16_t *tokens, size_t count, struct arena *arena)
{
	const struct kernel *kernel = kernel_get();
	struct arena_mark before = arena_mark(arena);
	size_t total = shingles_count(count);
	uint32_t votes[64] = { 0 };
	uint64_t *hashes;

	if (total == 0)
		return simhash_of_few(tokens, count);
	hashes = ARENA_ARRAY(arena, uint64_t, BATCH + REACH);
	if (hashes == NULL)
		return 0;
	for (size_t i = 0; i < total; i += BATCH) {
		size_t left = count - i, seen = left < BATCH + REACH ? left : BATCH + REACH;
		size_t n = shingles_count(seen) < BATCH ? shingles_count(seen) : BATCH;

		kernel->shingles(hashes, tokens + i, seen);
		kernel->votes(votes, hashes, n);
	}
	arena_rewind(arena, before);
	return majority(votes, total);
}
