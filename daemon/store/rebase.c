/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/rebase.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/epoch.h"
#include "store/meta.h"
#include "store/record_read.h"
#include "store/row_code.h"
#include "store/snapshot.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)1 << 18)

struct rebase {
	struct snapshot_part *part;
	const struct meta *meta;
	uint64_t *heirs[RECORD_BASES]; /* of each tombstone: who serves in its stead; 0: nobody */
	struct row_code *code;         /* NULL: no row of the epoch is packed */
	struct record_packer *packer;
	struct record_cache *cache;
	struct arena *arena;
	struct bytes packed;
};

enum status rebase_open(struct rebase **out, struct snapshot_part *part, const struct meta *meta)
{
	struct rebase *r = calloc(1, sizeof *r);
	enum status st = r == NULL ? STATUS_NO_MEMORY : STATUS_OK;

	if (st != STATUS_OK)
		return st;
	r->part = part;
	r->meta = meta;
	r->arena = arena_open(ARENA_BYTES);
	for (unsigned i = 0; i < RECORD_BASES; i++)
		r->heirs[i] = calloc(meta->tombstone_count + 1, sizeof *r->heirs[i]);
	if (r->arena == NULL || r->heirs[RECORD_BASE_SITE] == NULL ||
	    r->heirs[RECORD_BASE_COPIED] == NULL)
		st = STATUS_NO_MEMORY;
	if (st == STATUS_OK)
		st = record_packer_open(&r->packer);
	if (st == STATUS_OK)
		st = record_cache_open(&r->cache);
	if (st == STATUS_OK)
		st = epoch_take_code(&r->code, &part->txn);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND) {
		rebase_close(r);
		return st;
	}
	*out = r;
	return STATUS_OK;
}

void rebase_close(struct rebase *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < RECORD_BASES; i++)
		free(r->heirs[i]);
	row_code_close(r->code);
	record_cache_close(r->cache);
	record_packer_close(r->packer);
	arena_close(r->arena);
	bytes_free(&r->packed);
	free(r);
}

/* Of a base that was forgotten. */
static uint64_t *heir_of(const struct rebase *r, enum record_base kind, uint64_t gone)
{
	return &r->heirs[kind][meta_grave(r->meta, gone)];
}

/* ---- rows ----------------------------------------------------------------------------------- */

static enum status find_row(void *ctx, struct span *row, uint64_t seq, struct arena *arena)
{
	struct rebase *r = ctx;

	return epoch_find(&r->part->txn, TABLE_ROWS, seq, row, arena);
}

static bool loses_one(const struct rebase *r, const struct record_bases *bases, uint64_t seq)
{
	for (unsigned i = 0; i < RECORD_BASES; i++)
		if (bases->back[i] != 0 && meta_buried(r->meta, seq - bases->back[i]))
			return true;
	return false;
}

/* A row as it was before it was packed. */
static enum status read_whole(struct rebase *r, struct span *row, uint64_t seq)
{
	return record_read(row, seq, r->code, &(struct record_reader){ find_row, r, r->cache },
			   r->arena);
}

/* One base as it will be: the same, or its heir, or none. */
static enum status choose(struct rebase *r, struct record_bases *bases, enum record_base kind,
			  uint64_t seq)
{
	uint64_t base = seq - bases->back[kind];
	enum status st;

	if (bases->back[kind] == 0)
		return STATUS_OK;
	if (meta_buried(r->meta, base))
		base = *heir_of(r, kind, base);
	bases->back[kind] = base == 0 ? 0 : seq - base;
	if (base == 0)
		return STATUS_OK;
	st = find_row(r, &bases->rows[kind], base, r->arena);
	if (st == STATUS_OK)
		st = read_whole(r, &bases->rows[kind], base);
	return st == STATUS_NOT_FOUND ? STATUS_DAMAGED : st;
}

/* A row serves its site when it has no base at all, and copies when it is none itself. */
static void inherit(struct rebase *r, const struct record_bases *was, const struct record_bases *is,
		    uint64_t seq, size_t len)
{
	if (is->back[RECORD_BASE_COPIED] != 0 || len > RECORD_BASE_BYTES)
		return;
	for (unsigned i = 0; i < RECORD_BASES; i++)
		if (was->back[i] != 0 && is->back[i] == 0)
			*heir_of(r, (enum record_base)i, seq - was->back[i]) = seq;
}

/* Where that is not shorter it stays whole. */
static enum status pack_anew(struct rebase *r, struct span *row, uint64_t seq,
			     const struct record_bases *was)
{
	struct record_bases is = *was;
	struct span plain = *row;
	enum status st = read_whole(r, &plain, seq);

	for (unsigned i = 0; i < RECORD_BASES && st == STATUS_OK; i++)
		st = choose(r, &is, (enum record_base)i, seq);
	if (st != STATUS_OK)
		return st;
	inherit(r, was, &is, seq, plain.len);
	bytes_clear(&r->packed);
	st = record_pack(r->packer, &r->packed, plain, r->code, &is);
	if (st == STATUS_TOO_LARGE || (st == STATUS_OK && r->packed.len >= plain.len)) {
		bytes_clear(&r->packed);
		put_bytes(&r->packed, plain.p, plain.len);
		st = r->packed.failed ? STATUS_NO_MEMORY : STATUS_OK;
	}
	*row = bytes_span(&r->packed);
	return st;
}

enum status rebase_row(struct rebase *r, struct span *row, uint64_t seq)
{
	struct record_bases bases;
	enum status st = STATUS_OK;

	if (!record_is_packed(*row))
		return STATUS_OK;
	st = record_bases_of(&bases, *row);
	if (st == STATUS_OK && loses_one(r, &bases, seq))
		st = pack_anew(r, row, seq, &bases);
	arena_clear(r->arena);
	return st;
}
