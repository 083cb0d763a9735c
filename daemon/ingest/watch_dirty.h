/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_dirty.h - the directories that must be listed: a queue of each source.
 *
 * Each mark has a serial, and the queues are in their order; what a listing finds goes in front
 * with the serial of the mark that led there. So "all that was marked up to S" is known to be done
 * when nothing up to S is left, whatever comes meanwhile. A directory stands in one once, with its
 * oldest mark; one that is dropped meanwhile stays until its turn. Thread: one owner at a time. */
#ifndef INGEST_WATCH_DIRTY_H
#define INGEST_WATCH_DIRTY_H

#include <stdint.h>

#include "ingest/watch_source.h"

struct directory;
struct tree;

/* Zero-initialise; dirty_forget() when done. */
struct dirty {
	struct turns turns; /* sources with some, or with files that have settled (watch_list.h) */
	size_t count;
	uint64_t serial;        /* the newest */
	uint64_t rescan_serial; /* of the newest dirty_mark_all() */
	uint64_t released;      /* rises whenever an awaited directory is done with */
};

void dirty_forget(struct dirty *q);

uint64_t dirty_serial(struct dirty *q); /* a new one */
/* It must be listed (again). */
void dirty_mark(struct dirty *q, struct directory *d, uint64_t serial);
/* The same in front of all that have no older mark: serial is that of the listing under way. */
void dirty_mark_front(struct dirty *q, struct directory *d, uint64_t serial);
/* All that is known, and with it all that is not known yet. */
void dirty_mark_all(struct dirty *q, const struct tree *t);
/* Polled directories are listed if they changed, unreadable ones if that is over, roots if another
 * directory stands there now. */
void dirty_peek(struct dirty *q, const struct tree *t);

/* A source's first, which is the taker's until dirty_done(); NULL: none. */
struct directory *dirty_take(struct dirty *q, struct source *s);
void dirty_done(struct dirty *q, struct directory *d);

#endif
