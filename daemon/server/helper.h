/* SPDX-License-Identifier: BSD-2-Clause */
/* helper.h - this program once more, in a process of its own, beside the daemon: what reads the
 * whole state must neither hold the lane nor take the daemon along when it meets a damaged page.
 *
 * What it writes to its standard output comes in pieces; who listens may stop and go on. One at a
 * time is enough: the server sees to that. It is killed when nobody listens any more.
 * Thread: the loop's. */
#ifndef SERVER_HELPER_H
#define SERVER_HELPER_H

#include <reprint/span.h>
#include <reprint/status.h>

struct helper; /* opaque */
struct uv_loop_s;

struct helper_options {
	struct uv_loop_s *loop;
	const char *const *args; /* of reprintd, NULL after the last; used at once */
	void (*piece)(void *ctx, struct span piece);
	/* The last call: all pieces have come. The exit code, or -1 where a signal ended it. */
	void (*ended)(void *ctx, int code);
	void *ctx;
};

enum status helper_open(struct helper **out, const struct helper_options *o);
void helper_pause(struct helper *h);
void helper_go_on(struct helper *h);
/* Nobody listens any more; nothing is called from here on. Not after ended(). Accepts NULL. */
void helper_close(struct helper *h);

#endif
