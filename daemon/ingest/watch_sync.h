/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_sync.h - promises that all delivered before a moment has been handed over.
 *
 * A sync begins when the events of its moment have been read. It waits, in this order, for what was
 * marked up to then (polled and unreadable directories are marked once more for it), for files that
 * must settle, unless they were seen to change after the moment (then they had not been delivered),
 * and for what then is in the basket. Thread: one owner at a time. */
#ifndef INGEST_WATCH_SYNC_H
#define INGEST_WATCH_SYNC_H

#include "ingest/watch.h"

struct lister;
struct sync;

/* Zero-initialise. */
struct syncs {
	struct sync *first;
};

/* Copies the path. Only memory can fail. */
enum status watch_syncs_add(struct syncs *s, struct span path, watch_sync_fn done, void *ctx);
/* Calls no callback. */
void watch_syncs_cancel(struct syncs *s, void *ctx);
/* Whether one waits for events_drain() and syncs_have_read(). */
bool syncs_are_new(const struct syncs *s);
void syncs_have_read(struct syncs *s);
/* Calls back those that are done. A callback may add and cancel. */
void watch_syncs_advance(struct syncs *s, struct lister *l);
/* Calls all back with CLOSED. */
void watch_syncs_close(struct syncs *s);

#endif
