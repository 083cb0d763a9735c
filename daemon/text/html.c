/* SPDX-License-Identifier: BSD-2-Clause */
/* A web page as one article. */
#include <libxml/tree.h>

#include "base/arena.h"
#include "text/body.h"
#include "text/charset.h"
#include "text/fragment.h"
#include "text/markup.h"
#include "text/meta.h"
#include "text/page.h"
#include "text/reading.h"

#define ARENA_BYTES ((size_t)1 << 18)

/* A page that a script fills, or that shows only how the article begins: the text that came along
 * for machines is this many times what stands on it. */
#define SHELL_TIMES 4u

static bool is_shell(const struct page *page, struct span body)
{
	size_t ink = 0;

	for (size_t i = 0; i < page->line_count; i++)
		ink += page->lines[i].keep ? page->lines[i].ink : 0;
	return body.len / SHELL_TIMES > ink;
}

static enum status take_body(struct draft *d, struct span body)
{
	if (fragment_is_markup(body))
		return fragment_read(d, body);
	draft_text(d, body, 0);
	return STATUS_OK;
}

static enum status look(struct page *page, struct arena *arena, xmlNode *root,
			const struct meta *meta, bool bare)
{
	enum status st = page_read(page, arena, root, meta->title, bare);

	if (st == STATUS_OK && page->place_count > 0) /* else it is all comment */
		body_choose(page, meta->url);
	return st;
}

/* What is hidden is read where no running text is to be seen but some is hidden: a script will
 * show it. */
static enum status choose(struct page *page, struct arena *arena, xmlNode *root,
			  const struct meta *meta)
{
	enum status st = look(page, arena, root, meta, false);

	if (st != STATUS_OK || page->lead != NULL || !page->hides)
		return st;
	st = look(page, arena, root, meta, true);
	return st != STATUS_OK || page->lead != NULL ? st : look(page, arena, root, meta, false);
}

static enum status read_page(struct reading *r, struct arena *arena, xmlNode *root)
{
	struct page page;
	struct meta meta;
	enum status st = meta_read(&meta, arena, root);

	if (st == STATUS_OK)
		st = choose(&page, arena, root, &meta);
	if (st != STATUS_OK)
		return st;
	draft_set(&r->draft, DRAFT_TITLE, meta.title);
	draft_set(&r->draft, DRAFT_URL, meta.url);
	draft_set(&r->draft, DRAFT_PUBLISHED, meta.published);
	if (is_shell(&page, meta.body))
		return take_body(&r->draft, meta.body);
	for (size_t i = 0; i < page.line_count; i++)
		if (page.lines[i].keep)
			draft_paragraph(&r->draft, page.lines[i].text, page.lines[i].hints);
	return STATUS_OK;
}

static enum status read_document(struct reading *r, xmlNode *root)
{
	struct arena *arena = arena_open(ARENA_BYTES);
	enum status st;

	if (arena == NULL)
		return STATUS_NO_MEMORY;
	st = read_page(r, arena, root);
	arena_close(arena);
	return st == STATUS_OK ? reading_finish(r) : st;
}

enum status html_read(struct reading *r, struct span in)
{
	struct span text;
	struct _xmlDoc *doc;
	struct markup_note note;
	uint32_t flags;
	enum status st = reading_decode(r, &text, in, charset_of_html(in), &flags);

	if (st == STATUS_OK)
		st = markup_html(&doc, &r->spare, text, &note);
	if (st != STATUS_OK)
		return st;
	if (note.mended)
		reading_tell(r, STATUS_OK, note.line,
			     "nested too deep, only its paragraphs were read");
	draft_begin(&r->draft, 1);
	r->draft.flags = flags | ARTICLE_FROM_HTML | (note.mended ? ARTICLE_RECOVERED : 0);
	st = read_document(r, xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	return st;
}
