/* SPDX-License-Identifier: BSD-2-Clause */
/* arena.h - memory that is given back all at once.
 *
 * Thread:  one owner at a time; no locks inside.
 * Memory:  chained blocks, kept for reuse after a rewind; after warm-up arena_take() calls no
 * malloc. Errors:  a failed take returns NULL and sets arena_failed(); later takes fail too until
 * the rewind. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <reprint/span.h>
#include <stdbool.h>
#include <stddef.h>

struct arena; /* opaque */
struct arena_block;

struct arena_mark {
	struct arena_block *block;
	size_t used;
};

/* block_bytes: the usual block's size; larger takes get a block of their own. NULL when out of
 * memory. */
struct arena *arena_open(size_t block_bytes);
void arena_close(struct arena *a); /* accepts NULL */

/* size bytes aligned to 16, not cleared. */
void *arena_take(struct arena *a, size_t size);
/* count * size bytes, zeroed; NULL on overflow too. */
void *arena_take_zeroed(struct arena *a, size_t count, size_t size);
/* A copy of the span followed by a NUL. */
char *arena_copy(struct arena *a, struct span s);

struct arena_mark arena_mark(const struct arena *a);
/* Everything taken since the mark is gone; blocks are kept. */
void arena_rewind(struct arena *a, struct arena_mark m);
void arena_clear(struct arena *a);

bool arena_failed(const struct arena *a);
/* Bytes held from the system, used or not. */
size_t arena_held(const struct arena *a);

/* An array of count elements of a type. */
#define ARENA_ARRAY(a, type, count) ((type *)arena_take_array((a), (count), sizeof(type)))
void *arena_take_array(struct arena *a, size_t count, size_t size);

#endif
