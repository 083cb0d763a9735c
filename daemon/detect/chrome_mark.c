/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome_mark(): what is left out of one article. First what stands there as it always does, then
 * short lines and links, what speaks of itself, and what changes from article to article. */
#include "detect/chrome_state.h"

#include <reprint/article.h>

#include "detect/page_line.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/words.h"

#define ELSEWHERE_ENOUGH 3u /* other sites */
#define LABEL_TOKENS 4u     /* "Read also" */
#define BODY_UNITS 40u      /* a paragraph of 20 words is the article's */
#define EDGE_SLACK 4u       /* half words that a name may be longer or shorter */
#define HOST_UNITS 32u      /* a line that gives the site's address is no longer */
#define HOST_TOKENS 8u      /* of an address at most */
#define TITLE_TIMES 2u      /* so much longer than its title is a text that needs none */

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

static bool edge_is_known(const struct elsewhere *e, uint64_t edge, uint32_t units)
{
	uint32_t from = (units - EDGE_SLACK) / CHROME_EDGE_STEP;
	uint32_t to = (units + EDGE_SLACK) / CHROME_EDGE_STEP;
	uint32_t sites = 0;

	for (uint32_t step = from; step <= to; step++)
		sites += elsewhere_sites(e, chrome_edge(edge, step));
	return sites >= ELSEWHERE_ENOUGH;
}

/* NONE: not enough other sites have such a line as chrome. */
static enum chrome_reason known_elsewhere(const struct marking *m, const struct page_line *line)
{
	const struct elsewhere *e = &m->c->sites.elsewhere;

	if (line->units < PAGE_LINE_TEXT_UNITS)
		return CHROME_NONE;
	if (elsewhere_sites(e, line->hash) >= ELSEWHERE_ENOUGH)
		return CHROME_ELSEWHERE;
	for (unsigned i = 0; i < 2 && line->edges[i] != 0; i++)
		if (edge_is_known(e, line->edges[i], line->units))
			return CHROME_EDGE;
	return CHROME_NONE;
}

static void mark_known(struct marking *m)
{
	for (uint32_t p = 0; p < m->count; p++) {
		const struct page_line *line = &m->lines[p];
		const struct seen_line *l;
		enum chrome_reason why;

		if (line->hash == 0)
			continue;
		l = m->site == NULL ? NULL : site_line(m->site, line->hash);
		if (l != NULL && chrome_is_known(m->site, l, line->units,
						 (line->hints & ARTICLE_HINT_CAPTION) != 0))
			mark(m, p, CHROME_SEEN);
		else if ((why = known_elsewhere(m, line)) != CHROME_NONE)
			mark(m, p, why);
	}
}

static enum chrome_reason wordless(const struct page_line *line)
{
	return line->units < PAGE_LINE_TEXT_UNITS && !line->data ? CHROME_SHORT
	       : (line->hints & ARTICLE_HINT_LINKS) != 0         ? CHROME_LINKS
								 : CHROME_NONE;
}

/* Short lines are labels, bylines, links: not text, unless what is not known as chrome is hardly
 * anything else. */
static void mark_wordless(struct marking *m)
{
	uint64_t units = 0, all = 0;

	for (uint32_t p = 0; p < m->count; p++) {
		if (m->out[p] != CHROME_NONE)
			continue;
		all += m->lines[p].units;
		if (wordless(&m->lines[p]) != CHROME_NONE)
			units += m->lines[p].units;
	}
	if (2 * units > all)
		return;
	for (uint32_t p = 0; p < m->count; p++)
		if (m->out[p] == CHROME_NONE && wordless(&m->lines[p]) != CHROME_NONE)
			mark(m, p, wordless(&m->lines[p]));
}

/* ---- what speaks of itself */

static bool names(const uint16_t *tokens, uint32_t count, const uint16_t *name, size_t len)
{
	for (uint32_t at = 0; at + len <= count; at++)
		if (memcmp(tokens + at, name, len * sizeof *name) == 0)
			return true;
	return false;
}

