/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/keys.h"

#include <reprint/fingerprint.h>

#include "base/arena.h"
#include "detect/compare.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "store/store.h"

#define FEW_SHINGLES 64u /* a text as short as an excerpt gives all of them */
#define COMMON_SHORTS 2u /* short words that make a common shingle */

/* The order of selection: of two shingles that of rarer words is smaller, so that "one of the" is
 * passed over where its window has any other (weighted minimizers: Jain, Rhie, Zhang, Chu, Walenz,
 * Koren, Phillippy 2020). It is a function of the shingle, so winnowing keeps its promise. */
static void orders_of(uint64_t *out, const uint64_t *shingles, const uint16_t *tokens, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned shorts = 0;

		for (size_t k = i; k < i + 3; k++)
			shorts += (tokens[k] & TOKEN_CLASS) == TOKEN_SHORT;
		out[i] = shingles[i] >> 1 | (uint64_t)(shorts >= COMMON_SHORTS) << 63;
	}
}

/* Four bits of two words; of none 0. */
static uint8_t flank(const uint16_t *tokens, size_t from, size_t count)
{
	uint32_t two = from < count && from + 2 <= count
			       ? tokens[from] | (uint32_t)tokens[from + 1] << 16
			       : 0;

	return (uint8_t)(two * UINT32_C(0x9e3779b1) >> 28);
}

/* Beside a shingle of three words: who shares six words in a row around it (detect/sieve.h) shares
 * the two before it or the two behind it. One of six characters is such a run by itself. */
static uint8_t flanks_of(const struct kept *k, size_t place)
{
	if ((k->tokens[place] & TOKEN_CLASS) == TOKEN_CHARACTER)
		return 0;
	return (uint8_t)(flank(k->tokens, place - 2, k->count) << 4 |
			 flank(k->tokens, place + 3, k->count));
}

/* The keys of a few words find copies however edited. They may all be figures of speech, whose
 * lists are cut in an index of many articles: those of long shingles find a whole passage even
 * then. */
enum status keys_of(struct keys *out, const struct kept *k, uint64_t secret, struct arena *arena)
{
	size_t count = shingles_count(k->count), long_count = long_shingles_count(count);
	uint64_t *shingles = ARENA_ARRAY(arena, uint64_t, count + 8);
	uint64_t *orders = ARENA_ARRAY(arena, uint64_t, count + 8);
	uint64_t *long_shingles = ARENA_ARRAY(arena, uint64_t, long_count + 8);
	uint64_t *all = ARENA_ARRAY(arena, uint64_t, count + long_count + 8);
	uint8_t *flanks = ARENA_ARRAY(arena, uint8_t, count + long_count + 8);
	uint32_t *places = ARENA_ARRAY(arena, uint32_t, count + 8);
	size_t few;

	if (shingles == NULL || orders == NULL || long_shingles == NULL || all == NULL ||
	    flanks == NULL || places == NULL)
		return STATUS_NO_MEMORY;
	shingles_of(shingles, k->tokens, k->count);
	orders_of(orders, shingles, k->tokens, count);
	long_shingles_of(long_shingles, shingles, count);
	few = winnow_places(all, places, orders, count, count < FEW_SHINGLES ? 1 : WINNOW_WINDOW,
			    secret);
	out->count = few + winnow(all + few, long_shingles, long_count, WINNOW_LONG_WINDOW, secret);
	for (size_t i = 0; i < few; i++)
		flanks[i] = flanks_of(k, places[i]);
	for (size_t i = few; i < out->count; i++)
		flanks[i] = (uint8_t)all[i]; /* more of the key itself */
	out->all = all;
	out->flanks = flanks;
	out->shingles = shingles;
	return STATUS_OK;
}

enum status keys_of_row(struct keys *out, const struct row *row, uint64_t secret,
			struct arena *arena)
{
	struct kept kept;
	enum status st = store_kept(&kept, row, arena);

	return st != STATUS_OK ? st : keys_of(out, &kept, secret, arena);
}
