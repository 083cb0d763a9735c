/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/client.h"
#include "server/command.h"
#include "server/helper.h"
#include "wire/value.h"

#define STATE_BYTES 4200u

static void release(struct upkeep *u)
{
	u->desk->upkeep = false;
	bytes_free(&u->line);
	free(u->own);
	free(u);
}

static void on_gone(struct call *c)
{
	struct upkeep *u = c->state;

	helper_close(u->helper);
	release(u);
	call_done(c);
}

static void on_room(struct call *c)
{
	struct upkeep *u = c->state;

	helper_go_on(u->helper);
}

void upkeep_send(struct upkeep *u)
{
	call_send(u->call);
	if (call_full(u->call))
		helper_pause(u->helper);
}

void upkeep_lines(struct upkeep *u, struct span piece,
		  void (*each)(struct upkeep *u, struct span line, const struct value *object))
{
	const char *end;

	put_bytes(&u->line, piece.p, piece.len);
	while (!u->line.failed && (end = memchr(u->line.p, '\n', u->line.len)) != NULL) {
		size_t len = (size_t)(end - u->line.p);
		struct value *object;
		char why[64];

		if (len >= 2 && value_parse(&object, why, sizeof why, span_of(u->line.p, len), 4) ==
					STATUS_OK) {
			each(u, span_of(u->line.p, len), object);
			value_free(object);
		}
		u->line.len -= len + 1;
		memmove(u->line.p, end + 1, u->line.len);
	}
}

static void on_piece(void *ctx, struct span piece)
{
	struct upkeep *u = ctx;

	u->kind->piece(u, piece);
}

static void on_ended(void *ctx, int code)
{
	struct upkeep *u = ctx;

	u->call->gone = NULL;
	u->call->room = NULL;
	u->kind->ended(u, code);
	release(u);
}

static enum status start(struct upkeep *u)
{
	const struct server_options *so = &u->desk->options;
	char state[STATE_BYTES], map_size[64];
	const char *args[] = { "--set",         state,           "--set", map_size,
			       u->kind->option, u->kind->second, NULL };
	const struct helper_options o = {
		.loop = so->loop, .args = args, .piece = on_piece, .ended = on_ended, .ctx = u
	};

	if ((size_t)snprintf(state, sizeof state, "state=%s", so->state) >= sizeof state)
		return STATUS_TOO_LARGE;
	snprintf(map_size, sizeof map_size, "map_size=%" PRIu64, so->map_size);
	return helper_open(&u->helper, &o);
}

void upkeep_begin(struct desk *d, struct call *c, const struct upkeep_kind *kind)
{
	struct upkeep *u;
	enum status st;

	if (d->upkeep || d->options.state == NULL) {
		call_fail(c, "busy", "another backup, verify, repair or purge is under way");
		return;
	}
	u = calloc(1, sizeof *u);
	if (u != NULL)
		u->own = calloc(1, kind->own_bytes + 1);
	if (u == NULL || u->own == NULL) {
		free(u);
		call_fail(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	u->kind = kind;
	u->desk = d;
	u->call = c;
	d->upkeep = true;
	st = start(u);
	if (st != STATUS_OK) {
		release(u);
		call_fail(c, "failed", status_text(st));
		return;
	}
	c->state = u;
	c->gone = on_gone;
	c->room = on_room;
}
