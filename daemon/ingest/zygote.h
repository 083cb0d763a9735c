/* SPDX-License-Identifier: BSD-2-Clause */
/* zygote.h - a process forked before there are threads or open files, which forks others when it is
 * asked to: forking later would hand all that on.
 *
 * Its children stand in slots, each with a piece of memory that it shares with the daemon. They end
 * with the zygote, and the zygote with the daemon, however that ends.
 * Thread: zygote_open() and zygote_close() of a process with one thread; the rest any, one a slot.
 */
#ifndef INGEST_ZYGOTE_H
#define INGEST_ZYGOTE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>

struct zygote; /* opaque */

struct zygote_options {
	size_t slots;
	size_t share_bytes;                    /* of each slot; not taken until it is touched */
	void (*prepare)(void *ctx);            /* in the zygote, once */
	void (*run)(void *ctx, void *share);   /* a child's life; it sees no other share */
	void (*ended)(void *ctx, void *share); /* in the zygote, after a child's end */
	void *ctx;
};

enum status zygote_open(struct zygote **out, const struct zygote_options *o);
/* Kills what still runs, and waits for it. Accepts NULL. */
void zygote_close(struct zygote *z);

/* Zeroed at first; aligned to a page. */
void *zygote_share(const struct zygote *z, size_t slot);

/* A child in the slot, which has none. NO_MEMORY where it cannot be forked, CLOSED when the zygote
 * is gone. */
enum status zygote_start(struct zygote *z, size_t slot);
/* Ends the slot's child, if there is one, and waits for its end. */
void zygote_kill(struct zygote *z, size_t slot);
/* Whether the slot's child runs. If not, *out_how is as of waitpid(). */
bool zygote_runs(struct zygote *z, size_t slot, int *out_how);
/* Processor time of the slot's child; -1 when it is gone. */
long long zygote_cpu_ms(struct zygote *z, size_t slot);
/* The zygote ended by itself: nothing can be started any more. */
bool zygote_lost(struct zygote *z);

#endif
