/* SPDX-License-Identifier: BSD-2-Clause */
/* backup, restore, verify, repair: the files of the state. */
#include "commands.h"

#include "local.h"
#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"

/* ---- backup --------------------------------------------------------------------------------- */

struct target {
	struct session *session;
	const char *path; /* "-": stdout */
	char *part;       /* written first, beside it */
	int fd;
	uint64_t bytes;
	bool whole;  /* the daemon said that this was all */
	char *error; /* NULL: none */
};

static bool write_piece(struct target *t, uint64_t len)
{
	while (len > 0) {
		struct span piece;
		enum status st = connection_bytes(&t->session->connection, &piece, len);

		if (st != STATUS_OK)
			return false; /* the next line says why */
		st = files_write(t->fd, piece);
		if (st != STATUS_OK) {
			t->error = strdup(status_text(st));
			return false;
		}
		len -= piece.len;
		t->bytes += piece.len;
	}
	return true;
}

static bool take_piece(void *ctx, const struct reply *r, struct span raw)
{
	struct target *t = ctx;

	(void)raw;
	if (!r->end)
		return write_piece(t, value_number_of(r->line, "bytes", 0));
	t->whole = value_number_of(r->line, "total", UINT64_MAX) == t->bytes;
	return false;
}

static bool open_target(struct target *t)
{
	if (strcmp(t->path, "-") == 0) {
		t->fd = STDOUT_FILENO;
		return !isatty(t->fd) ||
		       session_error(t->session, "will not write to a terminal") == CLI_OK;
	}
	if (access(t->path, F_OK) == 0) {
		session_error(t->session, "%s: exists already", t->path);
		return false;
	}
	if (asprintf(&t->part, "%s.part", t->path) < 0) {
		t->part = NULL;
		session_error(t->session, "%s", status_text(STATUS_NO_MEMORY));
		return false;
	}
	t->fd = open(t->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->fd >= 0)
		return true;
	if (errno == EEXIST)
		session_error(t->session,
			      "%s: exists already; another backup, or what one left: remove it",
			      t->part);
	else
		session_error(t->session, "%s: %s", t->path, strerror(errno));
	free(t->part);
	t->part = NULL;
	return false;
}

/* A file that has its name is whole, and is on the disk; nobody's file is written over. */
static int name_target(const struct target *t)
{
	enum status st;

	if (t->part == NULL)
		return CLI_OK;
	if (fsync(t->fd) != 0 || link(t->part, t->path) != 0)
		return session_error(t->session, "%s: %s", t->path, strerror(errno));
	st = files_sync_parent(t->path);
	return st == STATUS_OK ? CLI_OK
			       : session_error(t->session, "%s: %s", t->path, status_text(st));
}

static void close_target(struct target *t)
{
	if (t->part != NULL) {
		unlink(t->part);
		close(t->fd);
	}
	free(t->part);
	free(t->error);
}

int run_backup(struct session *s, struct args *a)
{
	struct target t = { .session = s };
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, 1, 1))
		return session_usage(s, a);
	t.path = a->words[0];
	if (!open_target(&t))
		return CLI_ERROR;
	j = request_open(&request, "backup");
	code = session_ask(s, &j, span_of("", 0), true, take_piece, &t);
	bytes_free(&request);
	if (t.error != NULL)
		code = session_error(s, "%s: %s", t.path, t.error);
	else if (code == CLI_OK && !t.whole)
		code = session_error(s, "the daemon ended before the backup did; nothing is kept");
	if (code == CLI_OK)
		code = name_target(&t);
	if (code == CLI_OK)
		fprintf(stderr, "reprint: backup: %" PRIu64 " bytes\n", t.bytes);
	close_target(&t);
	return code;
}

/* ---- restore: a face for reprintd --restore -------------------------------------------------- */

int local_restore(const struct cli *cli, int argc, char **argv)
{
	char daemon[PATH_MAX + 32], state[PATH_MAX + 8];
	char *words[] = { daemon,
			  (char *)"--restore",
			  NULL,
			  (char *)"--set",
			  state,
			  (char *)"--config",
			  (char *)"/dev/null",
			  NULL };

	(void)cli;
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argv++;
		argc--;
	}
	if (argc != 3)
		return cli_fail("restore", "which backup, into which directory? reprint restore "
					   "FILE DIR");
	words[2] = argv[1];
	if ((size_t)snprintf(state, sizeof state, "state=%s", argv[2]) >= sizeof state)
		return cli_fail(argv[2], "the name is too long");
	local_daemon(daemon, sizeof daemon);
	execvp(daemon, words);
	return cli_fail(daemon, "%s", strerror(errno));
}

/* ---- verify and repair ----------------------------------------------------------------------- */

struct report {
	const struct session *session;
	uint64_t problems;
};

static void show_file(const struct value *line)
{
	struct span problem = value_text_of(line, "problem"),
		    repaired = value_text_of(line, "repaired");

	print_member(line, "file", 0);
	if (repaired.p != NULL) {
		fputs(": ", stdout);
		print_text(repaired, 0);
	} else if (problem.p == NULL) {
		printf(": sound, %" PRIu64 " records, %" PRIu64 " bytes",
		       value_number_of(line, "records", 0), value_number_of(line, "bytes", 0));
	} else {
		print_tone(TONE_BAD);
		fputs(": PROBLEM: ", stdout);
		print_text(problem, 0);
		print_tone(TONE_PLAIN);
		fputs("; ", stdout);
		print_member(line, "advice", 0);
	}
	fputc('\n', stdout);
}

static bool take_file(void *ctx, const struct reply *r, struct span raw)
{
	struct report *report = ctx;

	if (r->end)
		return false;
	report->problems += value_text_of(r->line, "problem").p != NULL;
	if (report->session->cli.json)
		session_put_raw(raw);
	else
		show_file(r->line);
	fflush(stdout);
	return true;
}

static int ask_report(struct session *s, struct args *a, const char *command, uint64_t *problems)
{
	struct report report = { .session = s };
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, command);
	code = session_ask(s, &j, span_of("", 0), true, take_file, &report);
	bytes_free(&request);
	*problems = report.problems;
	return code;
}

int run_verify(struct session *s, struct args *a)
{
	uint64_t problems = 0;
	int code = ask_report(s, a, "verify", &problems);

	return code == CLI_OK && problems > 0 ? CLI_ERROR : code;
}

int run_repair(struct session *s, struct args *a)
{
	uint64_t problems = 0;

	return ask_report(s, a, "repair", &problems);
}
