/* SPDX-License-Identifier: BSD-2-Clause */
/* away.h - what on a page is not the article: set apart by names, by shape, by another headline.
 *
 * Each is believed only as long as enough running text is left. Pure; any thread. */
#ifndef TEXT_AWAY_H
#define TEXT_AWAY_H

#include <reprint/span.h>
#include <stdbool.h>

struct page;  /* text/page.h */
struct place; /* text/page.h */

/* Sets `away` of places before the article is chosen and finds the page's lead, then sums the page
 * up. The page's address may be absent. False when the page's arena is exhausted. */
bool away_mark(struct page *p, struct span url);

/* The same for the teasers inside of the article, whose places are `within`. */
void away_teasers(struct page *p, const struct place *root);

#endif
