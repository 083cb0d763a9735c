/* SPDX-License-Identifier: BSD-2-Clause */
/* status, stats, rejected, sync, forget, rescan, reload: the daemon itself. */
#include "commands.h"

#include "print.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int ask_plain(struct session *s, struct json *request, bool stream, reply_fn each)
{
	int code = session_ask(s, request, span_of("", 0), stream, each, s);

	bytes_free(request->out);
	return code;
}

static uint64_t number(const struct value *line, const char *key)
{
	return value_number_of(line, key, 0);
}

/* ---- status */

/* Sources that flood, and wait for themselves. */
static void show_slowed(const struct value *names)
{
	for (size_t i = 0; i < value_count(names); i++) {
		fputs(i == 0 ? "slowed: " : ", ", stdout);
		print_text(value_text(value_at(names, i)), 0);
	}
	if (value_count(names) > 0)
		fputc('\n', stdout);
}

static bool show_status(void *ctx, const struct reply *r, struct span raw)
{
	static const char *const rows[][2] = {
		{ "articles", "stored versions" },
		{ "files", "files delivered" },
		{ "rejected", "refused" },
		{ "alerts", "alerts logged" },
		{ "queued", "waiting" },
		{ "state_bytes", "bytes of state" },
		{ "watches", "directories watched" },
		{ "polled", "directories polled" },
		{ "consumers", "consumers" },
		{ "clients", "connections" },
	};
	const struct session *s = ctx;
	struct span trouble = value_text_of(r->line, "trouble");

	if (s->cli.json) {
		session_put_raw(raw);
		return false;
	}
	printf("reprintd ");
	print_member(r->line, "version", 0);
	printf(", pid %llu, up %llu s, kernel ", (unsigned long long)number(r->line, "pid"),
	       (unsigned long long)number(r->line, "uptime_s"));
	print_member(r->line, "kernel", 0);
	fputc('\n', stdout);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		printf("%14llu  %s\n", (unsigned long long)number(r->line, rows[i][0]), rows[i][1]);
	show_slowed(value_of(r->line, "slowed_sources"));
	if (trouble.p != NULL) {
		print_tone(TONE_BAD);
		printf("trouble: ");
		print_text(trouble, 0);
		print_tone(TONE_PLAIN);
		fputc('\n', stdout);
	}
	return false;
}

int run_status(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "status");
	return ask_plain(s, &j, false, show_status);
}

/* ---- stats */

static bool show_stat(void *ctx, const struct reply *r, struct span raw)
{
	const struct session *s = ctx;

	if (r->end)
		return false;
	if (s->cli.json) {
		session_put_raw(raw);
		return true;
	}
	print_column(value_text_of(r->line, "name"), 18);
	printf("%16llu ", (unsigned long long)number(r->line, "value"));
	print_column(value_text_of(r->line, "unit"), 13);
	print_tone(TONE_FAINT);
	print_member(r->line, "help", 0);
	print_tone(TONE_PLAIN);
	fputc('\n', stdout);
	return true;
}

/* The text form of Prometheus: one counter is three lines. */
static bool show_prometheus(void *ctx, const struct reply *r, struct span raw)
{
	struct span name = value_text_of(r->line, "name"), kind = value_text_of(r->line, "kind");
	struct span help = value_text_of(r->line, "help");
	bool gauge = span_equal(kind, span_of_text("gauge"));

	(void)ctx;
	(void)raw;
	if (r->end || name.p == NULL || help.p == NULL)
		return !r->end;
	printf("# HELP reprint_%s%s %.*s\n# TYPE reprint_%s%s %s\nreprint_%s%s %llu\n", name.p,
	       gauge ? "" : "_total", (int)help.len, help.p, name.p, gauge ? "" : "_total",
	       gauge ? "gauge" : "counter", name.p, gauge ? "" : "_total",
	       (unsigned long long)number(r->line, "value"));
	return true;
}

int run_stats(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	bool prometheus = args_flag(a, "--prometheus");
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "stats");
	return ask_plain(s, &j, true, prometheus ? show_prometheus : show_stat);
}

/* ---- rejected */

static bool show_rejection(void *ctx, const struct reply *r, struct span raw)
{
	const struct session *s = ctx;

	if (r->end)
		return false;
	if (s->cli.json) {
		session_put_raw(raw);
		return true;
	}
	print_column(value_text_of(r->line, "when"), 26);
	print_member(r->line, "file", 0);
	fputs(": ", stdout);
	print_member(r->line, "why", 0);
	fputc('\n', stdout);
	return true;
}

int run_rejected(struct session *s, struct args *a)
{
	struct bytes request = { 0 };
	uint64_t since;
	bool given = args_number(a, "--since", &since);
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, "rejected");
	if (given)
		json_put_number(&j, "since", since);
	return ask_plain(s, &j, true, show_rejection);
}

/* ---- sync and administration */

static bool show_done(void *ctx, const struct reply *r, struct span raw)
{
	const struct session *s = ctx;
	uint64_t forgotten;

	if (s->cli.json)
		session_put_raw(raw);
	else if (value_number(value_of(r->line, "forgotten"), &forgotten))
		printf("%llu forgotten\n", (unsigned long long)forgotten);
	else if (value_number(value_of(r->line, "purged"), &forgotten))
		printf("%llu epochs written anew\n", (unsigned long long)forgotten);
	return false;
}

int run_sync(struct session *s, struct args *a)
{
	const char *timeout = args_value(a, "--timeout");
	struct bytes request = { 0 };
	char *absolute = NULL, *end = NULL;
	double seconds = timeout == NULL ? 0 : strtod(timeout, &end);
	struct json j;
	int code;

	if (!args_rest(a, 0, 1))
		return session_usage(s, a);
	if (timeout != NULL && (end == timeout || *end != '\0' || !(seconds >= 0)))
		return session_error(s, "--timeout %s: not a number of seconds", timeout);
	j = request_open(&request, "sync");
	if (a->count > 0) {
		/* What is not here is perhaps below a root: the daemon knows. */
		absolute = realpath(a->words[0], NULL);
		request_put_path(&j, "path", absolute != NULL ? absolute : a->words[0]);
	}
	if (timeout != NULL)
		json_put_share(&j, "timeout", seconds);
	code = ask_plain(s, &j, false, show_done);
	free(absolute);
	return code;
}

int run_forget(struct session *s, struct args *a)
{
	const char *site = args_value(a, "--site"), *before = args_value(a, "--before");
	bool now = args_flag(a, "--now"), by_id = site == NULL && before == NULL;
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (!args_rest(a, by_id && !now ? 1 : 0, by_id ? 1 : 0))
		return session_usage(s, a);
	j = request_open(&request, "forget");
	if (by_id && a->count > 0)
		request_put_name(&j, "id", a->words[0]);
	if (site != NULL)
		request_put_name(&j, "site", site);
	if (before != NULL)
		json_put_text(&j, "before", span_of_text(before));
	if (now)
		json_put_flag(&j, "now", true);
	code = ask_plain(s, &j, false, show_done);
	if (code != CLI_OK || !now)
		return code;
	j = request_open(&request, "purge");
	return ask_plain(s, &j, false, show_done);
}

static int run_bare(struct session *s, struct args *a, const char *command)
{
	struct bytes request = { 0 };
	struct json j;

	if (!args_rest(a, 0, 0))
		return session_usage(s, a);
	j = request_open(&request, command);
	return ask_plain(s, &j, false, show_done);
}

int run_rescan(struct session *s, struct args *a)
{
	return run_bare(s, a, "rescan");
}

int run_reload(struct session *s, struct args *a)
{
	return run_bare(s, a, "reload");
}
