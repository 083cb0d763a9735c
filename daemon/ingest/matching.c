/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom does an article resemble: candidates from the index, each compared and judged. */
#include "ingest/desk.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/stats.h"
#include "detect/judge.h"
#include "detect/wording.h"
#include "index/index.h"
#include "ingest/job.h"
#include "ingest/misses.h"

#define CANDIDATES_MAX 256u
#define FEW_KEYS 6u
#define CONFIRM_MAX 16u /* copies confirmed word by word; more are told as near */

static enum relation relation_of(const struct desk *d, const struct row *other)
{
	if (other->verdict.seq == d->previous || span_equal(other->verdict.id, d->out->name.id))
		return RELATION_SELF;
	return span_equal(other->verdict.site, d->out->name.site) ? RELATION_SAME_SITE
								  : RELATION_CROSS_SITE;
}

static void add_match(struct desk *d, struct match *m, const struct comparison *c,
		      const struct row *other, enum kind kind)
{
	struct passage *passages = ARENA_ARRAY(d->lane->arena, struct passage, c->passage_count);

	*m = (struct match){
		.seq = other->verdict.seq,
		.kind = kind,
		.relation = relation_of(d, other),
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
static bool same_words(struct desk *d, const struct row *other)
{
	const struct row *row = &d->out->row;
	struct wording here = { article_view(d->piece->article, d->piece->article->text),
				row->masked, row->masked_count };
	struct wording there = { .masked = other->masked, .masked_count = other->masked_count };

	if (d->confirmed++ >= CONFIRM_MAX)
		return false;
	if (store_text(d->lane->store, &there.text, other->verdict.seq, d->lane->scratch) !=
	    STATUS_OK)
		return other->verdict.digest[0] == row->verdict.digest[0] &&
		       other->verdict.digest[1] == row->verdict.digest[1];
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

static void title_here_and_there(struct desk *d, struct acquaintance *a, const struct row *other)
{
	struct title there;

	title_of(&there, other->verdict.title);
	a->titles_known = title_share(&a->titles, &d->title, &there);
}

/* Compares with one candidate; true when *m is a verified match. */
static bool verify(struct desk *d, struct match *m, struct probe *probe, uint64_t seq)
{
	struct arena *scratch = d->lane->scratch;
	struct acquaintance a = { .here_units = d->kept.units };
	struct comparison c;
	struct kept other;
	struct row row;
	enum kind kind;

	stats_add(STAT_CANDIDATES, 1);
	if (store_get_light(d->lane->store, &row, seq, scratch) != STATUS_OK ||
	    store_kept(&other, &row, scratch) != STATUS_OK ||
	    compare(&c, probe, &other, scratch) != STATUS_OK)
		return false;
	a.relation = relation_of(d, &row);
	a.sites_known =
		d->out->name.site_known && !span_equal(row.verdict.site, span_of_text("unknown"));
	a.same_work = seq == d->previous;
	if (c.longest_units > 0)
		title_here_and_there(d, &a, &row);
	a.there_units = other.units;
	c.same = c.same && same_words(d, &row);
	kind = judge_by(&c, &a, d->lane->thresholds);
	note_miss(d, &c, &a, kind, seq);
	if (kind == KIND_UNIQUE)
		return false;
	add_match(d, m, &c, &row, kind);
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

/* One key in common that hundreds have is a figure of speech, unless the text has hardly any other.
 */
static bool promising(const struct candidate *c, size_t key_count)
{
	return c->firm > 0 || c->hits > 1 || key_count <= FEW_KEYS;
}

/* The candidates to verify: the version before, then what shares most keys. */
static size_t gather(struct desk *d, uint64_t *seqs)
{
	struct candidate found[CANDIDATES_MAX];
	size_t capped = 0, count = 0, n;

	if (d->previous != 0)
		seqs[count++] = d->previous;
	if (judge_short(d->kept.units))
		return count;
	n = index_candidates(d->lane->index, d->out->keys.all, d->out->keys.count, found,
			     CANDIDATES_MAX, &capped);
	stats_add(STAT_CAPPED_KEYS, capped);
	for (size_t i = 0; i < n; i++)
		if (found[i].seq != d->previous && promising(&found[i], d->out->keys.count))
			seqs[count++] = found[i].seq;
	return count;
}

enum status desk_match(struct desk *d)
{
	uint64_t seqs[CANDIDATES_MAX + 1];
	size_t count = gather(d, seqs);
	struct verdict *v = &d->out->row.verdict;
	struct match *matches = ARENA_ARRAY(d->lane->arena, struct match, count + 1);
	struct arena_mark mark = arena_mark(d->lane->scratch);
	struct probe *probe;
	uint32_t found = 0;
	enum status st = probe_of(&probe, &d->kept, d->out->keys.shingles, d->lane->scratch);

	title_of(&d->title, v->title);
	for (size_t i = 0; st == STATUS_OK && matches != NULL && i < count; i++) {
		struct arena_mark before = arena_mark(d->lane->scratch);

		if (verify(d, &matches[found], probe, seqs[i]))
			found++;
		arena_rewind(d->lane->scratch, before);
	}
	arena_rewind(d->lane->scratch, mark);
	if (st != STATUS_OK || matches == NULL)
		return STATUS_NO_MEMORY;
	qsort(matches, found, sizeof *matches, stronger);
	v->matches = matches;
	v->match_count = found;
	if (d->options->max_matches != 0 && found > d->options->max_matches) {
		v->match_count = d->options->max_matches;
		v->more = found - v->match_count;
	}
	return STATUS_OK;
}
