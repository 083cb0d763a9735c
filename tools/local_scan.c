/* SPDX-License-Identifier: BSD-2-Clause */
/* `reprint scan` is a face for `reprintd --once`: the same pipeline, not a copy. On a terminal its
 * verdict lines are shown as a table. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "cli.h"
#include "local.h"
#include "wire/value.h"

#define ARGUMENTS_MAX 64 /* before the paths */
#define DEPTH_MAX 16

struct command {
	char **argv;
	int argc;
};

static bool executable(char *out, size_t room, const char *directory, const char *below)
{
	return (size_t)snprintf(out, room, "%s/%s", directory, below) < room &&
	       access(out, X_OK) == 0;
}

void local_daemon(char *out, size_t room)
{
	char own[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	own[len < 0 ? 0 : len] = '\0';
	slash = strrchr(own, '/');
	if (slash != NULL) {
		*slash = '\0';
		if (executable(out, room, own, "reprintd") ||
		    executable(out, room, own, "../sbin/reprintd"))
			return;
	}
	snprintf(out, room, "reprintd");
}

static void put_set(struct command *c, const char *key, const char *value)
{
	char *text = NULL;

	if (asprintf(&text, "%s=%s", key, value) < 0)
		exit(cli_fail("scan", "out of memory"));
	c->argv[c->argc++] = (char *)"--set";
	c->argv[c->argc++] = text;
}

static const struct option options[] = {
	{ "store", required_argument, NULL, 's' },
	{ "threads", required_argument, NULL, 't' },
	{ "max-matches", required_argument, NULL, 'm' },
	{ "set", required_argument, NULL, 'k' },
	{ "strict", no_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 },
};

/* The options as those of reprintd; CLI_OK or an exit code. */
static int translate(struct command *c, int argc, char **argv)
{
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c->argc > ARGUMENTS_MAX - 4)
			return cli_fail("scan", "too many options");
		switch (option) {
		case 's':
			c->argv[c->argc++] = (char *)"--store";
			c->argv[c->argc++] = optarg;
			break;
		case 't':
			put_set(c, "threads", optarg);
			break;
		case 'm':
			put_set(c, "max_matches", optarg);
			break;
		case 'k':
			c->argv[c->argc++] = (char *)"--set";
			c->argv[c->argc++] = optarg;
			break;
		case 'x':
			c->argv[c->argc++] = (char *)"--strict";
			break;
		default:
			return CLI_ERROR;
		}
	}
	return CLI_OK;
}

/* ---- on a terminal
 * ------------------------------------------------------------------------------- */

static const char *color_of(struct span verdict)
{
	if (span_equal(verdict, span_of_text("exact")) || span_equal(verdict, span_of_text("near")))
		return "\033[31m";
	if (span_equal(verdict, span_of_text("unique")) ||
	    span_equal(verdict, span_of_text("short")))
		return "";
	return "\033[33m";
}

static void show_line(const struct cli *cli, struct span line)
{
	struct value *v;
	const struct value *repetition;
	struct span verdict, id, of;
	char why[128];

	if (value_parse(&v, why, sizeof why, line, DEPTH_MAX) != STATUS_OK)
		return;
	verdict = value_text_of(v, "verdict");
	id = value_text_of(v, "id");
	of = value_text_of(v, "of");
	repetition = value_of(v, "repetition");
	printf("%s%-9.*s%s %6llu words  %.*s", cli->color ? color_of(verdict) : "",
	       (int)verdict.len, verdict.p, cli->color ? "\033[0m" : "",
	       (unsigned long long)value_number_of(v, "words", 0), (int)id.len, id.p);
	if (of.p != NULL)
		printf("  of %.*s", (int)of.len, of.p);
	if (value_share(value_of(repetition, "ratio")) > 0)
		printf("  repeats %.2f%s", value_share(value_of(repetition, "ratio")),
		       value_flag(value_of(repetition, "doubled")) ? ", doubled" : "");
	putchar('\n');
	value_free(v);
}

static int show(const struct cli *cli, const struct command *c)
{
	int ends[2], state = 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	pid_t child;
	FILE *in;

	if (pipe(ends) != 0 || (child = fork()) < 0)
		return cli_fail("scan", "%s", strerror(errno));
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(c->argv[0], c->argv);
		_exit(cli_fail(c->argv[0], "%s", strerror(errno)));
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	while (in != NULL && (len = getline(&line, &cap, in)) > 0)
		show_line(cli, span_of(line, (size_t)len));
	free(line);
	if (in != NULL)
		fclose(in);
	while (waitpid(child, &state, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(state) ? WEXITSTATUS(state) : CLI_ERROR;
}

static int run_daemon(const struct cli *cli, struct command *c, char **paths, int count)
{
	c->argv[c->argc++] = (char *)"--";
	for (int i = 0; i < count; i++)
		c->argv[c->argc++] = paths[i];
	if (!cli->json && isatty(STDOUT_FILENO))
		return show(cli, c);
	execvp(c->argv[0], c->argv);
	return cli_fail(c->argv[0], "%s", strerror(errno));
}

int local_scan(const struct cli *cli, int argc, char **argv)
{
	char daemon[PATH_MAX + 32];
	struct command c = { 0 };
	int code;

	c.argv = calloc((size_t)argc + ARGUMENTS_MAX, sizeof *c.argv);
	if (c.argv == NULL)
		return cli_fail("scan", "out of memory");
	local_daemon(daemon, sizeof daemon);
	c.argv[c.argc++] = daemon;
	c.argv[c.argc++] = (char *)"--once";
	code = translate(&c, argc, argv);
	if (code == CLI_OK && optind == argc)
		code = cli_fail("scan", "no path; reprint scan PATH...");
	if (code == CLI_OK)
		code = run_daemon(cli, &c, argv + optind, argc - optind);
	free(c.argv);
	return code;
}
