/* SPDX-License-Identifier: BSD-2-Clause */
/* state.h - what the files of this room share: the places where postings are.
 *
 * All lists belong to the lane. The sealer works on what a task hands it and hands back a result,
 * which the lane puts in the place of its inputs: so a look-up meets every posting exactly once.
 * Readers hold `places` while they look, the lane while it changes a list or what is in it but for
 * additions. */
#ifndef INDEX_STATE_H
#define INDEX_STATE_H

#include "index/index.h"
#include "index/sealer.h"

#include <pthread.h>

/* More of them fill a table before its articles do: 2^24 slots hold 2^18 times as many below a load
 * of 3/4, and do not grow. */
#define POSTINGS_AN_ARTICLE 46u
#define SEALING_MAX 4u
#define CHANGED_BITS 18u
#define CHANGED_SLOTS ((size_t)1 << CHANGED_BITS)

struct index {
	char *path; /* NULL: memory only */
	bool sync;
	uint32_t active_articles, cap;
	struct sealer *sealer;
	size_t given; /* tasks not taken back */
	pthread_rwlock_t places;

	struct table *active;         /* NULL: nothing in it */
	struct table *spare;          /* for the next one, empty; NULL: none */
	bool spare_coming;            /* the sealer is making it */
	uint64_t first_seq, last_seq; /* of its articles; UINT64_MAX, 0: none */
	size_t added;                 /* postings it was given */
	size_t expected;              /* postings of the table before it */

	/* Tables that are full, oldest first. They are sealed one after the other: a run never says
	 * "sealed up to here" while an older table is still in memory alone. */
	struct task *sealing[SEALING_MAX];
	size_t sealing_count;
	bool seal_given;                         /* sealing[0] is the sealer's */
	struct gap meanwhile[MANIFEST_GAPS_MAX]; /* articles lost since then */
	size_t meanwhile_count;
	enum status seal_status; /* of the last one that was finished */
	int64_t retry_us;        /* monotonic: not before this */

	struct run **runs; /* oldest first */
	size_t run_count, run_cap;
	bool broken;     /* one of them has been found damaged */
	size_t warming;  /* of the tasks given */
	uint64_t faults; /* when index_warm() looked last */
	int64_t warm_us,
		warm_pause_us; /* monotonic: not before this; twice as long the next time */
	size_t merging;        /* merges that were given */
	int64_t merge_us;      /* monotonic: no merge before this */

	uint64_t sealed_seq, sealed_delivery;
	uint64_t newest_seq; /* added last */
	uint64_t committed_seq, committed_delivery, expired_seq;
	struct gap gaps[MANIFEST_GAPS_MAX];
	size_t gap_count, gaps_told;
	struct gap renewed; /* index_renew(): runs that are still being made go too; 0, 0: none */
	uint64_t lost_from, lost_to; /* deliveries; 0, 0: none */
	uint64_t again_from;         /* the lowest that the active table was given again; 0: none */

	struct index_reader *reader; /* the owner's */

	uint16_t *changed; /* [CHANGED_SLOTS] by key: what `additions` became with the last one */
	_Atomic uint64_t additions;
	uint64_t adopted; /* changes of the runs so far */
};

/* seals.c: takes what the sealer has finished, and plans what it does next. */
void seals_adopt(struct index *x);
enum status seals_begin(struct index *x, uint64_t seq, uint64_t delivery);
/* The active table will soon be full: the next one is made. */
void seals_foresee(struct index *x);
/* Gives the sealer the oldest full table, unless one has failed a moment ago. */
void seals_go_on(struct index *x);
/* The sealer has stopped: gives back what was under way. */
void seals_drain(struct index *x);
/* Runs found damaged, or not wanted any more, go; their articles become a gap. Takes `places`. */
void seals_set_aside(struct index *x);
/* Marks the runs that index_renew() means; to be followed by seals_set_aside(). */
void seals_renew(struct index *x);
void seals_expire(struct index *x);
enum status runs_insert(struct index *x, size_t at, struct run *r);

#endif
