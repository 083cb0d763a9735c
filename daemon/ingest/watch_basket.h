/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_basket.h - files found and not yet taken, in the order in which they were found.
 *
 * Bounded: what does not fit is left to a listing of its directory. Thread: one owner at a time. */
#ifndef INGEST_WATCH_BASKET_H
#define INGEST_WATCH_BASKET_H

#include "base/bytes.h"
#include "ingest/watch.h"

#define BASKET_FILES 4096u         /* in all */
#define BASKET_LISTED 1024u        /* listing stops here and leaves the rest to events */
#define BASKET_TEXT_MAX (1u << 20) /* bytes of paths */

struct basket_item;

struct basket {
	struct basket_item *items;
	size_t first, count; /* items[first..count) wait */
	struct bytes paths;
	uint64_t put, taken; /* ever */
};

enum status basket_open(struct basket *b);
void basket_close(struct basket *b); /* accepts a zeroed one */

/* False when it is full. The path is copied. */
bool basket_put(struct basket *b, const struct found *f);
size_t basket_waiting(const struct basket *b);
bool basket_has_room(const struct basket *b); /* for a listing */
/* Offers from the front until all are taken or the receiver has no room: then false. */
bool basket_offer(struct basket *b, watch_found_fn found, void *ctx);

#endif
