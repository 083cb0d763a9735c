/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/mask.h"

#include <string.h>

#include "base/arena.h"
#include "detect/chrome.h"
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

enum status mask_of(struct kept *out, uint32_t *out_chrome, const struct fingerprint *f,
		    const struct repeats *r, const struct chrome *c, struct span site,
		    const struct page_line *lines, struct arena *arena)
{
	uint8_t *chrome = ARENA_ARRAY(arena, uint8_t, (size_t)f->paragraph_count + 1);
	struct masked *masked = ARENA_ARRAY(arena, struct masked,
					    (size_t)f->paragraph_count + 2 * r->masked_count + 1);
	uint32_t count;
	enum status st;

	if (chrome == NULL || masked == NULL)
		return STATUS_NO_MEMORY;
	*out_chrome = chrome_mark(c, chrome, site, f, lines);
	count = ranges_of(masked, f, chrome, r);
	st = kept_of(out, f->tokens, f->token_count, f->paragraphs, f->paragraph_count, masked,
		     count, arena);
	if (st != STATUS_OK || *out_chrome == 0 || out->units >= BARE_UNITS)
		return st;
	memset(chrome, 0, f->paragraph_count);
	*out_chrome = 0;
	count = ranges_of(masked, f, chrome, r);
	return kept_of(out, f->tokens, f->token_count, f->paragraphs, f->paragraph_count, masked,
		       count, arena);
}
