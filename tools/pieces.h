/* SPDX-License-Identifier: BSD-2-Clause */
/* pieces.h - files, unpacked, in pieces that can be sent one by one: JSON Lines are cut between
 * lines, everything else comes whole.
 *
 * Thread: one. Memory: a piece. */
#ifndef TOOLS_PIECES_H
#define TOOLS_PIECES_H

#include "base/bytes.h"
#include "text/text.h"

#define PIECE_BYTES (1u << 20)      /* a piece of JSON Lines is about so long */
#define PIECE_MAX_BYTES (64u << 20) /* a whole document, a line: not longer */

struct local_path; /* local.h */
struct pieces;     /* opaque */

struct piece {
	struct bytes bytes;      /* the taker's to free */
	enum text_format format; /* never TEXT_UNKNOWN */
	uint32_t first_line;
	const char *file; /* one of the paths */
};

/* Told for each file that cannot be read or is in no known format; the rest goes on. */
typedef void (*pieces_problem_fn)(void *ctx, const char *file, const char *why);

/* "-" is standard input (JSON Lines unless its bytes say otherwise). paths must stay. */
enum status pieces_open(struct pieces **out, const struct local_path *paths, size_t path_count,
			pieces_problem_fn problem, void *ctx);
void pieces_close(struct pieces *p); /* accepts NULL */

/* NOT_FOUND: that was all. */
enum status pieces_next(struct pieces *p, struct piece *out);
void piece_free(struct piece *p);

#endif
