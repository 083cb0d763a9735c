/* SPDX-License-Identifier: BSD-2-Clause */
/* body.h - the article told from everything around it.
 *
 * By block text density, link density and structure first; the names that a page's maker gave
 * (cue.h) only sway. Pure; any thread. */
#ifndef TEXT_BODY_H
#define TEXT_BODY_H

#include <reprint/span.h>

struct page; /* text/page.h */

/* Sets `keep` of the lines that are the article's, its headline apart. The page's address may be
 * absent; a page without any element is not for this. Takes a little from its arena; when that is
 * exhausted nothing is kept. */
void body_choose(struct page *p, struct span url);

#endif
