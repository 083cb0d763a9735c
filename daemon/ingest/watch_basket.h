/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_basket.h - files found and not yet taken; of each source in the order in which they were
 * found, a few of each source in turn.
 *
 * Bounded, and so is each source's share: what does not fit is left to a listing of its directory.
 * When all is taken by the shares of others, a source that has next to nothing in it still finds
 * some room. Thread: one owner at a time. */
#ifndef INGEST_WATCH_BASKET_H
#define INGEST_WATCH_BASKET_H

#include <stdint.h>

#include "ingest/watch.h"
#include "ingest/watch_source.h"

#define BASKET_FILES 16384u            /* in all; twice as many with those of little sources */
#define BASKET_BYTES ((size_t)4 << 20) /* of paths; the same */
#define BASKET_SHARE 4096u             /* files of one source */
#define BASKET_SHARE_BYTES ((size_t)1 << 20)
#define BASKET_LISTED 1024u /* of one source; its listing stops here, the rest is for events */
#define BASKET_LITTLE 32u   /* files of a source that has next to nothing */

struct basket {
	struct turns turns;
	size_t count, bytes;
	uint64_t put; /* ever */
};

void basket_close(struct basket *b); /* takes nothing but memory; zero-initialise */

/* False when there is no room for the source's. The path is copied. */
bool basket_put(struct basket *b, struct source *s, const struct found *f);
/* For a listing: is there room, is there some of the source's share left? */
bool basket_has_room(const struct basket *b, const struct source *s);
bool basket_has_share(const struct source *s);
/* Offers in turn until all are taken or the receiver has no room: then false. */
bool basket_offer(struct basket *b, watch_found_fn found, void *ctx);
/* Whether all are taken that had been put when `put` was that. */
bool basket_gave(const struct basket *b, uint64_t put);

#endif
