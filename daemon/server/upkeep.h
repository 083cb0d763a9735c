/* SPDX-License-Identifier: BSD-2-Clause */
/* upkeep.h - a call that is answered by a helper (helper.h): one at a time.
 *
 * Thread: the loop's. Life: made by upkeep_begin(), gone after its kind's ended(), or when the peer
 * is gone. */
#ifndef SERVER_UPKEEP_H
#define SERVER_UPKEEP_H

#include "base/bytes.h"

struct call;
struct desk;
struct helper;
struct upkeep;
struct value;

struct upkeep_kind {
	const char *option, *second; /* of reprintd; second may be NULL */
	/* What the helper wrote. */
	void (*piece)(struct upkeep *u, struct span piece);
	/* All has come: ends the call, or hands it on. code: -1 for a signal. */
	void (*ended)(struct upkeep *u, int code);
	size_t own_bytes; /* of memory of its own, zeroed: upkeep_own() */
};

struct upkeep {
	const struct upkeep_kind *kind;
	struct desk *desk;
	struct call *call;
	struct helper *helper;
	struct bytes line; /* that has not ended yet */
	void *own;
};

void upkeep_begin(struct desk *d, struct call *c, const struct upkeep_kind *kind);
/* Passes on what stands in call->out, and waits where the peer is slow. */
void upkeep_send(struct upkeep *u);
/* For a piece(): each whole line of JSON, and its object, which is freed afterwards. */
void upkeep_lines(struct upkeep *u, struct span piece,
		  void (*each)(struct upkeep *u, struct span line, const struct value *object));

#endif
