/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/chrome.h"

#include <reprint/article.h>
#include <stdlib.h>

#include "detect/page_line.h"
#include "detect/sites.h"
#include "fingerprint/fingerprinting.h"

#define ENOUGH 3u           /* a line in so many unlike articles is chrome */
#define ENOUGH_USUAL 2u     /* one that half of the site's articles have, or a caption */
#define ENOUGH_SHAPE 4u     /* one whose figures change */
#define LONG_UNITS 160u     /* of 80 words or more: twice as many */
#define SIGHTINGS 3u        /* so often seen it is told of */
#define ELSEWHERE_ENOUGH 3u /* other sites */
#define HEADLINE_UNITS 48u  /* no headline is longer */
#define HEADLINE_TOKENS 4u  /* nor shorter */
#define LABEL_TOKENS 4u     /* "Read also" */
#define BODY_UNITS 40u      /* a paragraph of 20 words is the article's */

struct chrome {
	struct sites sites;
};

enum status chrome_open(struct chrome **out)
{
	struct chrome *c = calloc(1, sizeof *c);
	enum status st = c == NULL ? STATUS_NO_MEMORY : sites_init(&c->sites);

	if (st == STATUS_OK)
		*out = c;
	else
		free(c);
	return st;
}

void chrome_close(struct chrome *c)
{
	if (c == NULL)
		return;
	sites_free(&c->sites);
	free(c);
}

/* ---- how much is enough */

static bool usual(const struct site *s, const struct seen_line *l)
{
	return 2 * (uint64_t)l->articles >= s->articles;
}

static uint32_t needed(bool is_usual, bool by_shape, uint32_t units)
{
	uint32_t need = by_shape ? ENOUGH_SHAPE : is_usual ? ENOUGH_USUAL : ENOUGH;

	return units >= LONG_UNITS ? 2 * need : need;
}

/* A quarter of a sighting may have faded. */
static bool enough(const struct site *s, const struct seen_line *l, uint32_t units, bool caption)
{
	uint32_t need = needed(caption || usual(s, l), (l->flags & SEEN_SHAPE) != 0, units);

	return site_weight(s, l) + SITES_ONE / 4 >= need * SITES_ONE;
}

/* ---- marking */

struct marking {
	const struct chrome *c;
	const struct site *site; /* NULL: nothing is known of it */
	const struct fingerprint *f;
	const struct page_line *lines;
	uint8_t *out;
	uint32_t marked;
	uint32_t count;
};

static void mark(struct marking *m, uint32_t p, enum chrome_reason why)
{
	m->out[p] = (uint8_t)why;
	m->marked++;
}

static void mark_known(struct marking *m)
{
	for (uint32_t p = 0; p < m->count; p++) {
		const struct page_line *line = &m->lines[p];
		const struct seen_line *l;

		if (line->hash == 0)
			continue;
		l = m->site == NULL ? NULL : site_line(m->site, line->hash);
		if (l != NULL &&
		    enough(m->site, l, line->units, (line->hints & ARTICLE_HINT_CAPTION) != 0))
			mark(m, p, CHROME_SEEN);
		else if (line->units >= PAGE_LINE_TEXT_UNITS &&
			 elsewhere_sites(&m->c->sites.elsewhere, line->hash) >= ELSEWHERE_ENOUGH)
			mark(m, p, CHROME_ELSEWHERE);
	}
}

static enum chrome_reason wordless(const struct page_line *line)
{
	return line->units < PAGE_LINE_TEXT_UNITS        ? CHROME_SHORT
	       : (line->hints & ARTICLE_HINT_LINKS) != 0 ? CHROME_LINKS
							 : CHROME_NONE;
}

/* Short lines are labels, bylines, links: not text, unless the text is hardly anything else. */
static void mark_wordless(struct marking *m)
{
	uint64_t units = 0;

	for (uint32_t p = 0; p < m->count; p++)
		if (wordless(&m->lines[p]) != CHROME_NONE)
			units += m->lines[p].units;
	if (2 * units > m->f->units)
		return;
	for (uint32_t p = 0; p < m->count; p++)
		if (m->out[p] == CHROME_NONE && wordless(&m->lines[p]) != CHROME_NONE)
			mark(m, p, wordless(&m->lines[p]));
}

/* ---- what changes from article to article */

static bool is_headline(const struct marking *m, const uint16_t *tokens, uint32_t count)
{
	const struct seen_line *l = site_line(m->site, tokens_hash(tokens, count));

	return l != NULL && (l->flags & SEEN_HEAD) != 0;
}

/* "Read also: " and the headline of another article; below the text without a label. */
static bool points(const struct marking *m, uint32_t p, bool below)
{
	const uint16_t *tokens = m->f->tokens + m->f->paragraphs[p];
	uint32_t count = m->f->paragraphs[p + 1] - m->f->paragraphs[p];

	if (m->lines[p].units > HEADLINE_UNITS)
		return false;
	for (uint32_t label = below ? 0 : 1; label <= LABEL_TOKENS; label++)
		if (count >= label + HEADLINE_TOKENS &&
		    is_headline(m, tokens + label, count - label))
			return true;
	return false;
}

static uint32_t first_of_text(const struct marking *m)
{
	uint32_t p = 0;

	while (p < m->count && (m->out[p] != CHROME_NONE || m->lines[p].hash == 0))
		p++;
	return p;
}

