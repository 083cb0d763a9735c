/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/mask.h"

#include "base/arena.h"
#include "detect/chrome.h"
#include "detect/judge.h"
#include "detect/repeats.h"

#define BARE_UNITS 10u /* half words: less than this left is nothing left */

/* Chrome paragraphs and internal repeats as one sorted list of ranges; returns how many. */
static uint32_t ranges_of(struct masked *out, const struct fingerprint *f, const uint8_t *chrome,
			  const struct repeats *r)
{
	uint32_t count = 0;

	for (uint32_t p = 0, m = 0; p < f->paragraph_count; p++) {
		uint32_t from = f->paragraphs[p], to = f->paragraphs[p + 1];

		if (chrome[p] && to > from) {
			out[count++] = (struct masked){ from, to - from, 1 };
			continue;
		}
		while (m < r->masked_count && r->masked[m].from + r->masked[m].count <= from)
			m++;
		for (uint32_t at = m; at < r->masked_count && r->masked[at].from < to; at++) {
			uint32_t begin = r->masked[at].from > from ? r->masked[at].from : from;
			uint32_t end = r->masked[at].from + r->masked[at].count;

			out[count++] = (struct masked){ begin, (end < to ? end : to) - begin, 0 };
		}
	}
	return count;
}

struct masking {
	const struct fingerprint *f;
	const struct repeats *r;
	uint8_t *chrome; /* enum chrome_reason of each paragraph */
	struct masked *masked;
	struct arena *arena;
};

static enum status keep(struct kept *out, struct masking *m)
{
	const struct fingerprint *f = m->f;
	uint32_t count = ranges_of(m->masked, f, m->chrome, m->r);

	return kept_of(out, f->tokens, f->token_count, f->paragraphs, f->paragraph_count, m->masked,
		       count, m->arena);
}

/* Of what is marked, that which only looks like chrome, or all, is text after all; returns how much
 * stays marked. */
static uint32_t unmark(struct masking *m, bool all)
{
	uint32_t marked = 0;

	for (uint32_t p = 0; p < m->f->paragraph_count; p++) {
		enum chrome_reason why = m->chrome[p];

		if (all || why == CHROME_SHORT || why == CHROME_LINKS || why == CHROME_TITLE)
			m->chrome[p] = CHROME_NONE;
		marked += m->chrome[p] != CHROME_NONE;
	}
	return marked;
}

enum status mask_of(struct kept *out, uint32_t *out_chrome, const struct fingerprint *f,
		    const struct repeats *r, struct chrome *c, struct span site,
		    const struct page_line *lines, struct arena *arena)
{
	struct masking m = { .f = f, .r = r, .arena = arena };
	enum status st;

	m.chrome = ARENA_ARRAY(arena, uint8_t, (size_t)f->paragraph_count + 1);
	m.masked = ARENA_ARRAY(arena, struct masked,
			       (size_t)f->paragraph_count + 2 * r->masked_count + 1);
	if (m.chrome == NULL || m.masked == NULL)
		return STATUS_NO_MEMORY;
	*out_chrome = chrome_mark(c, m.chrome, site, f, lines);
	st = keep(out, &m);
	if (st == STATUS_OK && *out_chrome > 0 && judge_short(out->units)) {
		*out_chrome = unmark(&m, false);
		st = keep(out, &m);
	}
	if (st == STATUS_OK && *out_chrome > 0 && out->units < BARE_UNITS) {
		*out_chrome = unmark(&m, true);
		st = keep(out, &m);
	}
	return st;
}
