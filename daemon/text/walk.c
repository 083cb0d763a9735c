/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/walk.h"

#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

#include "text/utf8.h"

/* Longer ones are no abbreviations. */
#define ENTITY_BYTES 256u

struct walk walk_of(struct _xmlNode *root)
{
	return (struct walk){ .root = root };
}

bool walk_next(struct walk *w)
{
	if (w->node == NULL) {
		w->node = w->root;
		return w->root != NULL;
	}
	/* Only elements have children of their own: those of an entity belong to its declaration,
	 * which may refer to itself. */
	if (w->node->type == XML_ELEMENT_NODE && !w->leaving && !w->skipped) {
		if (w->node->children != NULL)
			w->node = w->node->children;
		else
			w->leaving = true;
		return true;
	}
	w->skipped = w->leaving = false;
	if (w->node == w->root)
		return false;
	if (w->node->next != NULL) {
		w->node = w->node->next;
	} else {
		w->node = w->node->parent;
		w->leaving = true;
	}
	return true;
}

void walk_skip(struct walk *w)
{
	w->skipped = true;
}

/* A reference that the parser left standing: HTML's names in a feed that declares none, and short
 * plain text from the document's own declaration. Nothing is ever expanded twice. */
static const char *entity(const xmlNode *node, char spare[8])
{
	const htmlEntityDesc *known = htmlEntityLookup(node->name);
	const xmlEntity *own = (const xmlEntity *)(const void *)node->children;

	if (known != NULL) {
		spare[utf8_encode(spare, known->value)] = '\0';
		return spare;
	}
	if (own != NULL && own->type == XML_ENTITY_DECL &&
	    own->etype == XML_INTERNAL_GENERAL_ENTITY && own->content != NULL &&
	    strlen((const char *)own->content) <= ENTITY_BYTES &&
	    strpbrk((const char *)own->content, "<&") == NULL)
		return (const char *)own->content;
	return "";
}

const char *walk_text(const struct _xmlNode *node, char spare[8])
{
	if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
		return node->content == NULL ? "" : (const char *)node->content;
	return node->type == XML_ENTITY_REF_NODE ? entity(node, spare) : "";
}
