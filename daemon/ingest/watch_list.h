/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_list.h - the directories that must be listed, and their listing in slices.
 *
 * Each mark has a serial; the queue is in serial order, and what a listing finds (directories to be
 * listed, files to settle) inherits the serial of the mark that led there. So "all that was marked
 * up to S" is known to be done when nothing up to S is left, whatever comes meanwhile.
 * Thread: one owner at a time. Blocks in readdir and stat only, a slice at a time. */
#ifndef INGEST_WATCH_LIST_H
#define INGEST_WATCH_LIST_H

#include <dirent.h>
#include <stdint.h>

#include "ingest/watch_basket.h"
#include "ingest/watch_settle.h"
#include "ingest/watch_tree.h"

struct stat;

/* The one directory being listed. */
struct listing {
	DIR *stream; /* NULL: none */
	struct directory *directory;
	uint64_t serial;
	int64_t started_ns;
	int64_t mtime_ns;
	int64_t listed_before_ns; /* 0: this is the first listing */
	enum trouble trouble;
	enum status why;
};

struct lister {
	struct tree *tree;
	struct basket *basket;
	struct settle *settle;
	struct directory *first, *last; /* the queue */
	size_t queued;
	uint64_t serial;        /* the newest */
	uint64_t rescan_serial; /* of the newest rescan */
	uint64_t released;      /* rises whenever an awaited directory is done with */
	struct listing now;
};

void list_init(struct lister *l, struct tree *tree, struct basket *basket, struct settle *settle);
void list_close(struct lister *l); /* before the tree */

uint64_t list_serial(struct lister *l); /* a new one */
/* It must be listed (again). */
void list_mark(struct lister *l, struct directory *d, uint64_t serial);
/* A directory that a listing or an event found: known from now on, and marked. */
void list_found_directory(struct lister *l, struct directory *parent, struct span name);
/* All that is known, and with it all that is not known yet. */
void list_mark_all(struct lister *l);
/* Whether the last list_mark_all() has not been worked off. */
bool list_is_rescanning(const struct lister *l);
/* Polled directories are listed if they changed, unreadable ones if that is over. */
void list_peek(struct lister *l);

size_t list_waiting(const struct lister *l);
/* Whether a slice could do something now. */
bool list_can_work(const struct lister *l);
/* Lists until the basket or settle is full, nothing is left, or the slice is used up. */
void list_slice(struct lister *l);
/* Files that have settled go to the basket while there is room. */
void list_settled(struct lister *l);
/* Until the next one settles; -1: none waits. */
int64_t list_settles_in_ms(const struct lister *l);

/* Puts a file into the basket, or lets it settle where it was listed and is young. False: no room
 * for it. */
bool list_file(struct lister *l, struct directory *d, struct span name, const struct stat *st,
	       bool listed, uint64_t serial);

#endif
