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

#define ROWS_AHEAD 6u   /* rows are asked for so long before they are read */
#define CONFIRM_MAX 16u /* copies confirmed word by word; more are told as near */

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
				row->masked, row->masked_count, row->paragraphs,
				row->paragraph_count };
	struct wording there = { 0 };
	struct row other;

	if (d->confirmed++ >= CONFIRM_MAX ||
	    store_get_light(d->lane->store, &other, seq, d->lane->scratch) != STATUS_OK)
		return false;
	there.masked = other.masked;
	there.masked_count = other.masked_count;
	there.paragraphs = other.paragraphs;
	there.paragraph_count = other.paragraph_count;
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
	note_miss(d, &own.c, &own.a, kind, seq);
	if (kind == KIND_UNIQUE)
		return false;
	add_match(d, m, &own, seq, kind);
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

/* ---- candidates */

/* One article on its way through its candidates. */
struct round {
	struct desk *d;
	struct looker looker; /* begun when the first look is missing */
	bool begun;
	struct match *matches; /* there is room for all of them */
	uint32_t found, tried;
};

/* What is there and cannot be read is told by store_unread(), before the batch is committed. */
static enum status look_now(const struct look **out, struct round *r, uint64_t seq)
{
	const struct lane_view *lane = r->d->lane;
	enum status st = STATUS_OK;
	struct glimpse glimpse;
	struct row row;

	*out = NULL;
	if (!r->begun)
		st = look_begin(&r->looker, &r->d->kept, &r->d->out->name,
				r->d->out->row.verdict.title, r->d->out->keys.shingles, lane->arena,
				lane->scratch);
	r->begun = true;
	if (st != STATUS_OK)
		return st;
	if (store_glimpse(lane->store, &glimpse, seq, lane->scratch) != STATUS_OK ||
	    (seq != r->d->previous && !look_worth(&r->looker, &glimpse)))
		return STATUS_OK;
	return store_look_on(lane->store, &row, seq, &glimpse, lane->scratch) == STATUS_OK
		       ? look_at(out, &r->looker, &row)
		       : STATUS_OK;
}

/* By what was seen of a candidate ahead, or by a look at it now. */
static enum status try(struct round *r, uint64_t seq, const struct sight *seen)
{
	const struct look *look = seen == NULL ? NULL : seen->look;
	enum status st = seen == NULL ? look_now(&look, r, seq) : STATUS_OK;

	r->tried++;
	if (st == STATUS_OK && look != NULL && judge(r->d, &r->matches[r->found], look, seq))
		r->found++;
	arena_rewind(r->d->lane->scratch, r->looker.floor);
	return st;
}

/* The version before is compared whatever its words say. */
static enum status try_previous(struct round *r)
{
	return r->d->previous == 0 ? STATUS_OK : try(r, r->d->previous, NULL);
}

/* Nothing has come under the article's keys since: its candidates are those of then. */
static enum status try_seen(struct round *r)
{
	const struct foresight *f = r->d->seen;
	enum status st = try_previous(r);

	stats_add(STAT_CAPPED_KEYS, f->capped);
	for (size_t i = 0; i < f->count && st == STATUS_OK; i++)
		if (f->sights[i].seq != r->d->previous)
			st = try(r, f->sights[i].seq, f->sights[i].absent ? NULL : &f->sights[i]);
	return st;
}

static enum status try_found(struct round *r, const struct candidate *found, size_t count,
			     size_t capped)
{
	const struct desk *d = r->d;
	uint64_t seqs[LOOK_CANDIDATES];
	enum status st = try_previous(r);

	stats_add(STAT_CAPPED_KEYS, capped);
	count = look_promising(seqs, found, count, d->out->keys.count);
	store_expect(d->lane->store, seqs, count);
	for (size_t i = 0; i < count && st == STATUS_OK; i++) {
		if (i + ROWS_AHEAD < count && d->seen == NULL)
			store_prefetch(d->lane->store, seqs[i + ROWS_AHEAD]);
		if (seqs[i] != d->previous)
			st = try(r, seqs[i],
				 d->seen == NULL ? NULL : foresight_of(d->seen, seqs[i]));
	}
	return st;
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
	const struct keys *keys = &d->out->keys;
	bool seen = d->seen != NULL &&
		    index_same(d->lane->index, &d->seen->mark, keys->all, keys->count);
	struct candidate found[LOOK_CANDIDATES];
	size_t capped = 0, count = 0;
	struct arena_mark mark = arena_mark(d->lane->scratch);
	struct round r = { .d = d, .looker = { .floor = mark } };
	enum status st;

	if (!seen && !judge_short(d->kept.units))
		count = index_candidates(d->lane->index, keys->all, keys->flanks, keys->count,
					 found, LOOK_CANDIDATES, &capped);
	r.matches = ARENA_ARRAY(d->lane->arena, struct match, (seen ? d->seen->count : count) + 1);
	if (r.matches == NULL)
		return STATUS_NO_MEMORY;
	st = seen ? try_seen(&r) : try_found(&r, found, count, capped);
	arena_rewind(d->lane->scratch, mark);
	stats_add(STAT_CANDIDATES, r.tried);
	stats_add(STAT_VERIFIED, r.found);
	if (st == STATUS_OK)
		tell_strongest(&d->out->row.verdict, r.matches, r.found, d->options->max_matches);
	return st;
}
