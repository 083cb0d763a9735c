/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_events.h - what inotify says, turned into files in the basket and marked directories.
 *
 * An event only hints: what it names is looked at before it is believed. Thread: one owner at a
 * time. */
#ifndef INGEST_WATCH_EVENTS_H
#define INGEST_WATCH_EVENTS_H

struct lister;

/* A non-blocking inotify descriptor; -1 and errno. */
int events_open(void);
/* Reads all that was queued at the call. After an overflow everything is marked. */
void events_drain(struct lister *l, int inotify);

#endif
