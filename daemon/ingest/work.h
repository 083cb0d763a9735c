/* SPDX-License-Identifier: BSD-2-Clause */
/* work.h - the worker's part of a job: bytes, articles, fingerprints, repeats. Pure but for the
 * file read. */
#ifndef INGEST_WORK_H
#define INGEST_WORK_H

#include <stdbool.h>
#include <stddef.h>

struct bytes;
struct job;
struct parsers; /* ingest/parsers.h */
struct text;

struct work_options {
	const char *const *roots; /* by job_file.root */
	size_t max_file_bytes;
	struct parsers *parsers; /* NULL: the worker parses by itself */
};

/* What a worker has for itself. */
struct work_tools {
	size_t number;        /* the worker's, and its parser's */
	struct text *packer;  /* NULL: texts are not packed */
	struct bytes *packed; /* working memory */
};

/* A job's two steps. Between them, as long as work_eager(), others may be begun; they end in the
 * same order. Leaves the job ready for the lane: pieces, or st and why. Never fails otherwise. */
void work_begin(struct job *j, const struct work_options *o, const struct work_tools *tools);
bool work_eager(const struct work_options *o, const struct work_tools *tools);
void work_end(struct job *j, const struct work_options *o, const struct work_tools *tools);

#endif
