/* SPDX-License-Identifier: BSD-2-Clause */
/* frame.h - from a stream of bytes to requests: a line each, and the body it announces.
 *
 * Memory:  grows with the bytes that came, never with what a peer claims; at most one line and one
 * body, both bounded. Hostile: every byte. Once the framing is lost (a line too long or not a
 * request, a body too large) it is never guessed: the stream is over, because what follows might
 * be somebody's text and not a request. Thread: one owner at a time. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/bytes.h"
#include "wire/request.h"
#include <reprint/status.h>

struct frame {
	struct bytes line, body;
	struct request *request; /* its line is complete; the body perhaps not */
	uint64_t body_max;
	const char *code; /* after FRAME_BAD: the error to answer with */
	char why[REQUEST_WHY];
};

enum frame_state {
	FRAME_MORE,    /* all bytes used, nothing complete */
	FRAME_CLAIMED, /* a line announced a body that is within the limit: refuse it or go on */
	FRAME_READY,   /* request and body are complete: frame_take() them before going on */
	FRAME_BAD      /* answer with code and why, then close */
};

void frame_init(struct frame *f, uint64_t body_max);
void frame_free(struct frame *f);

/* Uses bytes from the front of *in, which is moved on. */
enum frame_state frame_feed(struct frame *f, struct span *in);

/* The complete request and its body, now the caller's. */
struct request *frame_take(struct frame *f, struct bytes *out_body);

/* Whether something has begun and is not complete. */
bool frame_partial(const struct frame *f);

#endif
