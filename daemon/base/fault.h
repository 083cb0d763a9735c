/* SPDX-License-Identifier: BSD-2-Clause */
/* fault.h - named steps at which a test build can be made to die, as by kill -9, or to do worse:
 * where the environment's REPRINT_FAULT is the name; and REPRINT_TABLE, a table of the index that
 * is full after so many articles, so that a small state has runs. A release build has none of it.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdint.h>

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

/* Whether to misbehave at a delivery: its name says how. */
static inline int fault_named(const char *how, const char *name, size_t name_len)
{
	const char *wanted = getenv("REPRINT_FAULT");

	return wanted != NULL && strcmp(wanted, "parser") == 0 &&
	       memmem(name, name_len, how, strlen(how)) != NULL;
}

/* 0: as many as usual. */
static inline uint32_t fault_table(void)
{
	const char *articles = getenv("REPRINT_TABLE");

	return articles == NULL ? 0 : (uint32_t)strtoul(articles, NULL, 10);
}
#else
static inline void fault_point(const char *name)
{
	(void)name;
}

static inline int fault_named(const char *how, const char *name, size_t name_len)
{
	(void)how;
	(void)name;
	(void)name_len;
	return 0;
}

static inline uint32_t fault_table(void)
{
	return 0;
}
#endif

#endif
