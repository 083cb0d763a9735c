/* SPDX-License-Identifier: BSD-2-Clause */
/* fragment.h - HTML that somebody already cut out of its page: all of its text, block by block.
 * Any thread. */
#ifndef TEXT_FRAGMENT_H
#define TEXT_FRAGMENT_H

#include <reprint/span.h>
#include <reprint/status.h>

struct draft; /* text/draft.h */
struct bytes; /* base/bytes.h */

/* Appends the paragraphs of the HTML (valid UTF-8) to the draft and sets ARTICLE_FROM_HTML (and
 * ARTICLE_RECOVERED where nesting was cut). NO_MEMORY, TOO_LARGE. */
enum status fragment_read(struct draft *d, struct span html);

/* Appends the text of the HTML in one line to out: titles. NO_MEMORY, TOO_LARGE. */
enum status fragment_line(struct bytes *out, struct span html);

/* True when plain text is in truth markup that was escaped once too often: a tag or a character
 * reference stands in it. */
bool fragment_is_markup(struct span text);

#endif
