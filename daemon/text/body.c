/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/body.h"

#include <libxml/tree.h>

#include <reprint/article.h>

#include "base/arena.h"
#include "text/cue.h"
#include "text/page.h"
#include "text/tag.h"

/* How much a name sways the choice: a body by microdata with two fifths of the page's good text
 * beats the page, one by class with five ninths, <article> and <main> with two thirds. */
#define SWAY_SURE 2.5
#define SWAY_BODY 1.8
#define SWAY_MAIN 1.5

/* Of the article's good text, by what its family holds: text outside of any paragraph belongs to it
 * from a sixth on, the last lines from a seventh on. At most a fifth is cut off the end. */
#define BARE_SHARE 6
#define LAST_SHARE 7
#define END_SHARE 5

/* The ink below which a last line with a seventh of it in links is an invitation. */
#define INVITATION_INK 250u
#define INVITATION_SHARE 6

/* A deck stands right below the headline and says something. */
#define DECK_INK 30u
#define DECK_DIGITS 6u
#define LOOK_NODES 300

/* What the places made by one template hold together: an open hash table by likeness. */
struct family {
	uint32_t likeness; /* 0: empty */
	uint32_t good;     /* ink of the good lines that its places hold */
};
struct families {
	struct family *slot;
	size_t mask;
};

/* An element whose name says "away" is believed only up to a share of the page's good text, or of
 * all its text where there is no good one. */
static bool may_be_away(const struct place *place, const struct place *page)
{
	uint32_t all = page->good > 0 ? page->good : page->ink;
	uint32_t part = page->good > 0 ? place->good : place->ink;

	if ((place->cues & (CUE_AWAY | CUE_COMMENTS)) == 0 || (place->cues & CUE_SURE))
		return false;
	if (place->cues & CUE_COMMENTS)
		return part < all / 2 || !place->headline;
	return part < all / 2 && (!place->headline || part < all / 5);
}

static void put_away(struct page *p)
{
	for (size_t i = 1; i < p->place_count; i++)
		if (may_be_away(&p->places[i], &p->places[0]))
			p->places[i].away = true;
	page_sum(p);
}

static double weight(const struct place *place)
{
	double w = place->good;

	if (place->away)
		return 0;
	if (place->cues & CUE_SURE)
		return w * SWAY_SURE;
	if (place->cues & CUE_BODY)
		return w * SWAY_BODY;
	return place->tags & TAG_MAIN ? w * SWAY_MAIN : w;
}

/* The element that holds the article: the one with most good text, swayed by its name; among
 * equals the innermost. */
static struct place *choose(struct page *p)
{
	struct place *best = &p->places[0];

	for (size_t i = 1; i < p->place_count; i++)
		if (p->places[i].good > 0 && weight(&p->places[i]) >= weight(best))
			best = &p->places[i];
	return best;
}

/* A body may come in pieces: siblings made by the same template. */
static bool is_piece(const struct place *place, const struct place *root)
{
	return place == root || (place->likeness == root->likeness && place->up == root->up &&
				 (root->cues & (CUE_BODY | CUE_SURE)));
}

static void mark(struct page *p, const struct place *root)
{
	for (size_t i = 0; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		place->within = is_piece(place, root) || (place->up != NULL && place->up->within);
	}
}

/* An <article> inside of the article that is a picture and a link is a teaser of another one; so
 * are all of them, when they make but a small part of it. */
static void put_away_teasers(struct page *p, const struct place *root)
{
	uint32_t inner = 0;

	for (size_t i = 1; i < p->place_count; i++)
		if (p->places[i].within && &p->places[i] != root && (p->places[i].tags & TAG_MAIN))
			inner += p->places[i].good;
	for (size_t i = 1; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		if (place->within && place != root && (place->tags & TAG_MAIN) &&
		    !place->headline &&
		    (inner < root->good / 3 || place->link_ink * 5 > place->ink))
			place->away = true;
	}
	page_sum(p);
}

