/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - a stream of bytes between two processes, in memory that both see.
 *
 * Thread:  one writer, one reader, in one process or two; no locks, a futex to wait on.
 * Memory:  struct ring lives in shared memory; each side keeps its own struct ring_end.
 * Hostile: the other side. What it says of its place is checked each time, and nothing of one's
 *          own is read back from the ring. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <reprint/status.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_BYTES (1u << 18) /* a power of two */

struct ring {
	_Alignas(64) atomic_uint written; /* bytes ever, modulo 2^32 */
	_Alignas(64) atomic_uint read;
	_Alignas(64) atomic_uint changes; /* of either; what is waited for */
	atomic_uint writer_waits, reader_waits;
	_Alignas(64) unsigned char bytes[RING_BYTES];
};

struct ring_end {
	struct ring *ring;
	uint32_t at; /* bytes ever written, or read, by this end */
};

/* Asked before each sleep, and at least every RING_NAP_MS of it: whatever it returns but OK ends
 * the waiting. NULL: waits for ever. */
#define RING_NAP_MS 200u
typedef enum status (*ring_patience_fn)(void *ctx);

/* Empty, for both ends; nobody may be using it. */
void ring_clear(struct ring *r);

/* Writes all of p[len], waiting for room. The reader sees it after ring_show() or ring_flush(), or
 * when the ring is full. MALFORMED when the reader's place is impossible. */
enum status ring_write(struct ring_end *e, const void *p, size_t len, ring_patience_fn patience,
		       void *ctx);
/* A reader that waits goes on waiting, until ring_flush(). */
void ring_show(struct ring_end *e);
void ring_flush(struct ring_end *e);
/* How many bytes can be written now without waiting. */
size_t ring_room(const struct ring_end *e);
/* Whether there is something to read now. */
bool ring_holds(const struct ring_end *e);
/* Reads exactly len bytes, waiting for them. MALFORMED when the writer's place is impossible. */
enum status ring_read(struct ring_end *e, void *p, size_t len, ring_patience_fn patience,
		      void *ctx);

/* Lets whoever waits ask its patience again. */
void ring_wake(struct ring *r);

#endif
