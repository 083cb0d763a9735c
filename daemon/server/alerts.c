/* SPDX-License-Identifier: BSD-2-Clause */
/* alerts, ack, consumers: the log of alerts read in order, from a number or a durable cursor. */
#include "server/command.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/store.h"
#include "wire/reply.h"
#include "wire/verdict.h"

#define CONSUMER_NAME_MAX 64u
#define CONSUMERS_MAX 1024u

/* Alerts up to answer->at have been told. */
struct reading {
	bool begun, follow;
};

static bool name_is_fine(struct span name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	if (name.p == NULL || name.len == 0 || name.len > CONSUMER_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '\0' || strchr(allowed, name.p[i]) == NULL)
			return false;
	return true;
}

static enum answer_step bad_name(struct answer *a)
{
	return answer_fail(a, "usage", "a consumer's name is 1 to %u of A-Z a-z 0-9 . _ -",
			   CONSUMER_NAME_MAX);
}

static enum answer_step store_failed(struct answer *a, enum status st)
{
	return answer_fail(a, "failed", "%s", status_text(st));
}

/* Where a reader begins who has seen nothing: before the oldest kept, or behind the newest. */
static uint64_t first_cursor(const struct answer *a, struct store *store)
{
	uint64_t oldest, newest;

	store_alert_range(store, &oldest, &newest);
	if (span_equal(request_text(a->request, "from"), span_of_text("now")))
		return newest;
	return oldest == 0 ? 0 : oldest - 1;
}

/* The cursor of a consumer, who is made when new. False: failed. */
static bool take_cursor(struct answer *a, const struct lane_view *lane, struct span name)
{
	struct consumer c;
	enum status st;

	if (!name_is_fine(name)) {
		bad_name(a);
		return false;
	}
	st = store_consumer(lane->store, &c, name);
	if (st == STATUS_NOT_FOUND) {
		struct store_totals totals;

		store_totals(lane->store, &totals);
		if (totals.consumers >= CONSUMERS_MAX) {
			answer_fail(a, "busy", "there are %u consumers already: delete one first",
				    CONSUMERS_MAX);
			return false;
		}
		c = (struct consumer){ name, first_cursor(a, lane->store), clock_now_ms() };
		st = store_put_consumer(lane->store, &c);
	}
	a->at = c.acked;
	if (st != STATUS_OK)
		store_failed(a, st);
	return st == STATUS_OK;
}

static bool begin_reading(struct answer *a, const struct lane_view *lane, struct reading *r)
{
	struct span consumer = request_text(a->request, "consumer");

	r->begun = true;
	r->follow = request_flag(a->request, "follow");
	if (consumer.p != NULL && !take_cursor(a, lane, consumer))
		return false;
	return answer_number(a, "since", consumer.p != NULL ? a->at : first_cursor(a, lane->store),
			     &a->at);
}

/* Everything from from to to is gone, and said to be. */
static void put_gap(struct answer *a, uint64_t from, uint64_t to)
{
	struct json j = answer_line(a);

	json_key(&j, "gap");
	json_open(&j, '[');
	json_number(&j, from);
	json_number(&j, to);
	json_close(&j, ']');
	reply_close(&j);
}

/* Whose place an article took; absent when that one is not stored any more. */
static struct span former_of(const struct lane_view *lane, const struct verdict *v)
{
	uint64_t seq;
	struct row row;

	if (store_cluster_former(lane->store, v->cluster, v->seq, &seq) != STATUS_OK ||
	    store_get_light(lane->store, &row, seq, lane->arena) != STATUS_OK)
		return (struct span){ NULL, 0 };
	return row.verdict.id;
}

/* False: the article has been forgotten or cannot be read. */
static bool put_alert(struct answer *a, const struct lane_view *lane, const struct alert *alert)
{
	struct arena_mark mark = arena_mark(lane->arena);
	struct row row;
	enum status st = store_get(lane->store, &row, alert->seq, lane->arena);

	if (st == STATUS_OK) {
		struct span former = { NULL, 0 };
		struct json j;

		if ((alert->why & WHY_ORIGIN) != 0)
			former = former_of(lane, &row.verdict);
		j = answer_line(a);
		verdict_members(&j, &row.verdict);
		verdict_alert_members(&j, alert->alert, alert->why, former);
		reply_close(&j);
	}
	arena_rewind(lane->arena, mark);
	return st == STATUS_OK;
}

