/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "ingest/watch.h"
#include "server/client.h"
#include "server/command.h"
#include "text/utf8.h"
#include "wire/reply.h"

#define LOOK_MS 100 /* a mark may be reached without a commit, trouble comes without one */
#define TIMEOUT_MAX_S 86400.0

struct syncs {
	struct uv_loop_s *loop;
	struct pipeline *pipeline;
	struct watch *watch;
	struct sync *first;
};

struct sync {
	uv_timer_t timer;
	struct syncs *syncs;
	struct sync *next;
	struct call *call;
	uint64_t mark;
	uint64_t deadline_ms; /* of the loop; 0: none */
	bool watching;        /* the watch has not promised yet */
};

static void on_closed(uv_handle_t *h)
{
	free(h->data);
}

/* Leaves the list and stops everything that could call back. */
static struct call *end(struct sync *s)
{
	struct sync **link = &s->syncs->first;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	if (s->watching)
		watch_sync_cancel(s->syncs->watch, s);
	uv_close((uv_handle_t *)&s->timer, on_closed);
	return s->call;
}

static void fail(struct sync *s, const char *code, const char *why)
{
	call_fail(end(s), code, why);
}

static void succeed(struct sync *s)
{
	struct call *c = end(s);

	reply_ok(&c->out, request_tag(c->request), false);
	call_done(c);
}

static void on_gone(struct call *c)
{
	call_done(end(c->state));
}

static void look(struct sync *s)
{
	const char *trouble = pipeline_trouble(s->syncs->pipeline);

	if (!s->watching && pipeline_reached(s->syncs->pipeline, s->mark))
		succeed(s);
	else if (trouble != NULL)
		fail(s, "cannot", trouble);
	else if (s->deadline_ms != 0 && uv_now(s->syncs->loop) >= s->deadline_ms)
		fail(s, "timeout",
		     s->watching ? "not everything delivered has been read in time"
				 : "not everything read has been judged and committed in time");
}

static void on_timer(uv_timer_t *t)
{
	look(t->data);
}

/* The watch has handed everything over. */
static void on_watched(void *ctx, enum status st, const char *why)
{
	struct sync *s = ctx;

	s->watching = false;
	if (st != STATUS_OK) {
		fail(s, "cannot", why != NULL ? why : status_text(st));
		return;
	}
	s->mark = pipeline_mark(s->syncs->pipeline);
	look(s);
}

static enum status start_timer(struct sync *s, double timeout_s)
{
	if (uv_timer_init(s->syncs->loop, &s->timer) != 0)
		return STATUS_NO_MEMORY;
	s->timer.data = s;
	uv_update_time(s->syncs->loop);
	if (timeout_s >= 0)
		s->deadline_ms = uv_now(s->syncs->loop) + (uint64_t)(timeout_s * 1000) + 1;
	uv_timer_start(&s->timer, on_timer, LOOK_MS, LOOK_MS);
	return STATUS_OK;
}

/* In JSON a path can only be spelled (utf8_spell()). */
static enum status ask_watch(struct watch *watch, struct span path, struct sync *s)
{
	struct bytes name = { 0 };
	enum status st = STATUS_NO_MEMORY;

	utf8_unspell(&name, path);
	if (!name.failed)
		st = watch_sync(watch, path.p == NULL ? path : bytes_span(&name), on_watched, s);
	bytes_free(&name);
	return st;
}

static void start(struct sync *s, struct span path)
{
	struct syncs *all = s->syncs;
	enum status st = STATUS_OK;

	s->next = all->first;
	all->first = s;
	s->call->state = s;
	s->call->gone = on_gone;
	if (all->watch == NULL) {
		on_watched(s, STATUS_OK, NULL);
		return;
	}
	s->watching = true;
	st = ask_watch(all->watch, path, s);
	if (st != STATUS_OK) {
		s->watching = false;
		fail(s, "cannot", status_text(st));
	}
}

void sync_begin(struct desk *d, struct call *c)
{
	double timeout_s = -1; /* for ever */
	struct sync *s;

	if (request_share(c->request, "timeout", &timeout_s) == STATUS_MALFORMED ||
	    timeout_s > TIMEOUT_MAX_S) {
		call_fail(c, "usage", "\"timeout\" is a number of seconds, at most a day");
		return;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		call_fail(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	s->syncs = d->syncs;
	s->call = c;
	if (start_timer(s, timeout_s) != STATUS_OK) {
		free(s);
		call_fail(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	start(s, request_text(c->request, "path"));
}

void syncs_wake(struct syncs *all)
{
	struct sync *next;

	for (struct sync *s = all->first; s != NULL; s = next) {
		next = s->next;
		look(s);
	}
}

enum status syncs_open(struct syncs **out, struct uv_loop_s *loop, struct pipeline *pipeline,
		       struct watch *watch)
{
	struct syncs *s = calloc(1, sizeof *s);

	if (s == NULL)
		return STATUS_NO_MEMORY;
	*s = (struct syncs){ .loop = loop, .pipeline = pipeline, .watch = watch };
	*out = s;
	return STATUS_OK;
}

void syncs_close(struct syncs *s)
{
	free(s);
}
