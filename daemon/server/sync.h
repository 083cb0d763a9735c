/* SPDX-License-Identifier: BSD-2-Clause */
/* sync.h - "tell me when everything that was delivered before now has been judged and committed".
 *
 * First the watch promises that all is handed over, then a mark is set behind it, then the mark is
 * waited for. Thread: the loop's. */
#ifndef SERVER_SYNC_H
#define SERVER_SYNC_H

#include <reprint/status.h>

struct pipeline;
struct syncs; /* opaque */
struct uv_loop_s;
struct watch;

/* watch may be NULL: nothing is delivered but through the socket. */
enum status syncs_open(struct syncs **out, struct uv_loop_s *loop, struct pipeline *pipeline,
		       struct watch *watch);
/* Every sync has ended by then (its client is gone). Accepts NULL. */
void syncs_close(struct syncs *s);
/* After a commit. */
void syncs_wake(struct syncs *s);

#endif
