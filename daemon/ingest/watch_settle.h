/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_settle.h - listed files that are too young to be read: somebody may still write them.
 *
 * A file is ripe when it has stood unchanged until it is settle_ms old (one from the future:
 * settle_ms after it was found); then it waits for its source's turn. Moments: ms of the monotonic
 * clock. Thread: one owner at a time. */
#ifndef INGEST_WATCH_SETTLE_H
#define INGEST_WATCH_SETTLE_H

#include "ingest/watch_names.h"

#include <stdint.h>

#define SETTLE_FILES_MAX (1u << 18) /* then listing waits */
#define SETTLE_SHARE (1u << 16)     /* of one source; then its listing waits */

struct directory;
struct source;

struct settling {
	struct name_node node;       /* the first member: a node found is its file */
	struct directory *directory; /* kept */
	uint64_t size;
	int64_t mtime_ns;
	int64_t due_ms;
	uint64_t serial; /* of the listing that found it as it is; see settle_again() */
	uint64_t looked; /* serial of the last look at it */
	size_t place;    /* in the heap */
	bool ripe;       /* no more in the heap, but in its source's queue */
	struct settling *next, *prev; /* there */
	bool awaited;                 /* a sync waits for it */
	char name[];
};

struct settle {
	struct name_table names;
	struct settling **heap; /* [heap_count], the next due first */
	size_t heap_count, cap;
	size_t count; /* with those that are ripe */
	int64_t settle_ms;
	uint64_t released; /* rises whenever an awaited file is done with or was changed */
};

void settle_free(struct settle *s); /* settle_remove() those that are ripe first */
/* New settle_ms; what waits will not wait longer than that. */
void settle_configure(struct settle *s, int64_t settle_ms, int64_t now_ms);

/* How long a file of that age must still wait; 0: ripe. */
int64_t settle_wait_ms(const struct settle *s, int64_t mtime_ns);
/* False: out of memory. */
bool settle_put(struct settle *s, struct directory *d, struct span name, uint64_t size,
		int64_t mtime_ns, uint64_t serial, uint64_t looked, int64_t due_ms);
bool settle_has_room(const struct settle *s, const struct source *of);
/* The next due; NULL when none is. */
struct settling *settle_next(const struct settle *s);
/* It is due: the last in its source's queue. */
void settle_ripen(struct settle *s, struct settling *f);
/* It has changed: wait again. It did so after the last look, and is that old from now on. */
void settle_again(struct settle *s, struct settling *f, uint64_t size, int64_t mtime_ns,
		  uint64_t looked, int64_t due_ms);
void settle_remove(struct settle *s, struct settling *f);
/* Its close or rename was seen: no need to wait. */
void settle_forget(struct settle *s, const struct directory *d, struct span name);

#endif
