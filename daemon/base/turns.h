/* SPDX-License-Identifier: BSD-2-Clause */
/* turns.h - who goes first where there are more threads than cores: the one all others wait for. */
#ifndef BASE_TURNS_H
#define BASE_TURNS_H

#include <pthread.h>

/* From now on the calling thread is so much nicer: it leaves more of the processor to the others.
 */
void give_way(int niceness);

/* As pthread_rwlock_wrlock(), for a lock that readers hold for microseconds: it looks again for
 * some of them before it sleeps, as who sleeps gets the processor back a hundred later where
 * readers run on. */
void lock_write(pthread_rwlock_t *lock);

#endif
