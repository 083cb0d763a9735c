/* SPDX-License-Identifier: BSD-2-Clause */
/* walk.h - a tree from top to bottom without recursion: hostile pages are deep. Any thread. */
#ifndef TEXT_WALK_H
#define TEXT_WALK_H

#include <stdbool.h>

struct _xmlNode; /* libxml2 */

/* Every node is met once (leaving == false); an element that was not skipped is met again when it
 * is left (leaving == true). */
struct walk {
	struct _xmlNode *root, *node;
	bool leaving;
	bool skipped; /* the next step does not go down */
};

/* for (struct walk w = walk_of(root); walk_next(&w);) meets root first; root may be NULL. */
struct walk walk_of(struct _xmlNode *root);
/* The next node into w->node; false at the end. */
bool walk_next(struct walk *w);
/* The children of the element just entered are not walked, and it is not left. */
void walk_skip(struct walk *w);

/* The bytes of a text node, or of an entity that the parser left standing and that means a short
 * text; "" for every other node. Never NULL. `spare` is where they may be put. */
const char *walk_text(const struct _xmlNode *node, char spare[8]);

#endif
