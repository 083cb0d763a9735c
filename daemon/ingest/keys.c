/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/keys.h"

#include "base/arena.h"
#include "detect/compare.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "store/store.h"

#define FEW_SHINGLES 64u /* a text as short as an excerpt gives all of them */

/* The keys of a few words find copies however edited. They may all be figures of speech, whose
 * lists are cut in an index of many articles: those of long shingles find a whole passage even
 * then. */
enum status keys_of(struct keys *out, const struct kept *k, uint64_t secret, struct arena *arena)
{
	size_t count = shingles_count(k->count), long_count = long_shingles_count(count);
	uint64_t *shingles = ARENA_ARRAY(arena, uint64_t, count + 8);
	uint64_t *long_shingles = ARENA_ARRAY(arena, uint64_t, long_count + 8);
	uint64_t *all = ARENA_ARRAY(arena, uint64_t, count + long_count + 8);

	if (shingles == NULL || long_shingles == NULL || all == NULL)
		return STATUS_NO_MEMORY;
	shingles_of(shingles, k->tokens, k->count);
	long_shingles_of(long_shingles, shingles, count);
	out->count = winnow(all, shingles, count, count < FEW_SHINGLES ? 1 : WINNOW_WINDOW, secret);
	out->count +=
		winnow(all + out->count, long_shingles, long_count, WINNOW_LONG_WINDOW, secret);
	out->all = all;
	out->shingles = shingles;
	return STATUS_OK;
}

enum status keys_of_row(struct keys *out, const struct row *row, uint64_t secret,
			struct arena *arena)
{
	struct kept kept;
	enum status st = kept_of(&kept, row->tokens, row->token_count, row->paragraphs,
				 row->paragraph_count, row->masked, row->masked_count, arena);

	return st != STATUS_OK ? st : keys_of(out, &kept, secret, arena);
}
