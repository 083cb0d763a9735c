/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead.h - looks at candidates taken before their article's turn, by the lane and whoever is idle.
 *
 * The lane judges in order, and much of what it knows of an article follows from those before it.
 * What two texts look like side by side does not (look.h): so for some articles at a time it is
 * found out in parallel, while the lane changes nothing, and then the lane goes through them one by
 * one and takes only the looks that are missing: those at articles of the same window, and all of
 * an article whose mask has changed meanwhile. Verdicts do not depend on how much was seen ahead.
 *
 * Thread:  the lane, but for ahead_help().
 * Memory:  of one window, given back when the next begins. */
#ifndef INGEST_AHEAD_H
#define INGEST_AHEAD_H

#include "ingest/look.h"
#include "ingest/keys.h"

struct ahead; /* opaque */
struct job;
struct lane_view;
struct line;
struct piece;
struct pipeline_options;

/* A candidate that was looked at. */
struct sight {
	uint64_t seq;
	const struct look *look; /* NULL: turned away */
	bool absent;             /* not stored then: of a batch that was refused */
};

/* What was seen of one article. */
struct foresight {
	struct kept kept; /* under this mask */
	struct keys keys;
	const struct sight *sights; /* [count] in the order of candidates */
	size_t count, capped;       /* capped: as told by index_candidates() */
	const uint16_t *slots;      /* of sights by seq, plus one; open addressing; 0: free */
	uint32_t mask;              /* slots - 1 */
};

/* helpers: so many threads may call ahead_help(), called by line_call(). */
enum status ahead_open(struct ahead **out, struct line *line, size_t helpers);
void ahead_close(struct ahead *a); /* accepts NULL; nobody helps any more */

/* A worker, number who, takes part until nothing is left to begin. */
void ahead_help(struct ahead *a, size_t who);

/* What was seen of this piece, which comes after the one asked for before or begins a new window
 * with the jobs that follow. NULL: nothing. Lives until the next call. */
const struct foresight *ahead_of(struct ahead *a, const struct lane_view *lane,
				 const struct pipeline_options *o, const struct job *j,
				 const struct piece *piece);
/* The piece was nothing new: where most are, as when a file is scanned again, nothing is looked at
 * ahead. */
void ahead_known(struct ahead *a);
/* The batch begins anew. */
void ahead_restart(struct ahead *a);

/* The sight of a candidate; NULL: it was not looked at, or not there to be looked at. */
const struct sight *foresight_of(const struct foresight *f, uint64_t seq);

#endif
