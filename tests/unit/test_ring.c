/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/ring.h"

#define STREAM_BYTES (5u * RING_BYTES + 12345u)

struct pair {
	struct ring *ring;
	struct ring_end in, out;
};

static int open_pair(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	p->ring = aligned_alloc(64, sizeof *p->ring);
	memset(p->ring, 0, sizeof *p->ring);
	p->in.ring = p->out.ring = p->ring;
	*state = p;
	return 0;
}

static int close_pair(void **state)
{
	struct pair *p = *state;

	free(p->ring);
	free(p);
	return 0;
}

static enum status never(void *ctx)
{
	++*(unsigned *)ctx;
	return STATUS_TIMEOUT;
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761u >> 13);
}

/* Writes the stream in pieces of every size. */
static void *write_stream(void *arg)
{
	struct pair *p = arg;
	unsigned char *bytes = malloc(STREAM_BYTES);
	size_t at = 0;

	for (size_t i = 0; i < STREAM_BYTES; i++)
		bytes[i] = byte_at(i);
	for (size_t piece = 1; at < STREAM_BYTES; at += piece, piece = piece * 2 + 1) {
		piece = piece < STREAM_BYTES - at ? piece : STREAM_BYTES - at;
		if (ring_write(&p->in, bytes + at, piece, NULL, NULL) != STATUS_OK)
			abort();
		ring_flush(&p->in);
	}
	free(bytes);
	return NULL;
}

static void a_stream_longer_than_the_ring_arrives_as_it_was_sent(void **state)
{
	struct pair *p = *state;
	unsigned char bytes[4099];
	pthread_t writer;
	size_t at = 0;

	assert_int_equal(pthread_create(&writer, NULL, write_stream, p), 0);
	for (size_t n; at < STREAM_BYTES; at += n) {
		n = STREAM_BYTES - at < sizeof bytes ? STREAM_BYTES - at : sizeof bytes;
		assert_int_equal(ring_read(&p->out, bytes, n, NULL, NULL), STATUS_OK);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], byte_at(at + i));
	}
	pthread_join(writer, NULL);
	assert_false(ring_holds(&p->out));
}

static void what_is_not_shown_is_not_there(void **state)
{
	struct pair *p = *state;
	unsigned asked = 0;
	char got[5];

	assert_int_equal(ring_room(&p->in), RING_BYTES);
	assert_int_equal(ring_write(&p->in, "hello", 5, never, &asked), STATUS_OK);
	assert_int_equal(ring_room(&p->in), RING_BYTES - 5);
	assert_false(ring_holds(&p->out));
	ring_show(&p->in);
	assert_true(ring_holds(&p->out));
	assert_int_equal(ring_read(&p->out, got, 5, never, &asked), STATUS_OK);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(asked, 0);
}

static void who_has_no_patience_does_not_wait(void **state)
{
	static unsigned char bytes[RING_BYTES + 1];
	struct pair *p = *state;
	unsigned asked = 0;

	assert_int_equal(ring_read(&p->out, bytes, 1, never, &asked), STATUS_TIMEOUT);
	assert_int_equal(ring_write(&p->in, bytes, sizeof bytes, never, &asked), STATUS_TIMEOUT);
	assert_int_equal(asked, 2);
}

/* A process that died has written, between the look and the question, what it had to say. */
static enum status speak_and_die(void *ctx)
{
	struct pair *p = ctx;

	ring_write(&p->in, "x", 1, NULL, NULL);
	ring_show(&p->in);
	return STATUS_CLOSED;
}

static void last_words_are_heard(void **state)
{
	struct pair *p = *state;
	char got = 0;

	assert_int_equal(ring_read(&p->out, &got, 1, speak_and_die, p), STATUS_OK);
	assert_int_equal(got, 'x');
}

static void an_impossible_place_is_a_lie(void **state)
{
	struct pair *p = *state;
	unsigned asked = 0;
	char got[8];

	atomic_store(&p->ring->written, RING_BYTES + 1);
	assert_int_equal(ring_read(&p->out, got, 8, never, &asked), STATUS_MALFORMED);
	atomic_store(&p->ring->written, UINT32_MAX);
	assert_int_equal(ring_read(&p->out, got, 8, never, &asked), STATUS_MALFORMED);
	atomic_store(&p->ring->read, 1);
	assert_int_equal(ring_write(&p->in, got, 8, never, &asked), STATUS_MALFORMED);
	assert_int_equal(ring_room(&p->in), 0);
	ring_clear(p->ring);
	assert_int_equal(ring_write(&p->in, got, 8, never, &asked), STATUS_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_stream_longer_than_the_ring_arrives_as_it_was_sent, open_pair,
			close_pair),
		cmocka_unit_test_setup_teardown(what_is_not_shown_is_not_there, open_pair,
						close_pair),
		cmocka_unit_test_setup_teardown(who_has_no_patience_does_not_wait, open_pair,
						close_pair),
		cmocka_unit_test_setup_teardown(last_words_are_heard, open_pair, close_pair),
		cmocka_unit_test_setup_teardown(an_impossible_place_is_a_lie, open_pair,
						close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
