/* SPDX-License-Identifier: BSD-2-Clause */
/* work.h - the worker's part of a job: bytes, articles, fingerprints, repeats. Pure but for the
 * file read. */
#ifndef INGEST_WORK_H
#define INGEST_WORK_H

#include <stddef.h>

struct bytes;
struct job;
struct text;

struct work_options {
	const char *const *roots; /* by job_file.root */
	size_t max_file_bytes;
};

/* What a worker has for itself. */
struct work_tools {
	struct text *packer;  /* NULL: texts are not packed */
	struct bytes *packed; /* working memory */
};

/* Leaves the job ready for the lane: pieces, or st and why. Never fails otherwise. */
void work(struct job *j, const struct work_options *o, const struct work_tools *tools);

#endif
