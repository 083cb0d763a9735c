/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>

#include "base/turns.h"

enum { ROUNDS = 20000, READERS = 3 };

struct pair {
	pthread_rwlock_t lock;
	unsigned long left, right; /* equal under the lock */
	bool over;
};

static void *read_on(void *arg)
{
	struct pair *p = arg;
	unsigned long torn = 0;
	bool over = false;

	while (!over) {
		pthread_rwlock_rdlock(&p->lock);
		torn += p->left != p->right;
		over = p->over;
		pthread_rwlock_unlock(&p->lock);
	}
	return (void *)torn;
}

static void the_writer_is_alone(void **state)
{
	struct pair p = { .lock = PTHREAD_RWLOCK_INITIALIZER };
	pthread_t readers[READERS];

	(void)state;
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, &p), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		lock_write(&p.lock);
		p.left++;
		p.right++;
		p.over = i + 1 == ROUNDS;
		pthread_rwlock_unlock(&p.lock);
	}
	for (int i = 0; i < READERS; i++) {
		void *torn;

		assert_int_equal(pthread_join(readers[i], &torn), 0);
		assert_null(torn);
	}
	assert_int_equal(p.left, ROUNDS);
	pthread_rwlock_destroy(&p.lock);
}

struct held {
	pthread_rwlock_t lock;
	pthread_barrier_t both;
	unsigned number;
};

/* Much longer than lock_write() looks. */
static void *hold(void *arg)
{
	struct held *h = arg;

	pthread_rwlock_rdlock(&h->lock);
	pthread_barrier_wait(&h->both);
	for (unsigned i = 0; i < 50 * ROUNDS; i++)
		__atomic_store_n(&h->number, i + 1, __ATOMIC_RELAXED);
	pthread_rwlock_unlock(&h->lock);
	return NULL;
}

static void a_reader_that_takes_its_time_is_waited_for(void **state)
{
	struct held h = { .lock = PTHREAD_RWLOCK_INITIALIZER };
	pthread_t reader;

	(void)state;
	pthread_barrier_init(&h.both, NULL, 2);
	assert_int_equal(pthread_create(&reader, NULL, hold, &h), 0);
	pthread_barrier_wait(&h.both);
	lock_write(&h.lock);
	assert_int_equal(__atomic_load_n(&h.number, __ATOMIC_RELAXED), 50 * ROUNDS);
	pthread_rwlock_unlock(&h.lock);
	assert_int_equal(pthread_join(reader, NULL), 0);
	pthread_barrier_destroy(&h.both);
	pthread_rwlock_destroy(&h.lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_is_alone),
		cmocka_unit_test(a_reader_that_takes_its_time_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
