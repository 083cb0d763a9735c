/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_wds.h"

#include <stdint.h>
#include <stdlib.h>

#define SLOTS_MIN 256u

/* Open addressing, linear probing, at most half full. The kernel's descriptors start at 1. */
struct wd_slot {
	int wd;              /* 0: free */
	struct directory *d; /* NULL: an orphan */
};

/* Descriptors are handed out in rising order: a multiplicative hash (Knuth) spreads them. */
static size_t home_of(const struct wd_table *t, int wd)
{
	return (size_t)(((uint32_t)wd * UINT64_C(0x9e3779b97f4a7c15)) >> 24) & (t->slot_count - 1);
}

/* The slot of wd, or the free one where it would stand. */
static struct wd_slot *slot_of(const struct wd_table *t, int wd)
{
	size_t i = home_of(t, wd);

	while (t->slots[i].wd != 0 && t->slots[i].wd != wd)
		i = (i + 1) & (t->slot_count - 1);
	return &t->slots[i];
}

static bool grow(struct wd_table *t)
{
	struct wd_slot *old = t->slots;
	size_t old_count = t->slot_count;
	size_t count = old_count == 0 ? SLOTS_MIN : old_count * 2;
	struct wd_slot *slots = calloc(count, sizeof(*slots));

	if (slots == NULL)
		return false;
	t->slots = slots;
	t->slot_count = count;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].wd != 0)
			*slot_of(t, old[i].wd) = old[i];
	}
	free(old);
	return true;
}

void wds_free(struct wd_table *t)
{
	free(t->slots);
	free(t->orphans);
	*t = (struct wd_table){ 0 };
}

bool wds_put(struct wd_table *t, int wd, struct directory *d)
{
	struct wd_slot *slot;

	if (t->count * 2 >= t->slot_count && !grow(t))
		return false;
	slot = slot_of(t, wd);
	if (slot->wd == 0)
		t->count++;
	*slot = (struct wd_slot){ wd, d };
	return true;
}

struct directory *wds_find(const struct wd_table *t, int wd)
{
	return t->slot_count == 0 ? NULL : slot_of(t, wd)->d;
}

void wds_remove(struct wd_table *t, int wd)
{
	size_t mask = t->slot_count - 1;
	size_t hole, i;

	if (t->slot_count == 0 || slot_of(t, wd)->wd == 0)
		return;
	hole = (size_t)(slot_of(t, wd) - t->slots);
	t->count--;
	/* Close the gap: whoever stands behind it and may stand in it moves up. */
	for (i = (hole + 1) & mask; t->slots[i].wd != 0; i = (i + 1) & mask) {
		size_t home = home_of(t, t->slots[i].wd);

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			t->slots[hole] = t->slots[i];
			hole = i;
		}
	}
	t->slots[hole] = (struct wd_slot){ 0, NULL };
}

bool wds_orphan(struct wd_table *t, int wd)
{
	if (t->orphan_count == t->orphan_cap) {
		size_t cap = t->orphan_cap == 0 ? 64 : t->orphan_cap * 2;
		int *orphans = realloc(t->orphans, cap * sizeof(*orphans));

		if (orphans == NULL) {
			wds_remove(t, wd);
			return false;
		}
		t->orphans = orphans;
		t->orphan_cap = cap;
	}
	t->orphans[t->orphan_count++] = wd;
	slot_of(t, wd)->d = NULL;
	return true;
}

int wds_take_orphan(struct wd_table *t)
{
	while (t->orphan_count > 0) {
		int wd = t->orphans[--t->orphan_count];
		struct wd_slot *slot = slot_of(t, wd);

		if (slot->wd == wd && slot->d == NULL) {
			wds_remove(t, wd);
			return wd;
		}
	}
	return -1;
}
