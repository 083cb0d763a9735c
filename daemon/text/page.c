/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/page.h"

#include <libxml/tree.h>

#include <reprint/article.h>

#include "base/arena.h"
#include "text/cue.h"
#include "text/flow.h"
#include "text/tag.h"
#include "text/walk.h"

/* A line reads like running text from this ink on when it ends or pauses like a sentence, and from
 * the second one on anyway. Bytes, so that scripts with wide characters need fewer of them. */
#define SENTENCE_INK 50u
#define LONG_INK 120u

static bool has_place(const struct _xmlNode *element)
{
	bool custom = strchr((const char *)element->name, '-') != NULL;

	return (tag_of(element) & TAG_BLOCK) ||
	       (cue_of(element) & (CUE_BODY | CUE_SURE | (custom ? CUE_AWAY : 0)));
}

static bool is_block(const struct _xmlNode *element)
{
	return element->_private != NULL;
}

static bool is_out(struct page *p, const struct _xmlNode *element)
{
	if (tag_of(element) & TAG_SKIP)
		return true;
	if (!flow_hidden(element))
		return false;
	p->hides = true;
	return !p->bare;
}

/* Elements with a place, and how many lines there can be: one before and after each, and one per
 * break. */
static void count(struct page *p, struct _xmlNode *root)
{
	p->line_cap = 1;
	for (struct walk w = walk_of(root); walk_next(&w);) {
		if (w.node->type != XML_ELEMENT_NODE || w.leaving)
			continue;
		p->line_cap += (tag_of(w.node) & TAG_BREAK) != 0;
		if (is_out(p, w.node)) {
			walk_skip(&w);
		} else if (w.node == root || has_place(w.node)) {
			p->place_count++;
			p->line_cap += 2;
		}
	}
}

/* FNV-1a of the element's name and classes; digits are left out, they number things. */
static uint32_t likeness_of(const xmlNode *element)
{
	uint32_t h = 2166136261u;
	const xmlChar *class_text = NULL;

	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		if (strcmp((const char *)a->name, "class") == 0 && a->children != NULL)
			class_text = a->children->content;
	for (const xmlChar *p = element->name; *p != '\0'; p++)
		h = (h ^ *p) * 16777619u;
	for (const xmlChar *p = class_text; p != NULL && *p != '\0'; p++)
		if (*p < '0' || *p > '9')
			h = (h ^ *p) * 16777619u;
	return h;
}

static void assign(struct page *p, struct _xmlNode *root)
{
	struct place *next = p->places, *around = NULL;

	for (struct walk w = walk_of(root); walk_next(&w);) {
		if (w.node->type != XML_ELEMENT_NODE)
			continue;
		if (w.leaving) {
			if (w.node->_private != NULL)
				around = around->up;
			continue;
		}
		if (is_out(p, w.node)) {
			walk_skip(&w);
			continue;
		}
		if (w.node != root && !has_place(w.node)) {
			around->pictures += tag_is(w.node, "img");
			continue;
		}
		unsigned cues = cue_of(w.node);

		*next = (struct place){
			.element = w.node,
			.up = around,
			.tags = tag_of(w.node) | (cues & CUE_MAIN ? TAG_MAIN : 0),
			.likeness = likeness_of(w.node),
			.cues = (uint8_t)cues,
		};
		w.node->_private = next;
		around = next++;
	}
	for (size_t i = p->place_count; i-- > 1;)
		p->places[i].up->pictures += p->places[i].pictures;
}

