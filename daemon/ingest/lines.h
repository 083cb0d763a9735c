/* SPDX-License-Identifier: BSD-2-Clause */
/* lines.h - JSON Lines of any size cut into pieces at line ends, decompressed on the way. */
#ifndef INGEST_LINES_H
#define INGEST_LINES_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

/* False: reads no further. */
typedef bool (*lines_fn)(void *ctx, struct span lines, uint32_t first_line);
/* A line that is too long is skipped, damaged data ends the reading: why, with the line's number.
 */
typedef void (*lines_problem_fn)(void *ctx, enum status st, const char *why);

/* Reads fd to its end, or until fn wants no more. A piece is about 256 KiB of whole lines; a line
 * is at most line_max bytes.
 */
void lines_read(int fd, bool gzip, size_t line_max, lines_fn fn, lines_problem_fn problem,
		void *ctx);

#endif
