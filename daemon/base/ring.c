/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ring.h"

#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void ring_clear(struct ring *r)
{
	atomic_store(&r->written, 0);
	atomic_store(&r->read, 0);
	atomic_store(&r->writer_waits, 0);
	atomic_store(&r->reader_waits, 0);
}

/* Not private: the other side may be another process. Every failure means: look again. */
static void nap(struct ring *r, unsigned seen, bool for_ever)
{
	static const struct timespec slice = { 0, RING_NAP_MS * 1000000L };

	syscall(SYS_futex, &r->changes, FUTEX_WAIT, seen, for_ever ? NULL : &slice, NULL, 0);
}

static void wake(struct ring *r, atomic_uint *waits)
{
	atomic_fetch_add(&r->changes, 1);
	if (atomic_load(waits) != 0)
		syscall(SYS_futex, &r->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void ring_wake(struct ring *r)
{
	atomic_fetch_add(&r->changes, 1);
	syscall(SYS_futex, &r->changes, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Waits until *other, the place of the other end, is no longer what was seen. */
static enum status wait_for(struct ring *r, const atomic_uint *other, unsigned was,
			    atomic_uint *waits, ring_patience_fn patience, void *ctx)
{
	enum status st = STATUS_OK;

	atomic_store(waits, 1);
	while (st == STATUS_OK) {
		unsigned seen = atomic_load(&r->changes);

		if (atomic_load(other) != was)
			break;
		if (patience != NULL)
			st = patience(ctx);
		if (st == STATUS_OK)
			nap(r, seen, patience == NULL);
		else if (atomic_load(other) != was) /* its last words */
			st = STATUS_OK;
	}
	atomic_store(waits, 0);
	return st;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void ring_show(struct ring_end *e)
{
	atomic_store(&e->ring->written, e->at);
}

void ring_flush(struct ring_end *e)
{
	ring_show(e);
	wake(e->ring, &e->ring->reader_waits);
}

size_t ring_room(const struct ring_end *e)
{
	unsigned held = e->at - atomic_load(&e->ring->read);

	return held > RING_BYTES ? 0 : RING_BYTES - held;
}

bool ring_holds(const struct ring_end *e)
{
	return atomic_load(&e->ring->written) != e->at;
}

enum status ring_write(struct ring_end *e, const void *p, size_t len, ring_patience_fn patience,
		       void *ctx)
{
	struct ring *r = e->ring;
	const unsigned char *from = p;

	while (len > 0) {
		unsigned read = atomic_load(&r->read), held = e->at - read;
		size_t place = e->at % RING_BYTES, n;
		enum status st;

		if (held > RING_BYTES)
			return STATUS_MALFORMED;
		if (held == RING_BYTES) {
			ring_flush(e);
			st = wait_for(r, &r->read, read, &r->writer_waits, patience, ctx);
			if (st != STATUS_OK)
				return st;
			continue;
		}
		n = least(least(len, RING_BYTES - held), RING_BYTES - place);
		memcpy(r->bytes + place, from, n);
		e->at += (uint32_t)n;
		from += n;
		len -= n;
	}
	return STATUS_OK;
}

enum status ring_read(struct ring_end *e, void *p, size_t len, ring_patience_fn patience, void *ctx)
{
	struct ring *r = e->ring;
	unsigned char *to = p;

	while (len > 0) {
		unsigned written = atomic_load(&r->written), held = written - e->at;
		size_t place = e->at % RING_BYTES, n;
		enum status st;

		if (held > RING_BYTES)
			return STATUS_MALFORMED;
		if (held == 0) {
			st = wait_for(r, &r->written, written, &r->reader_waits, patience, ctx);
			if (st != STATUS_OK)
				return st;
			continue;
		}
		n = least(least(len, held), RING_BYTES - place);
		memcpy(to, r->bytes + place, n);
		e->at += (uint32_t)n;
		to += n;
		len -= n;
		atomic_store(&r->read, e->at);
		wake(r, &r->writer_waits);
	}
	return STATUS_OK;
}