static struct family *slot_of(const struct families *f, uint32_t likeness)
{
	size_t at = likeness & f->mask;

	while (f->slot[at].likeness != 0 && f->slot[at].likeness != likeness)
		at = (at + 1) & f->mask;
	return &f->slot[at];
}

/* NULL slots when out of memory. */
static struct families families_of(const struct page *p)
{
	struct families f = { .mask = 63 };

	while (f.mask < 2 * p->place_count)
		f.mask = f.mask * 2 + 1;
	f.slot = arena_take_zeroed(p->arena, f.mask + 1, sizeof *f.slot);
	for (size_t i = 0; f.slot != NULL && i < p->place_count; i++) {
		const struct place *place = &p->places[i];

		if (!place->within || place->own_good == 0)
			continue;
		slot_of(&f, place->likeness)->good += place->own_good;
		slot_of(&f, place->likeness)->likeness = place->likeness;
	}
	return f;
}

static bool in_figure(const struct page_line *line)
{
	for (const struct place *place = line->place; place != NULL; place = place->up) {
		if (place->tags & TAG_FIGURE)
			return true;
		if (place->tags & (TAG_TABLE | TAG_QUOTE | TAG_LIST))
			return false;
	}
	return false;
}

static bool eligible(const struct page_line *line)
{
	return line->place->within && !line->place->away &&
	       (line->hints & ARTICLE_HINT_CAPTION) == 0 && !in_figure(line) &&
	       (line->place->tags & TAG_HEADLINE) == 0;
}

static bool keep_line(const struct families *f, const struct page_line *line, uint32_t good)
{
	uint32_t held = slot_of(f, page_holder(line)->likeness)->good;

	if (!eligible(line) || (line->hints & ARTICLE_HINT_HEADING))
		return false;
	if (!line->good)
		return line->link_ink * 2 <= line->ink && held > 0;
	/* Text without a paragraph of its own, where everything else has one: a caption, a note. */
	if ((line->place->tags & (TAG_TEXT | TAG_ITEM | TAG_QUOTE)) == 0)
		return held * BARE_SHARE > good;
	return true;
}

/* A heading belongs to the article when running text of it follows; one that is a link only where
 * running text stands around it too. */
static void keep_headings(struct page *p, const struct families *f)
{
	bool follows = false;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];
		uint32_t held = slot_of(f, page_holder(line)->likeness)->good;

		if (!eligible(line))
			continue;
		if ((line->hints & ARTICLE_HINT_HEADING) == 0)
			follows = line->keep;
		else
			line->keep = follows && (line->link_ink * 2 <= line->ink || held > 0);
	}
}

static bool has(struct span s, const char *mark)
{
	return memmem(s.p, s.len, mark, strlen(mark)) != NULL;
}

/* A paragraph or an item without any link: short ones are running text too, but "Photo: Somebody"
 * is not. */
static bool is_plain(const struct page_line *line)
{
	if (line->link_ink > 0)
		return false;
	return (line->place->tags & TAG_ITEM) ||
	       ((line->place->tags & TAG_TEXT) && (line->good || !has(line->text, ":")));
}

/* Addresses, copyright, invitations to read on: short, with a link, or no sentence. */
static bool is_closing(const struct page_line *line, uint32_t held, uint32_t good)
{
	if (held * LAST_SHARE < good)
		return true;
	if (!line->good && !is_plain(line) && !has(line->text, "."))
		return true;
	if (has(line->text, "@") || has(line->text, "\xC2\xA9"))
		return true;
	return line->ink < INVITATION_INK && line->link_ink * INVITATION_SHARE > line->ink;
}

/* "_____", "* * *": what follows one close to the end are notes. */
static bool is_rule(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr("_-*=~# \t\r\n", s.p[i]) == NULL || s.p[i] == '\0')
			return false;
	return true;
}

