/* SPDX-License-Identifier: BSD-2-Clause */
#include "service.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/log.h"
#include "config.h"
#include "detect/judge.h"
#include "dump.h"
#include "ingest/pipeline.h"
#include "ingest/watch.h"
#include "roots.h"
#include "server/notify.h"
#include "server/server.h"
#include "state.h"

#define QUEUE_MAX 4096u

struct service {
	struct config *config;
	struct parsers *parsers;
	service_config_fn again;
	void *again_ctx;
	uv_loop_t loop;
	uv_async_t room; /* the lane has committed: there may be room for more files */
	uv_signal_t terminate, interrupt, hangup, user;
	struct state state;
	struct watch *watch;
	struct server *server;
	char *state_path; /* the configuration may change */
	char *feeds;      /* what roots[] points into */
	const char *roots[CONFIG_ROOTS_MAX];
	size_t root_count;
};

static size_t take_files(void *ctx, const struct found *files, size_t count)
{
	struct service *s = ctx;

	return pipeline_offer(s->state.pipeline, files, count);
}

/* On the lane's thread. */
static void wake(void *ctx)
{
	struct service *s = ctx;

	uv_async_send(&s->room);
}

static void on_room(uv_async_t *handle)
{
	struct service *s = handle->data;

	if (s->watch != NULL)
		watch_room(s->watch);
	if (s->server != NULL)
		server_wake(s->server);
}

static void server_options_of(struct server_options *o, struct service *s)
{
	*o = (struct server_options){
		.loop = &s->loop,
		.path = s->config->socket,
		.group = s->config->group,
		.pipeline = s->state.pipeline,
		.state = s->state_path,
		.map_size = s->config->map_size,
		.watch = s->watch,
		.body_max = s->config->max_file_bytes,
		.alert_ratio = s->config->alert_ratio,
		.ctx = s,
	};
}

/* What can change while running is taken over; feeds, state, socket and sizes wait for a restart.
 */
static enum status reload(void *ctx, char *why, size_t why_cap)
{
	struct service *s = ctx;
	struct config fresh;
	struct pipeline_options pipeline;
	struct thresholds thresholds;
	struct server_options server;
	char text[CONFIG_WHY_BYTES] = "";
	enum status st;

	notify_reloading();
	st = s->again(s->again_ctx, &fresh, text);
	if (st != STATUS_OK) {
		log_error("configuration kept as it was", "%s", text);
		snprintf(why, why_cap, "%s", text);
		notify_ready();
		return st;
	}
	state_options(&pipeline, &thresholds, &fresh);
	pipeline.wake = wake;
	pipeline.wake_ctx = s;
	pipeline_configure(s->state.pipeline, &pipeline);
	if (s->watch != NULL)
		watch_configure(s->watch, fresh.settle_ms, fresh.rescan_s / 1000);
	config_free(s->config);
	*s->config = fresh;
	server_options_of(&server, s);
	server_configure(s->server, &server);
	log_info("configuration reloaded",
		 "feeds, state, socket, threads, parsers and sizes need a restart");
	notify_ready();
	return STATUS_OK;
}

static void on_hangup(uv_signal_t *handle, int number)
{
	char why[CONFIG_WHY_BYTES];

	(void)number;
	reload(handle->data, why, sizeof why);
}

static void on_user(uv_signal_t *handle, int number)
{
	struct service *s = handle->data;

	(void)number;
	dump_log(s->state.pipeline);
}

static void on_stop(uv_signal_t *handle, int number)
{
	struct service *s = handle->data;

	log_info("stopping", "signal=%d", number);
	notify_stopping();
	watch_close(s->watch);
	s->watch = NULL;
	server_close(s->server);
	s->server = NULL;
	uv_close((uv_handle_t *)&s->terminate, NULL);
	uv_close((uv_handle_t *)&s->interrupt, NULL);
	uv_close((uv_handle_t *)&s->hangup, NULL);
	uv_close((uv_handle_t *)&s->user, NULL);
}

static void listen_to(struct service *s, uv_signal_t *handle, uv_signal_cb cb, int number)
{
	uv_signal_init(&s->loop, handle);
	handle->data = s;
	uv_signal_start(handle, cb, number);
}

