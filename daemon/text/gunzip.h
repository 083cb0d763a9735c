/* SPDX-License-Identifier: BSD-2-Clause */
/* gunzip.h - gzip with a bound: a bomb is STATUS_TOO_LARGE, not a full memory.
 *
 * Thread: one owner at a time. */
#ifndef TEXT_GUNZIP_H
#define TEXT_GUNZIP_H

#include <reprint/span.h>
#include <reprint/status.h>

struct bytes; /* base/bytes.h */

/* Whether these bytes begin as gzip data do. */
bool gunzip_knows(struct span in);

/* Appends what `in` (one or more gzip members) expands to, at most max_bytes more. MALFORMED for
 * damaged or truncated data, TOO_LARGE past the bound. */
enum status gunzip(struct bytes *out, struct span in, size_t max_bytes);

/* A stream for files of any size. */
struct gunzip; /* opaque */
enum status gunzip_open(struct gunzip **out);
void gunzip_close(struct gunzip *g); /* accepts NULL */
/* Expands from *in (moved on by what was used) into out[room]; *out_len is what was written.
 * *out_end says that a member ended exactly at the end of the input so far. */
enum status gunzip_step(struct gunzip *g, char *out, size_t room, size_t *out_len, struct span *in,
			bool *out_end);

#endif
