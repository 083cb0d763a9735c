/* SPDX-License-Identifier: BSD-2-Clause */
/* status, stats, rejected: how the daemon is. */
#include "server/command.h"

#include <reprint/version.h>

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stats.h"
#include "fingerprint/kernel.h"
#include "ingest/watch.h"
#include "server/client.h"
#include "store/store.h"
#include "wire/reply.h"

#define SLOWED_NAMES 8u

/* ---- status */

/* What only the loop knows. */
struct health {
	int64_t uptime_s;
	uint64_t queued;
	char trouble[512];                       /* empty: none */
	char slowed[SLOWED_NAMES][NAME_MAX + 1]; /* the first sources that are */
	size_t slowed_count;
};

static void add_trouble(struct health *h, const char *trouble)
{
	size_t len = strlen(h->trouble);

	if (trouble != NULL)
		snprintf(h->trouble + len, sizeof h->trouble - len, "%s%s", len > 0 ? "; " : "",
			 trouble);
}

static void put_gauges(struct json *j)
{
	static const struct {
		const char *key;
		enum counter counter;
	} rows[] = { { "watches", STAT_WATCHES },   { "polled", STAT_POLLED },
		     { "dirty", STAT_DIRTY },       { "slowed", STAT_SLOWED },
		     { "settling", STAT_SETTLING }, { "overflows", STAT_OVERFLOWS },
		     { "clients", STAT_CLIENTS },   { "runs", STAT_RUNS } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		json_put_number(j, rows[i].key, stats_get(rows[i].counter));
}

static void put_slowed(struct json *j, const struct health *h)
{
	json_key(j, "slowed_sources");
	json_open(j, '[');
	for (size_t i = 0; i < h->slowed_count; i++)
		json_text(j, span_of_text(h->slowed[i]));
	json_close(j, ']');
}

static void add_damaged(struct health *h, const struct store_totals *t)
{
	char text[128];

	if (t->damaged == 0)
		return;
	snprintf(text, sizeof text, "set aside as damaged: %s%s; remove or restore it",
		 t->damaged_name, t->damaged > 1 ? " and others" : "");
	add_trouble(h, text);
}

static enum answer_step status_slice(struct answer *a, const struct lane_view *lane)
{
	struct health *h = a->state;
	struct store_totals t;
	struct json j = answer_line(a);

	store_totals(lane->store, &t);
	add_damaged(h, &t);
	json_put_word(&j, "version", REPRINT_VERSION);
	json_put_number(&j, "pid", (uint64_t)getpid());
	json_put_number(&j, "uptime_s", (uint64_t)h->uptime_s);
	json_put_number(&j, "articles", t.articles);
	json_put_number(&j, "files", t.deliveries);
	json_put_number(&j, "rejected", t.rejections);
	json_put_number(&j, "alerts", t.alerts);
	json_put_number(&j, "queued", h->queued);
	json_put_word(&j, "kernel", kernel_name());
	json_put_number(&j, "state_bytes", t.state_bytes);
	json_put_text(&j, "trouble", span_of_text(*h->trouble == '\0' ? NULL : h->trouble));
	json_put_number(&j, "epochs", t.epochs);
	json_put_number(&j, "consumers", t.consumers);
	json_put_number(&j, "damaged", t.damaged);
	json_put_number(&j, "newest_seq", t.newest_seq);
	json_put_number(&j, "oldest_seq", t.oldest_seq);
	put_gauges(&j);
	put_slowed(&j, h);
	reply_close(&j);
	return ANSWER_DONE;
}

static void note_slowed(struct health *h, const struct watch *w)
{
	struct span names[SLOWED_NAMES];
	size_t count = w == NULL ? 0 : watch_slowed(w, names, SLOWED_NAMES);

	for (size_t i = 0; i < count; i++)
		snprintf(h->slowed[i], sizeof h->slowed[i], "%.*s", (int)names[i].len, names[i].p);
	h->slowed_count = count;
}

void status_begin(struct desk *d, struct call *c)
{
	struct answer *a = answers_begin(d->answers, c, status_slice);
	struct health *h;

	if (a == NULL)
		return;
	h = answer_state(a, sizeof *h);
	if (h == NULL) {
		answers_drop(a, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	h->uptime_s = (clock_monotonic_us() - d->started_us) / 1000000;
	h->queued = pipeline_queued(d->options.pipeline);
	note_slowed(h, d->options.watch);
	add_trouble(h, pipeline_trouble(d->options.pipeline));
	if (d->options.watch != NULL)
		add_trouble(h, watch_trouble(d->options.watch));
	answers_ask(a);
}

/* ---- stats */

static void lower(char *out, size_t cap, const char *name)
{
	size_t i = 0;

	for (; name[i] != '\0' && i + 1 < cap; i++)
		out[i] = (char)tolower((unsigned char)name[i]);
	out[i] = '\0';
}

void stats_begin(struct desk *d, struct call *c)
{
	(void)d;
	for (size_t i = 0; i < STAT_COUNT; i++) {
		const struct stat_row *row = &stats_rows[i];
		struct json j = reply_open(&c->out, request_tag(c->request));
		char name[64];

		lower(name, sizeof name, row->name);
		json_put_word(&j, "name", name);
		json_put_word(&j, "kind", row->kind == STAT_GAUGE ? "gauge" : "counter");
		json_put_word(&j, "unit", row->unit);
		json_put_number(&j, "value", stats_get((enum counter)i));
		json_put_text(&j, "help", span_of_text(row->help));
		reply_close(&j);
	}
	reply_ok(&c->out, request_tag(c->request), true);
	call_done(c);
}

/* ---- rejected */

struct refusals {
	struct answer *answer;
	bool stopped;
};

static bool put_rejection(void *ctx, const struct rejection *r)
{
	struct refusals *list = ctx;
	struct answer *a = list->answer;
	struct json j;

	if (answer_over(a)) {
		list->stopped = true;
		return false;
	}
	a->at = r->number + 1;
	j = answer_line(a);
	json_put_number(&j, "number", r->number);
	json_put_text(&j, "file", r->path);
	json_put_text(&j, "why", r->why);
	json_key(&j, "when");
	json_moment(&j, r->when_ms);
	reply_close(&j);
	return true;
}

enum answer_step rejected_slice(struct answer *a, const struct lane_view *lane)
{
	struct refusals list = { .answer = a };
	uint64_t since;
	enum status st;

	if (!answer_number(a, "since", 0, &since))
		return ANSWER_DONE;
	if (a->at == 0)
		a->at = since + 1;
	st = store_each_rejection(lane->store, a->at, put_rejection, &list);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return answer_fail(a, "failed", "%s", status_text(st));
	return list.stopped ? ANSWER_MORE : answer_end(a);
}
