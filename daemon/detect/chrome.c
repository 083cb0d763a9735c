/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/chrome_state.h"

#include <stdlib.h>

#include "base/turns.h"
#include "detect/page_line.h"

#define ENOUGH 3u       /* a line in so many unlike articles is chrome */
#define ENOUGH_USUAL 2u /* one that half of the site's articles have, or a caption */
#define ENOUGH_SHAPE 4u /* one whose figures change */
#define LONG_UNITS 160u /* of 80 words or more: twice as many */
#define SIGHTINGS 3u    /* so often seen it is told of */
#define FADED 0.25      /* so much of what is needed may have faded */

enum status chrome_open(struct chrome **out)
{
	struct chrome *c = calloc(1, sizeof *c);
	enum status st = c == NULL ? STATUS_NO_MEMORY : sites_init(&c->sites);

	if (st != STATUS_OK) {
		free(c);
		return st;
	}
	pthread_rwlock_init(&c->marking, NULL);
	*out = c;
	return STATUS_OK;
}

void chrome_close(struct chrome *c)
{
	if (c == NULL)
		return;
	sites_free(&c->sites);
	pthread_rwlock_destroy(&c->marking);
	free(c);
}

/* ---- how much is enough */

static bool usual(const struct site *s, const struct seen_line *l)
{
	return 2 * (uint64_t)l->articles >= s->articles;
}

/* In half of the articles since it came up: a date line is on every page, a sentence is not. */
static bool regular(const struct site *s, const struct seen_line *l)
{
	return 2 * (uint64_t)l->articles >= s->articles - l->first + 1;
}

static uint32_t needed(bool is_usual, bool by_shape, uint32_t units)
{
	uint32_t need = by_shape ? ENOUGH_SHAPE : is_usual ? ENOUGH_USUAL : ENOUGH;

	return units >= LONG_UNITS ? 2 * need : need;
}

bool chrome_is_known(const struct site *s, const struct seen_line *l, uint32_t units, bool caption)
{
	bool by_shape = (l->flags & SEEN_SHAPE) != 0;
	uint32_t need = needed(caption || usual(s, l), by_shape, units);

	return site_weight(s, l) + (uint32_t)(FADED * SITES_ONE) >= need * SITES_ONE &&
	       (!by_shape || regular(s, l));
}

/* ---- learning */

/* The line, one sighting heavier; NULL: NO_MEMORY. Once per article, however often it stands
 * there. */
static struct seen_line *see(struct chrome *c, struct site *s, uint64_t hash, uint32_t weight)
{
	struct seen_line *l = site_line(s, hash);

	if (l == NULL)
		l = site_add_line(&c->sites, s, hash);
	if (l == NULL || weight == 0 || (l->articles > 0 && l->last == s->articles))
		return l;
	weight += site_weight(s, l);
	l->weight = (uint16_t)(weight < SITES_WEIGHT_MAX ? weight : SITES_WEIGHT_MAX);
	l->last = s->articles;
	l->articles++;
	return l;
}

static bool is_new(const struct site *s, const struct seen_line *l)
{
	return l->last == s->articles && l->articles <= 1;
}

static void tell_once(struct chrome *c, struct seen_line *l)
{
	if ((l->flags & SEEN_TOLD) == 0)
		elsewhere_add(&c->sites.elsewhere, l->hash);
	l->flags |= SEEN_TOLD;
}

/* The edge is as old and as heavy as its line. */
static void tell_edge(struct chrome *c, struct site *s, uint64_t hash, const struct seen_line *of)
{
	struct seen_line *edge = site_line(s, hash);

	if (edge == NULL)
		edge = site_add_line(&c->sites, s, hash);
	if (edge == NULL)
		return;
	edge->articles = of->articles;
	edge->first = of->first;
	edge->last = of->last;
	edge->weight = of->weight;
	edge->flags |= SEEN_EDGE;
	tell_once(c, edge);
}

/* Told to the other sites once it is chrome here; with its edges, for who has another name in it.
 */
static void tell(struct chrome *c, struct site *s, struct seen_line *l,
		 const struct page_line *line)
{
	struct seen_line seen;

	if (line->units < PAGE_LINE_TEXT_UNITS || !chrome_is_known(s, l, line->units, false))
		return;
	tell_once(c, l);
	if (!regular(s, l))
		return;
	seen = *l;
	for (unsigned e = 0; e < 2 && line->edges[e] != 0; e++)
		tell_edge(c, s, chrome_edge(line->edges[e], line->units / CHROME_EDGE_STEP), &seen);
}

