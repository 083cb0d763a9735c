/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/rebase.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/epoch.h"
#include "store/meta.h"
#include "store/record_pack.h"
#include "store/row_code.h"
#include "store/snapshot.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)1 << 18)

/* Who serves in the stead of a row that goes. */
struct heir {
	enum record_base kind;
	uint64_t gone, seq;
	struct bytes row; /* not packed */
};

struct rebase {
	struct snapshot_part *part;
	const struct meta *meta;
	struct row_code *code; /* NULL: no row of the epoch is packed */
	struct record_packer *packer;
	struct arena *arena;
	struct bytes packed;
	struct heir *heirs;
	size_t count, cap;
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
	st = r->arena == NULL ? STATUS_NO_MEMORY : record_packer_open(&r->packer);
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
	for (size_t i = 0; i < r->count; i++)
		bytes_free(&r->heirs[i].row);
	free(r->heirs);
	row_code_close(r->code);
	record_packer_close(r->packer);
	arena_close(r->arena);
	bytes_free(&r->packed);
	free(r);
}

/* ---- heirs ---------------------------------------------------------------------------------- */

static const struct heir *heir_of(const struct rebase *r, enum record_base kind, uint64_t gone)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->heirs[i].kind == kind && r->heirs[i].gone == gone)
			return &r->heirs[i];
	return NULL;
}

static enum status add_heir(struct rebase *r, enum record_base kind, uint64_t gone, uint64_t seq,
			    struct span row)
{
	struct heir *heir;

	if (r->count == r->cap) {
		size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
		struct heir *heirs = realloc(r->heirs, cap * sizeof *heirs);

		if (heirs == NULL)
			return STATUS_NO_MEMORY;
		r->heirs = heirs;
		r->cap = cap;
	}
	heir = &r->heirs[r->count++];
	*heir = (struct heir){ kind, gone, seq, { 0 } };
	put_bytes(&heir->row, row.p, row.len);
	return heir->row.failed ? STATUS_NO_MEMORY : STATUS_OK;
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

/* One base as it will be: the same, or its heir, or none. */
static enum status choose(struct rebase *r, struct record_bases *bases, enum record_base kind,
			  uint64_t seq)
{
	const struct record_reader reader = { find_row, r, NULL };
	uint64_t base = seq - bases->back[kind];
	const struct heir *heir;
	enum status st;

	if (bases->back[kind] == 0)
		return STATUS_OK;
	if (!meta_buried(r->meta, base)) {
		st = find_row(r, &bases->rows[kind], base, r->arena);
		return st == STATUS_OK ? record_read(&bases->rows[kind], base, r->code, &reader,
						     r->arena)
				       : STATUS_DAMAGED;
	}
	heir = heir_of(r, kind, base);
	bases->back[kind] = heir == NULL ? 0 : seq - heir->seq;
	if (heir != NULL)
		bases->rows[kind] = bytes_span(&heir->row);
	return STATUS_OK;
}

/* A row serves its site when it has no base at all, and copies when it is none itself. */
static enum status inherit(struct rebase *r, const struct record_bases *was,
			   const struct record_bases *is, uint64_t seq, struct span row)
{
	enum status st = STATUS_OK;

	if (is->back[RECORD_BASE_COPIED] != 0)
		return STATUS_OK;
	if (was->back[RECORD_BASE_COPIED] != 0)
		st = add_heir(r, RECORD_BASE_COPIED, seq - was->back[RECORD_BASE_COPIED], seq, row);
	if (st == STATUS_OK && was->back[RECORD_BASE_SITE] != 0 && is->back[RECORD_BASE_SITE] == 0)
		st = add_heir(r, RECORD_BASE_SITE, seq - was->back[RECORD_BASE_SITE], seq, row);
	return st;
}

static enum status pack_anew(struct rebase *r, struct span *row, uint64_t seq,
			     const struct record_bases *was)
{
	struct record_bases is = *was;
	struct span plain = *row;
	enum status st = record_read(&plain, seq, r->code,
				     &(struct record_reader){ find_row, r, NULL }, r->arena);

	for (unsigned i = 0; i < RECORD_BASES && st == STATUS_OK; i++)
		st = choose(r, &is, (enum record_base)i, seq);
	if (st == STATUS_OK)
		st = inherit(r, was, &is, seq, plain);
	bytes_clear(&r->packed);
	if (st == STATUS_OK)
		st = record_pack(r->packer, &r->packed, plain, r->code, &is);
	if (st == STATUS_TOO_LARGE) {
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
