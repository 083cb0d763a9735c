/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - the newest postings, in memory.
 *
 * Layout:  open addressing with linear probing; the home slot is the key's top bits, so that a
 *          sweep from the first slot to the last is nearly sorted. 256 segments by the first byte
 *          of the key double one by one: no growth takes long. Load at most 3/4.
 * Keys:    well mixed (index.c sees to it); numbers are not 0.
 * Bound:   of one key at most `cap` numbers are kept, the oldest and the newest, and of an article
 *          no more than FLANKS_MAX that differ in flanks.
 * Thread:  one writer; beside table_add() several may call table_find() and table_prefetch(), and
 *          whoever learns of an addition (acquire) finds what was added. */
#ifndef INDEX_TABLE_H
#define INDEX_TABLE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct column;
struct table; /* opaque */

struct posting {
	uint64_t key, number;
};

/* A posting's number: that of an article or a delivery, and below it the flanks its key has there.
 * So all of an article's stand together. */
#define FLANK_BITS 8u
#define FLANKS_MAX 4u
#define NUMBER_MAX (UINT64_MAX >> FLANK_BITS)
static inline uint64_t number_flanked(uint64_t number, uint8_t flanks)
{
	return number << FLANK_BITS | flanks;
}
static inline uint64_t number_plain(uint64_t flanked)
{
	return flanked >> FLANK_BITS;
}

#define TABLE_CAP_MAX 1024u /* of postings under one key */

/* postings: how many are expected, for the first size; 0: few. */
enum status table_open(struct table **out, uint32_t cap, size_t postings);
void table_close(struct table *t); /* accepts NULL */
/* An empty table with all its memory at hand: t, or another of this cap in its place (t may be
 * NULL). Takes long, for a thread that may. NULL: out of memory, and t is closed. */
struct table *table_again(struct table *t, uint32_t cap, size_t postings);

/* A pair that is there already is not added twice. TOO_SMALL: table_grow() first. */
enum status table_add(struct table *t, uint64_t key, uint64_t number);
/* The segment of a key has twice the room. Nobody may read. */
enum status table_grow(struct table *t, uint64_t key);
/* At most cap numbers, in no order. */
size_t table_find(const struct table *t, uint64_t key, uint64_t *out);
void table_prefetch(const struct table *t, uint64_t key);
size_t table_postings(const struct table *t);

/* The SimHashes of its articles. */
struct column *table_column(struct table *t);

/* All postings by key, then number. */
struct sweep {
	const struct table *table;
	unsigned segment;
	size_t slot;
	struct posting *cluster; /* the sorted copy of neighbours between two free slots */
	size_t at, count, cap;
	bool failed; /* out of memory */
};
void sweep_begin(struct sweep *s, const struct table *t);
bool sweep_next(struct sweep *s, struct posting *out);
void sweep_end(struct sweep *s);

/* Sorts some numbers, ascending. */
void numbers_sort(uint64_t *numbers, size_t count);

#endif
