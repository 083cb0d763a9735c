/* SPDX-License-Identifier: BSD-2-Clause */
/* paragraphs.h - the single paragraphs of a stored article. On the lane. */
#ifndef SERVER_PARAGRAPHS_H
#define SERVER_PARAGRAPHS_H

#include <reprint/span.h>
#include <stdint.h>

struct arena;
struct part; /* wire/part.h */
struct row;  /* store/store.h */

/* Everything of paragraph i (0-based) but its text. */
void paragraph_describe(struct part *out, const struct row *row, uint32_t i, struct arena *arena);
/* Whether most of its tokens are masked as chrome. */
bool paragraph_is_chrome(const struct row *row, uint32_t i);

/* Takes the next line off the front of *text; absent when there is none. */
struct span text_next_line(struct span *text);

#endif
