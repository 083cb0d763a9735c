/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/column.h"

#include <stdlib.h>

void column_free(struct column *c)
{
	free(c->seqs);
	free(c->simhashes);
}

static enum status column_grow(struct column *c)
{
	size_t cap = c->cap == 0 ? 1024 : 2 * c->cap;
	uint64_t *seqs = realloc(c->seqs, cap * sizeof *seqs), *simhashes;

	if (seqs == NULL)
		return STATUS_NO_MEMORY;
	c->seqs = seqs;
	simhashes = realloc(c->simhashes, cap * sizeof *simhashes);
	if (simhashes == NULL)
		return STATUS_NO_MEMORY;
	c->simhashes = simhashes;
	c->cap = cap;
	return STATUS_OK;
}

/* Where a seq stands among rising ones; NULL: nowhere. */
static uint64_t *simhash_of(struct column *c, uint64_t seq)
{
	size_t low = 0, high = c->unsorted ? 0 : c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->seqs[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return !c->unsorted && low < c->count && c->seqs[low] == seq ? &c->simhashes[low] : NULL;
}

/* An article comes again where its batch was refused. */
enum status column_add(struct column *c, uint64_t seq, uint64_t simhash)
{
	uint64_t *there = simhash_of(c, seq);

	if (there != NULL) {
		*there = simhash;
		return STATUS_OK;
	}
	if (c->count > 0 && c->seqs[c->count - 1] >= seq)
		c->unsorted = true;
	if (c->count == c->cap && column_grow(c) != STATUS_OK)
		return STATUS_NO_MEMORY;
	c->seqs[c->count] = seq;
	c->simhashes[c->count++] = simhash;
	return STATUS_OK;
}

struct stamp {
	uint64_t seq, simhash;
	size_t place;
};

static int stamp_order(const void *a, const void *b)
{
	const struct stamp *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

enum status column_sort(struct column *c)
{
	struct stamp *stamps;
	size_t kept = 0;

	if (!c->unsorted)
		return STATUS_OK;
	stamps = calloc(c->count, sizeof *stamps);
	if (stamps == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < c->count; i++)
		stamps[i] = (struct stamp){ c->seqs[i], c->simhashes[i], i };
	qsort(stamps, c->count, sizeof *stamps, stamp_order);
	for (size_t i = 0; i < c->count; i++) {
		if (kept > 0 && c->seqs[kept - 1] == stamps[i].seq)
			kept--;
		c->seqs[kept] = stamps[i].seq;
		c->simhashes[kept++] = stamps[i].simhash;
	}
	free(stamps);
	c->count = kept;
	c->unsorted = false;
	return STATUS_OK;
}
