/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/chrome.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "fingerprint/fingerprinting.h"

#define SITES_MAX 65536u       /* after that new sites learn nothing */
#define LINES_MAX CHROME_LINES /* paragraphs remembered per site, a power of two */
#define ENOUGH_ARTICLES 3u     /* a line in so many unlike articles is chrome */
#define LONG_LINE_UNITS 160u   /* a paragraph of 80 words or more needs more evidence */
#define LONG_LINE_ARTICLES 6u
#define SHORT_LINE_UNITS 14u
#define PROBES 16u
#define SAVE_FORMAT 1u

struct line {
	uint64_t hash; /* 0: free */
	uint32_t articles;
	uint32_t last; /* the site's article count when it was last seen: the clock of forgetting */
};

struct site {
	uint64_t name; /* 0: free */
	uint32_t articles;
	uint32_t used, cap; /* of lines[] */
	struct line *lines;
};

struct chrome {
	struct site *sites; /* open addressing */
	uint32_t count, mask;
};

/* FNV-1a is enough to tell site names apart; a forged collision only shares chrome between two
 * names. */
static uint64_t name_of(struct span site)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < site.len; i++)
		h = (h ^ (unsigned char)site.p[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h | 1;
}

enum status chrome_open(struct chrome **out)
{
	struct chrome *c = calloc(1, sizeof *c);

	if (c == NULL)
		return STATUS_NO_MEMORY;
	c->mask = 63;
	c->sites = calloc((size_t)c->mask + 1, sizeof *c->sites);
	if (c->sites == NULL) {
		free(c);
		return STATUS_NO_MEMORY;
	}
	*out = c;
	return STATUS_OK;
}

static void clear_sites(struct chrome *c)
{
	for (uint32_t i = 0; i <= c->mask; i++)
		free(c->sites[i].lines);
	free(c->sites);
}

void chrome_close(struct chrome *c)
{
	if (c == NULL)
		return;
	clear_sites(c);
	free(c);
}

static struct site *site_slot(struct site *sites, uint32_t mask, uint64_t name)
{
	uint32_t i = (uint32_t)(name >> 32) & mask;

	while (sites[i].name != 0 && sites[i].name != name)
		i = (i + 1) & mask;
	return &sites[i];
}

static enum status grow_sites(struct chrome *c)
{
	uint32_t mask = c->mask * 2 + 1;
	struct site *sites = calloc((size_t)mask + 1, sizeof *sites);

	if (sites == NULL)
		return STATUS_NO_MEMORY;
	for (uint32_t i = 0; i <= c->mask; i++)
		if (c->sites[i].name != 0)
			*site_slot(sites, mask, c->sites[i].name) = c->sites[i];
	free(c->sites);
	c->sites = sites;
	c->mask = mask;
	return STATUS_OK;
}

/* The site's slot, made when there is room for one more; NULL: none. */
static struct site *site_take(struct chrome *c, uint64_t name)
{
	struct site *s;

	if (c->count * 2 > c->mask && grow_sites(c) != STATUS_OK)
		return NULL;
	s = site_slot(c->sites, c->mask, name);
	if (s->name == 0) {
		if (c->count == SITES_MAX)
			return NULL;
		s->name = name;
		c->count++;
	}
	return s;
}

/* The line with this hash, or NULL. */
static struct line *line_find(const struct site *s, uint64_t hash)
{
	for (uint32_t i = 0; s->cap > 0 && i < PROBES; i++) {
		struct line *l = &s->lines[((uint32_t)(hash >> 20) + i) & (s->cap - 1)];

		if (l->hash == hash)
			return l;
	}
	return NULL;
}

/* Where a new line goes: a free slot, else the least and longest-ago seen of its neighbourhood. */
static struct line *line_victim(struct site *s, uint64_t hash)
{
	struct line *worst = NULL;

	for (uint32_t i = 0; i < PROBES; i++) {
		struct line *l = &s->lines[((uint32_t)(hash >> 20) + i) & (s->cap - 1)];

		if (l->hash == 0)
			return l;
		if (worst == NULL || l->articles < worst->articles ||
		    (l->articles == worst->articles && l->last < worst->last))
			worst = l;
	}
	return worst;
}

static enum status lines_grow(struct site *s)
{
	struct site bigger = *s;

	bigger.cap = s->cap == 0 ? 64 : s->cap * 2;
	bigger.lines = calloc(bigger.cap, sizeof *bigger.lines);
	if (bigger.lines == NULL)
		return STATUS_NO_MEMORY;
	for (uint32_t i = 0; i < s->cap; i++)
		if (s->lines[i].hash != 0)
			*line_victim(&bigger, s->lines[i].hash) = s->lines[i];
	free(s->lines);
	*s = bigger;
	return STATUS_OK;
}

enum status chrome_learn(struct chrome *c, struct span site, const struct fingerprint *f,
			 const uint64_t *hashes)
{
	struct site *s;

	if (site.p == NULL)
		return STATUS_OK;
	s = site_take(c, name_of(site));
	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->articles++;
	for (uint32_t p = 0; p < f->paragraph_count; p++) {
		struct line *l;

		if (f->paragraphs[p] == f->paragraphs[p + 1] || hashes[p] == 0)
			continue;
		l = line_find(s, hashes[p]);
		if (l != NULL) {
			/* Once per article, however often it stands there. */
			l->articles += l->last != s->articles;
			l->last = s->articles;
			continue;
		}
		if (s->used * 2 >= s->cap && s->cap < LINES_MAX && lines_grow(s) != STATUS_OK)
			return STATUS_NO_MEMORY;
		l = line_victim(s, hashes[p]);
		s->used += l->hash == 0;
		*l = (struct line){ hashes[p], 1, s->articles };
	}
	return STATUS_OK;
}

static uint32_t line_units(const struct fingerprint *f, uint32_t p)
{
	return tokens_units(f->tokens + f->paragraphs[p], f->paragraphs[p + 1] - f->paragraphs[p]);
}

/* Short lines are labels, bylines, links: not text, unless the text is hardly anything else. */
static uint32_t mark_short_lines(uint8_t *out, const struct fingerprint *f)
{
	uint32_t units = 0, marked = 0;

	for (uint32_t p = 0; p < f->paragraph_count; p++)
		if (line_units(f, p) < SHORT_LINE_UNITS)
			units += line_units(f, p);
	if (2 * (uint64_t)units > f->units)
		return 0;
	for (uint32_t p = 0; p < f->paragraph_count; p++) {
		if (line_units(f, p) < SHORT_LINE_UNITS) {
			marked += !out[p];
			out[p] = 1;
		}
	}
	return marked;
}

uint32_t chrome_enough(uint32_t units)
{
	return units >= LONG_LINE_UNITS ? LONG_LINE_ARTICLES : ENOUGH_ARTICLES;
}

uint32_t chrome_text_units(void)
{
	return SHORT_LINE_UNITS;
}

uint32_t chrome_articles(const struct chrome *c, struct span site)
{
	return site.p == NULL ? 0 : site_slot(c->sites, c->mask, name_of(site))->articles;
}

uint32_t chrome_lines(const struct chrome *c, struct chrome_line *out, struct span site)
{
	const struct site *s;
	uint32_t count = 0;

	if (site.p == NULL)
		return 0;
	s = site_slot(c->sites, c->mask, name_of(site));
	for (uint32_t i = 0; i < s->cap && count < CHROME_LINES; i++) {
		const struct line *l = &s->lines[i];

		if (l->hash != 0 && l->articles >= ENOUGH_ARTICLES)
			out[count++] =
				(struct chrome_line){ l->hash, l->articles, s->articles - l->last };
	}
	return count;
}

uint32_t chrome_mark(const struct chrome *c, uint8_t *out, struct span site,
		     const struct fingerprint *f, const uint64_t *hashes)
{
	const struct site *s;
	uint32_t marked = 0;

	memset(out, 0, f->paragraph_count);
	if (site.p == NULL)
		return 0;
	s = site_slot(c->sites, c->mask, name_of(site));
	for (uint32_t p = 0; s->name != 0 && p < f->paragraph_count; p++) {
		uint32_t count = f->paragraphs[p + 1] - f->paragraphs[p];
		const struct line *l = count == 0 ? NULL : line_find(s, hashes[p]);

		if (l == NULL || l->articles < ENOUGH_ARTICLES ||
		    l->articles < chrome_enough(line_units(f, p)))
			continue;
		out[p] = 1;
		marked++;
	}
	return marked + mark_short_lines(out, f);
}

void chrome_save(const struct chrome *c, struct bytes *out)
{
	put_varint(out, SAVE_FORMAT);
	put_varint(out, c->count);
	for (uint32_t i = 0; i <= c->mask; i++) {
		const struct site *s = &c->sites[i];

		if (s->name == 0)
			continue;
		put_u64(out, s->name);
		put_varint(out, s->articles);
		put_varint(out, s->used);
		for (uint32_t l = 0; l < s->cap; l++) {
			if (s->lines[l].hash == 0)
				continue;
			put_u64(out, s->lines[l].hash);
			put_varint(out, s->lines[l].articles);
			put_varint(out, s->lines[l].last);
		}
	}
}

static enum status load_site(struct chrome *c, struct cursor *in)
{
	struct site *s = site_take(c, take_u64(in) | 1);
	uint64_t lines;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->articles = (uint32_t)take_varint(in);
	lines = take_varint(in);
	for (uint64_t i = 0; i < lines && !in->failed; i++) {
		struct line l;
		struct line *slot;

		l.hash = take_u64(in);
		l.articles = (uint32_t)take_varint(in);
		l.last = (uint32_t)take_varint(in);
		if (l.hash == 0 || in->failed)
			return STATUS_MALFORMED;
		if (s->used * 2 >= s->cap && s->cap < LINES_MAX && lines_grow(s) != STATUS_OK)
			return STATUS_NO_MEMORY;
		slot = line_victim(s, l.hash);
		s->used += slot->hash == 0;
		*slot = l;
	}
	return in->failed ? STATUS_MALFORMED : STATUS_OK;
}

enum status chrome_load(struct chrome *c, struct span saved)
{
	struct cursor in = cursor_of(saved);
	struct chrome *fresh;
	uint64_t sites;
	enum status st = chrome_open(&fresh);

	if (st != STATUS_OK)
		return st;
	if (take_varint(&in) != SAVE_FORMAT)
		st = STATUS_MALFORMED;
	sites = take_varint(&in);
	for (uint64_t i = 0; i < sites && st == STATUS_OK; i++)
		st = in.failed ? STATUS_MALFORMED : load_site(fresh, &in);
	if (st == STATUS_OK && in.failed)
		st = STATUS_MALFORMED;
	if (st == STATUS_OK) {
		clear_sites(c);
		*c = *fresh;
		free(fresh);
		return STATUS_OK;
	}
	chrome_close(fresh);
	return st;
}
