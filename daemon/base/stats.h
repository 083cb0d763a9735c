/* SPDX-License-Identifier: BSD-2-Clause */
/* stats.h - counters, one row each in stats.def. Any thread; relaxed atomics. */
#ifndef BASE_STATS_H
#define BASE_STATS_H

#include <stdint.h>

enum counter {
#define STAT(name, kind, unit, help) STAT_##name,
#include "base/stats.def"
#undef STAT
	STAT_COUNT
};

enum stat_kind { STAT_COUNTER, STAT_GAUGE };

struct stat_row {
	const char *name; /* the row's NAME; printed in lower case */
	enum stat_kind kind;
	const char *unit; /* "files", "bytes", ... */
	const char *help; /* one sentence */
};

extern const struct stat_row stats_rows[STAT_COUNT];

void stats_add(enum counter c, uint64_t n);
void stats_set(enum counter c, uint64_t value); /* gauges */
uint64_t stats_get(enum counter c);

#endif
