/* SPDX-License-Identifier: BSD-2-Clause */
/* misses.h - pairs that almost matched, the newest MISSES_KEPT of them, for a person to review.
 *
 * Thread: the lane. Memory: one block; nothing of it is ever written to disk. */
#ifndef INGEST_MISSES_H
#define INGEST_MISSES_H

#include <reprint/status.h>

#include "detect/judge.h"

#define MISSES_KEPT 1000u

struct misses; /* opaque */

struct miss {
	uint64_t here, there; /* seqs: the article that came, and what it was compared with */
	int64_t when_ms;
	enum kind kind; /* what they are to each other instead: unique or partial */
	enum relation relation;
	double resemblance, containment, contained_by;
	uint32_t longest_units, shared_units;
	struct judge_miss missed;
};

enum status misses_open(struct misses **out);
void misses_close(struct misses *m); /* accepts NULL */

void misses_add(struct misses *m, const struct miss *one);

/* The newest is number misses_count(), the first ever was 1. NULL: overwritten, or never was. */
uint64_t misses_count(const struct misses *m);
const struct miss *misses_at(const struct misses *m, uint64_t number);

#endif
