/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/away.h"

#include <libxml/tree.h>

#include "base/arena.h"
#include "text/cue.h"
#include "text/item.h"
#include "text/page.h"
#include "text/tag.h"
#include "text/tally.h"
#include "text/walk.h"

/* A teaser is a link and some words about it: a sixth of it is link. Three of a kind stand
 * together, and two thirds of the kind are of that shape. */
#define TEASER_INK 500u
#define TEASER_LINK_SHARE 6
#define TEASERS 3u
/* As much of the page has to be left, and of its body by name and of the text that they stand in
 * they may be as much. */
#define REST_SHARE 10
#define BODY_SHARE 3
#define TEXT_SHARE 5

/* What has to be left of a page whose most part is comments. */
#define COMMENTS_REST_SHARE 20

/* Text set apart by name of which a fifth is link is not the article's, however much there is. */
#define AWAY_LINK_SHARE 5

/* Siblings that were made by the same template. */
static uint32_t kind_of(const struct page *p, const struct place *place)
{
	return place->likeness ^ (uint32_t)(place->up - p->places + 1) * 2654435761u;
}

static bool is_named_away(const struct place *place)
{
	return (place->cues & CUE_AWAY) && !(place->cues & CUE_SURE);
}

/* One around it has the same template: its text was counted there. */
static bool is_counted(const struct place *place)
{
	for (const struct place *up = place->up; up != NULL; up = up->up)
		if (up->likeness == place->likeness)
			return true;
	return false;
}

static void count_named(const struct page *p, const struct tally *t)
{
	for (size_t i = 1; i < p->place_count; i++) {
		const struct place *place = &p->places[i];
		struct tally_row *row;

		if (!is_named_away(place) || is_counted(place))
			continue;
		row = tally_at(t, place->likeness);
		row->ink += place->ink;
		row->good += place->good;
		row->link_ink += place->link_ink;
	}
}

/* An element whose name says "away" is believed only up to a share of the page's good text, or of
 * all its text where there is no good one. All that are named alike count together, unless they are
 * full of links or are not shown. Of what is hidden each is believed: it may be a dialogue. */
static bool may_be_away(const struct page *p, const struct place *place, const struct tally *t)
{
	const struct place *page = &p->places[0];
	bool by_good = page->good > 0;
	uint32_t all = by_good ? page->good : page->ink;
	uint32_t part = by_good ? place->good : place->ink;
	const struct tally_row *row;

	if ((place->cues & (CUE_AWAY | CUE_COMMENTS | CUE_HIDDEN)) == 0 || (place->cues & CUE_SURE))
		return false;
	if (p->bare)
		return !tag_is(place->element, "body");
	if (place->cues & CUE_COMMENTS)
		return part < all / 2;
	if (part >= all / 2 || (place->headline && part >= all / 5))
		return false;
	if (place->cues & CUE_HIDDEN)
		return true;
	row = tally_at(t, place->likeness);
	return (by_good ? row->good : row->ink) < all / 2 ||
	       row->link_ink * AWAY_LINK_SHARE > row->ink;
}

static void put_away_named(struct page *p, const struct tally *names)
{
	count_named(p, names);
	for (size_t i = 1; i < p->place_count; i++)
		p->places[i].away = may_be_away(p, &p->places[i], names);
	page_sum(p);
}

/* Running text in neither a footer, a list of links nor what readers wrote. */
static bool may_lead(const struct page_line *line)
{
	for (const struct place *place = line->place; place != NULL; place = place->up)
		if ((place->tags & TAG_ASIDE) || (place->cues & CUE_COMMENTS))
			return false;
	return line->good && !line->place->away;
}

/* The first running text below the headline, if there is one: the title, or else an h1. */
static void find_lead(struct page *p)
{
	unsigned best = 0;

	for (size_t i = 0; i < p->line_count; i++) {
		const struct page_line *line = &p->lines[i];
		unsigned headline = line->title ? 2 : line->place->tags & TAG_HEADLINE ? 1 : 0;

		if (headline > best) {
			best = headline;
			p->lead = NULL;
		}
		if (p->lead == NULL && may_lead(line))
			p->lead = line->place;
	}
	for (struct place *place = p->lead; place != NULL; place = place->up)
		place->lead = true;
}

/* Most of a page may be what readers wrote, but then an article stands before it. */
static void put_away_comments(struct page *p)
{
	uint32_t all = p->places[0].good;

	for (size_t i = 1; i < p->place_count && p->lead != NULL; i++) {
		struct place *place = &p->places[i];

		if ((place->cues & CUE_COMMENTS) && !(place->cues & CUE_SURE) && !place->headline &&
		    p->lead < place && (uint64_t)(all - place->good) * COMMENTS_REST_SHARE >= all)
			place->away = true;
	}
	page_sum(p);
}

