/* SPDX-License-Identifier: BSD-2-Clause */
/* tally.h - what the places of a page that have a key in common come to together.
 *
 * Thread:  one owner at a time.
 * Memory:  one table in an arena, for as many keys as were said. */
#ifndef TEXT_TALLY_H
#define TEXT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena; /* base/arena.h */

/* Whoever adds up says of what. */
struct tally_row {
	uint32_t key; /* 0: empty */
	uint32_t places, teasers;
	uint32_t ink, link_ink, good;
	bool titled;
};

struct tally {
	struct tally_row *row;
	size_t mask;
};

/* Room for this many keys; false when out of memory. */
bool tally_open(struct tally *t, struct arena *arena, size_t keys);

/* The row of a key, all zero (but for the key) at first. Never NULL. */
struct tally_row *tally_at(const struct tally *t, uint32_t key);

#endif
