/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/item.h"

#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

/* Whose word an element is. */
enum family { CORE, CONTENT, DUBLIN_CORE, ATOM, XHTML, MEDIA, FEEDBURNER, ITUNES, OTHER };

static const struct {
	const char *uri, *prefix; /* the prefix counts where it was never declared */
	enum family family;
} families[] = {
	{ "http://purl.org/rss/1.0/modules/content/", "content", CONTENT },
	{ "http://purl.org/dc/elements/1.", "dc", DUBLIN_CORE },
	{ "http://purl.org/dc/terms/", "dcterms", DUBLIN_CORE },
	{ "http://www.w3.org/2005/Atom", "atom", ATOM },
	{ "http://www.w3.org/1999/xhtml", "xhtml", XHTML },
	{ "http://search.yahoo.com/mrss", "media", MEDIA },
	{ "http://rssnamespace.org/feedburner/", "feedburner", FEEDBURNER },
	{ "http://www.itunes.com/dtds/", "itunes", ITUNES },
};

static const struct {
	enum family family;
	const char *name;
	enum item_slot slot;
	unsigned rank;
} rows[] = {
	{ CORE, "guid", ITEM_ID, 0 },
	{ CORE, "id", ITEM_ID, 0 },
	{ ATOM, "id", ITEM_ID, 1 },
	{ DUBLIN_CORE, "identifier", ITEM_ID, 2 },
	{ FEEDBURNER, "origlink", ITEM_URL, 0 },
	{ CORE, "link", ITEM_URL, 1 },
	{ ATOM, "link", ITEM_URL, 2 },
	{ CORE, "guid", ITEM_URL, 3 },
	{ CORE, "title", ITEM_TITLE, 0 },
	{ ATOM, "title", ITEM_TITLE, 1 },
	{ DUBLIN_CORE, "title", ITEM_TITLE, 2 },
	{ MEDIA, "title", ITEM_TITLE, 3 },
	{ CORE, "pubdate", ITEM_DATE, 0 },
	{ CORE, "published", ITEM_DATE, 0 },
	{ CORE, "issued", ITEM_DATE, 0 },
	{ CORE, "created", ITEM_DATE, 1 },
	{ ATOM, "published", ITEM_DATE, 1 },
	{ DUBLIN_CORE, "issued", ITEM_DATE, 1 },
	{ DUBLIN_CORE, "date", ITEM_DATE, 2 },
	{ DUBLIN_CORE, "created", ITEM_DATE, 2 },
	{ CORE, "updated", ITEM_DATE, 3 },
	{ CORE, "modified", ITEM_DATE, 3 },
	{ ATOM, "updated", ITEM_DATE, 3 },
	{ CORE, "date", ITEM_DATE, 3 },
	{ CONTENT, "encoded", ITEM_BODY, 0 },
	{ CORE, "content", ITEM_BODY, 0 },
	{ XHTML, "body", ITEM_BODY, 1 },
	{ XHTML, "div", ITEM_BODY, 1 },
	{ ATOM, "content", ITEM_BODY, 1 },
	{ CORE, "description", ITEM_BODY, 2 },
	{ CORE, "summary", ITEM_BODY, 2 },
	{ ATOM, "summary", ITEM_BODY, 3 },
	{ MEDIA, "description", ITEM_BODY, 3 },
	{ ITUNES, "summary", ITEM_BODY, 3 },
};

const char *item_local_name(const struct _xmlNode *element)
{
	const char *name = (const char *)element->name, *colon = strrchr(name, ':');

	return element->ns == NULL && colon != NULL ? colon + 1 : name;
}

const char *item_attribute(const struct _xmlNode *element, const char *name)
{
	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		if (a->ns == NULL && strcasecmp((const char *)a->name, name) == 0)
			return a->children == NULL || a->children->content == NULL
				       ? ""
				       : (const char *)a->children->content;
	return NULL;
}

bool item_is(const struct _xmlNode *element)
{
	const char *name = item_local_name(element);

	return strcasecmp(name, "item") == 0 || strcasecmp(name, "entry") == 0;
}

static enum family family_of_prefix(const char *name)
{
	const char *colon = strchr(name, ':');

	for (size_t i = 0; colon != NULL && i < sizeof families / sizeof *families; i++) {
		size_t len = strlen(families[i].prefix);

		if ((size_t)(colon - name) == len && memcmp(name, families[i].prefix, len) == 0)
			return families[i].family;
	}
	return colon == NULL ? CORE : OTHER;
}

/* What shares its item's namespace, whichever that is, is a core element; so is what has none. */
static enum family family_of(const xmlNode *item, const xmlNode *child)
{
	const char *uri = child->ns == NULL ? NULL : (const char *)child->ns->href;

	if (uri == NULL)
		return family_of_prefix((const char *)child->name);
	if (item->ns != NULL && item->ns->href != NULL &&
	    strcmp(uri, (const char *)item->ns->href) == 0)
		return CORE;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strncmp(uri, families[i].uri, strlen(families[i].uri)) == 0)
			return families[i].family;
	return child->ns->prefix == NULL ? CORE : OTHER;
}

/* A link that is not the item's own page, and a guid that is no address, are no url. */
static bool may_be_url(const xmlNode *child)
{
	const char *rel = item_attribute(child, "rel"),
		   *permanent = item_attribute(child, "isPermaLink");

	return (rel == NULL || rel[0] == '\0' || strcasecmp(rel, "alternate") == 0) &&
	       (permanent == NULL || strcasecmp(permanent, "false") != 0);
}

static void sort_child(struct item *out, const xmlNode *element, xmlNode *child)
{
	enum family family = family_of(element, child);
	const char *name = item_local_name(child);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		xmlNode **place = &out->node[rows[i].slot][rows[i].rank];

		if (rows[i].family == family && strcasecmp(rows[i].name, name) == 0 &&
		    *place == NULL && (rows[i].slot != ITEM_URL || may_be_url(child)))
			*place = child;
	}
}

void item_read(struct item *out, struct _xmlNode *element)
{
	*out = (struct item){ 0 };
	for (xmlNode *child = element->children; child != NULL; child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		sort_child(out, element, child);
		if (strcmp(item_local_name(child), "group") != 0)
			continue;
		for (xmlNode *inner = child->children; inner != NULL; inner = inner->next)
			if (inner->type == XML_ELEMENT_NODE && family_of(element, inner) == MEDIA)
				sort_child(out, element, inner);
	}
}