/* The host of an absolute address without "www.", else absent. */
static struct span host_of(struct span url)
{
	const char *from = url.len == 0 ? NULL : memmem(url.p, url.len, "//", 2), *end;

	if (from == NULL)
		return (struct span){ NULL, 0 };
	from += 2;
	end = memchr(from, '/', (size_t)(url.p + url.len - from));
	end = end == NULL ? url.p + url.len : end;
	if (end - from > 4 && memcmp(from, "www.", 4) == 0)
		from += 4;
	return span_of(from, (size_t)(end - from));
}

/* The first link in it stays on this site. */
static bool links_home(const struct place *place, struct span host)
{
	for (struct walk w = walk_of(place->element); walk_next(&w);) {
		const char *href = tag_is(w.node, "a") ? item_attribute(w.node, "href") : NULL;
		struct span to = host_of(span_of_text(href));

		if (href != NULL)
			return to.len == 0 || span_equal(to, host);
	}
	return false;
}

static bool is_teaser(const struct place *place, struct span host)
{
	return (place->tags & (TAG_TEXT | TAG_HEADING | TAG_LIST | TAG_TABLE)) == 0 &&
	       !place->lead && !place->headline && place->links > 0 && place->good > 0 &&
	       place->ink <= TEASER_INK && place->link_ink * TEASER_LINK_SHARE >= place->ink &&
	       links_home(place, host);
}

/* By kind: its places with running text and the teasers among them, the good ink of these, and
 * whether the headline stands in one. */
static void count_kinds(struct page *p, const struct tally *kinds, struct span host)
{
	for (size_t i = 1; i < p->place_count; i++) {
		struct place *place = &p->places[i];
		struct tally_row *row;

		if (place->away || place->good == 0)
			continue;
		row = tally_at(kinds, kind_of(p, place));
		row->places++;
		row->titled |= place->titled;
		place->teaser = is_teaser(place, host);
		row->teasers += place->teaser;
		row->good += place->teaser ? place->good : 0;
	}
}

/* One of a row of teasers in a box of their own, or a card with a picture; unless they are much of
 * the text that they stand in, or of what is called the body by name. */
static bool is_in_row(const struct place *place, const struct tally_row *kind)
{
	const struct place *body = place->up;

	if (body->lead && (place->pictures == 0 || kind->good * TEXT_SHARE > body->good))
		return false;
	if ((kind->teasers < TEASERS && place->pictures == 0) ||
	    kind->teasers * 3 < kind->places * 2)
		return false;
	while (body != NULL && (body->cues & (CUE_BODY | CUE_SURE)) == 0)
		body = body->up;
	return body == NULL || kind->good * BODY_SHARE <= body->good;
}

/* Rows of teasers, as long as they leave an article. */
static void put_away_teasers(struct page *p, const struct tally *kinds)
{
	uint32_t all = p->places[0].good, teasers = 0;

	for (size_t i = 1; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		if (place->up->teaser) {
			place->teaser = true;
		} else if (place->teaser) {
			place->teaser = is_in_row(place, tally_at(kinds, kind_of(p, place)));
			teasers += place->teaser ? place->good : 0;
		}
	}
	if (teasers == all || (uint64_t)(all - teasers) * REST_SHARE < all)
		return;
	for (size_t i = 1; i < p->place_count; i++)
		p->places[i].away |= p->places[i].teaser;
}

/* Articles beside the one with the page's headline that have one of their own. */
static void put_away_others(struct page *p, const struct tally *kinds)
{
	for (size_t i = 1; i < p->place_count; i++) {
		struct place *place = &p->places[i];

		if (place->good > 0 && place->headline && !place->titled)
			place->away |= tally_at(kinds, kind_of(p, place))->titled;
	}
}

bool away_mark(struct page *p, struct span url)
{
	struct tally names, kinds;

	if (!tally_open(&names, p->arena, p->place_count) ||
	    !tally_open(&kinds, p->arena, p->place_count))
		return false;
	page_sum(p);
	put_away_named(p, &names);
	find_lead(p);
	put_away_comments(p);
	count_kinds(p, &kinds, host_of(url));
	put_away_teasers(p, &kinds);
	put_away_others(p, &kinds);
	page_sum(p);
	return true;
}

/* An <article> inside of the article that is a picture and a link is a teaser of another one; so
 * are all of them, when they make but a small part of it. */
void away_teasers(struct page *p, const struct place *root)
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
