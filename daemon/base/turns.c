/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/turns.h"

#include <sys/resource.h>

#define LOOKS 128u
#define REST 8u /* between two looks, which take the lock's line of the cache from the readers */

/* On Linux each thread has a niceness of its own. */
void give_way(int niceness)
{
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + niceness);
}

/* Lets the core's other thread go first. */
static void rest(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

void lock_write(pthread_rwlock_t *lock)
{
	for (unsigned look = 0; look < LOOKS; look++) {
		if (pthread_rwlock_trywrlock(lock) == 0)
			return;
		for (unsigned i = 0; i < REST; i++)
			rest();
	}
	pthread_rwlock_wrlock(lock);
}
