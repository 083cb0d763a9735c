/* SPDX-License-Identifier: BSD-2-Clause */
/* assess.h - the lane's part of one article: is it new, what is left out of it, whom does it
 * resemble.
 *
 * Thread: the lane. Reads the store, the index and the chrome counts, changes nothing. */
#ifndef INGEST_ASSESS_H
#define INGEST_ASSESS_H

#include "ingest/keys.h"
#include "ingest/naming.h"
#include "ingest/pipeline.h"
#include "store/store.h"

struct foresight;
struct job;
struct miss; /* ingest/misses.h */
struct piece;

#define ASSESS_MISSES 8u /* of one article at most */

struct assessment {
	struct naming name;
	struct row row;      /* what store_put() takes; arrays of the lane's arena or the job's */
	bool known;          /* the same id with the same text: row.verdict.seq is the stored one */
	struct keys keys;    /* of the index */
	int64_t time_ms;     /* published, clipped to the week before it was seen */
	uint64_t centre;     /* seq of the cluster it joins, 0: none */
	bool takes_over;     /* older than the earliest of that cluster, which spans sites */
	bool former_fresh;   /* ... and that one was dated, and fresh when it came */
	struct miss *misses; /* [miss_count] what it almost matched; `here` is left 0 */
	uint32_t miss_count;
	struct assessment *next; /* the lane's */
};

/* Assesses one piece of a job; seen: what was seen of it ahead (ahead.h), NULL: nothing. NO_MEMORY
 * is the only failure; memory from lane->arena, scratch rewound. */
enum status assess(struct assessment *out, const struct lane_view *lane, const struct job *j,
		   const struct piece *piece, const struct foresight *seen,
		   const struct pipeline_options *o, int64_t now_ms);

/* Fills the names of the matches and of `of` (copied into the arena), for who reads the verdict. */
void assess_names(struct verdict *v, uint64_t of_seq, const struct lane_view *lane);

#endif
