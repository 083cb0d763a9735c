/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

#define ARENA_BLOCK ((size_t)64 << 10)
#define KEEP_BYTES ((size_t)1 << 20) /* of each buffer, for the next job */

struct job *job_open(void)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->arena = arena_open(ARENA_BLOCK);
	if (j->arena == NULL) {
		free(j);
		return NULL;
	}
	job_clear(j);
	return j;
}

void job_close(struct job *j)
{
	if (j == NULL)
		return;
	arena_close(j->arena);
	bytes_free(&j->raw);
	bytes_free(&j->plain);
	articles_free(&j->articles);
	free(j);
}

static void trim(struct bytes *b)
{
	if (b->cap > KEEP_BYTES)
		bytes_free(b);
	bytes_clear(b);
}

void job_clear(struct job *j)
{
	struct arena *arena = j->arena;
	struct bytes raw = j->raw, plain = j->plain;
	struct articles articles = j->articles;

	trim(&raw);
	trim(&plain);
	if (articles.cap > KEEP_BYTES)
		articles_free(&articles);
	articles_clear(&articles);
	if (arena_held(arena) > 4 * KEEP_BYTES) {
		struct arena *fresh = arena_open(ARENA_BLOCK);

		if (fresh != NULL) {
			arena_close(arena);
			arena = fresh;
		}
	}
	arena_clear(arena);
	*j = (struct job){ .arena = arena, .raw = raw, .plain = plain, .articles = articles };
	j->problems_end = &j->problems;
}

size_t job_bytes(const struct job *j)
{
	return j->raw.cap + j->plain.cap + j->articles.cap + arena_held(j->arena);
}

void job_refuse(struct job *j, enum status st, const char *format, ...)
{
	va_list args;

	j->st = st;
	va_start(args, format);
	vsnprintf(j->why, sizeof j->why, format, args);
	va_end(args);
}
