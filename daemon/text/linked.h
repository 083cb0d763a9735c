/* SPDX-License-Identifier: BSD-2-Clause */
/* linked.h - JSON-LD: what a script in a page says of the article. Any thread. */
#ifndef TEXT_LINKED_H
#define TEXT_LINKED_H

#include <reprint/span.h>

struct arena; /* base/arena.h */

/* Copies in the arena; absent where nothing was said. */
struct linked {
	struct span headline, published, url, body;
};

/* Fills what is still absent in *out from one script's text (valid UTF-8), if an article is
 * described in it. What is no JSON, or too much of it, is passed over. */
void linked_read(struct linked *out, struct arena *arena, struct span script);

#endif
