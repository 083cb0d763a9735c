/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - a write lock for the one whom all others wait for. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>

/* As pthread_rwlock_wrlock(), for a lock that readers hold for microseconds: it looks again for
 * some of them before it sleeps, as who sleeps gets the processor back a hundred later where
 * readers run on. */
void lock_write(pthread_rwlock_t *lock);

#endif