/* "a:b" into roots[]. */
static enum status split_roots(struct service *s)
{
	char *rest = NULL;

	s->feeds = strdup(s->config->feeds);
	if (s->feeds == NULL)
		return STATUS_NO_MEMORY;
	for (char *root = strtok_r(s->feeds, ":", &rest); root != NULL;
	     root = strtok_r(NULL, ":", &rest)) {
		if (s->root_count == CONFIG_ROOTS_MAX)
			return STATUS_TOO_LARGE;
		s->roots[s->root_count++] = root;
	}
	return STATUS_OK;
}

static enum status open_state(struct service *s)
{
	struct pipeline_options o = { .roots = s->roots,
				      .root_count = s->root_count,
				      .queue_max = QUEUE_MAX,
				      .parsers = s->parsers,
				      .wake = wake,
				      .wake_ctx = s };
	enum status st = state_open(&s->state, s->config, &o, false);

	if (st == STATUS_BUSY)
		log_error("state in use", "path=%s; another reprintd runs on it", s->config->state);
	else if (st != STATUS_OK && st != STATUS_VERSION) /* which has been told */
		log_error("state not opened", "path=%s why=%s; %s", s->config->state,
			  status_text(st), state_advice(st));
	return st;
}

static enum status open_watch(struct service *s)
{
	struct watch_options o = { .loop = &s->loop,
				   .roots = s->roots,
				   .root_count = s->root_count,
				   .settle_ms = s->config->settle_ms,
				   .rescan_s = s->config->rescan_s / 1000,
				   .found = take_files,
				   .ctx = s };
	enum status st = watch_open(&s->watch, &o);

	if (st != STATUS_OK)
		log_error("feeds not watched", "feeds=%s why=%s", s->config->feeds,
			  status_text(st));
	return st;
}

static enum status open_server(struct service *s)
{
	struct server_options o;
	enum status st;

	server_options_of(&o, s);
	o.reload = reload;
	st = server_open(&s->server, &o);
	if (st == STATUS_BUSY)
		log_error("socket in use", "path=%s; another daemon answers there",
			  s->config->socket);
	else if (st != STATUS_OK)
		log_error("socket not opened",
			  "path=%s why=%s; does its directory exist and is it ours?",
			  s->config->socket, status_text(st));
	return st;
}

/* The lane wakes `room` until the state is closed, so the handle outlives the other ones. */
static void close_loop(struct service *s)
{
	uv_close((uv_handle_t *)&s->room, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
}

int service_run(struct config *c, struct parsers *parsers, service_config_fn again, void *ctx)
{
	struct service *s = calloc(1, sizeof *s);
	int code = EXIT_FAILURE;

	if (s != NULL)
		s->state_path = strdup(c->state);
	if (s == NULL || s->state_path == NULL || uv_loop_init(&s->loop) != 0) {
		log_error("not started", "out of memory");
		if (s != NULL)
			free(s->state_path);
		free(s);
		return EXIT_FAILURE;
	}
	s->config = c;
	s->parsers = parsers;
	s->again = again;
	s->again_ctx = ctx;
	uv_async_init(&s->loop, &s->room, on_room);
	s->room.data = s;
	uv_unref((uv_handle_t *)&s->room);
	if (split_roots(s) != STATUS_OK || !roots_apart(s->roots, s->root_count, c->state) ||
	    open_state(s) != STATUS_OK)
		goto close_loop;
	if (open_watch(s) != STATUS_OK)
		goto close_state;
	if (open_server(s) != STATUS_OK)
		goto close_watch;
	listen_to(s, &s->terminate, on_stop, SIGTERM);
	listen_to(s, &s->interrupt, on_stop, SIGINT);
	listen_to(s, &s->hangup, on_hangup, SIGHUP);
	listen_to(s, &s->user, on_user, SIGUSR1);
	log_info("ready", "feeds=%s state=%s socket=%s", c->feeds, c->state, c->socket);
	notify_ready();
	code = EXIT_SUCCESS;
	uv_run(&s->loop, UV_RUN_DEFAULT);
	goto close_state;

close_watch:
	watch_close(s->watch);
	s->watch = NULL;
close_state:
	state_close(&s->state);
close_loop:
	close_loop(s);
	free(s->feeds);
	free(s->state_path);
	free(s);
	return code;
}
