/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/places.h"

#include <string.h>

#include "base/arena.h"

#define PLACES_PROBES 64u

enum status places_init(struct places *p, size_t count, struct arena *arena)
{
	uint32_t bits = 4;

	while (((size_t)1 << bits) < 2 * count && bits < 31)
		bits++;
	*p = (struct places){ .shift = 64 - bits, .mask = ((uint32_t)1 << bits) - 1 };
	p->hashes = ARENA_ARRAY(arena, uint64_t, (size_t)p->mask + 1);
	p->at = ARENA_ARRAY(arena, uint32_t, (size_t)p->mask + 1);
	if (p->hashes == NULL || p->at == NULL)
		return STATUS_NO_MEMORY;
	memset(p->at, 0xff, ((size_t)p->mask + 1) * sizeof *p->at);
	return STATUS_OK;
}

/* The slot that holds the hash or the free one where it would go; PLACES_NONE after too many
 * probes. */
static uint32_t probe(const struct places *p, uint64_t hash)
{
	uint32_t slot = (uint32_t)(hash >> p->shift);

	for (uint32_t i = 0; i < PLACES_PROBES; i++, slot = (slot + 1) & p->mask)
		if (p->at[slot] == PLACES_NONE || p->hashes[slot] == hash)
			return slot;
	return PLACES_NONE;
}

uint32_t places_put(struct places *p, uint64_t hash, uint32_t at)
{
	uint32_t slot = probe(p, hash);

	if (slot == PLACES_NONE || p->at[slot] != PLACES_NONE)
		return slot;
	p->hashes[slot] = hash;
	p->at[slot] = at;
	p->distinct++;
	return slot;
}

uint32_t places_slot(const struct places *p, uint64_t hash)
{
	uint32_t slot = probe(p, hash);

	return slot == PLACES_NONE || p->at[slot] == PLACES_NONE ? PLACES_NONE : slot;
}
