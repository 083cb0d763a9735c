/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/client.h"

#include <poll.h>
#include <stdlib.h>
#include <uv.h>

#include "base/clock.h"
#include "base/stats.h"
#include "wire/frame.h"
#include "wire/reply.h"

#define IN_MAX 65536u      /* read ahead while a call is being answered */
#define UNSENT_MAX 262144u /* then call_full() */
#define KEEP_MAX 16384u    /* an idle connection keeps no larger buffer */

struct client {
	uv_pipe_t pipe;
	uv_write_t write;
	struct client *next, *next_resting;
	struct client_shared *shared;
	struct peer peer;
	struct frame frame;
	struct bytes in; /* came, not yet used: from in_at on */
	size_t in_at;
	struct bytes out;     /* to be sent */
	struct bytes sending; /* in flight */
	struct call *call;
	uint64_t body_held; /* counted in bodies_held */
	int64_t moved_ms;   /* last byte that came or went */
	bool reading, eof, last, closing, pumping, resting;
	bool broken; /* to be closed by the next sweep: not while a call is sending */
};

static void pump(struct client *c);

static void on_closed(uv_handle_t *h)
{
	struct client *c = h->data;

	c->shared->closed(c->shared->ctx, c);
	frame_free(&c->frame);
	bytes_free(&c->in);
	bytes_free(&c->out);
	bytes_free(&c->sending);
	free(c);
}

static void release_body(struct client *c)
{
	c->shared->bodies_held -= c->body_held;
	c->body_held = 0;
}

/* ---- resting: others' articles come first */

static void rest(struct client *c)
{
	struct client_shared *s = c->shared;

	c->resting = true;
	c->next_resting = NULL;
	*s->resting_end = c;
	s->resting_end = &c->next_resting;
	s->rest(s->ctx);
}

static void rise(struct client *c)
{
	struct client_shared *s = c->shared;
	struct client **link = &s->resting;

	while (*link != c)
		link = &(*link)->next_resting;
	*link = c->next_resting;
	if (s->resting_end == &c->next_resting)
		s->resting_end = link;
	c->resting = false;
}

void client_resume(struct client_shared *s)
{
	struct client **last = s->resting_end, *c;

	while ((c = s->resting) != NULL) {
		bool was_last = last == &c->next_resting;

		rise(c);
		pump(c);
		if (was_last || pace_over(&s->pace, clock_monotonic_us()))
			break;
	}
}

void client_close(struct client *c)
{
	struct call *call = c->call;

	if (c->closing)
		return;
	c->closing = true;
	c->call = NULL;
	if (c->resting)
		rise(c);
	release_body(c);
	uv_close((uv_handle_t *)&c->pipe, on_closed);
	if (call != NULL) {
		call->client = NULL;
		if (call->gone != NULL)
			call->gone(call);
	}
}

static size_t unsent(const struct client *c)
{
	return c->out.len + c->sending.len;
}

/* ---- sending */

static void send_more(struct client *c);

static void on_written(uv_write_t *w, int error)
{
	struct client *c = w->data;

	if (c->closing)
		return;
	if (error != 0) {
		client_close(c);
		return;
	}
	c->moved_ms = (int64_t)uv_now(c->shared->loop);
	bytes_clear(&c->sending);
	if (c->sending.cap > KEEP_MAX)
		bytes_free(&c->sending);
	send_more(c);
	if (c->call != NULL && c->call->room != NULL && !call_full(c->call))
		c->call->room(c->call);
	else
		pump(c);
}

static void give_up(struct client *c)
{
	c->broken = true;
	c->last = true;
	bytes_free(&c->out);
}

static void send_more(struct client *c)
{
	struct bytes swap = c->out;
	uv_buf_t buf;

	if (c->sending.len > 0 || c->closing || c->broken)
		return;
	if (c->out.failed) {
		give_up(c);
		return;
	}
	if (c->out.len == 0) {
		if (c->last)
			client_close(c);
		return;
	}
	c->out = c->sending;
	c->sending = swap;
	buf = uv_buf_init(c->sending.p, (unsigned)c->sending.len);
	c->write.data = c;
	if (uv_write(&c->write, (uv_stream_t *)&c->pipe, &buf, 1, on_written) != 0)
		give_up(c);
}

void client_refuse(struct client *c, const char *code, const char *message)
{
	struct span tag =
		c->frame.request == NULL ? (struct span){ NULL, 0 } : request_tag(c->frame.request);

	stats_add(STAT_REFUSED_CLIENTS, 1);
	reply_error(&c->out, tag, code, message);
	c->last = true;
	if (c->reading)
		uv_read_stop((uv_stream_t *)&c->pipe);
	c->reading = false;
	send_more(c);
}

/* ---- calls */

bool call_gone(const struct call *c)
{
	return c->client == NULL;
}

bool call_full(const struct call *c)
{
	return c->client != NULL && unsent(c->client) > UNSENT_MAX;
}

void call_send(struct call *call)
{
	struct client *c = call->client;

	if (c == NULL || c->broken) {
		bytes_free(&call->out);
		return;
	}
	if (call->out.failed)
		c->out.failed = true;
	if (c->out.len == 0 && !c->out.failed) {
		struct bytes swap = c->out;

		c->out = call->out;
		call->out = swap;
	} else {
		put_bytes(&c->out, call->out.p, call->out.len);
		bytes_clear(&call->out);
	}
	send_more(c);
}

static void call_free(struct call *call)
{
	request_free((struct request *)(uintptr_t)call->request);
	bytes_free(&call->body);
	bytes_free(&call->out);
	free(call);
}