/* The end of a sentence, or a comma, in any of the scripts that have one. */
static bool has_sentence(struct span s)
{
	static const char *const marks[] = { ".",
					     ",",
					     "!",
					     "?",
					     ";",
					     "\xE3\x80\x82",
					     "\xEF\xBC\x8C",
					     "\xE3\x80\x81",
					     "\xD8\x8C",
					     "\xD8\x9F",
					     "\xDB\x94",
					     "\xE0\xA5\xA4" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (memmem(s.p, s.len, marks[i], strlen(marks[i])) != NULL)
			return true;
	return false;
}

static bool is_good(const struct flow_line *line)
{
	if (line->hints & ARTICLE_HINT_HEADING)
		return false;
	if (line->ink >= LONG_INK)
		return line->link_ink * 2 <= line->ink;
	return line->ink >= SENTENCE_INK && line->link_ink * 3 <= line->ink &&
	       has_sentence(line->text);
}

/* The headline, however its white space is set. */
static bool is_title(struct span title, const struct flow_line *line)
{
	size_t t = 0, i = 0;

	if (title.len == 0 || (line->hints & ARTICLE_HINT_HEADING) == 0)
		return false;
	for (;; t++, i++) {
		while (t < title.len && (unsigned char)title.p[t] <= ' ')
			t++;
		while (i < line->text.len && (unsigned char)line->text.p[i] <= ' ')
			i++;
		if (t == title.len || i == line->text.len)
			return t == title.len && i == line->text.len;
		if (title.p[t] != line->text.p[i])
			return false;
	}
}

static bool collect(void *ctx, const struct flow_line *line)
{
	struct page *p = ctx;
	const char *copy = arena_copy(p->arena, line->text);

	if (copy == NULL || p->line_count == p->line_cap)
		return false;
	p->lines[p->line_count++] = (struct page_line){
		.text = span_of(copy, line->text.len),
		.ink = (uint32_t)line->ink,
		.link_ink = (uint32_t)line->link_ink,
		.place = line->block->_private,
		.hints = line->hints,
		.good = is_good(line),
		.title = is_title(p->title, line),
		.stamp = line->stamp_ink * 2 > line->ink,
	};
	return false;
}

enum status page_read(struct page *p, struct arena *arena, struct _xmlNode *root, struct span title,
		      bool bare)
{
	struct flow flow = { .keep = collect, .is_block = is_block, .bare = bare, .ctx = p };
	bool failed;

	*p = (struct page){ .arena = arena, .title = title, .bare = bare };
	count(p, root);
	p->places = ARENA_ARRAY(arena, struct place, p->place_count);
	p->lines = ARENA_ARRAY(arena, struct page_line, p->line_cap);
	if (p->places == NULL || p->lines == NULL)
		return STATUS_NO_MEMORY;
	assign(p, root);
	flow_read(&flow, root);
	failed = flow.line.failed || arena_failed(arena);
	flow_close(&flow);
	return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

struct place *page_holder(const struct page_line *line)
{
	struct place *place = line->place;

	while (place->up != NULL && place->within <= place->up->within &&
	       (place->tags &
		(TAG_TEXT | TAG_ITEM | TAG_HEADING | TAG_LIST | TAG_QUOTE | TAG_TABLE)))
		place = place->up;
	return place;
}

bool page_is_bare(const struct page_line *line)
{
	return (line->place->tags & (TAG_TEXT | TAG_ITEM | TAG_QUOTE)) == 0;
}

static void sum_good(const struct page_line *line)
{
	struct place *holder = page_holder(line);

	line->place->good += line->ink;
	holder->own_good += line->ink;
	if (page_is_bare(line) && holder->up != NULL)
		holder->up->bare_good += line->ink;
}

void page_sum(struct page *p)
{
	for (size_t i = 0; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		place->ink = place->link_ink = place->good = place->own_good = 0;
		place->bare_good = place->links = 0;
		place->titled = false;
		place->headline = (place->tags & TAG_HEADLINE) != 0;
		place->away |= place->up != NULL && place->up->away;
	}
	for (size_t i = 0; i < p->line_count; i++) {
		struct place *place = p->lines[i].place;

		if (place->away)
			continue;
		place->ink += p->lines[i].ink;
		place->link_ink += p->lines[i].link_ink;
		place->links += (p->lines[i].hints & ARTICLE_HINT_LINKS) != 0;
		place->titled |= p->lines[i].title;
		if (p->lines[i].good)
			sum_good(&p->lines[i]);
	}
	for (size_t i = p->place_count; i-- > 1;) {
		struct place *place = &p->places[i];

		place->up->ink += place->ink;
		place->up->link_ink += place->link_ink;
		place->up->good += place->good;
		place->up->links += place->links;
		place->up->headline |= place->headline;
		place->up->titled |= place->titled;
	}
}
