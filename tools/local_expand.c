/* SPDX-License-Identifier: BSD-2-Clause */
#include "local.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

struct paths {
	char **all;
	size_t count, cap, failed;
};

static void complain(struct paths *p, const char *path, int error)
{
	cli_fail(path, "%s", strerror(error));
	p->failed++;
}

static void add(struct paths *p, const char *path)
{
	if (p->count == p->cap) {
		size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
		char **all = realloc(p->all, cap * sizeof *all);

		if (all == NULL) {
			complain(p, path, ENOMEM);
			return;
		}
		p->all = all;
		p->cap = cap;
	}
	p->all[p->count] = strdup(path);
	if (p->all[p->count] == NULL)
		complain(p, path, ENOMEM);
	else
		p->count++;
}

static int wanted(const struct dirent *d)
{
	return !text_name_is_ignored(span_of_text(d->d_name));
}

static void expand(struct paths *p, const char *path, bool named);

static void expand_directory(struct paths *p, const char *path)
{
	struct dirent **names = NULL;
	int count = scandir(path, &names, wanted, alphasort);

	if (count < 0)
		complain(p, path, errno);
	for (int i = 0; i < count; i++) {
		struct bytes below = { 0 };

		put_format(&below, "%s/%s", path, names[i]->d_name);
		put_u8(&below, 0);
		if (!below.failed)
			expand(p, below.p, false);
		bytes_free(&below);
		free(names[i]);
	}
	free(names);
}

/* A named path may be a link or a pipe; below a directory only files and directories count. */
static void expand(struct paths *p, const char *path, bool named)
{
	struct stat s;

	if (named && strcmp(path, "-") == 0) {
		add(p, path);
		return;
	}
	if ((named ? stat(path, &s) : lstat(path, &s)) != 0) {
		complain(p, path, errno);
		return;
	}
	if (S_ISDIR(s.st_mode))
		expand_directory(p, path);
	else if (named || S_ISREG(s.st_mode))
		add(p, path);
}

char **local_expand(char **paths, int count, size_t *out_count, size_t *out_failed)
{
	struct paths p = { 0 };

	for (int i = 0; i < count; i++)
		expand(&p, paths[i], true);
	*out_count = p.count;
	*out_failed = p.failed;
	return p.all;
}

void local_free_paths(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}
