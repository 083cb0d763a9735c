/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/elsewhere.h"

#include <stdlib.h>

void elsewhere_free(struct elsewhere *e)
{
	free(e->lines);
	*e = (struct elsewhere){ 0 };
}

/* The line's slot, or the free one where it belongs; at most half of the slots are used. */
static struct elsewhere_line *slot_of(const struct elsewhere *e, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> 20) & (e->cap - 1);

	while (e->lines[i].hash != 0 && e->lines[i].hash != hash)
		i = (i + 1) & (e->cap - 1);
	return &e->lines[i];
}

static uint32_t lines_of_more_than(const struct elsewhere *e, uint32_t sites)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < e->cap; i++)
		count += e->lines[i].sites > sites;
	return count;
}

/* A table for as many as are alive, twice over. At the limit the least shared lines stay behind. */
static void make_anew(struct elsewhere *e)
{
	struct elsewhere bigger = { .cap = 64 };
	uint32_t least = 0;

	while (bigger.cap < ELSEWHERE_LINES && bigger.cap / 4 <= lines_of_more_than(e, 0))
		bigger.cap *= 2;
	while (lines_of_more_than(e, least) > bigger.cap / 4)
		least++;
	bigger.lines = calloc(bigger.cap, sizeof *bigger.lines);
	if (bigger.lines == NULL)
		return;
	for (uint32_t i = 0; i < e->cap; i++) {
		if (e->lines[i].sites > least) {
			*slot_of(&bigger, e->lines[i].hash) = e->lines[i];
			bigger.used++;
		}
	}
	free(e->lines);
	*e = bigger;
}

void elsewhere_add(struct elsewhere *e, uint64_t hash)
{
	struct elsewhere_line *l;

	if (2 * e->used >= e->cap)
		make_anew(e);
	if (2 * e->used >= e->cap)
		return;
	l = slot_of(e, hash);
	e->used += l->hash == 0;
	l->hash = hash;
	l->sites++;
}

void elsewhere_drop(struct elsewhere *e, uint64_t hash)
{
	struct elsewhere_line *l = e->cap == 0 ? NULL : slot_of(e, hash);

	if (l != NULL && l->hash == hash && l->sites > 0)
		l->sites--;
}

uint32_t elsewhere_sites(const struct elsewhere *e, uint64_t hash)
{
	return e->cap == 0 ? 0 : slot_of(e, hash)->sites;
}