/* Nothing is kept after answer->at: what has expired at the end of the log is a gap too. */
static enum answer_step end_of_log(struct answer *a, const struct lane_view *lane, bool follow)
{
	uint64_t oldest, newest;

	store_alert_range(lane->store, &oldest, &newest);
	if (newest > a->at) {
		put_gap(a, a->at + 1, newest);
		a->at = newest;
	}
	return follow ? ANSWER_WAIT : answer_end(a);
}

enum answer_step alerts_slice(struct answer *a, const struct lane_view *lane)
{
	struct reading *r = answer_state(a, sizeof *r);
	struct alert alert;
	enum status st;

	if (r == NULL)
		return store_failed(a, STATUS_NO_MEMORY);
	if (!r->begun && !begin_reading(a, lane, r))
		return ANSWER_DONE;
	while (!answer_over(a)) {
		st = store_next_alert(lane->store, &alert, a->at);
		if (st == STATUS_NOT_FOUND)
			return end_of_log(a, lane, r->follow);
		if (st != STATUS_OK)
			return store_failed(a, st);
		if (alert.alert > a->at + 1)
			put_gap(a, a->at + 1, alert.alert - 1);
		if (!put_alert(a, lane, &alert))
			put_gap(a, alert.alert, alert.alert);
		a->at = alert.alert;
	}
	return ANSWER_MORE;
}

enum answer_step ack_slice(struct answer *a, const struct lane_view *lane)
{
	struct span name = request_text(a->request, "consumer");
	uint64_t alert, oldest, newest;
	struct consumer c;
	struct json j;
	enum status st;

	if (!name_is_fine(name))
		return bad_name(a);
	if (!answer_number(a, "alert", UINT64_MAX, &alert))
		return ANSWER_DONE;
	store_alert_range(lane->store, &oldest, &newest);
	if (alert > newest)
		return answer_fail(a, "usage", "\"alert\" is a number up to %llu, the newest",
				   (unsigned long long)newest);
	st = store_consumer(lane->store, &c, name);
	if (st == STATUS_NOT_FOUND)
		return answer_fail(a, "not_found", "%.*s: no such consumer", (int)name.len, name.p);
	/* An ack that comes late or twice takes nothing back. */
	if (st == STATUS_OK && alert > c.acked) {
		c = (struct consumer){ name, alert, clock_now_ms() };
		st = store_put_consumer(lane->store, &c);
	}
	if (st != STATUS_OK)
		return store_failed(a, st);
	j = answer_line(a);
	json_put_text(&j, "consumer", name);
	json_put_number(&j, "alert", c.acked);
	reply_close(&j);
	return ANSWER_DONE;
}

struct listing {
	struct answer *answer;
	uint64_t newest;
};

static bool put_consumer(void *ctx, const struct consumer *c)
{
	struct listing *l = ctx;
	struct json j = answer_line(l->answer);

	json_put_text(&j, "consumer", c->name);
	json_put_number(&j, "alert", c->acked);
	json_put_number(&j, "behind", l->newest > c->acked ? l->newest - c->acked : 0);
	json_key(&j, "seen");
	json_moment(&j, c->seen_ms);
	reply_close(&j);
	return true;
}

static enum answer_step delete_consumer(struct answer *a, const struct lane_view *lane,
					struct span name)
{
	enum status st;

	if (!name_is_fine(name))
		return bad_name(a);
	st = store_delete_consumer(lane->store, name);
	if (st == STATUS_NOT_FOUND)
		return answer_fail(a, "not_found", "%.*s: no such consumer", (int)name.len, name.p);
	return st == STATUS_OK ? answer_end(a) : store_failed(a, st);
}

/* There are at most CONSUMERS_MAX: one slice. */
enum answer_step consumers_slice(struct answer *a, const struct lane_view *lane)
{
	struct span name = request_text(a->request, "delete");
	struct listing l = { .answer = a };
	uint64_t oldest;
	enum status st;

	if (name.p != NULL)
		return delete_consumer(a, lane, name);
	store_alert_range(lane->store, &oldest, &l.newest);
	st = store_each_consumer(lane->store, put_consumer, &l);
	return st == STATUS_OK ? answer_end(a) : store_failed(a, st);
}
