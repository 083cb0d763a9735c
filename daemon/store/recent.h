/* SPDX-License-Identifier: BSD-2-Clause */
/* recent.h - the encoded rows that came last, in one block of memory: what is copied tomorrow was
 * mostly written today, and a row found here is searched for in no file.
 *
 * Rows are never changed, so a copy stays true; whether a row is still there is for the store to
 * say, before it asks here.
 * Thread:  one owner; others may read beside recent_put() where it is not crowded, and beside
 *          nothing else.
 * Memory:  one block, whose oldest bytes are written over. */
#ifndef STORE_RECENT_H
#define STORE_RECENT_H

#include "store/record_pack.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recent; /* opaque */

/* bytes and rows: room for so much; rows is a power of two. */
enum status recent_open(struct recent **out, size_t bytes, size_t rows);
void recent_close(struct recent *r); /* accepts NULL */

/* Copies a row, and by which others it is to be told (0: none). One that would take a quarter of
 * the room or more is left out. */
void recent_put(struct recent *r, uint64_t seq, struct span row,
		const uint64_t bases[RECORD_BASES]);
/* Whether such a row may be written over what somebody reads who has begun since the last
 * recent_settle(). */
bool recent_crowded(const struct recent *r, uint64_t seq, size_t len);
/* Nobody reads now. */
void recent_settle(struct recent *r);
/* Forgets the rows from seq on: their numbers are given again. */
void recent_drop(struct recent *r, uint64_t seq);
/* Forgets all. */
void recent_clear(struct recent *r);
/* The row, aligned to 8. The owner's until the next recent_put(); a reader's until the
 * recent_settle() that waits for it. */
bool recent_get(const struct recent *r, uint64_t seq, struct span *out);
/* What recent_put() was told; NULL: the row is not here. The owner's, as the row. */
const uint64_t *recent_bases(const struct recent *r, uint64_t seq);
/* Asks for what recent_prefetch() has to know of a row. */
void recent_expect(const struct recent *r, uint64_t seq);
/* Asks for the memory of a row that will be read soon. */
void recent_prefetch(const struct recent *r, uint64_t seq);

#endif
