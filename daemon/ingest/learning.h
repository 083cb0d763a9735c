/* SPDX-License-Identifier: BSD-2-Clause */
/* learning.h - what the chrome counts learn from a judged article, when it comes and at a replay.
 *
 * Thread: the lane. */
#ifndef INGEST_LEARNING_H
#define INGEST_LEARNING_H

#include <reprint/status.h>
#include <stdbool.h>

struct arena;
struct chrome;    /* detect/chrome.h */
struct row;       /* store/store.h */
struct page_line; /* detect/page_line.h */

/* Not from an article of no known site, nor from one that its site had before: look-alikes count
 * once. */
bool learning_wants(const struct row *row);

/* Counts the row's lines for its site, if they are wanted; lines as page_lines_of() makes them of
 * the row's tokens. What stands in the copy of another site, too, is the story's and no evidence;
 * what stands in an excerpt, or a longer version, is weak evidence. Scratch is rewound. NO_MEMORY:
 * some may not be counted. */
enum status learning_take(struct chrome *c, const struct row *row, const struct page_line *lines,
			  struct arena *scratch);

#endif
