/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_wds.h - which directory an inotify watch descriptor stands for.
 *
 * A descriptor whose directory was dropped becomes an orphan: it stays known until it is taken back
 * from the kernel in small portions, for each removal queues an event of its own, and thousands at
 * once would overflow the queue. A directory that was only renamed meets its old descriptor again
 * and adopts it. Thread: one owner at a time. */
#ifndef INGEST_WATCH_WDS_H
#define INGEST_WATCH_WDS_H

#include <stdbool.h>
#include <stddef.h>

struct directory;
struct wd_slot;

/* Zero-initialise; wds_free() when done. */
struct wd_table {
	struct wd_slot *slots;
	size_t slot_count; /* 0 or a power of two */
	size_t count;
	int *orphans; /* descriptors that were orphans once; some have been adopted since */
	size_t orphan_count, orphan_cap;
};

void wds_free(struct wd_table *t);
/* Enters or replaces; false when out of memory. */
bool wds_put(struct wd_table *t, int wd, struct directory *d);
/* NULL: unknown or an orphan. */
struct directory *wds_find(const struct wd_table *t, int wd);
void wds_remove(struct wd_table *t, int wd); /* unknown ones too */
/* False when out of memory: the descriptor is forgotten and must be removed at once. */
bool wds_orphan(struct wd_table *t, int wd);
/* An orphan to take back from the kernel, forgotten with this call; -1 when there is none. */
int wds_take_orphan(struct wd_table *t);

#endif