static enum status learn(struct chrome *c, struct span site, const struct page_line *lines,
			 uint32_t count, const uint8_t *evidence)
{
	struct site *s = sites_take(&c->sites, sites_name(site));
	bool headed = false;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->articles++;
	for (uint32_t p = 0; p < count; p++) {
		uint32_t full = evidence == NULL ? CHROME_EVIDENCE : evidence[p];
		uint32_t weight = full * (SITES_ONE / CHROME_EVIDENCE);
		struct seen_line *l;

		if (lines[p].hash == 0)
			continue;
		l = see(c, s, lines[p].hash, weight);
		if (l == NULL)
			return STATUS_NO_MEMORY;
		if (!headed && is_new(s, l) && lines[p].units >= 2 * CHROME_HEADLINE_TOKENS) {
			headed = true;
			if (lines[p].units <= PAGE_LINE_HEADLINE_UNITS)
				l->flags |= SEEN_HEAD;
		}
		tell(c, s, l, &lines[p]);
		l = lines[p].shape == 0 ? NULL : see(c, s, lines[p].shape, weight);
		if (l != NULL)
			l->flags |= SEEN_SHAPE;
	}
	return STATUS_OK;
}

enum status chrome_learn(struct chrome *c, struct span site, const struct page_line *lines,
			 uint32_t count, const uint8_t *evidence)
{
	enum status st;

	if (site.p == NULL)
		return STATUS_OK;
	lock_write(&c->marking);
	st = learn(c, site, lines, count, evidence);
	pthread_rwlock_unlock(&c->marking);
	return st;
}

/* ---- for who asks why */

uint32_t chrome_articles(const struct chrome *c, struct span site)
{
	const struct site *s = site.p == NULL ? NULL : sites_find(&c->sites, sites_name(site));

	return s == NULL ? 0 : s->articles;
}

uint32_t chrome_lines(const struct chrome *c, struct chrome_line *out, struct span site)
{
	const struct site *s = site.p == NULL ? NULL : sites_find(&c->sites, sites_name(site));
	uint32_t count = 0;

	for (uint32_t i = 0; s != NULL && i < s->cap && count < CHROME_LINES; i++) {
		const struct seen_line *l = &s->lines[i];

		if (l->hash == 0 || (l->flags & SEEN_EDGE) != 0 ||
		    (l->articles < SIGHTINGS && !chrome_is_known(s, l, 0, false)))
			continue;
		out[count++] = (struct chrome_line){
			.hash = l->hash,
			.articles = l->articles,
			.since = s->articles - l->last,
			.weight = (double)site_weight(s, l) / SITES_ONE,
			.by_shape = (l->flags & SEEN_SHAPE) != 0,
			.usual = usual(s, l),
			.regular = regular(s, l),
		};
	}
	return count;
}

uint32_t chrome_enough(const struct chrome_line *l, uint32_t units)
{
	return needed(l->usual, l->by_shape, units);
}

enum chrome_reason chrome_reason_of(const struct chrome_line *l, uint32_t units)
{
	if (units > 0 && units < PAGE_LINE_TEXT_UNITS)
		return CHROME_SHORT;
	if (l->weight + FADED < chrome_enough(l, units) || (l->by_shape && !l->regular))
		return CHROME_NONE;
	return l->by_shape ? CHROME_SHAPE : CHROME_SEEN;
}

const char *chrome_reason_text(enum chrome_reason reason)
{
	static const char *const texts[] = { "none",     "short",     "links", "seen", "shape",
					     "headline", "elsewhere", "edge",  "host", "title" };

	return texts[reason];
}

/* ---- the snapshot */

void chrome_save(const struct chrome *c, struct bytes *out)
{
	sites_save(&c->sites, out);
}

enum status chrome_load(struct chrome *c, struct span saved)
{
	struct sites fresh;
	enum status st = sites_init(&fresh);

	if (st != STATUS_OK)
		return st;
	st = sites_load(&fresh, saved);
	if (st != STATUS_OK) {
		sites_free(&fresh);
		return st;
	}
	lock_write(&c->marking);
	sites_free(&c->sites);
	c->sites = fresh;
	pthread_rwlock_unlock(&c->marking);
	return STATUS_OK;
}
