/* SPDX-License-Identifier: BSD-2-Clause */
/* check, add: files for the daemon, judged there. */
#include "commands.h"

#include "local.h"
#include "pieces.h"
#include "print.h"
#include "text/utf8.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdio.h>
#include <string.h>

struct submission {
	struct session *session;
	const char *command, *source;
	uint64_t articles, found;
	bool failed;
};

static void on_problem(void *ctx, const char *file, const char *why)
{
	struct submission *s = ctx;

	session_error(s->session, "%s: %s", file, why);
	s->failed = true;
}

static bool on_line(void *ctx, const struct reply *r, struct span raw)
{
	struct submission *s = ctx;
	struct span refused = value_text_of(r->line, "refused");

	if (r->end) {
		s->articles += value_number_of(r->line, "articles", 0);
		s->found += value_number_of(r->line, "found", 0);
		s->failed |= value_number_of(r->line, "refused", 0) > 0;
		if (value_number_of(r->line, "omitted", 0) > 0)
			session_error(s->session, "%llu further verdicts are not shown",
				      (unsigned long long)value_number_of(r->line, "omitted", 0));
		return false;
	}
	if (refused.p != NULL)
		session_error(s->session, "%.*s", (int)refused.len, refused.p);
	else if (s->session->cli.json)
		session_put_raw(raw);
	else
		print_verdict(r->line);
	return true;
}

/* The name goes without ".gz": the piece has been unpacked. */
static void put_name(struct json *j, const struct piece *piece)
{
	struct span name = span_of_text(piece->file);
	struct bytes spelled = { 0 };

	if (name.len > 3 && memcmp(name.p + name.len - 3, ".gz", 3) == 0)
		name.len -= 3;
	utf8_spell(&spelled, name);
	json_put_text(j, "name", bytes_span(&spelled));
	bytes_free(&spelled);
}

static int submit(struct submission *s, const struct piece *piece)
{
	bool is_stdin = strcmp(piece->file, "-") == 0;
	struct span body = bytes_span(&piece->bytes);
	struct bytes request = { 0 };
	struct json j;
	int code;

	if (body.len == 0 && is_stdin) {
		on_problem(s, piece->file, "empty");
		return CLI_OK;
	}
	/* As good as empty; without a body the daemon would miss one. */
	if (body.len == 0)
		body = span_of_text("\n");
	j = request_open(&request, s->command);
	if (!is_stdin)
		put_name(&j, piece);
	if (s->source != NULL)
		json_put_text(&j, "source", span_of_text(s->source));
	if (piece->first_line != 1)
		json_put_number(&j, "first_line", piece->first_line);
	s->session->what = piece->file;
	code = session_ask(s->session, &j, body, true, on_line, s);
	s->session->what = s->command;
	bytes_free(&request);
	return code;
}

/* A file that the daemon refuses does not keep the others from being judged. */
static int submit_all(struct submission *s, const struct local_path *paths, size_t count)
{
	struct pieces *pieces;
	struct piece piece;
	int code = CLI_OK;
	enum status st = pieces_open(&pieces, paths, count, on_problem, s);

	if (st != STATUS_OK)
		return session_error(s->session, "%s", status_text(st));
	while (code != CLI_UNREACHABLE && (st = pieces_next(pieces, &piece)) == STATUS_OK) {
		code = submit(s, &piece);
		piece_free(&piece);
		if (code == CLI_OK)
			continue;
		s->failed = true;
		session_close(s->session);
	}
	pieces_close(pieces);
	if (code == CLI_UNREACHABLE)
		return code;
	if (st != STATUS_NOT_FOUND)
		return session_error(s->session, "%s", status_text(st));
	return s->failed ? CLI_ERROR : CLI_OK;
}

static int run(struct session *session, struct args *a, const char *command)
{
	struct submission s = { .session = session, .command = command };
	size_t count, failed;
	struct local_path *paths;
	int code;

	s.source = args_value(a, "--source");
	if (!args_rest(a, 1, -1))
		return session_usage(session, a);
	code = session_connect(session);
	if (code != CLI_OK)
		return code;
	paths = local_expand(a->words, a->count, &count, &failed);
	s.failed = failed > 0;
	code = submit_all(&s, paths, count);
	local_free_paths(paths, count);
	if (code == CLI_OK && s.found > 0 && strcmp(command, "check") == 0)
		return CLI_FOUND;
	return code;
}

int run_check(struct session *s, struct args *a)
{
	return run(s, a, "check");
}

int run_add(struct session *s, struct args *a)
{
	return run(s, a, "add");
}