static void cut_notes(struct page *p, uint32_t good)
{
	uint32_t ink = 0;

	for (size_t i = p->line_count; i-- > 0 && ink <= good / END_SHARE;) {
		if (!p->lines[i].keep)
			continue;
		ink += p->lines[i].ink;
		if (!is_rule(p->lines[i].text))
			continue;
		for (size_t k = i; k < p->line_count; k++)
			p->lines[k].keep = false;
	}
}

static void cut_end(struct page *p, const struct families *f, uint32_t good)
{
	uint32_t cut = 0;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];

		if (!line->keep)
			continue;
		cut += line->ink;
		if (cut > good / END_SHARE ||
		    !is_closing(line, slot_of(f, page_holder(line)->likeness)->good, good))
			break;
		line->keep = false;
	}
}

/* Nothing but paragraphs and headings before the first running text. */
static void cut_start(struct page *p)
{
	for (size_t i = 0; i < p->line_count && !(p->lines[i].keep && p->lines[i].good); i++)
		if ((p->lines[i].hints & ARTICLE_HINT_HEADING) == 0 && !is_plain(&p->lines[i]))
			p->lines[i].keep = false;
}

static unsigned digits(struct span s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] >= '0' && s.p[i] <= '9';
	return n;
}

/* A picture between the headline and the line: it is a caption. */
static bool is_below_picture(const struct page_line *headline, const struct page_line *line)
{
	const xmlNode *node = headline->place->element;

	for (int i = 0; i < LOOK_NODES && node != line->place->element; i++) {
		if (tag_is(node, "img"))
			return true;
		if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
			node = node->children;
			continue;
		}
		while (node->next == NULL && node->parent != NULL)
			node = node->parent;
		node = node->next;
		if (node == NULL)
			break;
	}
	return false;
}

static bool is_deck(const struct page_line *headline, const struct page_line *line)
{
	return !line->keep && line->ink >= DECK_INK && line->link_ink * 3 <= line->ink &&
	       (line->hints & ARTICLE_HINT_CAPTION) == 0 && !in_figure(line) &&
	       !line->place->away && (line->place->tags & TAG_HEADLINE) == 0 &&
	       digits(line->text) < DECK_DIGITS && !is_below_picture(headline, line);
}

/* The line right below the headline, or a heading that is the next one, unless it is about the
 * article's making. */
static void keep_deck(struct page *p)
{
	struct page_line *headline = NULL;

	for (size_t i = 0; i + 2 < p->line_count && !p->lines[i].keep; i++)
		if (p->lines[i].place->tags & TAG_HEADLINE)
			headline = &p->lines[i];
	if (headline == NULL)
		return;
	if ((headline[2].hints & ARTICLE_HINT_HEADING) && is_deck(headline, &headline[2]))
		headline[2].keep = true;
	else if (is_deck(headline, &headline[1]))
		headline[1].keep = true;
}

/* Where nothing reads like running text: whatever is not plainly something else. */
static void keep_little(struct page *p)
{
	for (size_t i = 0; i < p->line_count; i++) {
		struct page_line *line = &p->lines[i];

		line->keep = eligible(line) && line->link_ink * 2 <= line->ink;
	}
}

static void keep_much(struct page *p, const struct place *root, const struct families *f)
{
	for (size_t i = 0; i < p->line_count; i++)
		p->lines[i].keep = keep_line(f, &p->lines[i], root->good);
	cut_notes(p, root->good);
	cut_end(p, f, root->good);
	keep_headings(p, f);
	cut_start(p);
	keep_deck(p);
}

void body_choose(struct page *p)
{
	struct families f;
	struct place *root;

	page_sum(p);
	put_away(p);
	root = choose(p);
	mark(p, root);
	put_away_teasers(p, root);
	f = families_of(p);
	if (f.slot == NULL)
		return;
	if (root->good > 0)
		keep_much(p, root, &f);
	else
		keep_little(p);
}
