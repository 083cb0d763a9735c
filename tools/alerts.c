/* SPDX-License-Identifier: BSD-2-Clause */
/* alerts, ack, consumers: the alert log, printed or handed to a command. */
#include "commands.h"

#include "exec.h"
#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* One reader. The stream has a connection of its own; each ack goes over another one, because a
 * connection answers one request after the other, and one that is kept may be idle for too long. */
struct reader {
	struct session *stream;
	struct session acks;
	const char *consumer, *command, *from;
	bool follow, auto_ack, json;
	bool since_given;
	uint64_t seen;  /* alerts up to here have been handed on */
	uint64_t acked; /* and up to here acknowledged */
	int code;
};

static bool ignore_reply(void *ctx, const struct reply *r, struct span raw)
{
	(void)ctx;
	(void)r;
	(void)raw;
	return false;
}

static int ack(struct reader *r)
{
	struct bytes request = { 0 };
	struct json j = request_open(&request, "ack");
	int code;

	json_put_text(&j, "consumer", span_of_text(r->consumer));
	json_put_number(&j, "alert", r->seen);
	code = session_ask(&r->acks, &j, span_of("", 0), false, ignore_reply, NULL);
	bytes_free(&request);
	session_close(&r->acks);
	if (code == CLI_OK)
		r->acked = r->seen;
	return code;
}

/* ---- one line */

static void show_alert(const struct value *line)
{
	const struct value *why = value_of(line, "why");

	printf("#%llu ", (unsigned long long)value_number_of(line, "alert", 0));
	for (size_t i = 0; i < value_count(why); i++) {
		fputs(i > 0 ? "," : "", stdout);
		print_text(value_text(value_at(why, i)), 0);
	}
	fputs("  ", stdout);
	print_verdict_line(line);
	if (value_of(line, "event") == NULL)
		return;
	printf("    the origin of ");
	print_member(line, "cluster", 0);
	printf(" now, in place of ");
	print_member(line, "former", 0);
	fputc('\n', stdout);
}

/* The line as the user's command gets it. */
static void run_command(struct reader *r, struct span raw)
{
	static const char ok[] = "{\"ok\":true,";
	struct bytes line = { 0 };

	put_bytes(&line, "{", 1);
	put_bytes(&line, raw.p + sizeof ok - 1, raw.len - (sizeof ok - 1));
	for (unsigned tries = 0; !line.failed && !exec_line(r->command, bytes_span(&line));
	     tries++) {
		session_error(r->stream, "alert %llu: the command failed; trying again",
			      (unsigned long long)r->seen);
		exec_pause(tries);
	}
	bytes_free(&line);
}

/* Acknowledged before the reader waits again or ends, and now and then on the way. */
static bool ack_is_due(const struct reader *r, bool end)
{
	if (r->consumer == NULL || r->seen == r->acked)
		return false;
	if (r->command != NULL)
		return true;
	return r->auto_ack &&
	       (end || !connection_pending(&r->stream->connection) || r->seen - r->acked >= 256);
}

static void hand_on(struct reader *r, const struct value *line, struct span raw)
{
	const struct value *gap = value_of(line, "gap");
	uint64_t from = 0, to = 0;

	if (value_number(value_at(gap, 0), &from) && value_number(value_at(gap, 1), &to)) {
		r->seen = to;
		session_error(r->stream, "alerts %llu to %llu are gone: expired or forgotten",
			      (unsigned long long)from, (unsigned long long)to);
	} else {
		r->seen = value_number_of(line, "alert", r->seen);
	}
	if (r->command != NULL && gap == NULL)
		run_command(r, raw);
	else if (r->command == NULL && r->json)
		session_put_raw(raw);
	else if (gap == NULL)
		show_alert(line);
}

static bool on_alert(void *ctx, const struct reply *reply, struct span raw)
{
	struct reader *r = ctx;

	if (!reply->end)
		hand_on(r, reply->line, raw);
	if (r->command == NULL && r->follow && !connection_pending(&r->stream->connection))
		fflush(stdout);
	if (!ack_is_due(r, reply->end))
		return !reply->end;
	/* What was not written cannot be acknowledged. */
	if (r->command == NULL && fflush(stdout) != 0)
		r->code = session_error(r->stream, "standard output is closed");
	else
		r->code = ack(r);
	return r->code == CLI_OK && !reply->end;
}

