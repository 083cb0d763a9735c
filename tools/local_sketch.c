/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/arena.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "local.h"

#define BUCKET_BITS 6u
#define BUCKETS (1u << BUCKET_BITS)
#define FEW (64u * BUCKETS) /* a bucket that all of them fall into is sorted in a few ms */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static size_t bucket_of(uint64_t key)
{
	return (size_t)(key >> (64 - BUCKET_BITS));
}

static void insert_each(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t key = keys[i];
		size_t at = i;

		for (; at > 0 && keys[at - 1] > key; at--)
			keys[at] = keys[at - 1];
		keys[at] = key;
	}
}

/* Sorts keys into out[]. They are spread evenly, so that a few hundred of them are nearly in order
 * once each is in the bucket of its first bits. */
static void sort(uint64_t *out, const uint64_t *keys, size_t count)
{
	uint16_t ends[BUCKETS + 1] = { 0 };

	if (count > FEW) {
		memcpy(out, keys, count * sizeof *out);
		qsort(out, count, sizeof *out, by_value);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ends[bucket_of(keys[i]) + 1]++;
	for (size_t b = 0; b < BUCKETS; b++)
		ends[b + 1] = (uint16_t)(ends[b + 1] + ends[b]);
	for (size_t i = 0; i < count; i++)
		out[ends[bucket_of(keys[i])]++] = keys[i];
	insert_each(out, count);
}

size_t local_sketch(uint64_t **out, const uint16_t *tokens, size_t token_count, struct arena *arena)
{
	size_t shingles = shingles_count(token_count), count, kept = 0;
	uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, shingles);
	uint64_t *keys = ARENA_ARRAY(arena, uint64_t, shingles);

	*out = hashes;
	if (hashes == NULL || keys == NULL)
		return 0;
	shingles_of(hashes, tokens, token_count);
	count = winnow(keys, hashes, shingles, WINNOW_WINDOW, 0);
	sort(hashes, keys, count);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || hashes[kept - 1] != hashes[i])
			hashes[kept++] = hashes[i];
	return kept;
}
