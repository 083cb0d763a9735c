/* SPDX-License-Identifier: BSD-2-Clause */
/* work.h - the worker's part of a job: bytes, articles, fingerprints, repeats. Pure but for the
 * file read. */
#ifndef INGEST_WORK_H
#define INGEST_WORK_H

#include <stddef.h>

struct job;

struct work_options {
	const char *const *roots; /* by job_file.root */
	size_t max_file_bytes;
};

/* Leaves the job ready for the lane: pieces, or st and why. Never fails otherwise. */
void work(struct job *j, const struct work_options *o);

#endif
