/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record_read.h"

#include "base/bytes.h"
#include "store/record.h"

#include <stdlib.h>

#define CACHE_ROWS 64u

struct record_cache {
	struct {
		uint64_t seq; /* 0: none */
		struct bytes row;
	} slots[CACHE_ROWS];
};

enum status record_cache_open(struct record_cache **out)
{
	*out = calloc(1, sizeof **out);
	return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void record_cache_close(struct record_cache *c)
{
	if (c == NULL)
		return;
	record_cache_clear(c);
	free(c);
}

void record_cache_clear(struct record_cache *c)
{
	for (unsigned i = 0; i < CACHE_ROWS; i++) {
		bytes_wipe(&c->slots[i].row);
		c->slots[i].seq = 0;
	}
}

/* Until something is put. */
static bool cache_get(const struct record_cache *c, struct span *row, uint64_t seq)
{
	unsigned i = seq % CACHE_ROWS;

	if (c == NULL || c->slots[i].seq != seq)
		return false;
	*row = bytes_span(&c->slots[i].row);
	return true;
}

static void cache_put(struct record_cache *c, uint64_t seq, struct span row)
{
	unsigned i = seq % CACHE_ROWS;

	if (c == NULL)
		return;
	bytes_clear(&c->slots[i].row);
	put_bytes(&c->slots[i].row, row.p, row.len);
	c->slots[i].seq = c->slots[i].row.failed ? 0 : seq;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
	const struct row_code *code;
	const struct record_reader *reader;
	struct arena *arena;
};

static enum status read_row(const struct reading *r, struct span *row, uint64_t seq,
			    unsigned depth);

/* What is not packed need not be cached, and may not: its number may be given again. */
static enum status read_base_row(const struct reading *r, struct span *row, uint64_t seq,
				 enum record_base kind, unsigned depth)
{
	struct record_cache *cache = kind == RECORD_BASE_SITE ? r->reader->cache : NULL;
	enum status st;
	bool packed;

	if (cache_get(cache, row, seq))
		return STATUS_OK;
	st = r->reader->find(r->reader->ctx, row, seq, r->arena);
	if (st == STATUS_OK && !record_sound(*row))
		st = STATUS_DAMAGED;
	if (st != STATUS_OK)
		return st == STATUS_NOT_FOUND ? STATUS_DAMAGED : st;
	packed = record_is_packed(*row);
	st = read_row(r, row, seq, depth);
	if (st == STATUS_OK && row->len > RECORD_BASE_BYTES)
		st = STATUS_DAMAGED;
	if (st == STATUS_OK && packed)
		cache_put(cache, seq, *row);
	return st;
}

/* The site's comes last: what is put for another base may take its place in the cache. */
static enum status read_bases(const struct reading *r, struct record_bases *bases, uint64_t seq,
			      unsigned depth)
{
	enum status st = STATUS_OK;

	for (unsigned i = RECORD_BASES; i-- > 0 && st == STATUS_OK;) {
		uint64_t back = bases->back[i];

		if (back == 0)
			continue;
		st = back >= seq || depth == 0 ? STATUS_DAMAGED
					       : read_base_row(r, &bases->rows[i], seq - back,
							       (enum record_base)i, depth - 1);
	}
	return st;
}
_Static_assert(RECORD_BASE_SITE == 0, "the last that is read");

static enum status read_row(const struct reading *r, struct span *row, uint64_t seq, unsigned depth)
{
	struct record_bases bases;
	enum status st;

	if (!record_is_packed(*row))
		return STATUS_OK;
	st = record_bases_of(&bases, *row);
	if (st == STATUS_OK)
		st = read_bases(r, &bases, seq, depth);
	return st == STATUS_OK ? record_unpack(row, *row, r->code, &bases, r->arena) : st;
}

enum status record_read(struct span *row, uint64_t seq, const struct row_code *code,
			const struct record_reader *reader, struct arena *arena)
{
	const struct reading r = { code, reader, arena };

	return read_row(&r, row, seq, RECORD_BASES_DEPTH);
}
