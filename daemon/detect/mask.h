/* SPDX-License-Identifier: BSD-2-Clause */
/* mask.h - what comparison leaves out of one article: its site's chrome and what it says again.
 * Any thread; memory from the arena. */
#ifndef DETECT_MASK_H
#define DETECT_MASK_H

#include <reprint/span.h>

#include "detect/compare.h"

struct chrome;
struct repeats;
struct page_line; /* detect/page_line.h */

/* The kept tokens of an article, their masked ranges in out->masked; *out_chrome: paragraphs that
 * are left out as chrome. site absent: it has none. lines as for chrome_mark(). Where too little
 * is left to be judged, what only looks like chrome is text; a page that is nothing but chrome is
 * kept as it is. NO_MEMORY. */
enum status mask_of(struct kept *out, uint32_t *out_chrome, const struct fingerprint *f,
		    const struct repeats *r, struct chrome *c, struct span site,
		    const struct page_line *lines, struct arena *arena);

#endif
