/* SPDX-License-Identifier: BSD-2-Clause */
/* control.h - the listening socket: systemd's, or one of our own.
 *
 * Own: a stale socket file is removed only when nobody answers there; the file is 0600 until its
 * group is set, then 0660; it is unlinked at the end if it is still ours. systemd's is never
 * unlinked. Thread: the loop's. */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include <reprint/status.h>
#include <sys/types.h>

struct control; /* opaque */
struct uv_loop_s;
struct uv_stream_s;

struct control_options {
	struct uv_loop_s *loop;
	const char *path;  /* not looked at when a socket was passed */
	const char *group; /* NULL or unknown: the process's own */
	void (*connection)(void *ctx, struct uv_stream_s *listener);
	void *ctx;
};

/* BUSY: somebody answers there. EXISTS: something else than a socket is there. */
enum status control_open(struct control **out, const struct control_options *o);
/* The memory goes with the handle (run the loop). Accepts NULL. */
void control_close(struct control *c);

/* Whose members may connect. */
gid_t control_group(const struct control *c);

#endif
