/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/misses.h"

#include <stdlib.h>

struct misses {
	uint64_t count; /* ever added */
	struct miss ring[MISSES_KEPT];
};

enum status misses_open(struct misses **out)
{
	*out = calloc(1, sizeof **out);
	return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void misses_close(struct misses *m)
{
	free(m);
}

void misses_add(struct misses *m, const struct miss *one)
{
	m->ring[m->count++ % MISSES_KEPT] = *one;
}

uint64_t misses_count(const struct misses *m)
{
	return m->count;
}

const struct miss *misses_at(const struct misses *m, uint64_t number)
{
	if (number == 0 || number > m->count || m->count - number >= MISSES_KEPT)
		return NULL;
	return &m->ring[(number - 1) % MISSES_KEPT];
}
