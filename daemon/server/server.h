/* SPDX-License-Identifier: BSD-2-Clause */
/* server.h - the control socket: answers questions, streams alerts, tells systemd how we are.
 *
 * Thread:  the loop's, but for server_wake(). What concerns the store is asked of the lane and
 *          comes back to the loop; nothing here waits, but for server_close().
 * Memory:  bounded: so many connections, so large bodies, so much unsent for each.
 * Ignores SIGPIPE for the whole process: a peer may close while it is being answered. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pipeline; /* ingest/pipeline.h */
struct server;   /* opaque */
struct uv_loop_s;
struct watch; /* ingest/watch.h */

/* Re-reads the configuration; what is wrong with it into why[]. */
typedef enum status (*server_reload_fn)(void *ctx, char *why, size_t why_cap);

struct server_options {
	struct uv_loop_s *loop;
	const char *path;  /* of the socket; not looked at when systemd passed one */
	const char *group; /* who may connect; NULL or unknown: the process's own group */
	struct pipeline *pipeline;
	const char *state;       /* its directory, for backup and verify; NULL: none of these */
	uint64_t map_size;       /* of its environments */
	struct watch *watch;     /* NULL: no feeds */
	size_t max_clients;      /* 0: 1024 */
	uint64_t body_max;       /* bytes of one body; 0: 16 MiB */
	double alert_ratio;      /* what `check` calls a find */
	server_reload_fn reload; /* NULL: nothing to reload */
	void *ctx;
};

/* Takes the socket from LISTEN_FDS or creates it, and listens. BUSY: another process answers
 * there. Also starts the watchdog where systemd asked for one. */
enum status server_open(struct server **out, const struct server_options *o);

/* Takes no further request, tells streams nothing more, waits for what the lane was asked (so the
 * pipeline must still run). The memory goes with the last handle: run the loop afterwards until it
 * is empty. Accepts NULL. */
void server_close(struct server *s);

/* Something was committed or came to its end: streams and syncs look again. Any thread; harmless
 * after server_close() as long as the loop has not been run empty. */
void server_wake(struct server *s);

/* After a reload: body_max and alert_ratio. */
void server_configure(struct server *s, const struct server_options *o);

#endif
