/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stats.h"

#include <stdatomic.h>

static _Atomic uint64_t values[STAT_COUNT];

const struct stat_row stats_rows[STAT_COUNT] = {
#define STAT(name, kind, unit, help) { #name, STAT_##kind, unit, help },
#include "base/stats.def"
#undef STAT
};

void stats_add(enum counter c, uint64_t n)
{
	atomic_fetch_add_explicit(&values[c], n, memory_order_relaxed);
}

void stats_set(enum counter c, uint64_t value)
{
	atomic_store_explicit(&values[c], value, memory_order_relaxed);
}

uint64_t stats_get(enum counter c)
{
	return atomic_load_explicit(&values[c], memory_order_relaxed);
}
