/* SPDX-License-Identifier: BSD-2-Clause */
/* verdicts.h - what reprintd says of the articles of a file, one after the other: reprintd --once
 * is run over it. */
#ifndef TOOLS_VERDICTS_H
#define TOOLS_VERDICTS_H

#include <reprint/span.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A copy of another: exact, revision or near. */
struct copy {
	struct span here, there;
	bool same_site; /* or the same work: chrome does not learn from it */
};

struct verdicts {
	struct copy *copies; /* by here, then there */
	size_t count, cap;
	size_t articles; /* that were judged */
};

/* The ids live in the arena. False: told on stderr. */
bool verdicts_read(struct verdicts *out, const char *path, struct arena *arena);
void verdicts_free(struct verdicts *v);

bool verdicts_copy(const struct verdicts *v, struct span a, struct span b); /* in either order */
bool verdicts_look_alike(const struct verdicts *v, struct span id);

#endif
