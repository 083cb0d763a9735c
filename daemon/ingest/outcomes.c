/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/outcomes.h"

#include "base/arena.h"
#include "ingest/job.h"

struct outcome {
	struct outcome *next;
	struct job *job;
	const struct verdict *verdict;
	enum status st;
	const char *why;
	bool last;
};

void outcomes_init(struct outcomes *o)
{
	o->first = NULL;
	o->end = &o->first;
}

enum status outcomes_add(struct outcomes *o, struct arena *arena, struct job *j,
			 const struct verdict *v, enum status st, const char *why, bool last)
{
	struct outcome *one;

	if (j->fn == NULL)
		return STATUS_OK;
	one = arena_take(arena, sizeof *one);
	if (one == NULL)
		return STATUS_NO_MEMORY;
	*one = (struct outcome){ NULL, j, v, st, why, last };
	*o->end = one;
	o->end = &one->next;
	return STATUS_OK;
}

void outcomes_tell(const struct outcomes *o)
{
	for (const struct outcome *one = o->first; one != NULL; one = one->next)
		one->job->fn(one->job->fn_ctx, one->verdict, one->st, one->why, one->last);
}
