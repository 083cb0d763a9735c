/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/keys.h"

#include "base/arena.h"
#include "detect/compare.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "store/store.h"

#define FEW_SHINGLES 64u /* a text as short as an excerpt gives all of them */

enum status keys_of(struct keys *out, const struct kept *k, uint64_t secret, struct arena *arena)
{
	size_t count = shingles_count(k->count);
	uint64_t *shingles = ARENA_ARRAY(arena, uint64_t, count + 8);
	uint64_t *all = ARENA_ARRAY(arena, uint64_t, count + 8);

	if (shingles == NULL || all == NULL)
		return STATUS_NO_MEMORY;
	shingles_of(shingles, k->tokens, k->count);
	out->count = winnow(all, shingles, count, count < FEW_SHINGLES ? 1 : WINNOW_WINDOW, secret);
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
