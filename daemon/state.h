/* SPDX-License-Identifier: BSD-2-Clause */
/* state.h - the floors between the configuration and the pipeline: store, index, pipeline, as one.
 */
#ifndef STATE_H
#define STATE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>

struct config;
struct index;
struct pipeline;
struct pipeline_options;
struct store;
struct thresholds;

struct state {
	struct store *store;
	struct index *index;
	struct pipeline *pipeline;
};

/* What the configuration says of the pipeline; store, index, roots and wake stay empty. *out points
 * to *thresholds, which the configuration says too. */
void state_options(struct pipeline_options *out, struct thresholds *thresholds,
		   const struct config *c);

/* Workers, as the configuration and the machine say. */
size_t state_threads(const struct config *c);

/* Opens the state at c->state. o: roots, queue, parsers and wake; the rest is taken from c.
 * temporary: nothing outlives the process, so nothing is synced. */
enum status state_open(struct state *out, const struct config *c, const struct pipeline_options *o,
		       bool temporary);
void state_close(struct state *s);
/* What to do where it could not be opened; static text. */
const char *state_advice(enum status st);

#endif
