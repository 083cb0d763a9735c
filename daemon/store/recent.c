/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/recent.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 64u       /* of the cache */
#define PREFETCH_BYTES 1024u /* the most of a usual row */

#define SPARED 8u /* a reader is spared the writing over of what is not of the oldest eighth */

/* Bytes are numbered as they come; number n lies at n % size. A row never wraps. */
struct entry {
	uint64_t seq; /* 0: none */
	uint64_t from;
	size_t len;
	uint64_t bases[RECORD_BASES];
};

struct recent {
	char *block;
	size_t size;
	_Atomic uint64_t next; /* the number of the next byte */
	struct entry *entries;
	uint64_t mask;
	_Atomic uint64_t newest; /* seq of the last entry that may be read */
	uint64_t settled_next, settled_newest;
};

enum status recent_open(struct recent **out, size_t bytes, size_t rows)
{
	struct recent *r = calloc(1, sizeof *r);

	if (r == NULL)
		return STATUS_NO_MEMORY;
	r->size = bytes;
	r->mask = rows - 1;
	r->block = malloc(bytes);
	r->entries = calloc(rows, sizeof *r->entries);
	if (r->block == NULL || r->entries == NULL) {
		recent_close(r);
		return STATUS_NO_MEMORY;
	}
	*out = r;
	return STATUS_OK;
}

void recent_close(struct recent *r)
{
	if (r == NULL)
		return;
	free(r->block);
	free(r->entries);
	free(r);
}

void recent_put(struct recent *r, uint64_t seq, struct span row, const uint64_t bases[RECORD_BASES])
{
	uint64_t next = atomic_load_explicit(&r->next, memory_order_relaxed);
	struct entry *e = &r->entries[seq & r->mask];
	size_t at = (size_t)(next % r->size);

	if (row.len < r->size / 4) {
		if (row.len > r->size - at) {
			next += r->size - at;
			at = 0;
		}
		memcpy(r->block + at, row.p, row.len);
		*e = (struct entry){ .seq = seq, .from = next, .len = row.len };
		memcpy(e->bases, bases, sizeof e->bases);
		next += (row.len + 7) & ~(size_t)7;
		atomic_store_explicit(&r->next, next, memory_order_relaxed);
	} else {
		e->seq = 0;
	}
	atomic_store_explicit(&r->newest, seq, memory_order_release);
}

bool recent_crowded(const struct recent *r, uint64_t seq, size_t len)
{
	return r->next + 2 * len + 8 - r->settled_next > r->size / SPARED ||
	       seq - r->settled_newest > (r->mask + 1) / SPARED;
}

void recent_settle(struct recent *r)
{
	r->settled_next = r->next;
	r->settled_newest = r->newest;
}

void recent_drop(struct recent *r, uint64_t seq)
{
	if (r->newest >= seq)
		r->newest = seq - 1;
	recent_settle(r);
}

void recent_clear(struct recent *r)
{
	memset(r->entries, 0, (r->mask + 1) * sizeof *r->entries);
	memset(r->block, 0, r->next < r->size ? (size_t)r->next : r->size);
}

/* Written over when newer bytes have come as far as the block is long. Since the last settling they
 * have come an eighth of that at most. */
static const struct entry *find(const struct recent *r, uint64_t seq)
{
	const struct entry *e = &r->entries[seq & r->mask];
	uint64_t rows = r->mask + 1, newest;

	newest = atomic_load_explicit(&r->newest, memory_order_acquire);
	if (seq > newest || newest - seq >= rows ||
	    seq + rows - rows / SPARED <= r->settled_newest || e->seq != seq)
		return NULL;
	return atomic_load_explicit(&r->next, memory_order_relaxed) - e->from <= r->size &&
			       e->from + r->size - r->size / SPARED >= r->settled_next
		       ? e
		       : NULL;
}

bool recent_get(const struct recent *r, uint64_t seq, struct span *out)
{
	const struct entry *e = find(r, seq);

	if (e == NULL)
		return false;
	*out = span_of(r->block + e->from % r->size, e->len);
	return true;
}

const uint64_t *recent_bases(const struct recent *r, uint64_t seq)
{
	const struct entry *e = find(r, seq);

	return e == NULL ? NULL : e->bases;
}

void recent_expect(const struct recent *r, uint64_t seq)
{
	__builtin_prefetch(&r->entries[seq & r->mask]);
}

void recent_prefetch(const struct recent *r, uint64_t seq)
{
	const struct entry *e = find(r, seq);
	size_t bytes = e == NULL ? 0 : e->len < PREFETCH_BYTES ? e->len : PREFETCH_BYTES;

	for (size_t i = 0; i < bytes; i += LINE_BYTES)
		__builtin_prefetch(r->block + e->from % r->size + i);
}
