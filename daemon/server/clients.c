/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/clients.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/stats.h"

#define ROOM 65536u

struct clients {
	struct clients_options options;
	struct client_shared shared;
	struct client *first;
	size_t count;
	struct uv_stream_s *listener; /* somebody waits there: there was no time for it */
	bool closing;
	char room[ROOM];
};

static void on_closed(void *ctx, struct client *client)
{
	struct clients *c = ctx;
	struct client **link = &c->first;

	while (*link != client && *link != NULL)
		link = client_next(*link);
	if (*link == NULL)
		return; /* could not even be accepted */
	*link = *client_next(client);
	c->count--;
	stats_set(STAT_CLIENTS, c->count);
	if (c->closing && c->count == 0)
		free(c);
}

static void on_begin(void *ctx, struct call *call)
{
	struct clients *c = ctx;

	c->options.begin(c->options.ctx, call);
}

static void on_rest(void *ctx)
{
	struct clients *c = ctx;

	c->options.rest(c->options.ctx);
}

enum status clients_open(struct clients **out, const struct clients_options *o)
{
	struct clients *c = calloc(1, sizeof *c);

	if (c == NULL)
		return STATUS_NO_MEMORY;
	c->options = *o;
	c->shared = (struct client_shared){
		.loop = o->loop,
		.begin = on_begin,
		.closed = on_closed,
		.ctx = c,
		.body_max = o->body_max,
		.bodies_max = o->bodies_max,
		.room = c->room,
		.room_len = sizeof c->room,
		.pace = { .busy = o->busy, .ctx = o->ctx },
		.rest = on_rest,
		.resting_end = &c->shared.resting,
	};
	*out = c;
	return STATUS_OK;
}

void clients_close(struct clients *c)
{
	if (c == NULL)
		return;
	c->closing = true;
	if (c->count == 0) {
		free(c);
		return;
	}
	for (struct client *client = c->first; client != NULL; client = *client_next(client))
		client_close(client);
}

static void take_in(struct clients *c, struct uv_stream_s *listener)
{
	struct client *client = client_open(&c->shared, listener);
	struct peer peer;

	if (client == NULL)
		return;
	*client_next(client) = c->first;
	c->first = client;
	c->count++;
	stats_set(STAT_CLIENTS, c->count);
	if (c->count > c->options.max)
		client_refuse(client, "busy", "too many connections: try again later");
	else if (!c->options.admit(c->options.ctx, &peer, client_fd(client)))
		client_refuse(client, "denied",
			      "only root, the daemon's user and the socket's group may connect");
	else
		client_start(client, &peer);
}

void clients_accept(struct clients *c, struct uv_stream_s *listener)
{
	int64_t begun_us = clock_monotonic_us();

	/* Until it is accepted no other is told of. */
	if (pace_over(&c->shared.pace, clock_monotonic_us())) {
		c->listener = listener;
		on_rest(c);
		return;
	}
	take_in(c, listener);
	pace_spend(&c->shared.pace, begun_us, clock_monotonic_us());
}

bool clients_resume(struct clients *c)
{
	struct uv_stream_s *listener = c->listener;
	int64_t begun_us = clock_monotonic_us();

	c->listener = NULL;
	if (listener != NULL) {
		take_in(c, listener);
		pace_spend(&c->shared.pace, begun_us, clock_monotonic_us());
	}
	client_resume(&c->shared);
	return c->listener != NULL || c->shared.resting != NULL;
}

void clients_sweep(struct clients *c, int64_t now_ms)
{
	/* Closing only marks: the list changes in the close callbacks, from the loop. */
	for (struct client *client = c->first; client != NULL; client = *client_next(client))
		client_sweep(client, &c->options.patience, now_ms);
}

size_t clients_count(const struct clients *c)
{
	return c->count;
}

void clients_set_body_max(struct clients *c, uint64_t body_max)
{
	c->shared.body_max = body_max;
}
