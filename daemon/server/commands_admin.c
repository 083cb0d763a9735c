/* SPDX-License-Identifier: BSD-2-Clause */
/* forget, rescan, reload: for root and the daemon's own user. */
#include "server/command.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/watch.h"
#include "server/client.h"
#include "store/purge.h"
#include "store/store.h"
#include "wire/reply.h"

/* ---- forget */

#define FORGET_AT_ONCE 256u /* rows noted in one slice of a walk */

struct forgetting {
	uint64_t count;
	int64_t before_ms;
	struct span site;
	bool by_site;
};

/* now: the newest epoch ends where it holds any of them, so that purge finds them all. */
static enum answer_step say_forgotten(struct answer *a, const struct lane_view *lane,
				      uint64_t count)
{
	enum status st = STATUS_OK;
	struct json j;

	if (request_flag(a->request, "now"))
		st = purge_part(lane->store);
	if (st != STATUS_OK)
		return answer_fail(a, "failed",
				   "%s after %llu articles; they are hidden, their bytes stay for "
				   "now: reprint forget --now tries again",
				   status_text(st), (unsigned long long)count);
	j = answer_line(a);
	json_put_number(&j, "forgotten", count);
	reply_close(&j);
	log_info("forgotten", "articles=%llu", (unsigned long long)count);
	return ANSWER_DONE;
}

/* ID@N is that version; ID is all of them, from the newest back. */
static bool names_version(struct span id)
{
	size_t digits = 0;

	while (digits < id.len && id.p[id.len - 1 - digits] >= '0' &&
	       id.p[id.len - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits < id.len && id.p[id.len - 1 - digits] == '@';
}

static enum answer_step forget_article(struct answer *a, const struct lane_view *lane)
{
	bool one = names_version(request_text(a->request, "id"));
	uint64_t count = 0, seq;
	enum status st = STATUS_OK;

	if (!answer_find(a, lane, "id", &seq))
		return ANSWER_DONE;
	while (seq != 0 && st == STATUS_OK) {
		struct arena_mark mark = arena_mark(lane->arena);
		uint64_t before = 0;
		struct row row;

		if (!one && store_get(lane->store, &row, seq, lane->arena) == STATUS_OK)
			before = row.verdict.revises;
		arena_rewind(lane->arena, mark);
		st = store_forget(lane->store, seq);
		count += st == STATUS_OK;
		seq = before < seq ? before : 0;
	}
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return answer_fail(a, "failed", "%s", status_text(st));
	return say_forgotten(a, lane, count);
}

/* Rows are only noted during the walk: a tombstone is a transaction of its own. */
struct noting {
	struct answer *answer;
	const struct forgetting *what;
	uint64_t seqs[FORGET_AT_ONCE];
	size_t count;
	bool stopped;
};

static bool meant(const struct forgetting *f, const struct row *row)
{
	if (f->by_site)
		return row->verdict.site.p != NULL && span_equal(row->verdict.site, f->site);
	return (row->published_ms != ARTICLE_NO_TIME ? row->published_ms : row->verdict.seen_ms) <
	       f->before_ms;
}

static bool note(void *ctx, const struct row *row)
{
	struct noting *n = ctx;

	if (n->count == FORGET_AT_ONCE || answer_over(n->answer)) {
		n->stopped = true;
		return false;
	}
	n->answer->at = row->verdict.seq + 1;
	if (meant(n->what, row))
		n->seqs[n->count++] = row->verdict.seq;
	return true;
}

static enum answer_step forget_many(struct answer *a, const struct lane_view *lane,
				    struct forgetting *f)
{
	struct noting n = { .answer = a, .what = f };
	enum status st = store_each(lane->store, a->at, lane->arena, note, &n);

	if (st == STATUS_NOT_FOUND)
		st = STATUS_OK;
	for (size_t i = 0; i < n.count && st == STATUS_OK; i++) {
		/* Each is a flush of its own: the lane is not held for all of them. */
		if (i > 0 && answer_over(a)) {
			a->at = n.seqs[i];
			n.stopped = true;
			break;
		}
		st = store_forget(lane->store, n.seqs[i]);
		f->count += st == STATUS_OK;
	}
	if (st != STATUS_OK)
		return answer_fail(a, "failed", "%s after %llu articles", status_text(st),
				   (unsigned long long)f->count);
	return n.stopped ? ANSWER_MORE : say_forgotten(a, lane, f->count);
}

enum answer_step forget_slice(struct answer *a, const struct lane_view *lane)
{
	struct span before = request_text(a->request, "before");
	struct span site = request_text(a->request, "site");
	bool by_id = request_text(a->request, "id").p != NULL;
	struct forgetting *f = answer_state(a, sizeof *f);

	if (f == NULL)
		return answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
	if (by_id + (site.p != NULL) + (before.p != NULL) == 0 && request_flag(a->request, "now"))
		return say_forgotten(a, lane, 0); /* what was forgotten earlier */
	if (by_id + (site.p != NULL) + (before.p != NULL) != 1)
		return answer_fail(a, "usage", "one of \"id\", \"site\" and \"before\" says what");
	if (by_id)
		return forget_article(a, lane);
	f->by_site = site.p != NULL;
	f->site = site;
	if (!f->by_site && !clock_parse(&f->before_ms, before))
		return answer_fail(a, "usage",
				   "\"before\" is not a moment such as 2026-11-23T03:00:00Z");
	return forget_many(a, lane, f);
}

/* ---- on the loop */

void rescan_begin(struct desk *d, struct call *c)
{
	if (d->options.watch == NULL) {
		call_fail(c, "cannot", "no feed is watched");
		return;
	}
	watch_rescan(d->options.watch);
	reply_ok(&c->out, request_tag(c->request), false);
	call_done(c);
}

void reload_begin(struct desk *d, struct call *c)
{
	char why[512] = "";
	enum status st;

	if (d->options.reload == NULL) {
		call_fail(c, "cannot", "there is no configuration to read again");
		return;
	}
	st = d->options.reload(d->options.ctx, why, sizeof why);
	if (st != STATUS_OK) {
		call_fail(c, "failed", *why != '\0' ? why : status_text(st));
		return;
	}
	reply_ok(&c->out, request_tag(c->request), false);
	call_done(c);
}
