/* SPDX-License-Identifier: BSD-2-Clause */
/* lane_state.h - the lane from inside; for lane.c and lane_job.c. */
#ifndef INGEST_LANE_STATE_H
#define INGEST_LANE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/bytes.h"
#include "base/stats.h"
#include "detect/judge.h"
#include "ingest/lane.h"
#include "ingest/outcomes.h"

struct assessment;

struct lane {
	struct line *line;
	struct ahead *ahead;
	struct lane_view view;
	pthread_t thread;
	pthread_mutex_t lock; /* of `next`, options that a reload may have changed */
	struct pipeline_options options, next;
	struct thresholds thresholds, next_thresholds; /* what theirs point to */
	bool changed;
	struct outcomes outcomes;                  /* of the batch */
	struct assessment *missing, **missing_end; /* stored ones with near misses */
	struct job *batch;                         /* taken and not yet committed */
	struct job *rest;                /* taken too; the next batch, where this one grew large */
	struct lane_question *questions; /* not answered yet, in order */
	int64_t credit_us;               /* for questions while jobs wait */
	int64_t now_ms;                  /* of the batch */
	int64_t aged_ms;
	enum status ageing;            /* what came of it */
	int64_t retry_us;              /* monotonic: a batch that failed is not tried before */
	unsigned tries;                /* of it that failed */
	uint64_t seq, delivery, alert; /* newest of the batch */
	uint64_t saved_chrome;         /* seq of the last snapshot */
	uint64_t counted[STAT_COUNT];  /* by the batch, told when it is committed */
	struct bytes unlearned;        /* the chrome counts before a batch that was refused */
	bool learned;                  /* the batch has changed them */
	bool begun;
	_Atomic uint64_t alerts;
	_Atomic(const char *) trouble;
	_Atomic(const char *) phase;
	_Atomic(enum status) given_up; /* not OK: nothing is committed any more */
};

/* For a batch that may be judged again: what it counts is told once. */
static inline void lane_count(struct lane *l, enum counter c, uint64_t n)
{
	l->counted[c] += n;
}

/* Judges one job within the open batch, which it opens where it has something to write. */
enum status lane_do(struct lane *l, struct job *j);

#endif
