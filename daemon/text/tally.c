/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/tally.h"

#include "base/arena.h"

bool tally_open(struct tally *t, struct arena *arena, size_t keys)
{
	t->mask = 63;
	while (t->mask < 2 * keys)
		t->mask = t->mask * 2 + 1;
	t->row = arena_take_zeroed(arena, t->mask + 1, sizeof *t->row);
	return t->row != NULL;
}

struct tally_row *tally_at(const struct tally *t, uint32_t key)
{
	size_t at;

	key += key == 0;
	at = key & t->mask;
	while (t->row[at].key != 0 && t->row[at].key != key)
		at = (at + 1) & t->mask;
	t->row[at].key = key;
	return &t->row[at];
}
