/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/recent.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 64u       /* of the cache */
#define PREFETCH_BYTES 1024u /* the most of a usual row */

/* Bytes are numbered as they come; number n lies at n % size. A row never wraps. */
struct entry {
	uint64_t seq; /* 0: none */
	uint64_t from;
	size_t len;
};

struct recent {
	char *block;
	size_t size;
	uint64_t next; /* the number of the next byte */
	struct entry *entries;
	uint64_t mask;
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

void recent_put(struct recent *r, uint64_t seq, struct span row)
{
	size_t at = (size_t)(r->next % r->size);

	if (row.len >= r->size / 4)
		return;
	if (row.len > r->size - at) {
		r->next += r->size - at;
		at = 0;
	}
	memcpy(r->block + at, row.p, row.len);
	r->entries[seq & r->mask] = (struct entry){ seq, r->next, row.len };
	r->next += (row.len + 7) & ~(size_t)7;
}

void recent_clear(struct recent *r)
{
	memset(r->entries, 0, (r->mask + 1) * sizeof *r->entries);
	memset(r->block, 0, r->size);
}

/* Written over when newer bytes have come as far as the block is long. */
static const struct entry *find(const struct recent *r, uint64_t seq)
{
	const struct entry *e = &r->entries[seq & r->mask];

	return e->seq == seq && r->next - e->from <= r->size ? e : NULL;
}

bool recent_get(const struct recent *r, uint64_t seq, struct span *out)
{
	const struct entry *e = find(r, seq);

	if (e == NULL)
		return false;
	*out = span_of(r->block + e->from % r->size, e->len);
	return true;
}

void recent_prefetch(const struct recent *r, uint64_t seq)
{
	const struct entry *e = find(r, seq);
	size_t bytes = e == NULL ? 0 : e->len < PREFETCH_BYTES ? e->len : PREFETCH_BYTES;

	for (size_t i = 0; i < bytes; i += LINE_BYTES)
		__builtin_prefetch(r->block + e->from % r->size + i);
}
