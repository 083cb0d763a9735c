/* SPDX-License-Identifier: BSD-2-Clause */
/* desk.h - one assessment at work; for assess.c, matching.c and joining.c. The lane's. */
#ifndef INGEST_DESK_H
#define INGEST_DESK_H

#include "detect/compare.h"
#include "ingest/assess.h"

/* Everything one assessment has in hand while it goes from step to step. */
struct desk {
	struct assessment *out;
	const struct lane_view *lane;
	const struct job *job;
	const struct piece *piece;
	const struct pipeline_options *options;
	int64_t now_ms;
	uint64_t previous;  /* seq of the version before, 0: none */
	unsigned confirmed; /* how often words were compared */
	struct kept kept;
	const struct foresight *seen; /* under the mask of `kept`; NULL: nothing was */
};

/* Finds and verifies the matches of what is kept, into out->row.verdict. NO_MEMORY. */
enum status desk_match(struct desk *d);

/* Finds its cluster (clustering.h) and its place there: out->centre, takes_over,
 * row.verdict.cluster and row.of_seq. After desk_match(). NO_MEMORY. */
enum status desk_join(struct desk *d);

#endif
