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
	struct local_path *all;
	size_t count, cap, failed;
};

static void complain(struct paths *p, const char *path, int error)
{
	cli_fail(path, "%s", strerror(error));
	p->failed++;
}

/* Takes over a path of malloc. */
static void add(struct paths *p, char *path, bool regular)
{
	if (p->count == p->cap) {
		size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
		struct local_path *all = realloc(p->all, cap * sizeof *all);

		if (all == NULL) {
			complain(p, path, ENOMEM);
			free(path);
			return;
		}
		p->all = all;
		p->cap = cap;
	}
	p->all[p->count++] = (struct local_path){ path, regular };
}

/* What a directory holds, as it says itself, so that files need no look at each. */
struct entry {
	char *path;
	unsigned char type; /* DT_ */
};

struct listing {
	const char *directory;
	struct entry *all;
	size_t count, cap;
};

static bool list_one(struct listing *l, const struct dirent *d)
{
	size_t before = strlen(l->directory) + 1, len = strlen(d->d_name);
	char *path;

	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		struct entry *all = realloc(l->all, cap * sizeof *all);

		if (all == NULL)
			return false;
		l->all = all;
		l->cap = cap;
	}
	path = malloc(before + len + 1);
	if (path == NULL)
		return false;
	memcpy(path, l->directory, before - 1);
	path[before - 1] = '/';
	memcpy(path + before, d->d_name, len + 1);
	l->all[l->count++] = (struct entry){ path, d->d_type };
	return true;
}

/* Returns 0 or an errno. */
static int list(struct listing *l)
{
	DIR *directory = opendir(l->directory);
	const struct dirent *d;
	int error;

	if (directory == NULL)
		return errno;
	for (errno = 0; (d = readdir(directory)) != NULL; errno = 0)
		if (!text_name_is_ignored(span_of_text(d->d_name)) && !list_one(l, d)) {
			errno = ENOMEM;
			break;
		}
	error = errno;
	closedir(directory);
	return error;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static void expand_entry(struct paths *p, struct entry e);

static void expand_directory(struct paths *p, const char *path)
{
	struct listing l = { .directory = path };
	int error = list(&l);

	if (error != 0)
		complain(p, path, error);
	if (l.count > 0)
		qsort(l.all, l.count, sizeof *l.all, by_name);
	for (size_t i = 0; i < l.count; i++)
		expand_entry(p, l.all[i]);
	free(l.all);
}

static unsigned char type_of(struct paths *p, const char *path)
{
	struct stat s;

	if (lstat(path, &s) == 0)
		return (unsigned char)IFTODT(s.st_mode);
	complain(p, path, errno);
	return DT_UNKNOWN;
}

/* Below a directory only files and directories count. */
static void expand_entry(struct paths *p, struct entry e)
{
	if (e.type == DT_UNKNOWN)
		e.type = type_of(p, e.path);
	if (e.type == DT_REG) {
		add(p, e.path, true);
		return;
	}
	if (e.type == DT_DIR)
		expand_directory(p, e.path);
	free(e.path);
}

/* A named path may be a link or a pipe. */
static void expand(struct paths *p, const char *path)
{
	struct stat s = { 0 };
	char *copy;

	if (strcmp(path, "-") != 0 && stat(path, &s) != 0) {
		complain(p, path, errno);
		return;
	}
	if (S_ISDIR(s.st_mode)) {
		expand_directory(p, path);
		return;
	}
	copy = strdup(path);
	if (copy == NULL)
		complain(p, path, ENOMEM);
	else
		add(p, copy, false);
}

struct local_path *local_expand(char **paths, int count, size_t *out_count, size_t *out_failed)
{
	struct paths p = { 0 };

	for (int i = 0; i < count; i++)
		expand(&p, paths[i]);
	*out_count = p.count;
	*out_failed = p.failed;
	return p.all;
}

void local_free_paths(struct local_path *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i].name);
	free(paths);
}
