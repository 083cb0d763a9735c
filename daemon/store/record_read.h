/* SPDX-License-Identifier: BSD-2-Clause */
/* record_read.h - a row with all the rows that it is told by (record_pack.h), wherever they stand.
 *
 * Thread:  one user of a cache at a time.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED. */
#ifndef STORE_RECORD_READ_H
#define STORE_RECORD_READ_H

#include "store/record_pack.h"

struct arena;
struct row_code;

/* The row of a number of the same epoch as it is stored, packed or not. */
typedef enum status (*record_find_fn)(void *ctx, struct span *row, uint64_t seq,
				      struct arena *arena);
/* Rows of sites as they were before they were packed: few serve many. Of one reader, and of one
 * state. */
struct record_cache; /* opaque */
enum status record_cache_open(struct record_cache **out);
void record_cache_close(struct record_cache *c); /* accepts NULL */
void record_cache_clear(struct record_cache *c); /* its memory too */

struct record_reader {
	record_find_fn find;
	void *ctx;
	struct record_cache *cache; /* NULL: none */
};

/* Unpacks a row with all that it needs; what is not packed stays as it is. A base that is not found
 * makes it DAMAGED. */
enum status record_read(struct span *row, uint64_t seq, const struct row_code *code,
			const struct record_reader *reader, struct arena *arena);

#endif
