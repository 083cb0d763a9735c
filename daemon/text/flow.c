/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/flow.h"

#include <strings.h>

#include <libxml/tree.h>

#include <reprint/article.h>

#include "text/draft.h"
#include "text/item.h"
#include "text/tag.h"
#include "text/walk.h"

static size_t ink_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += (unsigned char)*text > ' ';
	return n;
}

static bool says_hidden(const xmlNode *element)
{
	for (const xmlAttr *a = element->properties; a != NULL; a = a->next) {
		const char *value = a->children == NULL ? NULL : (const char *)a->children->content;

		if (strcasecmp((const char *)a->name, "hidden") == 0)
			return true;
		if (value == NULL || strcasecmp((const char *)a->name, "style") != 0)
			continue;
		if (strcasestr(value, "display:none") != NULL ||
		    strcasestr(value, "display: none") != NULL)
			return true;
	}
	return false;
}

bool flow_hidden(const struct _xmlNode *element)
{
	return says_hidden(element) && !tag_is(element, "body") && !tag_is(element, "html");
}

static void flush(struct flow *f)
{
	struct flow_line line = {
		.text = bytes_span(&f->line),
		.ink = f->ink,
		.link_ink = f->link_ink,
		.stamp_ink = f->stamp_ink,
		.block = f->block,
	};

	if (f->link_ink * 2 > f->ink)
		line.hints |= ARTICLE_HINT_LINKS;
	if (f->headings > 0)
		line.hints |= ARTICLE_HINT_HEADING;
	if (f->captions > 0)
		line.hints |= ARTICLE_HINT_CAPTION;
	if (f->quotes > 0)
		line.hints |= ARTICLE_HINT_QUOTE;
	if (f->ink > 0 && (f->keep == NULL || f->keep(f->ctx, &line))) {
		if (f->pres > 0)
			draft_text(f->draft, line.text, line.hints);
		else
			draft_paragraph(f->draft, line.text, line.hints);
	}
	f->line.len = 0;
	f->ink = f->link_ink = f->stamp_ink = 0;
}

static void count(struct flow *f, unsigned tag, unsigned by)
{
	f->links += tag & TAG_LINK ? by : 0;
	f->headings += tag & TAG_HEADING ? by : 0;
	f->captions += tag & TAG_CAPTION ? by : 0;
	f->quotes += tag & TAG_QUOTE ? by : 0;
	f->pres += tag & TAG_PRE ? by : 0;
	f->stamps += tag & TAG_STAMP ? by : 0;
}

/* An <a> without an address is a mark to jump to, and often never closed. */
static unsigned tags_of(const xmlNode *element)
{
	unsigned tag = tag_of(element);

	if ((tag & TAG_LINK) && item_attribute(element, "href") == NULL)
		tag &= ~(unsigned)TAG_LINK;
	return tag;
}

static bool is_block(const struct flow *f, const xmlNode *element, unsigned tag)
{
	return f->is_block == NULL ? (tag & TAG_BLOCK) != 0 : f->is_block(element);
}

/* False: nothing below it is wanted. */
static bool enter(struct flow *f, xmlNode *element, unsigned tag)
{
	if (tag & TAG_BREAK) {
		if (f->headings > 0)
			put_u8(&f->line, ' ');
		else
			flush(f);
		return true;
	}
	if (is_block(f, element, tag))
		flush(f);
	if ((tag & TAG_SKIP) || (!f->bare && flow_hidden(element)) ||
	    (f->enter != NULL && !f->enter(f->ctx, element)))
		return false;
	if (is_block(f, element, tag))
		f->block = element;
	count(f, tag, 1);
	return true;
}

static void leave(struct flow *f, const xmlNode *element, unsigned tag)
{
	if (tag & TAG_BREAK)
		return;
	if (is_block(f, element, tag)) {
		flush(f);
		while (f->block != f->root) {
			f->block = f->block->parent;
			if (is_block(f, f->block, tag_of(f->block)))
				break;
		}
	}
	count(f, tag, (unsigned)-1);
}

static void add(struct flow *f, const char *text)
{
	size_t ink = ink_of(text);

	put_bytes(&f->line, text, strlen(text));
	f->ink += ink;
	f->link_ink += f->links > 0 ? ink : 0;
	f->stamp_ink += f->stamps > 0 ? ink : 0;
}

void flow_read(struct flow *f, struct _xmlNode *root)
{
	char spare[8];

	f->block = f->root = root;
	for (struct walk w = walk_of(root); walk_next(&w);) {
		unsigned tag = w.node->type == XML_ELEMENT_NODE ? tags_of(w.node) : 0;

		if (w.node->type != XML_ELEMENT_NODE)
			add(f, walk_text(w.node, spare));
		else if (w.leaving)
			leave(f, w.node, tag);
		else if (!enter(f, w.node, tag))
			walk_skip(&w);
	}
	flush(f);
}

void flow_close(struct flow *f)
{
	bytes_free(&f->line);
}

void flow_line(struct bytes *out, struct _xmlNode *root)
{
	char spare[8];

	for (struct walk w = walk_of(root); walk_next(&w);) {
		unsigned tag =
			w.node->type == XML_ELEMENT_NODE && w.node != root ? tag_of(w.node) : 0;
		const char *text = walk_text(w.node, spare);

		put_bytes(out, text, strlen(text));
		if (tag & (TAG_BLOCK | TAG_BREAK))
			put_u8(out, ' ');
		if ((tag & TAG_SKIP) && !w.leaving)
			walk_skip(&w);
	}
}
