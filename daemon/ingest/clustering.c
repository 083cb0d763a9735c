/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/clustering.h"

#include "base/arena.h"

#include <reprint/verdict.h>

#define QUARTER 0.25
#define HALF 0.5
#define ASKED_MAX 4u

/* Takes the paragraphs of a passage; false when one of them was taken already. */
static bool take(bool *taken, const struct ties *t, const struct passage *p)
{
	bool free = true;

	for (uint32_t n = p->here.from; n <= p->here.to && n <= t->paragraphs; n++) {
		free &= !taken[n];
		taken[n] = true;
	}
	return free;
}

/* Words of the passages that only other clusters have. taken[paragraphs + 1] is all false. */
static uint32_t foreign_words(const struct ties *t, uint64_t cluster, bool *taken)
{
	uint32_t words = 0;

	for (size_t i = 0; i < t->count; i++)
		for (uint32_t p = 0; p < t->matches[i].passage_count; p++)
			if (t->clusters[i] == cluster)
				take(taken, t, &t->matches[i].passages[p]);
	for (size_t i = 0; i < t->count; i++)
		for (uint32_t p = 0; p < t->matches[i].passage_count; p++)
			if (t->clusters[i] != cluster && take(taken, t, &t->matches[i].passages[p]))
				words += t->matches[i].passages[p].words;
	return words;
}

static bool is_round_up(const struct ties *t, size_t copy, struct arena *scratch)
{
	const struct match *m = &t->matches[copy];
	struct arena_mark mark = arena_mark(scratch);
	uint32_t words = 0;
	bool *taken;

	if (m->kind != KIND_NEAR || m->containment >= HALF)
		return false;
	taken = arena_take_zeroed(scratch, (size_t)t->paragraphs + 1, sizeof *taken);
	if (taken != NULL)
		words = foreign_words(t, t->clusters[copy], taken);
	arena_rewind(scratch, mark);
	return taken != NULL && 10 * (uint64_t)words >= t->words;
}

/* The match with the centre itself; NULL when there is none. */
static const struct match *centre_of(const struct ties *t, uint64_t cluster)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->matches[i].seq == cluster)
			return &t->matches[i];
	return NULL;
}

/* Whether a stronger match lies in the same cluster. */
static bool tried(const struct ties *t, size_t match)
{
	for (size_t i = 0; i < match; i++)
		if (t->clusters[i] == t->clusters[match])
			return true;
	return false;
}

static uint64_t copied_from(const struct ties *t, clustering_fn near_centre, void *ctx,
			    struct arena *scratch)
{
	unsigned asked = 0;

	for (size_t i = 0; i < t->count && t->matches[i].kind >= KIND_NEAR; i++) {
		uint64_t cluster = t->clusters[i];

		if (cluster == 0 || tried(t, i) || is_round_up(t, i, scratch))
			continue;
		if (centre_of(t, cluster) != NULL ||
		    (asked++ < ASKED_MAX && near_centre(ctx, cluster) >= QUARTER))
			return cluster;
	}
	return 0;
}

static bool retells(const struct match *m)
{
	return m->kind == KIND_PARTIAL && m->containment >= QUARTER && m->contained_by >= QUARTER;
}

static uint64_t retold_from(const struct ties *t)
{
	for (size_t i = 0; i < t->count; i++) {
		uint64_t cluster = t->clusters[i];
		size_t inside = 0, retold = 0;

		if (cluster != t->matches[i].seq || !retells(&t->matches[i]))
			continue;
		for (size_t k = 0; k < t->count; k++) {
			inside += t->clusters[k] == cluster;
			retold += t->clusters[k] == cluster && retells(&t->matches[k]);
		}
		if (retold >= 2 && 5 * inside >= 4 * t->count)
			return cluster;
	}
	return 0;
}

uint64_t clustering_of(const struct ties *t, clustering_fn near_centre, void *ctx,
		       struct arena *scratch)
{
	if (t->count > 0 && t->matches[0].kind >= KIND_NEAR)
		return copied_from(t, near_centre, ctx, scratch);
	return retold_from(t);
}
