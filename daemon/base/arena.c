/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define ALIGNMENT 16u

struct arena_block {
	struct arena_block *next;
	size_t size; /* of bytes[] */
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct arena_block *first;
	struct arena_block *current; /* NULL: nothing taken yet */
	size_t used;                 /* of the current block */
	size_t block_bytes;
	size_t held;
	bool failed;
};

struct arena *arena_open(size_t block_bytes)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->block_bytes = block_bytes;
	return a;
}

void arena_close(struct arena *a)
{
	if (a == NULL)
		return;
	for (struct arena_block *b = a->first, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

/* Makes the block after the current one the current, inserting a new one where it is too small. */
static bool advance(struct arena *a, size_t size)
{
	struct arena_block **link = a->current == NULL ? &a->first : &a->current->next;
	struct arena_block *b = *link;

	if (b == NULL || b->size < size) {
		size_t room = size > a->block_bytes ? size : a->block_bytes;

		if (room > SIZE_MAX - sizeof *b || (b = malloc(sizeof *b + room)) == NULL)
			return false;
		b->size = room;
		b->next = *link;
		*link = b;
		a->held += room;
	}
	a->current = b;
	a->used = 0;
	return true;
}

void *arena_take(struct arena *a, size_t size)
{
	size_t want = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *p;

	if (want < size || a->failed) {
		a->failed = true;
		return NULL;
	}
	if (a->current == NULL || a->current->size - a->used < want) {
		if (!advance(a, want)) {
			a->failed = true;
			return NULL;
		}
	}
	p = a->current->bytes + a->used;
	a->used += want;
	return p;
}

void *arena_take_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		a->failed = true;
		return NULL;
	}
	return arena_take(a, count * size);
}

void *arena_take_zeroed(struct arena *a, size_t count, size_t size)
{
	void *p = arena_take_array(a, count, size);

	if (p != NULL)
		memset(p, 0, count * size);
	return p;
}

char *arena_copy(struct arena *a, struct span s)
{
	char *p = arena_take(a, s.len + 1);

	if (p == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->current, a->used };
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	a->current = m.block;
	a->used = m.used;
	a->failed = false;
}

void arena_clear(struct arena *a)
{
	arena_rewind(a, (struct arena_mark){ NULL, 0 });
}

bool arena_failed(const struct arena *a)
{
	return a->failed;
}

size_t arena_held(const struct arena *a)
{
	return a->held;
}
