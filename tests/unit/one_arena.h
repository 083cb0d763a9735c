/* SPDX-License-Identifier: BSD-2-Clause */
/* one_arena.h - an arena for all tests of a group; after cmocka.h. */
#ifndef TESTS_ONE_ARENA_H
#define TESTS_ONE_ARENA_H

#include "base/arena.h"

static struct arena *arena;

static inline int open_arena(void **state)
{
	(void)state;
	arena = arena_open(1 << 20);
	return arena == NULL ? -1 : 0;
}

static inline int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

#endif
