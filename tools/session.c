/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "text/utf8.h"
#include "wire/reply.h"

/* One line, whatever control characters a file's name or its text has. */
static void tell(const char *what, const char *format, va_list args)
{
	char *why = NULL;

	fflush(stdout);
	if (vasprintf(&why, format, args) < 0)
		return;
	log_tell("reprint", "%s: %s", what, why);
	free(why);
}

int cli_fail(const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(what, format, args);
	va_end(args);
	return CLI_ERROR;
}

int session_error(const struct session *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(s->what, format, args);
	va_end(args);
	return CLI_ERROR;
}

int session_usage(const struct session *s, const struct args *a)
{
	return session_error(s, "%s; see reprint %s --help", a->why, s->what);
}

int session_unreached(const struct session *s, enum status st)
{
	const char *hint =
		st == STATUS_DENIED ? "you must be root, the daemon's user or in the socket's group"
		: st == STATUS_TOO_LARGE
			? "give a path of 107 bytes at most, by a link or from where you are"
			: "is reprintd running? systemctl start reprintd";

	session_error(s, "cannot reach the daemon at %s: %s; %s", s->cli.socket,
		      st == STATUS_NOT_FOUND   ? "no such socket"
		      : st == STATUS_CLOSED    ? "nobody listens there"
		      : st == STATUS_TOO_LARGE ? "the path is too long for a socket"
					       : status_text(st),
		      hint);
	return CLI_UNREACHABLE;
}

int session_connect(struct session *s)
{
	enum status st;

	if (s->connected)
		return CLI_OK;
	st = connection_open(&s->connection, s->cli.socket);
	if (st != STATUS_OK)
		return s->patient ? CLI_UNREACHABLE : session_unreached(s, st);
	s->connected = true;
	return CLI_OK;
}

void session_close(struct session *s)
{
	if (s->connected)
		connection_close(&s->connection);
	s->connected = false;
}

struct json request_open(struct bytes *out, const char *command)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	json_put_word(&j, "cmd", command);
	return j;
}

void request_put_path(struct json *j, const char *key, const char *path)
{
	struct bytes spelled = { 0 };

	utf8_spell(&spelled, span_of_text(path));
	json_put_text(j, key, bytes_span(&spelled));
	bytes_free(&spelled);
}

void request_put_name(struct json *j, const char *key, const char *name)
{
	struct span text = span_of_text(name);

	if (utf8_valid(text) == text.len)
		json_put_text(j, key, text);
	else
		request_put_path(j, key, name);
}

int session_refused(const struct session *s, const struct reply *r)
{
	bool no_promise =
		strcmp(s->what, "sync") == 0 && (span_equal(r->code, span_of_text("timeout")) ||
						 span_equal(r->code, span_of_text("cannot")));

	session_error(s, "%.*s", (int)r->message.len, r->message.p == NULL ? "" : r->message.p);
	return no_promise ? CLI_CANNOT : CLI_ERROR;
}

static int lost(struct session *s, enum status st)
{
	session_close(s);
	if (s->patient) {
		session_error(s, "the daemon closed the connection; waiting for it to come back");
		return CLI_UNREACHABLE;
	}
	if (st != STATUS_CLOSED)
		return session_error(s, "the daemon's answer: %s", status_text(st));
	session_error(s, "the daemon closed the connection; is it still running? systemctl status "
			 "reprintd");
	return CLI_UNREACHABLE;
}

static int read_replies(struct session *s, bool stream, reply_fn each, void *ctx)
{
	for (;;) {
		struct reply r;
		struct span raw;
		enum status st = connection_line(&s->connection, &raw);
		bool last;

		if (st != STATUS_OK)
			return lost(s, st);
		if (reply_parse(&r, raw) != STATUS_OK)
			return session_error(s, "the daemon's answer is malformed");
		if (!r.ok) {
			int code = session_refused(s, &r);

			reply_free(&r);
			return code;
		}
		last = !each(ctx, &r, raw) || !stream || r.end;
		reply_free(&r);
		if (last)
			return CLI_OK;
	}
}

int session_ask(struct session *s, struct json *request, struct span body, bool stream,
		reply_fn each, void *ctx)
{
	int code = session_connect(s);
	enum status st;

	if (code != CLI_OK)
		return code;
	if (body.len > 0)
		json_put_number(request, "bytes", body.len);
	json_close(request, '}');
	put_bytes(request->out, "\n", 1);
	if (request->out->failed)
		return session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	st = connection_send(&s->connection, bytes_span(request->out));
	if (st == STATUS_OK)
		st = connection_send(&s->connection, body);
	/* CLOSED: refused on the way; the reason can be read. */
	if (st != STATUS_OK && st != STATUS_CLOSED)
		return lost(s, st);
	return read_replies(s, stream, each, ctx);
}

void session_put_raw(struct span raw)
{
	static const char ok[] = "{\"ok\":true,";
	size_t skip = sizeof ok - 1;

	if (raw.len > skip && memcmp(raw.p, ok, skip) == 0) {
		fputc('{', stdout);
		raw = span_of(raw.p + skip, raw.len - skip);
	}
	fwrite(raw.p, 1, raw.len, stdout);
	fputc('\n', stdout);
}

/* How lines are shown to a person. */
struct listing {
	const struct session *session;
	void (*show)(const struct value *line);
	size_t lines;
};

static bool on_line(void *ctx, const struct reply *r, struct span raw)
{
	struct listing *l = ctx;

	if (r->end)
		return false;
	l->lines++;
	if (l->session->cli.json)
		session_put_raw(raw);
	else
		l->show(r->line);
	return true;
}

int session_list(struct session *s, struct json *request, bool stream,
		 void (*show)(const struct value *line), const char *nothing)
{
	struct listing l = { s, show, 0 };
	int code = session_ask(s, request, span_of("", 0), stream, on_line, &l);

	if (code == CLI_OK && l.lines == 0 && nothing != NULL && !s->cli.json)
		puts(nothing);
	bytes_free(request->out);
	return code;
}
