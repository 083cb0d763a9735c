/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS 0.9x, 1.0 and 2.0, and Atom: one article per item. */
#include <strings.h>

#include <libxml/tree.h>

#include "text/charset.h"
#include "text/flow.h"
#include "text/fragment.h"
#include "text/item.h"
#include "text/markup.h"
#include "text/reading.h"
#include "text/url.h"
#include "text/walk.h"

/* Longer bases are hostile: every item's address begins with it. */
#define BASE_BYTES 512u

#define NOT_XML "not well formed XML, and no article in it could be read: %s; fetch the file again"

struct feed {
	struct reading *r;
	struct bytes base;  /* the channel's own address */
	struct bytes value; /* the text of one element */
	struct bytes line;  /* the same without markup, or resolved */
	uint32_t flags;     /* of every article in it */
	uint32_t count, seen;
	bool mended;
};

/* What the text of an element is. */
enum kind { KIND_ABSENT, KIND_TEXT, KIND_HTML, KIND_TREE };

static bool has_elements(const xmlNode *node)
{
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			return true;
	return false;
}

/* The characters right below node, blanks at both ends left out. Valid until the next call. */
static struct span value_of(struct feed *f, const xmlNode *node)
{
	struct span s;
	char spare[8];

	bytes_clear(&f->value);
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
		put_text(&f->value, walk_text(child, spare));
	s = bytes_span(&f->value);
	while (s.len > 0 && (unsigned char)s.p[0] <= ' ')
		s = span_of(s.p + 1, s.len - 1);
	while (s.len > 0 && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	return s;
}

/* Atom says what it holds (RFC 4287, section 3.1.1; Atom 0.3 by "mode"); RSS leaves it to guess. */
static enum kind kind_of(const xmlNode *node, struct span value)
{
	const char *type = item_attribute(node, "type"), *mode = item_attribute(node, "mode");
	size_t len = type == NULL ? 0 : strlen(type);

	if (has_elements(node))
		return KIND_TREE;
	if (value.len == 0 || (mode != NULL && strcasecmp(mode, "base64") == 0))
		return KIND_ABSENT;
	if (len > 0 && (strcasecmp(type, "html") == 0 || strcasecmp(type, "text/html") == 0))
		return KIND_HTML;
	if (len > 0 && strchr(type, '/') != NULL && strncasecmp(type, "text/", 5) != 0 &&
	    strcasestr(type, "xml") == NULL)
		return KIND_ABSENT;
	return fragment_is_markup(value) ? KIND_HTML : KIND_TEXT;
}

/* A tag's name in a title may be what it is about; a closing tag or a reference is markup. */
static bool title_is_markup(struct span value, bool declared)
{
	return fragment_is_markup(value) && (declared || memchr(value.p, '<', value.len) == NULL ||
					     memmem(value.p, value.len, "</", 2) != NULL ||
					     memmem(value.p, value.len, "<br", 3) != NULL);
}

static enum status set_title(struct feed *f, xmlNode *node)
{
	struct span value = value_of(f, node);
	const char *type = item_attribute(node, "type");
	bool declared = type != NULL && strcasestr(type, "html") != NULL;
	enum status st = STATUS_OK;

	bytes_clear(&f->line);
	if (has_elements(node))
		flow_line(&f->line, node);
	else if (title_is_markup(value, declared))
		st = fragment_line(&f->line, value);
	else
		put_bytes(&f->line, value.p, value.len);
	draft_set(&f->r->draft, DRAFT_TITLE, bytes_span(&f->line));
	return st;
}

/* The nearest absolute xml:base around node, else the channel's address. */
static struct span base_of(const struct feed *f, const xmlNode *node)
{
	for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent) {
		for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
			const char *value =
				a->children == NULL ? NULL : (const char *)a->children->content;

			if (value != NULL && strcmp((const char *)a->name, "base") == 0 &&
			    strncasecmp(value, "http", 4) == 0 && strlen(value) <= BASE_BYTES)
				return span_of_text(value);
		}
	}
	return bytes_span(&f->base);
}

/* The address in an RSS <link>text</link> or an Atom <link href=""/>. */
static void set_url(struct feed *f, const xmlNode *node)
{
	const char *href = item_attribute(node, "href");
	struct span url = href != NULL ? span_of_text(href) : value_of(f, node);

	if (url.len == 0)
		return;
	bytes_clear(&f->line);
	url_resolve(&f->line, base_of(f, node), url);
	draft_set(&f->r->draft, DRAFT_URL, bytes_span(&f->line));
}

/* In a mended document an item may have swallowed the next one. */
static bool enter_element(void *ctx, struct _xmlNode *element)
{
	(void)ctx;
	return !item_is(element);
}

static enum status set_body(struct feed *f, xmlNode *node)
{
	struct span value = value_of(f, node);
	struct flow flow = { .draft = &f->r->draft, .enter = enter_element };
	enum status st = STATUS_OK;

	switch (kind_of(node, value)) {
	case KIND_ABSENT:
		break;
	case KIND_TEXT:
		draft_text(&f->r->draft, value, 0);
		break;
	case KIND_HTML:
		st = fragment_read(&f->r->draft, value);
		break;
	case KIND_TREE:
		f->r->draft.flags |= ARTICLE_FROM_HTML;
		flow_read(&flow, node);
		st = flow.line.failed ? STATUS_NO_MEMORY : STATUS_OK;
		flow_close(&flow);
		break;
	}
	return st;
}

