/* SPDX-License-Identifier: BSD-2-Clause */
/* fault.h - named steps at which a test build can be made to die, as by kill -9: where the
 * environment's REPRINT_FAULT is the name. A release build has none. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#ifdef REPRINT_FAULTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static inline void fault_point(const char *name)
{
	const char *wanted = getenv("REPRINT_FAULT");

	if (wanted != NULL && strcmp(wanted, name) == 0)
		raise(SIGKILL);
}
#else
static inline void fault_point(const char *name)
{
	(void)name;
}
#endif

#endif