static uint32_t end_of_text(const struct marking *m)
{
	uint32_t p = m->count;

	while (p > 0 && (m->out[p - 1] != CHROME_NONE || m->lines[p - 1].units < BODY_UNITS))
		p--;
	return p;
}

/* Where the lines stand apart from the text. */
struct edges {
	uint32_t head;  /* the first line of the text */
	uint32_t below; /* what follows its last paragraph; 0: it has only sentences */
};

/* A date line stands above the text, or beside other chrome: not between two paragraphs. */
static bool dated(const struct marking *m, uint32_t p, const struct edges *e)
{
	const struct seen_line *l =
		m->lines[p].shape == 0 ? NULL : site_line(m->site, m->lines[p].shape);
	bool above = p == e->head ||
		     (p == e->head + 1 && p < e->below && m->lines[e->head].units < BODY_UNITS);

	return l != NULL && enough(m->site, l, m->lines[p].units, false) &&
	       (above || m->out[p - 1] != CHROME_NONE);
}

static void unmark_headlines(struct marking *m)
{
	for (uint32_t p = 0; p < m->count; p++) {
		if (m->out[p] != CHROME_HEADLINE)
			continue;
		m->out[p] = CHROME_NONE;
		m->marked--;
	}
}

/* A page that is hardly anything but sentences of other articles is a page of briefs. */
static void mark_changing(struct marking *m)
{
	struct edges e = { first_of_text(m), end_of_text(m) };
	uint64_t units = 0, headlines = 0;

	for (uint32_t p = e.head; p < m->count; p++) {
		if (m->out[p] != CHROME_NONE || m->lines[p].hash == 0)
			continue;
		units += m->lines[p].units;
		if (dated(m, p, &e)) {
			mark(m, p, CHROME_SHAPE);
		} else if (m->lines[p].hash != m->lines[e.head].hash &&
			   points(m, p, p >= e.below)) {
			mark(m, p, CHROME_HEADLINE);
			headlines += m->lines[p].units;
		}
	}
	if (e.below == 0 && 2 * headlines > units)
		unmark_headlines(m);
}

uint32_t chrome_mark(const struct chrome *c, uint8_t *out, struct span site,
		     const struct fingerprint *f, const struct page_line *lines)
{
	struct marking m = { .c = c, .f = f, .lines = lines, .out = out };

	memset(out, CHROME_NONE, f->paragraph_count);
	if (site.p == NULL)
		return 0;
	m.count = f->paragraph_count;
	m.site = sites_find(&c->sites, sites_name(site));
	mark_known(&m);
	mark_wordless(&m);
	if (m.site != NULL)
		mark_changing(&m);
	return m.marked;
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
	l->weight = weight < SITES_WEIGHT_MAX ? weight : SITES_WEIGHT_MAX;
	l->last = s->articles;
	l->articles++;
	return l;
}

static bool is_new(const struct site *s, const struct seen_line *l)
{
	return l->last == s->articles && l->articles <= 1;
}

/* Told to the other sites once it is chrome here. */
static void tell(struct chrome *c, const struct site *s, struct seen_line *l, uint32_t units)
{
	if ((l->flags & SEEN_TOLD) != 0 || units < PAGE_LINE_TEXT_UNITS ||
	    !enough(s, l, units, false))
		return;
	l->flags |= SEEN_TOLD;
	elsewhere_add(&c->sites.elsewhere, l->hash);
}

enum status chrome_learn(struct chrome *c, struct span site, const struct page_line *lines,
			 uint32_t count, const uint8_t *evidence)
{
	struct site *s = site.p == NULL ? NULL : sites_take(&c->sites, sites_name(site));
	bool headed = false;

	if (s == NULL)
		return site.p == NULL ? STATUS_OK : STATUS_NO_MEMORY;
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
		if (!headed && is_new(s, l) && lines[p].units >= 2 * HEADLINE_TOKENS) {
			headed = true;
			if (lines[p].units <= HEADLINE_UNITS)
				l->flags |= SEEN_HEAD;
		}
		tell(c, s, l, lines[p].units);
		l = lines[p].shape == 0 ? NULL : see(c, s, lines[p].shape, weight);
		if (l != NULL)
			l->flags |= SEEN_SHAPE;
	}
	return STATUS_OK;
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

		if (l->hash == 0 || (l->articles < SIGHTINGS && !enough(s, l, 0, false)))
			continue;
		out[count++] = (struct chrome_line){
			.hash = l->hash,
			.articles = l->articles,
			.since = s->articles - l->last,
			.weight = (double)site_weight(s, l) / SITES_ONE,
			.by_shape = (l->flags & SEEN_SHAPE) != 0,
			.usual = usual(s, l),
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
	if (l->weight + 0.25 < chrome_enough(l, units))
		return CHROME_NONE;
	return l->by_shape ? CHROME_SHAPE : CHROME_SEEN;
}

const char *chrome_reason_text(enum chrome_reason reason)
{
	static const char *const texts[] = { "none",  "short",    "links",    "seen",
					     "shape", "headline", "elsewhere" };

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
	sites_free(&c->sites);
	c->sites = fresh;
	return STATUS_OK;
}