void call_done(struct call *call)
{
	struct client *c;

	stats_add(STAT_REQUESTS, 1);
	call->room = NULL;
	call->gone = NULL;
	call_send(call);
	c = call->client;
	if (c != NULL)
		c->call = NULL;
	call_free(call);
	if (c == NULL)
		return;
	release_body(c);
	pump(c);
}

void call_fail(struct call *call, const char *code, const char *message)
{
	bytes_clear(&call->out);
	reply_error(&call->out, request_tag(call->request), code, message);
	call_done(call);
}

static void begin_call(struct client *c)
{
	struct call *call = calloc(1, sizeof *call);

	if (call == NULL) {
		client_refuse(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	call->request = frame_take(&c->frame, &call->body);
	call->peer = c->peer;
	call->client = c;
	c->call = call;
	c->shared->begin(c->shared->ctx, call);
}

/* ---- receiving */

/* A body is counted by its claim, so that those who announced theirs can all be served. */
static void reserve_body(struct client *c)
{
	uint64_t claim = request_bytes(c->frame.request);

	if (claim > c->shared->bodies_max - c->shared->bodies_held) {
		client_refuse(c, "busy", "too many bodies are being sent at once: try again");
		return;
	}
	c->body_held = claim;
	c->shared->bodies_held += claim;
}

static bool blocked(const struct client *c)
{
	return c->call != NULL || c->last || c->closing || c->resting || unsent(c) > UNSENT_MAX;
}

/* What came since *begun_us was for a peer; whether there may be more. */
static bool time_left(struct pace *pace, int64_t *begun_us)
{
	int64_t now_us = clock_monotonic_us();

	pace_spend(pace, *begun_us, now_us);
	*begun_us = now_us;
	return !pace_over(pace, now_us);
}

/* False when the time for peers is over. */
static bool use_input(struct client *c)
{
	int64_t begun_us = clock_monotonic_us();
	bool left;

	while ((left = time_left(&c->shared->pace, &begun_us)) && !blocked(c) &&
	       c->in_at < c->in.len) {
		struct span rest = span_of(c->in.p + c->in_at, c->in.len - c->in_at);
		enum frame_state state = frame_feed(&c->frame, &rest);

		c->in_at = c->in.len - rest.len;
		if (state == FRAME_BAD)
			client_refuse(c, c->frame.code, c->frame.why);
		else if (state == FRAME_CLAIMED)
			reserve_body(c);
		else if (state == FRAME_READY)
			begin_call(c);
	}
	if (c->in_at == c->in.len) {
		bytes_clear(&c->in);
		c->in_at = 0;
		if (c->in.cap > KEEP_MAX)
			bytes_free(&c->in);
	}
	return left;
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct client *c = h->data;

	(void)suggested;
	*out = uv_buf_init(c->shared->room, (unsigned)c->shared->room_len);
}

/* The peer closed its whole end, not only the half it writes to. */
static bool hung_up(const struct client *c)
{
	struct pollfd p = { .fd = client_fd(c), .events = 0 };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
	struct client *c = stream->data;

	if (count == 0 || c->closing)
		return;
	c->moved_ms = (int64_t)uv_now(c->shared->loop);
	if (count == UV_EOF && !hung_up(c)) {
		c->eof = true;
	} else if (count < 0) {
		client_close(c);
		return;
	} else {
		put_bytes(&c->in, buf->base, (size_t)count);
		if (c->in.failed) {
			client_close(c);
			return;
		}
	}
	pump(c);
}

static void set_reading(struct client *c)
{
	bool want = !c->eof && !c->last && !c->resting && c->in.len - c->in_at < IN_MAX;

	if (want == c->reading)
		return;
	c->reading = want;
	if (!want)
		uv_read_stop((uv_stream_t *)&c->pipe);
	else if (uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read) != 0)
		client_close(c);
}

/* Goes on with whatever can go on. Calls that are answered at once come back here: no recursion. */
static void pump(struct client *c)
{
	bool left;

	if (c->pumping || c->closing)
		return;
	c->pumping = true;
	left = use_input(c);
	c->pumping = false;
	if (c->closing)
		return;
	if (!left && !c->resting)
		rest(c);
	if (c->eof && c->call == NULL && c->in.len == c->in_at && !c->last) {
		c->last = true;
		send_more(c);
	}
	if (!c->closing)
		set_reading(c);
}

/* ---- life */

struct client *client_open(struct client_shared *shared, struct uv_stream_s *listener)
{
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->shared = shared;
	if (uv_pipe_init(shared->loop, &c->pipe, 0) != 0) {
		free(c);
		return NULL;
	}
	c->pipe.data = c;
	frame_init(&c->frame, shared->body_max);
	c->moved_ms = (int64_t)uv_now(shared->loop);
	if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0) {
		client_close(c);
		return NULL;
	}
	return c;
}

int client_fd(const struct client *c)
{
	uv_os_fd_t fd;

	return uv_fileno((const uv_handle_t *)&c->pipe, &fd) == 0 ? fd : -1;
}

void client_start(struct client *c, const struct peer *peer)
{
	c->peer = *peer;
	pump(c);
}

void client_sweep(struct client *c, const struct client_patience *patience, int64_t now_ms)
{
	int64_t still_ms = now_ms - c->moved_ms;

	if (c->closing)
		return;
	if (c->broken || (!c->reading && c->call != NULL && hung_up(c)))
		client_close(c);
	else if (c->call != NULL)
		return;
	else if (unsent(c) > 0 ? still_ms > patience->unread_ms
			       : !frame_partial(&c->frame) && still_ms > patience->idle_ms)
		client_close(c);
	else if (unsent(c) == 0 && frame_partial(&c->frame) && still_ms > patience->partial_ms)
		client_refuse(c, "timeout", "the request did not come to its end in time");
}

struct client **client_next(struct client *c)
{
	return &c->next;
}
