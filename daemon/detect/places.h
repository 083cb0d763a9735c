/* SPDX-License-Identifier: BSD-2-Clause */
/* places.h - where each shingle of a text stands first: one flat open-addressing table.
 *
 * Hashes are the attacker's to choose, so a probe is bounded: what does not fit in PLACES_PROBES
 * slots is left out, and a look-up may then miss it, never mistake it. Thread: one owner at a time.
 */
#ifndef DETECT_PLACES_H
#define DETECT_PLACES_H

#include <reprint/status.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define PLACES_NONE UINT32_MAX

struct places {
	uint64_t *hashes;
	uint32_t *at;   /* PLACES_NONE: the slot is free */
	uint32_t shift; /* home slot = hash >> shift */
	uint32_t mask;
	uint32_t distinct;
};

/* Room for count hashes. NO_MEMORY. */
enum status places_init(struct places *p, size_t count, struct arena *arena);

/* The slot of a hash, which takes `at` as its first place when there is none; PLACES_NONE when it
 * is left out. */
uint32_t places_put(struct places *p, uint64_t hash, uint32_t at);

/* The slot of a hash, PLACES_NONE when it is not there. */
uint32_t places_slot(const struct places *p, uint64_t hash);

#endif
