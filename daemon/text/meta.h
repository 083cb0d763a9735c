/* SPDX-License-Identifier: BSD-2-Clause */
/* meta.h - what a page says about itself: head, Open Graph, JSON-LD, microdata.
 *
 * Any thread. Nothing here is believed to be true or to be about this page alone; it is what its
 * maker wrote. */
#ifndef TEXT_META_H
#define TEXT_META_H

#include <reprint/span.h>
#include <reprint/status.h>

struct _xmlNode; /* libxml2 */
struct arena;    /* base/arena.h */

/* Absent where the page has none. Views of the arena or the tree. */
struct meta {
	struct span title;     /* the headline without the site's name, as far as can be told */
	struct span url;       /* absolute */
	struct span published; /* as given */
	struct span body;      /* the article's text, plain or marked up */
};

/* Reads what stands below root, the page's <html>. NO_MEMORY. */
enum status meta_read(struct meta *out, struct arena *arena, struct _xmlNode *root);

#endif
