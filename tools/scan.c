/* SPDX-License-Identifier: BSD-2-Clause */
/* scan: a face for reprintd --once, the same pipeline and not a copy. */
#include "commands.h"

#include "print.h"
#include "wire/value.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 12 /* beyond the paths */
#define LINE_DEPTH 16

struct scan {
	char daemon[PATH_MAX];
	char threads[40], max_matches[40];
	char **words;
	int count;
};

/* Beside ourselves, in ../sbin beside that, else wherever PATH has it. */
static void find_daemon(char *out, size_t cap)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash = NULL;

	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
	}
	for (size_t i = 0; slash != NULL && i < 2; i++) {
		int n = i == 0 ? snprintf(out, cap, "%.*s/reprintd", (int)(slash - self), self)
			       : snprintf(out, cap, "%.*s/../sbin/reprintd", (int)(slash - self),
					  self);

		if (n > 0 && (size_t)n < cap && access(out, X_OK) == 0)
			return;
	}
	snprintf(out, cap, "reprintd");
}

static void add(struct scan *scan, const char *word)
{
	scan->words[scan->count++] = (char *)(uintptr_t)word;
}

static void add_setting(struct scan *scan, char *room, size_t cap, const char *key, uint64_t n)
{
	snprintf(room, cap, "%s=%llu", key, (unsigned long long)n);
	add(scan, "--set");
	add(scan, room);
}

static bool translate(struct scan *scan, struct args *a)
{
	const char *store = args_value(a, "--store");
	bool strict = args_flag(a, "--strict");
	uint64_t threads, max_matches;
	bool threads_given = args_number(a, "--threads", &threads);
	bool matches_given = args_number(a, "--max-matches", &max_matches);

	if (!args_rest(a, 1, -1))
		return true;
	scan->words = calloc((size_t)a->count + WORDS, sizeof *scan->words);
	if (scan->words == NULL)
		return false;
	add(scan, scan->daemon);
	add(scan, "--once");
	if (threads_given)
		add_setting(scan, scan->threads, sizeof scan->threads, "threads", threads);
	if (matches_given)
		add_setting(scan, scan->max_matches, sizeof scan->max_matches, "max_matches",
			    max_matches);
	if (store != NULL) {
		add(scan, "--store");
		add(scan, store);
	}
	if (strict)
		add(scan, "--strict");
	add(scan, "--");
	for (int i = 0; i < a->count; i++)
		add(scan, a->words[i]);
	return true;
}

static int become(const struct session *s, const struct scan *scan)
{
	fflush(stdout);
	execvp(scan->daemon, scan->words);
	return session_error(s, "cannot run %s: %s; is reprintd installed beside reprint?",
			     scan->daemon, strerror(errno));
}

/* ---- for a person: its lines are read and shown */

static void show_lines(FILE *lines)
{
	char *line = NULL, why[80];
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, lines)) > 0) {
		struct value *v = NULL;

		if (value_parse(&v, why, sizeof why, span_of(line, (size_t)len), LINE_DEPTH) ==
		    STATUS_OK)
			print_verdict_line(v);
		else
			fwrite(line, 1, (size_t)len, stdout);
		value_free(v);
	}
	free(line);
}

static int show(const struct session *s, const struct scan *scan)
{
	int ends[2], status = 0;
	FILE *lines;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return session_error(s, "%s", strerror(errno));
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		_exit(become(s, scan));
	}
	close(ends[1]);
	lines = child < 0 ? NULL : fdopen(ends[0], "r");
	if (lines == NULL) {
		close(ends[0]);
		return session_error(s, "%s", strerror(errno));
	}
	show_lines(lines);
	fclose(lines);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		return session_error(s, "reprintd was ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

int run_scan(struct session *s, struct args *a)
{
	struct scan scan = { 0 };
	int code;

	find_daemon(scan.daemon, sizeof scan.daemon);
	if (!translate(&scan, a))
		return session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	if (scan.words == NULL)
		return session_usage(s, a);
	code = s->json || !isatty(STDOUT_FILENO) ? become(s, &scan) : show(s, &scan);
	free(scan.words);
	return code;
}
