/* SPDX-License-Identifier: BSD-2-Clause */
/* ahead.h - looks at candidates taken by the workers before their article's turn.
 *
 * The lane judges in order, and much of what it knows of an article follows from those before it.
 * What two texts look like side by side does not (look.h): so workers find it out for the articles
 * that are next, while the lane judges and commits, and it takes only the looks that are missing:
 * those at articles that came since, and all of an article whose mask has changed meanwhile.
 * Verdicts do not depend on how much was seen ahead.
 * Few articles are looked at ahead of the lane: the older a look, the more has come since.
 *
 * Thread:  ahead_offer() and ahead_help() are the workers', the rest is the lane's.
 * Memory:  of those few articles, given back one by one. */
#ifndef INGEST_AHEAD_H
#define INGEST_AHEAD_H

#include "index/index.h"
#include "ingest/keys.h"
#include "ingest/look.h"

struct ahead; /* opaque */
struct job;
struct lane_view;
struct line;
struct piece;

/* A candidate that was looked at. */
struct sight {
	uint64_t seq;
	const struct look *look; /* NULL: turned away */
	bool absent;             /* it was not there then */
};

/* What was seen of one article. */
struct foresight {
	struct kept kept; /* under this mask */
	struct keys keys;
	struct index_mark mark;     /* of the candidates */
	const struct sight *sights; /* [count] in the order of candidates */
	size_t count, capped;       /* capped: as told by index_candidates() */
	const uint16_t *slots;      /* of sights by seq, plus one; open addressing; 0: free */
	uint32_t mask;              /* slots - 1 */
	uint64_t losses;            /* store_losses() then */
	bool believed;              /* believe_site then */
};

/* helpers: so many threads may call ahead_help(), called by line_call(). */
enum status ahead_open(struct ahead **out, struct line *line, size_t helpers);
void ahead_close(struct ahead *a); /* accepts NULL; nobody helps any more */

/* Where candidates are; it stays. Before anything is offered. */
void ahead_use(struct ahead *a, const struct lane_view *lane);
/* Whether an article's own site is believed. */
void ahead_believe(struct ahead *a, bool site);

/* The pieces of a job, which will be ready next, may be looked at. */
void ahead_offer(struct ahead *a, struct job *j);
/* A worker, number who, takes looks as long as there are any to be taken. */
void ahead_help(struct ahead *a, size_t who);

/* What was seen of this piece, whose turn it is; nobody will begin to look at it now. Waits for
 * nobody. NULL: nothing yet, or nothing that is still so. Lives until the next call, or
 * ahead_leave(). */
const struct foresight *ahead_of(struct ahead *a, struct job *j, struct piece *piece);
/* The piece was nothing new: where most are, as when a file is scanned again, nothing is looked at
 * ahead. */
void ahead_known(struct ahead *a);
/* The job has been judged, or will not be: nobody begins to look at it any more. */
void ahead_leave(struct ahead *a, struct job *j);
/* Waits for who still looks at jobs that were left, as a worker may whom the lane has overtaken. */
void ahead_finish(struct ahead *a, const struct job *jobs);

/* The sight of a candidate; NULL: it was not looked at, or not there to be looked at. */
const struct sight *foresight_of(const struct foresight *f, uint64_t seq);

#endif
