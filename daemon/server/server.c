/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/server.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "server/clients.h"
#include "server/command.h"
#include "server/control.h"
#include "server/notify.h"
#include "server/sync.h"
#include "server/watchdog.h"

#define MAX_CLIENTS 1024u
#define BODY_MAX (16u << 20)
#define BODIES_FACTOR 16u /* bodies of full size that may be under way at once */
#define SECOND_MS 1000u
#define REST_MS 5u
#define STATUS_TICKS 10u

static const struct client_patience patience = { .idle_ms = 600000,
						 .partial_ms = 30000,
						 .unread_ms = 600000 };

struct server {
	struct desk desk;
	struct control *control;
	struct clients *clients;
	struct watchdog *watchdog;
	uv_async_t async;
	uv_timer_t tick, rest;
	unsigned open_handles;
	unsigned ticks;
	pthread_mutex_t lock; /* of: */
	bool woken, closed;
};

/* ---- what the outside world calls */

static bool admit(void *ctx, struct peer *out, int fd)
{
	const struct server *s = ctx;

	if (!peer_of(out, fd, control_group(s->control)))
		return false;
	if (peer_admitted(out))
		return true;
	log_warning("connection refused", "uid=%u gid=%u pid=%d", (unsigned)out->uid,
		    (unsigned)out->gid, (int)out->pid);
	return false;
}

static void begin(void *ctx, struct call *c)
{
	struct server *s = ctx;

	command_begin(&s->desk, c);
}

static void on_connection(void *ctx, struct uv_stream_s *listener)
{
	struct server *s = ctx;

	clients_accept(s->clients, listener);
}

static bool busy(void *ctx)
{
	(void)ctx;
	return stats_get(STAT_QUEUED) > 0;
}

static void on_rested(uv_timer_t *t)
{
	struct server *s = t->data;

	if (clients_resume(s->clients))
		uv_timer_start(t, on_rested, REST_MS, 0);
}

static void rest(void *ctx)
{
	struct server *s = ctx;

	if (!uv_is_active((uv_handle_t *)&s->rest))
		uv_timer_start(&s->rest, on_rested, REST_MS, 0);
}

/* ---- what wakes us */

/* Only a commit wakes those who wait for one: what they answer comes through here as well. */
static void on_async(uv_async_t *async)
{
	struct server *s = async->data;
	bool woken;

	pthread_mutex_lock(&s->lock);
	woken = s->woken;
	s->woken = false;
	pthread_mutex_unlock(&s->lock);
	answers_collect(s->desk.answers);
	if (!woken)
		return;
	answers_wake(s->desk.answers);
	syncs_wake(s->desk.syncs);
}

/* For `systemctl status`. */
static void tell_status(const struct server *s)
{
	struct pipeline *p = s->desk.options.pipeline;
	const char *trouble = pipeline_trouble(p);

	notify_status("%llu alerts, %zu jobs waiting%s%s", (unsigned long long)pipeline_alerts(p),
		      pipeline_queued(p), trouble != NULL ? ", " : "",
		      trouble != NULL ? trouble : "");
}

static void on_tick(uv_timer_t *t)
{
	struct server *s = t->data;

	clients_sweep(s->clients, (int64_t)uv_now(s->desk.options.loop));
	answers_wake(s->desk.answers);
	if (s->ticks++ % STATUS_TICKS == 0)
		tell_status(s);
}

static void on_ready(void *ctx)
{
	struct server *s = ctx;

	uv_async_send(&s->async);
}

void server_wake(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->woken = true;
	if (!s->closed)
		uv_async_send(&s->async);
	pthread_mutex_unlock(&s->lock);
}

/* ---- life */

static void on_handle_closed(uv_handle_t *h)
{
	struct server *s = h->data;

	if (--s->open_handles > 0)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static enum status handles_open(struct server *s)
{
	struct uv_loop_s *loop = s->desk.options.loop;

	if (uv_async_init(loop, &s->async, on_async) != 0)
		return STATUS_NO_DESCRIPTORS;
	uv_timer_init(loop, &s->tick);
	uv_timer_init(loop, &s->rest);
	s->open_handles = 3;
	s->rest.data = s;
	s->async.data = s;
	s->tick.data = s;
	uv_timer_start(&s->tick, on_tick, SECOND_MS, SECOND_MS);
	return STATUS_OK;
}

static enum status clients_of(struct server *s)
{
	const struct server_options *o = &s->desk.options;
	const struct clients_options co = {
		.loop = o->loop,
		.max = o->max_clients,
		.body_max = o->body_max,
		.bodies_max = BODIES_FACTOR * o->body_max,
		.patience = patience,
		.admit = admit,
		.begin = begin,
		.busy = busy,
		.rest = rest,
		.ctx = s,
	};

	return clients_open(&s->clients, &co);
}

static enum status floors_open(struct server *s)
{
	const struct server_options *o = &s->desk.options;
	const struct control_options co = { .loop = o->loop,
					    .path = o->path,
					    .group = o->group,
					    .connection = on_connection,
					    .ctx = s };
	enum status st = answers_open(&s->desk.answers, o->pipeline, on_ready, s);

	if (st == STATUS_OK)
		st = syncs_open(&s->desk.syncs, o->loop, o->pipeline, o->watch);
	if (st == STATUS_OK)
		st = clients_of(s);
	if (st == STATUS_OK)
		st = watchdog_open(&s->watchdog, o->loop, s->desk.answers, o->pipeline,
				   notify_watchdog_us());
	/* Last: from here on somebody may come. */
	if (st == STATUS_OK)
		st = control_open(&s->control, &co);
	return st;
}

static void take_options(struct server *s, const struct server_options *o)
{
	s->desk.options = *o;
	if (o->max_clients == 0)
		s->desk.options.max_clients = MAX_CLIENTS;
	if (o->body_max == 0)
		s->desk.options.body_max = BODY_MAX;
}

enum status server_open(struct server **out, const struct server_options *o)
{
	struct server *s = calloc(1, sizeof *s);
	enum status st;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	take_options(s, o);
	s->desk.started_us = clock_monotonic_us();
	signal(SIGPIPE, SIG_IGN);
	pthread_mutex_init(&s->lock, NULL);
	st = handles_open(s);
	if (st != STATUS_OK) {
		pthread_mutex_destroy(&s->lock);
		free(s);
		return st;
	}
	st = floors_open(s);
	if (st != STATUS_OK) {
		server_close(s);
		return st;
	}
	*out = s;
	return STATUS_OK;
}

void server_close(struct server *s)
{
	if (s == NULL)
		return;
	control_close(s->control);
	clients_close(s->clients);
	answers_close(s->desk.answers);
	watchdog_close(s->watchdog);
	syncs_close(s->desk.syncs);
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_mutex_unlock(&s->lock);
	uv_close((uv_handle_t *)&s->tick, on_handle_closed);
	uv_close((uv_handle_t *)&s->rest, on_handle_closed);
	uv_close((uv_handle_t *)&s->async, on_handle_closed);
}

void server_configure(struct server *s, const struct server_options *o)
{
	s->desk.options.alert_ratio = o->alert_ratio;
	s->desk.options.body_max = o->body_max == 0 ? BODY_MAX : o->body_max;
	clients_set_body_max(s->clients, s->desk.options.body_max);
}