/* "Read the full story at a.example". Names that are no address may be anything. */
static void mark_host(struct marking *m, struct span site)
{
	uint16_t name[HOST_TOKENS];
	size_t len;

	if (memchr(site.p, '.', site.len) == NULL)
		return;
	len = words_of_text(name, HOST_TOKENS, site);
	if (len < 2 || len > HOST_TOKENS)
		return;
	for (uint32_t p = 0; p < m->count; p++) {
		uint32_t from = m->f->paragraphs[p], to = m->f->paragraphs[p + 1];

		if (m->out[p] == CHROME_NONE && m->lines[p].units <= HOST_UNITS &&
		    names(m->f->tokens + from, to - from, name, len))
			mark(m, p, CHROME_HOST);
	}
}

/* The article's own title is not of its body, unless there is hardly any other. */
static void mark_title(struct marking *m)
{
	uint64_t units = 0;
	uint32_t title = 0;

	for (uint32_t p = 0; p < m->count; p++) {
		if (m->lines[p].title)
			title = m->lines[p].units;
		else if (m->out[p] == CHROME_NONE)
			units += m->lines[p].units;
	}
	if (title == 0 || units < TITLE_TIMES * title)
		return;
	for (uint32_t p = 0; p < m->count; p++)
		if (m->lines[p].title && m->out[p] == CHROME_NONE)
			mark(m, p, CHROME_TITLE);
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

	if (m->lines[p].units > PAGE_LINE_HEADLINE_UNITS)
		return false;
	for (uint32_t label = below ? 0 : 1; label <= LABEL_TOKENS; label++)
		if (count >= label + CHROME_HEADLINE_TOKENS &&
		    is_headline(m, tokens + label, count - label))
			return true;
	return false;
}

/* Where lines stand apart from the paragraphs of the text. */
struct edges {
	uint32_t head;  /* the first line that is text */
	uint32_t body;  /* its first paragraph */
	uint32_t below; /* what follows its last; 0: it has only sentences */
};

static bool is_body(const struct marking *m, uint32_t p)
{
	return m->out[p] == CHROME_NONE && m->lines[p].units >= BODY_UNITS;
}

static struct edges edges_of(const struct marking *m)
{
	struct edges e = { 0, 0, m->count };

	while (e.head < m->count && (m->out[e.head] != CHROME_NONE || m->lines[e.head].hash == 0))
		e.head++;
	while (e.body < m->count && !is_body(m, e.body))
		e.body++;
	while (e.below > 0 && !is_body(m, e.below - 1))
		e.below--;
	return e;
}

/* A date line stands above the text, at its head, or above or below it beside other chrome. */
static bool dated(const struct marking *m, uint32_t p, const struct edges *e)
{
	bool above = p<e->body, apart = e->below> 0 && (above || p >= e->below);
	const struct seen_line *l;

	if (m->lines[p].shape == 0 || !apart ||
	    !((above && p <= e->head + 1) || (p > 0 && m->out[p - 1] != CHROME_NONE)))
		return false;
	l = site_line(m->site, m->lines[p].shape);
	return l != NULL && chrome_is_known(m->site, l, m->lines[p].units, false);
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
	const struct edges e = edges_of(m);
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

uint32_t chrome_mark(struct chrome *c, uint8_t *out, struct span site, const struct fingerprint *f,
		     const struct page_line *lines)
{
	struct marking m = { .c = c, .f = f, .lines = lines, .out = out };

	memset(out, CHROME_NONE, f->paragraph_count);
	if (site.p == NULL)
		return 0;
	m.count = f->paragraph_count;
	pthread_rwlock_rdlock(&c->marking);
	m.site = sites_find(&c->sites, sites_name(site));
	mark_known(&m);
	mark_wordless(&m);
	mark_host(&m, site);
	mark_title(&m);
	if (m.site != NULL)
		mark_changing(&m);
	pthread_rwlock_unlock(&c->marking);
	return m.marked;
}
