/* SPDX-License-Identifier: BSD-2-Clause */
/* once.h - the whole job over some paths, without a loop: `reprintd --once`, `reprint scan`.
 *
 * Thread: the caller's; verdicts are printed from the lane's, in the order given. */
#ifndef INGEST_ONCE_H
#define INGEST_ONCE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>

struct pipeline;

struct once_counts {
	size_t unopened; /* paths that could not be opened or read */
	size_t rejected; /* files and articles refused */
	size_t verdicts, known;
	enum status given_up; /* not OK: why the store took no more; the rest was left alone */
};

/* Judges and stores every path: a file, a directory (a feed root) or "-" (JSON Lines on stdin), one
 * verdict a line on stdout. Problems go to stderr, one line each, and stop nothing. max_bytes
 * bounds a file, and a line of JSON Lines, which may be of any length in all. Fails only where
 * memory does; ferror() says whether stdout took everything. */
enum status once_run(struct once_counts *out, struct pipeline *p, const char *const *paths,
		     size_t count, size_t max_bytes);

#endif
