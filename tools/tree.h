/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.h - the regular files at some paths and below them, in the order given, within a directory
 * by name. Links are not followed below a directory; names that a feed ignores are ignored.
 *
 * Memory: the names of one directory per level, at most TREE_DEPTH levels. */
#ifndef TOOLS_TREE_H
#define TOOLS_TREE_H

#include <reprint/status.h>

#define TREE_DEPTH 64

struct tree; /* opaque */

typedef void (*tree_problem_fn)(void *ctx, const char *file, const char *why);

enum status tree_open(struct tree **out, char *const *paths, int path_count,
		      tree_problem_fn problem, void *ctx);
void tree_close(struct tree *t); /* accepts NULL */

/* A file's path, malloc'ed; NOT_FOUND: that was all. "-" is passed through. */
enum status tree_next(struct tree *t, char **out);

#endif