/* What is missing is filled from the elements of this rank. */
static enum status fill(struct feed *f, const struct item *item, unsigned rank)
{
	struct draft *d = &f->r->draft;
	xmlNode *id = item->node[ITEM_ID][rank], *url = item->node[ITEM_URL][rank],
		*title = item->node[ITEM_TITLE][rank], *date = item->node[ITEM_DATE][rank],
		*body = item->node[ITEM_BODY][rank];
	enum status st = STATUS_OK;

	if (id != NULL && draft_get(d, DRAFT_ID).len == 0)
		draft_set(d, DRAFT_ID, value_of(f, id));
	if (url != NULL && draft_get(d, DRAFT_URL).len == 0)
		set_url(f, url);
	if (date != NULL && draft_get(d, DRAFT_PUBLISHED).len == 0)
		draft_set(d, DRAFT_PUBLISHED, value_of(f, date));
	if (title != NULL && draft_get(d, DRAFT_TITLE).len == 0)
		st = set_title(f, title);
	if (body != NULL && d->text.len == 0 && st == STATUS_OK)
		st = set_body(f, body);
	return st;
}

static enum status read_item(struct feed *f, xmlNode *element)
{
	struct item item;
	enum status st = STATUS_OK;

	item_read(&item, element);
	draft_begin(&f->r->draft, ++f->seen);
	f->r->draft.flags = f->flags;
	f->r->draft.many = f->count > 1;
	for (unsigned rank = 0; rank < ITEM_RANKS && st == STATUS_OK; rank++)
		st = fill(f, &item, rank);
	return st == STATUS_OK ? reading_finish(f->r) : st;
}

static bool named(const xmlNode *element, const char *name)
{
	return strcasecmp(item_local_name(element), name) == 0;
}

/* The elements in which items stand. */
static bool holds_items(const xmlNode *element)
{
	return named(element, "rss") || named(element, "RDF") || named(element, "feed") ||
	       named(element, "channel") || named(element, "items");
}

/* The channel's <link>, against which its items' relative ones are resolved. */
static void take_base(struct feed *f, const xmlNode *element)
{
	const char *href = item_attribute(element, "href"), *rel = item_attribute(element, "rel");
	struct span url = href != NULL ? span_of_text(href) : value_of(f, element);

	if (f->base.len == 0 && url.len > 4 && url.len <= BASE_BYTES &&
	    strncasecmp(url.p, "http", 4) == 0 &&
	    (rel == NULL || strcasecmp(rel, "alternate") == 0))
		put_bytes(&f->base, url.p, url.len);
}

/* Counts the items and finds the channel's address; with `read` reads the items. In a mended
 * document items are looked for below items too. */
static enum status walk_feed(struct feed *f, xmlNode *root, bool read)
{
	enum status st = STATUS_OK;

	for (struct walk w = walk_of(root); st == STATUS_OK && walk_next(&w);) {
		if (w.node->type != XML_ELEMENT_NODE || w.leaving || holds_items(w.node))
			continue;
		if (item_is(w.node)) {
			f->count += !read;
			if (read)
				st = read_item(f, w.node);
		} else if (!read && named(w.node, "link") && holds_items(w.node->parent)) {
			take_base(f, w.node);
		}
		if (!f->mended)
			walk_skip(&w);
	}
	return st;
}

/* The feed's own element: the root, or somewhere in a page that a server has put around it. */
static xmlNode *find_feed(xmlNode *root)
{
	for (struct walk w = walk_of(root); walk_next(&w);)
		if (w.node->type == XML_ELEMENT_NODE && !w.leaving && holds_items(w.node))
			return w.node;
	return NULL;
}

static enum status read_tree(struct feed *f, xmlNode *root, const struct markup_note *note)
{
	xmlNode *feed = find_feed(root);

	if (feed == NULL)
		return reading_refuse(f->r, STATUS_MALFORMED, 0, "<%.40s> is no feed",
				      (const char *)root->name);
	walk_feed(f, feed, false);
	if (note->mended && f->count == 0)
		return reading_refuse(f->r, STATUS_MALFORMED, note->line, NOT_XML, note->why);
	if (note->mended)
		reading_tell(f->r, STATUS_OK, note->line, "not well formed XML, mended: %s",
			     note->why);
	return walk_feed(f, feed, true);
}

enum status feed_read(struct reading *r, struct span in)
{
	struct feed f = { .r = r };
	struct span text;
	struct _xmlDoc *doc;
	xmlNode *root;
	struct markup_note note;
	enum status st = reading_decode(r, &text, in, charset_of_xml(in), &f.flags);

	if (st == STATUS_OK)
		st = markup_xml(&doc, &r->spare, text, &note);
	if (st == STATUS_MALFORMED)
		reading_refuse(r, st, note.line, NOT_XML, note.why);
	if (st != STATUS_OK)
		return st;
	f.mended = note.mended;
	f.flags |= note.mended ? ARTICLE_RECOVERED : 0;
	root = xmlDocGetRootElement(doc);
	st = named(root, "html") && find_feed(root) == NULL ? html_read(r, in)
							    : read_tree(&f, root, &note);
	xmlFreeDoc(doc);
	bytes_free(&f.base);
	bytes_free(&f.value);
	bytes_free(&f.line);
	return st;
}
