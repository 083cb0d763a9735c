/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/body.h"

#include <assert.h>
#include <libxml/tree.h>

#include <reprint/article.h>

#include "text/away.h"
#include "text/cue.h"
#include "text/page.h"
#include "text/tag.h"
#include "text/tally.h"

/* How much a name sways the choice: a body by microdata with two fifths of the page's good text
 * beats the page, one by class with five ninths, <article> and <main> with two thirds. */
#define SWAY_SURE 2.5
#define SWAY_BODY 1.8
#define SWAY_MAIN 1.5

/* What may be left behind on the way down to the element that holds the rest. */
#define LEFT_SHARE 10

/* Of the article's good text, by what its family holds: text outside of any paragraph belongs to it
 * from a sixth on, the last lines from a seventh on. At most a fifth is cut off the end. */
#define BARE_SHARE 6
#define LAST_SHARE 7
#define END_SHARE 5

/* A caption's length, and what those of one template may come to. */
#define CAPTION_INK 250u
#define CAPTION_SHARE 6

/* The ink below which a last line with a seventh of it in links is an invitation. */
#define INVITATION_INK 250u
#define INVITATION_SHARE 6

/* A deck stands right below the headline and says something. */
#define DECK_INK 30u
#define DECK_DIGITS 6u
#define LOOK_NODES 300

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

/* Down to the innermost element that holds nearly all of it, from the lead on: what else stands
 * around that is a notice or a note. A body by name is taken at its word. */
static struct place *narrowed(const struct page *p, struct place *root)
{
	struct place *place = p->lead;

	if (!root->lead || (root->cues & (CUE_BODY | CUE_SURE)))
		return root;
	while (place != root && place->good < root->good - root->good / LEFT_SHARE)
		place = place->up;
	return place;
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

/* The good ink that the places of each template hold. */
static bool families_of(struct tally *f, const struct page *p)
{
	if (!tally_open(f, p->arena, p->place_count))
		return false;
	for (size_t i = 0; i < p->place_count; i++)
		if (p->places[i].within && p->places[i].own_good > 0)
			tally_at(f, p->places[i].likeness)->good += p->places[i].own_good;
	return true;
}

/* The good ink of the line's family: what its template holds, or the bare lines next to it. */
static uint32_t held_with(const struct tally *f, const struct page_line *line)
{
	const struct place *holder = page_holder(line);
	uint32_t held = tally_at(f, holder->likeness)->good;
	uint32_t beside = holder->up == NULL ? 0 : holder->up->bare_good;

	return page_is_bare(line) && beside > held ? beside : held;
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

/* Next to a picture in a box of their own, and not what most of the article stands in: a caption
 * that nothing calls one. */
static bool is_boxed(const struct page_line *line, uint32_t held, uint32_t good)
{
	const struct place *box = page_holder(line);

	return box->pictures > 0 && box->ink == line->ink && line->ink < CAPTION_INK &&
	       held * CAPTION_SHARE < good;
}

static bool eligible(const struct page_line *line)
{
	return line->place->within && !line->place->away &&
	       (line->hints & ARTICLE_HINT_CAPTION) == 0 && !in_figure(line) &&
	       (line->place->tags & TAG_HEADLINE) == 0;
}

static bool keep_line(const struct tally *f, const struct page_line *line, uint32_t good)
{
	uint32_t held = held_with(f, line);

	if (!eligible(line) || (line->hints & ARTICLE_HINT_HEADING) || is_boxed(line, held, good))
		return false;
	if (!line->good)
		return line->link_ink * 2 <= line->ink && !line->stamp && held > 0;
	/* Text without a paragraph of its own, where everything else has one: a caption, a note. */
	if (page_is_bare(line))
		return held * BARE_SHARE > good;
	return true;
}

/* A heading belongs to the article when running text of it follows; one that is a link only where
 * running text stands around it too. */
static void keep_headings(struct page *p, const struct tally *f)
{
	bool follows = false;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];
		uint32_t held = held_with(f, line);

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

static void cut_end(struct page *p, const struct tally *f, uint32_t good)
{
	uint32_t cut = 0;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];

		if (!line->keep)
			continue;
		cut += line->ink;
		if (cut > good / END_SHARE || !is_closing(line, held_with(f, line), good))
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

static void keep_much(struct page *p, const struct place *root, const struct tally *f)
{
	for (size_t i = 0; i < p->line_count; i++)
		p->lines[i].keep = keep_line(f, &p->lines[i], root->good);
	cut_notes(p, root->good);
	cut_end(p, f, root->good);
	keep_headings(p, f);
	cut_start(p);
	keep_deck(p);
}

void body_choose(struct page *p, struct span url)
{
	struct tally families;
	struct place *root;

	assert(p->place_count > 0);
	if (!away_mark(p, url))
		return;
	root = narrowed(p, choose(p));
	mark(p, root);
	away_teasers(p, root);
	if (!families_of(&families, p))
		return;
	if (root->good > 0)
		keep_much(p, root, &families);
	else
		keep_little(p);
}