/* ---- the stream */

static int read_once(struct reader *r)
{
	struct bytes request = { 0 };
	struct json j = request_open(&request, "alerts");
	int code;

	if (r->consumer != NULL)
		json_put_text(&j, "consumer", span_of_text(r->consumer));
	if (r->since_given || (r->consumer == NULL && r->seen > 0))
		json_put_number(&j, "since", r->seen);
	if (r->from != NULL)
		json_put_text(&j, "from", span_of_text(r->from));
	if (r->follow)
		json_put_flag(&j, "follow", true);
	r->code = CLI_OK;
	code = session_ask(r->stream, &j, span_of("", 0), true, on_alert, r);
	bytes_free(&request);
	return r->code != CLI_OK ? r->code : code;
}

/* A follower outlives the daemon: it comes back with a growing pause. What had been handed on but
 * not acknowledged comes again: at least once is the promise. */
static int read_on(struct reader *r)
{
	unsigned tries = 0;
	uint64_t before;
	int code;

	for (;;) {
		before = r->seen;
		code = read_once(r);
		/* A durable cursor goes on where it was, however slow the command is. */
		if (code != CLI_UNREACHABLE ||
		    (!r->follow && (r->consumer == NULL || r->seen == before)))
			return code;
		session_close(r->stream);
		tries = r->seen > before ? 0 : tries + 1;
		exec_pause(tries);
	}
}

static int start(struct reader *r)
{
	/* Not there at all is an error, gone later is a reason to wait. */
	int code = session_connect(r->stream);

	if (code != CLI_OK)
		return code;
	r->stream->patient = r->follow;
	r->acks = (struct session){ .cli = r->stream->cli, .what = "ack", .patient = r->follow };
	signal(SIGPIPE, r->command != NULL ? SIG_IGN : SIG_DFL);
	return read_on(r);
}

int run_alerts(struct session *s, struct args *a)
{
	struct reader r = { .stream = s, .json = s->cli.json || !isatty(STDOUT_FILENO) };

	r.follow = args_flag(a, "--follow");
	r.auto_ack = args_flag(a, "--auto-ack");
	r.consumer = args_value(a, "--consumer");
	r.command = args_value(a, "--exec");
	r.from = args_value(a, "--from");
	r.since_given = args_number(a, "--since", &r.seen);
	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	if (r.auto_ack && r.consumer == NULL)
		return session_error(s, "--auto-ack needs --consumer NAME");
	return start(&r);
}

/* ---- ack, consumers */

static bool show_line(void *ctx, const struct reply *r, struct span raw)
{
	const struct session *s = ctx;

	if (r->end)
		return false;
	if (s->cli.json) {
		session_put_raw(raw);
		return true;
	}
	print_column(value_text_of(r->line, "consumer"), 24);
	printf(" read up to %llu", (unsigned long long)value_number_of(r->line, "alert", 0));
	if (value_of(r->line, "behind") != NULL)
		printf(", %llu behind, last seen ",
		       (unsigned long long)value_number_of(r->line, "behind", 0));
	if (value_of(r->line, "seen") != NULL)
		print_member(r->line, "seen", 0);
	fputc('\n', stdout);
	return true;
}

int run_ack(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	uint64_t alert;
	struct json j;
	int code;

	if (!args_rest(a, 2, 2))
		return session_usage(s, a);
	if (!args_whole(a->words[1], &alert))
		return session_error(s, "%s: not the number of an alert", a->words[1]);
	j = request_open(&request, "ack");
	json_put_text(&j, "consumer", span_of_text(a->words[0]));
	json_put_number(&j, "alert", alert);
	code = session_ask(s, &j, span_of("", 0), false, show_line, s);
	bytes_free(&request);
	return code;
}

int run_consumers(struct session *s, struct args *a)
{
	const char *name = args_value(a, "--delete");
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "consumers");
	if (name != NULL)
		json_put_text(&j, "delete", span_of_text(name));
	code = session_ask(s, &j, span_of("", 0), true, show_line, s);
	bytes_free(&request);
	return code;
}
