/* SPDX-License-Identifier: BSD-2-Clause */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct level {
	char *path;
	struct dirent **names;
	int count, at;
};

struct tree {
	char *const *paths;
	int path_count, path_at;
	tree_problem_fn problem;
	void *ctx;
	struct level levels[TREE_DEPTH];
	int depth;
};

/* Names that are not delivered yet, or never meant to be. */
static int is_wanted(const struct dirent *e)
{
	static const char *const endings[] = { ".tmp", ".part", "~" };
	size_t len = strlen(e->d_name);

	if (e->d_name[0] == '.')
		return 0;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t end = strlen(endings[i]);

		if (len >= end && strcmp(e->d_name + len - end, endings[i]) == 0)
			return 0;
	}
	return 1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Takes path over. */
static void enter(struct tree *t, char *path)
{
	struct level *l = &t->levels[t->depth];

	if (t->depth == TREE_DEPTH) {
		t->problem(t->ctx, path, "nested too deeply");
		free(path);
		return;
	}
	*l = (struct level){ .path = path };
	l->count = scandir(path, &l->names, is_wanted, by_name);
	if (l->count < 0) {
		t->problem(t->ctx, path, strerror(errno));
		free(path);
		return;
	}
	t->depth++;
}

static void leave(struct tree *t)
{
	struct level *l = &t->levels[--t->depth];

	for (int i = l->at; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
	free(l->path);
}

/* What stands at path: a file is the answer (true), a directory is entered. Takes path over unless
 * it is the answer. */
static bool visit(struct tree *t, char *path, bool given)
{
	struct stat there;

	if ((given ? stat(path, &there) : lstat(path, &there)) != 0)
		t->problem(t->ctx, path, strerror(errno));
	else if (S_ISREG(there.st_mode) || (given && S_ISFIFO(there.st_mode)))
		return true;
	else if (S_ISDIR(there.st_mode)) {
		enter(t, path);
		return false;
	} else if (given)
		t->problem(t->ctx, path, status_text(STATUS_NOT_REGULAR));
	free(path);
	return false;
}

static char *join(const char *directory, const char *name)
{
	size_t len = strlen(directory);
	char *path = malloc(len + strlen(name) + 2);

	if (path != NULL)
		sprintf(path, "%s%s%s", directory, len > 0 && directory[len - 1] == '/' ? "" : "/",
			name);
	return path;
}

enum status tree_next(struct tree *t, char **out)
{
	for (;;) {
		struct level *l = t->depth > 0 ? &t->levels[t->depth - 1] : NULL;
		char *path;

		if (l != NULL && l->at == l->count) {
			leave(t);
			continue;
		}
		if (l == NULL && t->path_at == t->path_count)
			return STATUS_NOT_FOUND;
		path = l == NULL ? strdup(t->paths[t->path_at++])
				 : join(l->path, l->names[l->at]->d_name);
		if (l != NULL)
			free(l->names[l->at++]);
		if (path == NULL)
			return STATUS_NO_MEMORY;
		if ((l == NULL && strcmp(path, "-") == 0) || visit(t, path, l == NULL)) {
			*out = path;
			return STATUS_OK;
		}
	}
}

enum status tree_open(struct tree **out, char *const *paths, int path_count,
		      tree_problem_fn problem, void *ctx)
{
	struct tree *t = calloc(1, sizeof *t);

	if (t == NULL)
		return STATUS_NO_MEMORY;
	t->paths = paths;
	t->path_count = path_count;
	t->problem = problem;
	t->ctx = ctx;
	*out = t;
	return STATUS_OK;
}

void tree_close(struct tree *t)
{
	if (t == NULL)
		return;
	while (t->depth > 0)
		leave(t);
	free(t);
}
