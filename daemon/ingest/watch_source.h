/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_source.h - what waits of each source, and whose turn it is.
 *
 * A source is a folder directly below a root, with all that is in it; the files of a root itself
 * are one more. Each has queues of its own, which are served in turn, so that one that floods waits
 * for itself. Memory: a source is its folder's, and lives as long as that is referred to; whatever
 * stands in one of its queues does. Thread: one owner at a time. */
#ifndef INGEST_WATCH_SOURCE_H
#define INGEST_WATCH_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct basket_item;
struct directory;
struct listing;
struct settling;

enum turn {
	TURN_OFFER, /* files in the basket */
	TURN_LIST,  /* files that have settled, directories to be listed */
	TURN_COUNT
};

struct source {
	struct directory *folder;
	struct basket_item *item, *last_item; /* found, the oldest first */
	size_t items, item_bytes;
	struct settling *ripe, *last_ripe;    /* settled, in that order */
	size_t settling;                      /* of settle's files, ripe or not */
	struct directory *dirty, *last_dirty; /* by serial */
	struct listing *listing;              /* NULL: none is under way */
	bool slowed; /* files wait in its directories because its share of the basket is taken */
	struct source *next[TURN_COUNT];
	bool waits[TURN_COUNT];
};

/* Who waits for one kind of turn; their folders are kept. Zero-initialise. */
struct turns {
	struct source *first, *last;
	size_t count;
};

/* Once, at the end or the front. */
void turns_add(struct turns *t, enum turn turn, struct source *s);
void turns_add_front(struct turns *t, enum turn turn, struct source *s);
/* The first; NULL: none. Its folder is to be released by who took it. */
struct source *turns_take(struct turns *t, enum turn turn);

#endif
