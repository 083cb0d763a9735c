/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_list.h - the listing of dirty directories, in slices, some of each source in turn.
 *
 * What is found inherits the serial of the mark that led there: directories to be listed (see
 * watch_dirty.h) and files to settle. Thread: one owner at a time. Blocks in readdir and stat only,
 * a slice at a time. */
#ifndef INGEST_WATCH_LIST_H
#define INGEST_WATCH_LIST_H

#include <dirent.h>
#include <stdint.h>

#include "ingest/watch_basket.h"
#include "ingest/watch_dirty.h"
#include "ingest/watch_settle.h"
#include "ingest/watch_tree.h"

#define LISTINGS_MAX 16u /* under way at once, each of another source; descriptors */

struct stat;

/* A directory being listed. */
struct listing {
	DIR *stream;
	struct directory *directory; /* NULL: none */
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
	struct dirty dirty;
	struct listing listings[LISTINGS_MAX];
	size_t under_way;
	struct listing *now; /* the one that is worked on */
	size_t slowed;       /* sources that are */
};

void list_init(struct lister *l, struct tree *tree, struct basket *basket, struct settle *settle);
void list_close(struct lister *l); /* before the tree */

/* A directory that an event found: known from now on, and to be listed. */
void list_found_directory(struct lister *l, struct directory *parent, struct span name);
/* It must be listed (again). */
void list_again(struct lister *l, struct directory *d);
/* Whether the last dirty_mark_all() has not been worked off. */
bool list_is_rescanning(const struct lister *l);

size_t list_waiting(const struct lister *l); /* directories */
/* Whether a slice could do something now. */
bool list_can_work(const struct lister *l);
/* Settled files of each source in turn go to the basket, and its directories are listed, until
 * there is no room for any, nothing is left, or the slice is used up. */
void list_slice(struct lister *l);
/* Files that have settled wait for their source's turn. */
void list_settled(struct lister *l);
/* Until the next one settles; -1: none waits. */
int64_t list_settles_in_ms(const struct lister *l);

/* Puts a file into the basket, or lets it settle where it was listed and is young. False: no room
 * for it. */
bool list_file(struct lister *l, struct directory *d, struct span name, const struct stat *st,
	       bool listed, uint64_t serial);

#endif
