/* SPDX-License-Identifier: BSD-2-Clause */
/* watchdog.h - WATCHDOG=1 as often as systemd asked for it, as long as the loop turns and the lane
 * gets on: it has answered a question in between, or its steps have risen. So a lane that is busy
 * with a large batch, or waits for room on a full disk, is not taken for one that is stuck.
 *
 * Thread: the loop's. */
#ifndef SERVER_WATCHDOG_H
#define SERVER_WATCHDOG_H

#include <reprint/status.h>
#include <stdint.h>

struct answers;  /* server/answers.h */
struct pipeline; /* ingest/pipeline.h */
struct uv_loop_s;
struct watchdog; /* opaque */

/* within_us: what notify_watchdog_us() says; 0: *out becomes NULL. */
enum status watchdog_open(struct watchdog **out, struct uv_loop_s *loop, struct answers *answers,
			  struct pipeline *pipeline, uint64_t within_us);
/* After answers_close(), which waits for the lane. Accepts NULL. */
void watchdog_close(struct watchdog *w);

#endif
