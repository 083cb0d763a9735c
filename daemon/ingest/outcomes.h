/* SPDX-License-Identifier: BSD-2-Clause */
/* outcomes.h - what a batch has to say to those who wait for its jobs, kept until it is committed.
 *
 * Thread: the lane. Memory: the batch's arena, and what the verdicts point into. */
#ifndef INGEST_OUTCOMES_H
#define INGEST_OUTCOMES_H

#include <reprint/status.h>
#include <stdbool.h>

struct arena;
struct job;
struct verdict;

struct outcome;
struct outcomes {
	struct outcome *first, **end;
};

void outcomes_init(struct outcomes *o);
/* For a job nobody waits for: nothing. NO_MEMORY. Arguments as those of submission_fn. */
enum status outcomes_add(struct outcomes *o, struct arena *arena, struct job *j,
			 const struct verdict *v, enum status st, const char *why, bool last);
/* Tells them all, in order. */
void outcomes_tell(const struct outcomes *o);

#endif
