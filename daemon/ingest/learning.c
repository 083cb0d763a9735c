/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/learning.h"

#include "base/arena.h"
#include "detect/chrome.h"
#include "store/store.h"

#define CHROME_WORDS 150u /* of one page at most, mostly */

static bool look_alike(const struct verdict *v)
{
	for (uint32_t i = 0; i < v->match_count; i++)
		if (v->matches[i].kind >= KIND_NEAR &&
		    v->matches[i].relation != RELATION_CROSS_SITE)
			return true;
	return false;
}

bool learning_wants(const struct row *row)
{
	return !span_equal(row->verdict.site, span_of_text("unknown")) &&
	       !look_alike(&row->verdict);
}

/* Pages of one site share its chrome, so a passage is the story's only if it is long. Then it is
 * weak evidence still: whoever has so much chrome learns it, too. */
static uint8_t evidence_beside(const struct match *m)
{
	uint32_t words = 0;

	if (m->kind >= KIND_NEAR)
		return CHROME_NO_EVIDENCE;
	if (m->kind == KIND_EXCERPT || m->kind == KIND_CONTAINS)
		return CHROME_WEAK_EVIDENCE;
	for (uint32_t i = 0; i < m->passage_count; i++)
		words += m->passages[i].words;
	return words > CHROME_WORDS && m->relation != RELATION_CROSS_SITE ? CHROME_WEAK_EVIDENCE
									  : CHROME_EVIDENCE;
}

/* Passages count paragraphs from one. */
static void weaken(uint8_t *evidence, uint32_t count, const struct match *m)
{
	uint8_t most = evidence_beside(m);

	for (uint32_t i = 0; most != CHROME_EVIDENCE && i < m->passage_count; i++) {
		struct paragraph_range here = m->passages[i].here;

		for (uint32_t p = here.from; p > 0 && p <= here.to && p <= count; p++)
			if (evidence[p - 1] > most)
				evidence[p - 1] = most;
	}
}

enum status learning_take(struct chrome *c, const struct row *row, const struct page_line *lines,
			  struct arena *scratch)
{
	const struct verdict *v = &row->verdict;
	struct arena_mark before = arena_mark(scratch);
	uint8_t *evidence;
	enum status st = STATUS_NO_MEMORY;

	if (!learning_wants(row))
		return STATUS_OK;
	evidence = ARENA_ARRAY(scratch, uint8_t, (size_t)row->paragraph_count + 1);
	if (evidence != NULL) {
		memset(evidence, CHROME_EVIDENCE, row->paragraph_count);
		for (uint32_t i = 0; i < v->match_count; i++)
			weaken(evidence, row->paragraph_count, &v->matches[i]);
		st = chrome_learn(c, v->site, lines, row->paragraph_count, evidence);
	}
	arena_rewind(scratch, before);
	return st;
}
