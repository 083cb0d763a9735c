/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom does an article resemble: candidates from the index, each compared and judged. */
#include "ingest/desk.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/stats.h"
#include "detect/wording.h"
#include "index/index.h"
#include "ingest/ahead.h"
#include "ingest/job.h"
#include "ingest/misses.h"
#include "text/quoted.h"

#define QUOTATIONS_MAX 3u /* passages; more are more than a quotation */
#define CONFIRM_MAX 16u   /* copies confirmed word by word; more are told as near */

/* Looks are given back before the verdict is: the passages are copied. */
static void add_match(struct desk *d, struct match *m, const struct look *look, uint64_t seq,
		      enum kind kind)
{
	const struct comparison *c = &look->c;
	struct passage *passages = ARENA_ARRAY(d->lane->arena, struct passage, c->passage_count);

	*m = (struct match){
		.seq = seq,
		.kind = kind,
		.relation = look->a.relation,
		.resemblance = c->resemblance,
		.containment = c->containment,
		.contained_by = c->contained_by,
		.passages = passages,
		.passage_count = passages == NULL ? 0 : c->passage_count,
	};
	if (m->passage_count > 0)
		memcpy(passages, c->passages, m->passage_count * sizeof *passages);
}

/* Equal tokens are not enough for `exact`: without the other's text only an equal digest is. */
static bool same_words(struct desk *d, uint64_t seq)
{
	const struct row *row = &d->out->row;
	struct wording here = { article_view(d->piece->article, d->piece->article->text),
				row->masked, row->masked_count };
	struct wording there = { 0 };
	struct row other;

	if (d->confirmed++ >= CONFIRM_MAX ||
	    store_get_light(d->lane->store, &other, seq, d->lane->scratch) != STATUS_OK)
		return false;
	there.masked = other.masked;
	there.masked_count = other.masked_count;
	if (store_text(d->lane->store, &there.text, seq, d->lane->scratch) != STATUS_OK)
		return other.verdict.digest[0] == row->verdict.digest[0] &&
		       other.verdict.digest[1] == row->verdict.digest[1];
	return wording_same(&here, &there);
}

/* Remembers a pair that is almost a match, or a stronger one; the first few of an article, which
 * share most with it. */
static void note_miss(struct desk *d, const struct comparison *c, const struct acquaintance *a,
		      enum kind kind, uint64_t seq)
{
	struct assessment *out = d->out;
	struct judge_miss missed;

	if (out->miss_count == ASSESS_MISSES ||
	    !judge_missed(&missed, c, a, d->lane->thresholds, kind))
		return;
	if (out->misses == NULL)
		out->misses = ARENA_ARRAY(d->lane->arena, struct miss, ASSESS_MISSES);
	if (out->misses == NULL)
		return;
	out->misses[out->miss_count++] = (struct miss){
		.there = seq,
		.when_ms = d->now_ms,
		.kind = kind,
		.relation = a->relation,
		.resemblance = c->resemblance,
		.containment = c->containment,
		.contained_by = c->contained_by,
		.longest_units = c->longest_units,
		.shared_units = c->shared_units,
		.missed = missed,
	};
}

/* Paragraph number (1-based) of a text with a paragraph a line; absent beyond its end. */
static struct span paragraph_at(struct span text, uint32_t number)
{
	const char *end = text.p + text.len;

	for (const char *p = text.p, *stop; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		if (--number == 0)
			return span_of(p, (size_t)(stop - p));
	}
	return (struct span){ NULL, 0 };
}

/* The few passages that may be a quotation over there: that is in the other's text only. */
static void find_quotations(struct desk *d, struct comparison *c, uint64_t seq)
{
	struct span text;

	if (c->whole_units == 0 || c->passage_count > QUOTATIONS_MAX ||
	    store_text(d->lane->store, &text, seq, d->lane->scratch) != STATUS_OK)
		return;
	for (uint32_t i = 0; i < c->passage_count; i++) {
		const struct passage *p = &c->passages[i];
		uint32_t units = 2 * p->words < c->shared_units ? 2 * p->words : c->shared_units;
		struct span there = paragraph_at(text, p->there.from);

		if (p->there.from != p->there.to || there.p == NULL || !quoted(there))
			continue;
		c->quoted_units += units;
		c->shared_units -= units;
		c->whole_units = 0;
	}
}

