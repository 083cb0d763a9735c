/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdicts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli.h"
#include "local.h"
#include "wire/value.h"

#define DEPTH_MAX 16

static bool is_copy(struct span kind)
{
	return span_equal(kind, span_of_text("exact")) ||
	       span_equal(kind, span_of_text("revision")) || span_equal(kind, span_of_text("near"));
}

static struct span kept(struct arena *arena, struct span s)
{
	char *p = s.p == NULL ? NULL : arena_copy(arena, s);

	return p == NULL ? (struct span){ NULL, 0 } : span_of(p, s.len);
}

static bool add(struct verdicts *v, const struct copy *one)
{
	if (v->count == v->cap) {
		size_t cap = v->cap == 0 ? 256 : 2 * v->cap;
		struct copy *copies = realloc(v->copies, cap * sizeof *copies);

		if (copies == NULL)
			return false;
		v->copies = copies;
		v->cap = cap;
	}
	v->copies[v->count++] = *one;
	return one->here.p != NULL && one->there.p != NULL;
}

/* One verdict; false: it is none, or there is no memory. */
static bool take_line(struct verdicts *v, struct span line, struct arena *arena)
{
	struct value *verdict;
	const struct value *matches;
	char why[128];
	bool good = value_parse(&verdict, why, sizeof why, line, DEPTH_MAX) == STATUS_OK;

	if (!good)
		return false;
	v->articles++;
	matches = value_of(verdict, "matches");
	for (size_t i = 0; good && i < value_count(matches); i++) {
		const struct value *m = value_at(matches, i);
		struct copy one;

		if (!is_copy(value_text_of(m, "kind")) || value_text_of(m, "id").p == NULL)
			continue;
		one.here = kept(arena, value_text_of(verdict, "id"));
		one.there = kept(arena, value_text_of(m, "id"));
		one.same_site =
			!span_equal(value_text_of(m, "relation"), span_of_text("cross_site"));
		good = add(v, &one);
	}
	value_free(verdict);
	return good;
}

static int order(struct span a, struct span b)
{
	int bytes = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return bytes != 0 ? bytes : (a.len > b.len) - (a.len < b.len);
}

static int by_names(const void *x, const void *y)
{
	const struct copy *a = x, *b = y;
	int first = order(a->here, b->here);

	return first != 0 ? first : order(a->there, b->there);
}

/* Runs the daemon's program; its verdicts come out of *out. */
static pid_t start(FILE **out, const char *path)
{
	char daemon[PATH_MAX + 32];
	int ends[2];
	pid_t child;

	local_daemon(daemon, sizeof daemon);
	if (pipe(ends) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp(daemon, daemon, "--once", "--set", "max_matches=0", "--", path,
		       (char *)NULL);
		_exit(cli_fail(daemon, "%s", strerror(errno)));
	}
	close(ends[1]);
	*out = child < 0 ? NULL : fdopen(ends[0], "r");
	if (*out == NULL)
		close(ends[0]);
	return child;
}

bool verdicts_read(struct verdicts *out, const char *path, struct arena *arena)
{
	FILE *in = NULL;
	pid_t child = start(&in, path);
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	bool good = in != NULL;
	int state = -1;

	*out = (struct verdicts){ 0 };
	while (good && (len = getline(&line, &cap, in)) > 0)
		good = take_line(out, span_of(line, (size_t)len), arena);
	free(line);
	if (in != NULL)
		fclose(in);
	while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR)
		;
	if (!good || !WIFEXITED(state) || WEXITSTATUS(state) != 0) {
		cli_fail("calibrate", "reprintd --once could not judge %s", path);
		return false;
	}
	if (out->count > 0)
		qsort(out->copies, out->count, sizeof *out->copies, by_names);
	return true;
}

void verdicts_free(struct verdicts *v)
{
	free(v->copies);
}

static bool listed(const struct verdicts *v, struct span here, struct span there)
{
	struct copy key = { .here = here, .there = there };

	return v->count > 0 && bsearch(&key, v->copies, v->count, sizeof key, by_names) != NULL;
}

bool verdicts_copy(const struct verdicts *v, struct span a, struct span b)
{
	return listed(v, a, b) || listed(v, b, a);
}

bool verdicts_look_alike(const struct verdicts *v, struct span id)
{
	size_t low = 0, high = v->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(v->copies[middle].here, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < v->count && span_equal(v->copies[low].here, id); low++)
		if (v->copies[low].same_site)
			return true;
	return false;
}
