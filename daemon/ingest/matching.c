/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom does an article resemble: candidates from the index, each compared and judged. */
#include "ingest/desk.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/stats.h"
#include "detect/judge.h"
#include "detect/sieve.h"
#include "detect/wording.h"
#include "index/index.h"
#include "ingest/job.h"
#include "ingest/misses.h"
#include "text/quoted.h"

#define CANDIDATES_MAX 256u
#define FEW_KEYS 6u
#define QUOTATIONS_MAX 3u /* passages; more are more than a quotation */
#define CONFIRM_MAX 16u   /* copies confirmed word by word; more are told as near */

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

/* A candidate. */
struct other {
	struct row row;
	struct kept kept;
};

/* Reads a candidate; true when it has to be compared: the version before is, whatever it says. */
static bool worth_comparing(const struct desk *d, struct other *o, const struct sieve *sieve,
			    uint64_t seq)
{
	const struct row *row = &o->row;
	struct arena *scratch = d->lane->scratch;

	stats_add(STAT_CANDIDATES, 1);
	return store_get_light(d->lane->store, &o->row, seq, scratch) == STATUS_OK &&
	       kept_of(&o->kept, row->tokens, row->token_count, row->paragraphs,
		       row->paragraph_count, row->masked, row->masked_count,
		       scratch) == STATUS_OK &&
	       (seq == d->previous || sieve_passes(sieve, o->kept.tokens, o->kept.count));
}

/* Compares with one candidate; true when *m is a verified match. */
static bool verify(struct desk *d, struct match *m, struct probe *probe, const struct other *o)
{
	uint64_t seq = o->row.verdict.seq;
	struct acquaintance a = {
		.relation = relation_of(d, &o->row),
		.sites_known = d->out->name.site_known &&
			       !span_equal(o->row.verdict.site, span_of_text("unknown")),
		.same_work = seq == d->previous,
		.here_units = d->kept.units,
		.there_units = o->kept.units,
	};
	struct comparison c;
	enum kind kind;

	if (compare(&c, probe, &o->kept, d->lane->scratch) != STATUS_OK)
		return false;
	c.same = c.same && same_words(d, &o->row);
	kind = judge_by(&c, &a, d->lane->thresholds);
	if (kind == KIND_PARTIAL) {
		find_quotations(d, &c, seq);
		kind = judge_by(&c, &a, d->lane->thresholds);
	}
	note_miss(d, &c, &a, kind, seq);
	if (kind == KIND_UNIQUE)
		return false;
	add_match(d, m, &c, &o->row, kind);
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

#define AHEAD 6u /* rows are asked for so long before they are read */

/* Verified matches into matches[], which has room for all; returns how many. */
static uint32_t verify_all(struct desk *d, struct match *matches, const uint64_t *seqs,
			   size_t count, struct probe *probe, const struct sieve *sieve)
{
	uint32_t found = 0;

	for (size_t i = 0; i < count && i < AHEAD; i++)
		store_prefetch(d->lane->store, seqs[i]);
	for (size_t i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(d->lane->scratch);
		struct other other;

		if (i + AHEAD < count)
			store_prefetch(d->lane->store, seqs[i + AHEAD]);
		if (worth_comparing(d, &other, sieve, seqs[i]) &&
		    verify(d, &matches[found], probe, &other))
			found++;
		arena_rewind(d->lane->scratch, mark);
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
	uint64_t seqs[CANDIDATES_MAX + 1];
	size_t count = gather(d, seqs);
	struct arena *scratch = d->lane->scratch;
	struct match *matches = ARENA_ARRAY(d->lane->arena, struct match, count + 1);
	struct arena_mark mark = arena_mark(scratch);
	struct sieve sieve;
	struct probe *probe;
	uint32_t found = 0;
	enum status st = matches == NULL ? STATUS_NO_MEMORY : STATUS_OK;

	if (st == STATUS_OK)
		st = sieve_of(&sieve, d->kept.tokens, d->kept.count, scratch);
	if (st == STATUS_OK)
		st = probe_of(&probe, &d->kept, d->out->keys.shingles, scratch);
	if (st == STATUS_OK)
		found = verify_all(d, matches, seqs, count, probe, &sieve);
	arena_rewind(scratch, mark);
	if (st == STATUS_OK)
		tell_strongest(&d->out->row.verdict, matches, found, d->options->max_matches);
	return st;
}
