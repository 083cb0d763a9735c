/* SPDX-License-Identifier: BSD-2-Clause */
/* quoted.h - paragraphs that are somebody's words: they begin and end with a quotation mark.
 *
 * Two stories that share only a quotation are two stories. Pure; any thread. */
#ifndef TEXT_QUOTED_H
#define TEXT_QUOTED_H

#include <reprint/span.h>

/* Straight, curly, low, angular and corner marks, also as character references; a full stop, comma
 * or blank may follow the last one. */
bool quoted(struct span paragraph);

#endif
