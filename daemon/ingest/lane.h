/* SPDX-License-Identifier: BSD-2-Clause */
/* lane.h - the one thread that owns the store, the index and the chrome counts.
 *
 * It takes ready jobs in their order, assesses their articles, and makes one durable commit of all
 * that was ready: at idle one article commits at once, under load batches grow to batch_max; no
 * timer. A batch that cannot be committed (a full disk) is kept and tried again; nothing is lost,
 * intake waits. With tries_max, as often as that: between two tries what is over the limits
 * expires, which may make room. */
#ifndef INGEST_LANE_H
#define INGEST_LANE_H

#include "ingest/pipeline.h"

struct ahead;
struct lane; /* opaque */
struct line;

enum status lane_open(struct lane **out, struct line *line, struct ahead *ahead,
		      const struct pipeline_options *o);
/* Waits for the thread (line_stop() first), saves what is worth saving. Accepts NULL. */
void lane_close(struct lane *l);

void lane_configure(struct lane *l, const struct pipeline_options *o); /* any thread */
uint64_t lane_alerts(const struct lane *l);                            /* any thread */
const char *lane_phase(const struct lane *l);                          /* any thread; static text */
const char *lane_trouble(const struct lane *l);  /* any thread; static text or NULL */
enum status lane_given_up(const struct lane *l); /* any thread */

#endif
