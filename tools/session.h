/* SPDX-License-Identifier: BSD-2-Clause */
/* session.h - one run of the CLI: its global options, its way to the daemon, its errors.
 *
 * Exit codes are those of the contract (cli.h). */
#ifndef TOOLS_SESSION_H
#define TOOLS_SESSION_H

#include "args.h"
#include "cli.h"
#include "connect.h"
#include "wire/json.h"

struct reply;
struct value; /* wire/reply.h */

struct session {
	struct cli cli;
	const char *what; /* the command, for errors */
	struct connection connection;
	bool connected;
	bool patient; /* a daemon that went away is waited for: said once */
};

/* One table row a command. */
struct subcommand {
	const char *name;
	const char *synopsis;
	const char *help;                              /* a sentence */
	const char *options;                           /* a line each, or "" */
	int (*run)(struct session *s, struct args *a); /* asks the daemon, or NULL and */
	cli_fn local;                                  /* needs none */
};

/* "reprint: WHAT: WHY" on stderr; returns CLI_ERROR. */
int session_error(const struct session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The command line is wrong: why, and where help is. */
int session_usage(const struct session *s, const struct args *a);

/* A request in the making: {"cmd":"..." ; the caller adds members. */
struct json request_open(struct bytes *out, const char *command);
/* A path, whose bytes are spelled (text/utf8.h). */
void request_put_path(struct json *j, const char *key, const char *path);
/* An id or a site, as it was printed; one that is no UTF-8 is spelled as that is. */
void request_put_name(struct json *j, const char *key, const char *name);

/* One reply line: raw is the line without its end, as the daemon wrote it. false stops reading. */
typedef bool (*reply_fn)(void *ctx, const struct reply *r, struct span raw);

/* Sends what request_open() began (closed here) and passes every good line to each; stream: until
 * the one with "end", else one. The exit code; errors have been told. */
int session_ask(struct session *s, struct json *request, struct span body, bool stream,
		reply_fn each, void *ctx);

/* The same, where each line is shown to a person by `show`, or with --json printed as it came;
 * `nothing` is said when there was no line (NULL: nothing is). Frees what the request was written
 * into. */
int session_list(struct session *s, struct json *request, bool stream,
		 void (*show)(const struct value *line), const char *nothing);

/* Connects if that has not been done. The exit code, errors told. */
int session_connect(struct session *s);
int session_unreached(const struct session *s, enum status st);
/* What an error reply means; told on stderr. */
int session_refused(const struct session *s, const struct reply *r);
void session_close(struct session *s);

/* A good reply line as NDJSON on stdout: without the "ok" that every line has. */
void session_put_raw(struct span raw);

#endif
