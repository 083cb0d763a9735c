/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/body.h"

#include <reprint/article.h>

#include "base/arena.h"
#include "text/cue.h"
#include "text/page.h"
#include "text/tag.h"

/* An element whose name says "away" is believed only up to a share of the page's good text. */
static bool may_be_away(const struct place *place, uint32_t good)
{
	if ((place->cues & (CUE_AWAY | CUE_COMMENTS)) == 0 || (place->cues & CUE_SURE))
		return false;
	if (place->cues & CUE_COMMENTS)
		return place->good < good / 2 || !place->headline;
	return place->good < good * 0.3;
}

static void put_away(struct page *p)
{
	uint32_t good = p->places[0].good;

	for (size_t i = 1; i < p->place_count; i++)
		if (may_be_away(&p->places[i], good))
			p->places[i].away = true;
	page_sum(p);
}

static double weight(const struct place *place)
{
	double w = place->good;

	if (place->away)
		return 0;
	if (place->cues & CUE_SURE)
		return w * 2.5;
	if (place->cues & CUE_BODY)
		return w * 1.8;
	if (place->tags & TAG_MAIN)
		return w * 1.5;
	return w;
}

/* The element that holds the article: the one with most good text, swayed by its name; among
 * equals the innermost. */
static struct place *choose(struct page *p)
{
	struct place *best = &p->places[0];

	for (size_t i = 1; i < p->place_count; i++)
		if (weight(&p->places[i]) >= weight(best))
			best = &p->places[i];
	return best;
}

static void mark(struct page *p, struct place *root)
{
	for (size_t i = 0; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		place->within = place == root || (place->up != NULL && place->up->within);
	}
}

/* Articles inside of the article are teasers of others, unless they are all of it. */
static void put_away_teasers(struct page *p, const struct place *root)
{
	uint32_t inner = 0;

	for (size_t i = 1; i < p->place_count; i++)
		if (p->places[i].within && &p->places[i] != root && (p->places[i].tags & TAG_MAIN))
			inner += p->places[i].good;
	if (inner == 0 || inner > root->good / 3)
		return;
	for (size_t i = 1; i < p->place_count; i++)
		if (p->places[i].within && &p->places[i] != root && (p->places[i].tags & TAG_MAIN))
			p->places[i].away = true;
	page_sum(p);
}

static bool in_figure(const struct page_line *line)
{
	const struct place *place = line->place;

	for (int i = 0; i < 6 && place != NULL; i++, place = place->up) {
		if (tag_is(place->element, "figure"))
			return true;
		if (tag_is(place->element, "table") || (place->tags & (TAG_QUOTE | TAG_LIST)))
			return false;
	}
	return false;
}

static bool eligible(const struct page_line *line)
{
	return line->place->within && !line->place->away &&
	       (line->hints & ARTICLE_HINT_CAPTION) == 0 && !in_figure(line) &&
	       !tag_is(line->place->element, "h1");
}

/* Whether a holder made by the same template holds good text. */
static bool likely_holder(const struct page *p, const struct place *holder)
{
	if (holder->own_good > 0)
		return true;
	for (size_t i = 0; i < p->place_count; i++)
		if (p->places[i].own_good > 0 && p->places[i].within &&
		    p->places[i].likeness == holder->likeness)
			return true;
	return false;
}

static bool keep_line(const struct page *p, const struct page_line *line)
{
	if (!eligible(line) || (line->hints & ARTICLE_HINT_HEADING))
		return false;
	if (line->good)
		return true;
	return line->link_ink * 2 <= line->ink && likely_holder(p, page_holder(line));
}

/* A heading belongs to the article when running text of it follows. */
static void keep_headings(struct page *p)
{
	bool follows = false;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];

		if (!line->place->within || line->place->away)
			continue;
		if ((line->hints & ARTICLE_HINT_HEADING) == 0) {
			if (line->keep)
				follows = true;
			else if (eligible(line))
				follows = false;
		} else if (eligible(line)) {
			line->keep = follows;
		}
	}
}

static bool has(struct span s, const char *mark)
{
	return memmem(s.p, s.len, mark, strlen(mark)) != NULL;
}

static bool is_closing(const struct page_line *line)
{
	if (!line->good && !has(line->text, "."))
		return true;
	if (has(line->text, "@") || has(line->text, "\xC2\xA9"))
		return true;
	return line->ink < 250 && line->link_ink * 8 > line->ink;
}

/* Off the end: addresses, copyright, invitations to read on. */
static void cut_end(struct page *p, uint32_t good)
{
	uint32_t cut = 0;

	for (size_t i = p->line_count; i-- > 0;) {
		struct page_line *line = &p->lines[i];

		if (!line->keep)
			continue;
		cut += line->ink;
		if (cut > good / 6 || !is_closing(line))
			break;
		line->keep = false;
	}
}

/* Off the start: what is no running text. */
static void cut_start(struct page *p)
{
	for (size_t i = 0; i < p->line_count; i++) {
		struct page_line *line = &p->lines[i];

		if (line->keep && line->good)
			break;
		if (line->hints & ARTICLE_HINT_HEADING)
			continue;
		line->keep = false;
	}
}

void body_choose(struct page *p, struct span headline)
{
	struct place *root;

	(void)headline;
	page_sum(p);
	put_away(p);
	root = choose(p);
	mark(p, root);
	put_away_teasers(p, root);
	for (size_t i = 0; i < p->line_count; i++)
		p->lines[i].keep = keep_line(p, &p->lines[i]);
	cut_end(p, root->good);
	keep_headings(p);
	cut_start(p);
}
