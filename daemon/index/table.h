/* SPDX-License-Identifier: BSD-2-Clause */
/* table.h - the newest postings: one flat table in memory, and a column of SimHashes.
 *
 * Open addressing by linear probing. The home slot of a key is its top bits, so that the order of
 * slots is the order of keys but for a shuffle inside each cluster: sealing is one sweep. Further
 * postings of a key take further slots, in ascending order along the probe and never more than
 * postings_keep(): a key that everybody has costs a bounded walk.
 *
 * Thread:  one owner; once nobody adds any more, any number of readers.
 * Memory:  13 bytes a slot and at most three quarters of the slots in use; doubles as it fills.
 * Keys:    any but 0, evenly spread over 64 bits (the caller mixes them). */
#ifndef INDEX_TABLE_H
#define INDEX_TABLE_H

#include <reprint/status.h>

#include "index/postings.h"

struct table; /* opaque */

/* bits: room for 2^bits slots to begin with; the pages are not touched before they are used. */
enum status table_open(struct table **out, unsigned bits, struct postings_rule rule);
void table_close(struct table *t); /* accepts NULL */

enum status table_post(struct table *t, uint64_t key, uint64_t posting);
/* An article's row of the column; the last word on a number counts. */
enum status table_article(struct table *t, uint64_t seq, uint64_t simhash);

/* Asks for the memory that the next call for this key will need. */
void table_prefetch(const struct table *t, uint64_t key);
/* The list under a key into out[postings_keep()]; returns its length. */
size_t table_find(const struct table *t, uint64_t key, uint64_t *out);

size_t table_postings(const struct table *t); /* slots in use */
unsigned table_bits(const struct table *t);   /* 2^bits slots now */

/* The column in order of seq: parallel arrays of table_articles(). */
size_t table_articles(const struct table *t);
const uint64_t *table_seqs(const struct table *t);
const uint64_t *table_simhashes(const struct table *t);

struct entry {
	uint64_t key, posting;
};
/* All postings in order of key, then posting, a cluster at a time: begin with *at = 0; the cluster
 * goes into *entries (of *cap, grown with realloc(), the caller frees it), *count == 0 at the end.
 * NO_MEMORY is the only failure. */
enum status table_sweep(const struct table *t, size_t *at, struct entry **entries, size_t *cap,
			size_t *count);

#endif
