/* SPDX-License-Identifier: BSD-2-Clause */
/* item.h - which elements of a feed's item hold what: the dialects of RSS and Atom in one table.
 * Pure; any thread. */
#ifndef TEXT_ITEM_H
#define TEXT_ITEM_H

#include <stdbool.h>

struct _xmlNode; /* libxml2 */

enum item_slot { ITEM_ID, ITEM_URL, ITEM_TITLE, ITEM_DATE, ITEM_BODY, ITEM_SLOTS };

/* For each slot what stands for it, the best first; NULL where there is none. */
#define ITEM_RANKS 4
struct item {
	struct _xmlNode *node[ITEM_SLOTS][ITEM_RANKS];
};

/* True for an RSS <item> and an Atom <entry>, in whatever namespace. */
bool item_is(const struct _xmlNode *element);

/* Sorts the children of an item. */
void item_read(struct item *out, struct _xmlNode *element);

/* The name without its prefix, also where the prefix was never declared. Never NULL. */
const char *item_local_name(const struct _xmlNode *element);

/* The value of an attribute, NULL if absent; a view of the tree. */
const char *item_attribute(const struct _xmlNode *element, const char *name);

#endif
