/* SPDX-License-Identifier: BSD-2-Clause */
/* clients.h - all connections: how many, who may come in, and who has waited too long.
 *
 * Thread: the loop's. */
#ifndef SERVER_CLIENTS_H
#define SERVER_CLIENTS_H

#include "server/client.h"
#include <reprint/status.h>

struct clients; /* opaque */

struct clients_options {
	struct uv_loop_s *loop;
	size_t max;          /* connections */
	uint64_t body_max;   /* bytes */
	uint64_t bodies_max; /* bytes of all bodies at once */
	struct client_patience patience;
	bool (*admit)(void *ctx, struct peer *out, int fd); /* who is it, and may it come in? */
	void (*begin)(void *ctx, struct call *c);
	bool (*busy)(void *ctx); /* articles wait: peers may have a tenth of the time, see pace.h */
	void (*rest)(void *ctx); /* some have had theirs: clients_resume() in some milliseconds */
	void *ctx;
};

enum status clients_open(struct clients **out, const struct clients_options *o);
/* Closes every connection; the memory goes when the last of them has gone (run the loop).
 * begin() is not called any more. Accepts NULL. */
void clients_close(struct clients *c);

/* Takes one connection from a listener, or refuses it with a reason. */
void clients_accept(struct clients *c, struct uv_stream_s *listener);
/* True: again in some milliseconds. */
bool clients_resume(struct clients *c);
/* To be called about once a second, with the loop's time. */
void clients_sweep(struct clients *c, int64_t now_ms);
size_t clients_count(const struct clients *c);
void clients_set_body_max(struct clients *c, uint64_t body_max); /* for connections to come */

#endif
