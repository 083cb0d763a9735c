/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/replay.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/stats.h"
#include "detect/chrome.h"
#include "detect/page_line.h"
#include "index/index.h"
#include "ingest/keys.h"
#include "ingest/learning.h"
#include "ingest/naming.h"
#include "store/store.h"

#define SEAL_EVERY 4096u /* articles */

static struct span absent(void)
{
	return (struct span){ NULL, 0 };
}

enum status replay_post(struct index *x, const struct row *row, const struct keys *keys,
			uint64_t secret)
{
	const struct verdict *v = &row->verdict;
	struct span owner = v->source.p != NULL ? v->source : v->site;
	enum status st = index_add(x, v->seq, v->simhash, keys->all, keys->flanks, keys->count);

	if (st == STATUS_OK)
		st = index_post(x, naming_key(KEY_ID, v->id, absent(), secret), v->seq);
	if (st == STATUS_OK && row->canonical.p != NULL &&
	    !span_equal(owner, span_of_text("unknown")))
		st = index_post(x, naming_key(KEY_WORK, owner, row->canonical, secret), v->seq);
	if (st == STATUS_OK)
		st = index_post(x,
				naming_key(KEY_DIGEST, span_of((const char *)v->digest, 16),
					   absent(), secret),
				v->seq);
	return st;
}

struct replaying {
	const struct lane_view *lane;
	uint64_t sealed_to, chrome_to; /* what lies above is made again */
	uint64_t last;                 /* and nothing after this */
	enum status st;
};

static enum status learn_again(const struct lane_view *lane, const struct row *row)
{
	struct fingerprint f = { .tokens = row->tokens,
				 .token_count = row->token_count,
				 .paragraphs = row->paragraphs,
				 .paragraph_count = row->paragraph_count };
	const struct page_line *lines;
	enum status st = page_lines_of(&lines, &f, NULL, (struct span){ NULL, 0 }, lane->scratch);

	return st == STATUS_OK ? learning_take(lane->chrome, row, lines, lane->scratch) : st;
}

static bool row_again(void *ctx, const struct row *row)
{
	struct replaying *r = ctx;
	struct arena_mark mark = arena_mark(r->lane->scratch);
	struct keys keys;

	if (row->verdict.seq > r->last)
		return false;
	stats_add(STAT_LANE_STEPS, 1);
	if (row->verdict.seq > r->sealed_to) {
		r->st = keys_of_row(&keys, row, r->lane->secret, r->lane->scratch);
		if (r->st == STATUS_OK)
			r->st = replay_post(r->lane->index, row, &keys, r->lane->secret);
	}
	/* A full table of sites is no reason not to start. */
	if (r->st == STATUS_OK && row->verdict.seq > r->chrome_to && learning_wants(row))
		learn_again(r->lane, row);
	arena_rewind(r->lane->scratch, mark);
	/* These rows are durable: a long replay seals on its way. */
	if (r->st == STATUS_OK && r->last == UINT64_MAX && row->verdict.seq % SEAL_EVERY == 0)
		index_committed(r->lane->index, row->verdict.seq, 0);
	return r->st == STATUS_OK;
}

static bool delivery_again(void *ctx, const struct delivery *d)
{
	struct replaying *r = ctx;
	const struct lane_view *lane = r->lane;

	if (d->number > r->last)
		return false;
	r->st = index_post(lane->index, naming_key(KEY_PATH, d->path, absent(), lane->secret),
			   d->number);
	if (r->st == STATUS_OK)
		r->st = index_post(lane->index,
				   naming_key(KEY_CONTENT, naming_source(d->path),
					      span_of((const char *)d->content, 16), lane->secret),
				   d->number);
	return r->st == STATUS_OK;
}

static void load_chrome(const struct lane_view *lane, uint64_t *out_seq)
{
	struct span saved;
	enum status st;

	*out_seq = 0;
	if (store_snapshot(lane->store, "chrome", out_seq, &saved, lane->arena) != STATUS_OK)
		return;
	st = chrome_load(lane->chrome, saved);
	if (st != STATUS_OK) {
		log_warning("chrome counts not taken over",
			    "why=%s; they are learned again from the stored articles",
			    status_text(st));
		*out_seq = 0;
	}
}

static enum status clear_chrome(struct chrome *c)
{
	struct bytes nothing = { 0 };
	struct chrome *empty;
	enum status st = chrome_open(&empty);

	if (st != STATUS_OK)
		return st;
	chrome_save(empty, &nothing);
	st = nothing.failed ? STATUS_NO_MEMORY : chrome_load(c, bytes_span(&nothing));
	chrome_close(empty);
	bytes_free(&nothing);
	return st;
}

enum status replay_chrome(const struct lane_view *lane)
{
	struct replaying r = { .lane = lane, .sealed_to = UINT64_MAX, .last = UINT64_MAX - 1 };
	enum status st = clear_chrome(lane->chrome);

	if (st != STATUS_OK)
		return st;
	load_chrome(lane, &r.chrome_to);
	st = store_each(lane->store, r.chrome_to + 1, lane->arena, row_again, &r);
	arena_clear(lane->arena);
	arena_clear(lane->scratch);
	return st != STATUS_OK ? st : r.st;
}

enum status replay_gaps(const struct lane_view *lane)
{
	struct replaying r = { .lane = lane, .chrome_to = UINT64_MAX };
	enum status st = STATUS_OK;
	uint64_t from;

	for (unsigned i = index_gaps_told(lane->index);
	     st == STATUS_OK && index_gap(lane->index, &from, &r.last, i); i++) {
		log_info("index rebuilt", "from=%llu to=%llu", (unsigned long long)from,
			 (unsigned long long)r.last);
		st = store_each(lane->store, from, lane->arena, row_again, &r);
		arena_clear(lane->arena);
		arena_clear(lane->scratch);
	}
	if (st == STATUS_OK && r.st == STATUS_OK &&
	    index_lost_deliveries(lane->index, &from, &r.last))
		st = store_each_delivery(lane->store, from, delivery_again, &r);
	return st != STATUS_OK ? st : r.st;
}

enum status replay(const struct lane_view *lane, uint64_t *out_chrome)
{
	struct replaying r = { .lane = lane, .last = UINT64_MAX };
	uint64_t deliveries, from;
	enum status st = replay_gaps(lane);

	index_sealed_to(lane->index, &r.sealed_to, &deliveries);
	load_chrome(lane, &r.chrome_to);
	*out_chrome = r.chrome_to;
	from = r.sealed_to < r.chrome_to ? r.sealed_to : r.chrome_to;
	if (st == STATUS_OK)
		st = store_each(lane->store, from + 1, lane->arena, row_again, &r);
	if (st == STATUS_OK && r.st == STATUS_OK)
		st = store_each_delivery(lane->store, deliveries + 1, delivery_again, &r);
	arena_clear(lane->arena);
	arena_clear(lane->scratch);
	return st != STATUS_OK ? st : r.st;
}