/* Judges what was seen of one candidate; true when *m is a match. */
static bool judge(struct desk *d, struct match *m, const struct look *look, uint64_t seq)
{
	struct look own = *look;
	enum kind kind;

	own.a.same_work = seq == d->previous;
	if (seq == d->previous)
		own.a.relation = RELATION_SELF;
	own.c.same = own.c.same && same_words(d, seq);
	kind = judge_by(&own.c, &own.a, d->lane->thresholds);
	if (kind == KIND_PARTIAL) {
		find_quotations(d, &own.c, seq);
		kind = judge_by(&own.c, &own.a, d->lane->thresholds);
	}
	note_miss(d, &own.c, &own.a, kind, seq);
	if (kind == KIND_UNIQUE)
		return false;
	add_match(d, m, &own, seq, kind);
	stats_add(STAT_VERIFIED, 1);
	return true;
}

/* Strongest first; among equals the more alike, then the older. */
static int stronger(const void *left, const void *right)
{
	const struct match *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind > b->kind ? -1 : 1;
	if (a->resemblance > b->resemblance || a->resemblance < b->resemblance)
		return a->resemblance > b->resemblance ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The candidates to verify: the version before, then what shares most keys. */
static size_t gather(struct desk *d, uint64_t *seqs)
{
	const struct keys *keys = &d->out->keys;
	struct candidate found[LOOK_CANDIDATES];
	size_t capped = 0, before = 0, count, kept;

	if (d->previous != 0)
		seqs[before++] = d->previous;
	if (judge_short(d->kept.units))
		return before;
	count = index_candidates(d->lane->index, keys->all, keys->count, found, LOOK_CANDIDATES,
				 &capped);
	stats_add(STAT_CAPPED_KEYS, capped);
	count = before + look_promising(seqs + before, found, count, keys->count);
	kept = before;
	for (size_t i = before; i < count; i++)
		if (seqs[i] != d->previous)
			seqs[kept++] = seqs[i];
	return kept;
}

/* What one candidate looks like, as it was seen ahead or by a look at it now. The version before is
 * compared whatever it says. */
static enum status look(const struct look **out, struct desk *d, struct looker *l, uint64_t seq)
{
	struct row row;

	stats_add(STAT_CANDIDATES, 1);
	if (d->seen != NULL && seq != d->previous && foresight_has(out, d->seen, seq))
		return STATUS_OK;
	*out = NULL;
	if (store_get_light(d->lane->store, &row, seq, d->lane->scratch) != STATUS_OK)
		return STATUS_OK;
	return look_at(out, l, &row, seq == d->previous);
}

/* Verified matches into matches[], which has room for all; returns how many. */
static uint32_t verify_all(struct desk *d, struct match *matches, const uint64_t *seqs,
			   size_t count, struct looker *l)
{
	uint32_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const struct look *seen;

		if (look(&seen, d, l, seqs[i]) == STATUS_OK && seen != NULL &&
		    judge(d, &matches[found], seen, seqs[i]))
			found++;
		arena_rewind(d->lane->scratch, l->floor);
	}
	return found;
}

static void tell_strongest(struct verdict *v, struct match *matches, uint32_t count, uint32_t max)
{
	qsort(matches, count, sizeof *matches, stronger);
	v->matches = matches;
	v->match_count = count;
	if (max != 0 && count > max) {
		v->match_count = max;
		v->more = count - max;
	}
}

enum status desk_match(struct desk *d)
{
	uint64_t seqs[LOOK_CANDIDATES + 1];
	size_t count = gather(d, seqs);
	struct arena *scratch = d->lane->scratch;
	struct match *matches = ARENA_ARRAY(d->lane->arena, struct match, count + 1);
	struct arena_mark mark = arena_mark(scratch);
	struct looker looker;
	enum status st = matches == NULL ? STATUS_NO_MEMORY : STATUS_OK;

	if (st == STATUS_OK)
		st = look_begin(&looker, &d->kept, &d->out->name, d->out->keys.shingles,
				d->lane->arena, scratch);
	if (st == STATUS_OK)
		tell_strongest(&d->out->row.verdict, matches,
			       verify_all(d, matches, seqs, count, &looker),
			       d->options->max_matches);
	arena_rewind(scratch, mark);
	return st;
}
