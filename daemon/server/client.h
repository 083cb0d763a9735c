/* SPDX-License-Identifier: BSD-2-Clause */
/* client.h - one connection: bytes become calls, one after the other, and replies go back in their
 * order.
 *
 * A connection has one call at a time; what its peer sends meanwhile waits here up to a bound and
 * then in the socket. Unsent replies are bounded the same way: whoever streams asks call_full()
 * and goes on when call->room is called. So neither a fast writer nor a slow reader takes memory.
 * Thread: the loop's. */
#ifndef SERVER_CLIENT_H
#define SERVER_CLIENT_H

#include "base/bytes.h"
#include "server/pace.h"
#include "server/peer.h"
#include "wire/request.h"

struct client; /* opaque */
struct uv_loop_s;
struct uv_stream_s;

/* A request and the way back. Life: made by the client, handed to begin(), which sees to it that
 * call_done() is called exactly once, now or later, even when the peer is long gone.
 *
 *   phase      owner              allowed
 *   begun      the loop           everything
 *   asked      the lane           reading request and body; no call_ function
 *   answered   the loop           everything; ends with call_done() */
struct call {
	const struct request *request;
	struct bytes body;
	struct peer peer;
	struct bytes out;             /* reply lines; call_send() passes them on */
	void *state;                  /* whoever answers */
	void (*room)(struct call *c); /* NULL, or called when call_full() is no longer true */
	void (*gone)(struct call *c); /* NULL, or called once when the peer is gone: end soon */
	struct client *client;        /* NULL: the peer is gone */
};

/* Passes on what stands in call->out. */
void call_send(struct call *c);
/* Enough is unsent: wait for room. Never true when the peer is gone. */
bool call_full(const struct call *c);
bool call_gone(const struct call *c);
/* Sends what is left and ends the call, which is gone afterwards. */
void call_done(struct call *c);
/* Replaces what is unsent in call->out by an error, and ends the call. */
void call_fail(struct call *c, const char *code, const char *message);

/* What all connections have in common. */
struct client_shared {
	struct uv_loop_s *loop;
	void (*begin)(void *ctx, struct call *c);
	void (*closed)(void *ctx, struct client *c); /* its memory goes after the return */
	void *ctx;
	uint64_t body_max;    /* of one body */
	uint64_t bodies_max;  /* of all bodies announced and not yet answered */
	uint64_t bodies_held; /* so much is */
	char *room;           /* what is read lands here first */
	size_t room_len;
	struct pace pace;
	void (*rest)(void *ctx);               /* somebody rests: call client_resume() soon */
	struct client *resting, **resting_end; /* whoever came first is first */
};

/* Times after which a connection is given up. */
struct client_patience {
	int64_t idle_ms;    /* nothing asked, nothing to send */
	int64_t partial_ms; /* a line or body began and does not go on */
	int64_t unread_ms;  /* a complete reply is not read */
};

/* Accepts from the listener; NULL: nothing could be accepted. It reads nothing yet. */
struct client *client_open(struct client_shared *shared, struct uv_stream_s *listener);
int client_fd(const struct client *c);
void client_start(struct client *c, const struct peer *peer);
/* One error line, then the end. */
void client_refuse(struct client *c, const char *code, const char *message);
/* Those who rest go on, in their order, as long as there is time. */
void client_resume(struct client_shared *shared);
void client_sweep(struct client *c, const struct client_patience *patience, int64_t now_ms);
/* At once; closed() follows. */
void client_close(struct client *c);

/* A list of connections is threaded through them. */
struct client **client_next(struct client *c);

#endif
