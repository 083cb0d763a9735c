/* SPDX-License-Identifier: BSD-2-Clause */
/* explain, near_misses: why two articles match, and what almost did. */
#include "server/command.h"

#include "base/arena.h"
#include "base/clock.h"
#include "detect/explain.h"
#include "detect/pair.h"
#include "ingest/misses.h"
#include "store/store.h"
#include "wire/reply.h"

/* ---- explain */

/* Confirmed on the words as when it was judged; without them only an equal digest is. */
static bool same_words(const struct lane_view *lane, const struct row *here,
		       const struct kept *left, const struct row *there, const struct kept *right)
{
	struct span texts[2];

	if (store_text(lane->store, &texts[0], here->verdict.seq, lane->arena) == STATUS_OK &&
	    store_text(lane->store, &texts[1], there->verdict.seq, lane->arena) == STATUS_OK)
		return pair_same_words(left, texts[0], right, texts[1]);
	return here->verdict.digest[0] == there->verdict.digest[0] &&
	       here->verdict.digest[1] == there->verdict.digest[1];
}

static bool site_known(const struct row *row)
{
	return row->verdict.site.p != NULL &&
	       !span_equal(row->verdict.site, span_of_text("unknown"));
}

static struct acquaintance acquainted(const struct row *here, const struct row *there)
{
	struct acquaintance a = { .relation = RELATION_CROSS_SITE };

	a.same_work = here->verdict.revises == there->verdict.seq;
	a.sites_known = site_known(here) && site_known(there);
	if (a.same_work || span_equal(here->verdict.id, there->verdict.id))
		a.relation = RELATION_SELF;
	else if (span_equal(here->verdict.site, there->verdict.site))
		a.relation = RELATION_SAME_SITE;
	pair_titles(&a, here->verdict.title, there->verdict.title);
	return a;
}

static void put_side(struct json *j, const char *key, const struct row *row,
		     const struct kept *kept)
{
	const struct verdict *v = &row->verdict;

	json_key(j, key);
	json_open(j, '{');
	json_put_number(j, "seq", v->seq);
	json_put_text(j, "id", v->id);
	json_put_text(j, "site", v->site);
	json_put_text(j, "title", v->title);
	json_put_number(j, "words", v->words);
	json_put_number(j, "chrome", v->chrome);
	json_put_flag(j, "short", judge_short(kept->units));
	json_close(j, '}');
}

/* What was said when the newer one came; null: nothing. */
static void put_stored(struct json *j, const struct row *here, uint64_t there)
{
	const struct verdict *v = &here->verdict;

	json_key(j, "stored");
	for (uint32_t i = 0; i < v->match_count; i++) {
		if (v->matches[i].seq == there) {
			json_word(j, kind_text(v->matches[i].kind));
			return;
		}
	}
	json_null(j);
}

static enum answer_step explain_rows(struct answer *a, const struct lane_view *lane,
				     const struct row *here, const struct row *there)
{
	struct judge_reason *reason = ARENA_ARRAY(lane->arena, struct judge_reason, 1);
	struct acquaintance known = acquainted(here, there);
	struct kept left, right;
	struct comparison c;
	struct json j;
	enum status st = reason == NULL ? STATUS_NO_MEMORY : store_kept(&left, here, lane->arena);

	if (st == STATUS_OK)
		st = store_kept(&right, there, lane->arena);
	if (st == STATUS_OK)
		st = pair_compare(&c, &left, &right, lane->arena);
	if (st != STATUS_OK)
		return answer_fail(a, "failed", "%s", status_text(st));
	c.same = c.same && same_words(lane, here, &left, there, &right);
	known.here_units = left.units;
	known.there_units = right.units;
	judge_explain(reason, &c, &known, lane->thresholds);
	j = answer_line(a);
	put_side(&j, "here", here, &left);
	put_side(&j, "there", there, &right);
	put_stored(&j, here, there->verdict.seq);
	explain_members(&j, &c, &known, reason, judge_short(left.units));
	reply_close(&j);
	return ANSWER_DONE;
}

enum answer_step explain_slice(struct answer *a, const struct lane_view *lane)
{
	struct row left, right;
	bool swap;

	if (!answer_row(a, lane, "a", &left) || !answer_row(a, lane, "b", &right))
		return ANSWER_DONE;
	if (left.verdict.seq == right.verdict.seq)
		return answer_fail(a, "usage", "both are the same article");
	/* As it was judged: the one that came later, against the earlier. */
	swap = left.verdict.seq < right.verdict.seq;
	return explain_rows(a, lane, swap ? &right : &left, swap ? &left : &right);
}

/* ---- near_misses */

#define TOP 20u

struct review {
	int64_t since_ms;
	uint64_t left; /* so many are still told */
};

static bool read_review(struct answer *a, struct review *r)
{
	struct span since = request_text(a->request, "since");

	if (!answer_number(a, "top", TOP, &r->left))
		return false;
	r->since_ms = INT64_MIN;
	if (since.p == NULL || clock_parse(&r->since_ms, since))
		return true;
	answer_fail(a, "usage", "\"since\" is not a moment such as 2026-11-23T03:00:00Z");
	return false;
}

static void put_article(struct json *j, const char *key, const struct row *row)
{
	json_key(j, key);
	json_open(j, '{');
	json_put_number(j, "seq", row->verdict.seq);
	json_put_text(j, "id", row->verdict.id);
	json_put_text(j, "site", row->verdict.site);
	json_put_text(j, "title", row->verdict.title);
	json_close(j, '}');
}

/* False: one of the two is not stored any more. */
static bool put_miss(struct answer *a, const struct lane_view *lane, const struct miss *m)
{
	struct row here, there;
	struct json j;

	if (store_get_light(lane->store, &here, m->here, lane->arena) != STATUS_OK ||
	    store_get_light(lane->store, &there, m->there, lane->arena) != STATUS_OK)
		return false;
	j = answer_line(a);
	json_key(&j, "when");
	json_moment(&j, m->when_ms);
	json_put_word(&j, "verdict", kind_text(m->kind));
	json_put_word(&j, "almost", kind_text(m->missed.kind));
	json_put_word(&j, "rule", m->missed.rule);
	explain_condition(&j, &m->missed.worst);
	json_put_word(&j, "relation", relation_text(m->relation));
	json_put_share(&j, "resemblance", m->resemblance);
	json_put_share(&j, "containment", m->containment);
	json_put_share(&j, "contained_by", m->contained_by);
	json_put_share(&j, "longest_run_words", m->longest_units / 2.0);
	json_put_share(&j, "shared_words", m->shared_units / 2.0);
	put_article(&j, "here", &here);
	put_article(&j, "there", &there);
	reply_close(&j);
	return true;
}

enum answer_step near_misses_slice(struct answer *a, const struct lane_view *lane)
{
	bool first = a->state == NULL;
	struct review *r = answer_state(a, sizeof *r);
	const struct miss *m;

	if (r == NULL)
		return answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
	if (first) {
		if (!read_review(a, r))
			return ANSWER_DONE;
		a->at = misses_count(lane->misses);
	}
	while (r->left > 0 && (m = misses_at(lane->misses, a->at)) != NULL &&
	       m->when_ms >= r->since_ms) {
		struct arena_mark mark = arena_mark(lane->arena);

		if (answer_over(a))
			return ANSWER_MORE;
		r->left -= put_miss(a, lane, m);
		arena_rewind(lane->arena, mark);
		a->at--;
	}
	return answer_end(a);
}
