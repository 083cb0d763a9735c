/* SPDX-License-Identifier: BSD-2-Clause */
/* job.h - the one struct that travels: a file, a listing to be probed, or bytes from a peer.
 *
 * phase     owner          what it may touch
 * --------  -------------  ---------------------------------------------------------------------
 * accepted  caller         fills kind, path or body, submission; then line_accept() takes it
 * queued    the line       nobody
 * worked    one worker     the file, the arena, articles, pieces, st, why
 * ready     the line       nobody
 * judged    the lane       everything, with the store, the index and the chrome counts
 *                          From worked on until it has been judged workers may read pieces
 *                          (ahead.h).
 * spent     the line       kept for reuse, its memory trimmed
 *
 * Ownership passes whole; no field is ever written by two. */
#ifndef INGEST_JOB_H
#define INGEST_JOB_H

#include <reprint/fingerprint.h>

#include "base/bytes.h"
#include "detect/repeats.h"
#include "ingest/pipeline.h"
#include "text/text.h"

struct arena;
struct page_line; /* detect/page_line.h */
struct task;      /* ingest/ahead.h */

enum job_kind {
	JOB_FILE,  /* a delivered file below a root */
	JOB_PROBE, /* listed files: which of them are not known? */
	JOB_BODY   /* a submission */
};

/* One article as the worker leaves it. */
struct piece {
	const struct article *article;
	struct fingerprint print;
	struct repeats repeats;
	const struct page_line *lines; /* [paragraph_count] as its site's chrome knows them */
	const uint8_t *quoted;         /* [paragraph_count] 1: it is a quotation */
	struct span packed;            /* its text for the store; absent without keep_text */
	uint64_t packed_with;          /* store.h */
	struct task *task;             /* ahead.h; NULL: nobody has looked at it */
};

/* A refused article of a job that goes on, in order of appearance. */
struct job_problem {
	struct job_problem *next;
	enum status st;
	char *why;
};

/* A file as the watch found it. */
struct job_file {
	uint32_t root;
	char *path; /* NUL-terminated, of the arena */
	size_t path_len;
	uint64_t size;
	int64_t mtime_ns;
	bool irregular;
};

struct job {
	struct job *next_in_line, *next_to_work; /* the latter also where it is to be looked at */
	uint64_t generation;                     /* see line.h */
	size_t load;                             /* what it counts there */
	bool ready;
	size_t ready_bytes; /* counted by the line since then */

	enum job_kind kind;
	bool vouched;           /* found by its close or rename, or probed already */
	struct job_file *files; /* one for JOB_FILE, file_count for JOB_PROBE */
	size_t file_count;
	struct submission submission; /* JOB_BODY; its spans are of the arena */
	submission_fn fn;
	void *fn_ctx;

	/* Made by the worker. */
	struct arena *arena;
	struct bytes raw;
	struct bytes plain; /* of a .gz */
	struct articles articles;
	struct piece *pieces;
	size_t piece_count;
	size_t begun;        /* pieces that nobody is to begin to look at any more; ahead.h */
	uint64_t content[2]; /* XXH3-128 of the file's bytes */
	struct job_problem *problems, **problems_end;
	enum status st;
	char why[200];
};

struct job *job_open(void);
void job_close(struct job *j); /* accepts NULL */
/* Empty again; memory beyond the usual is given back. */
void job_clear(struct job *j);
/* What it holds, as it is. */
size_t job_bytes(const struct job *j);
/* Refuses the whole job. */
void job_refuse(struct job *j, enum status st, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
