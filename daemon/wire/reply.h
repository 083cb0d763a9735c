/* SPDX-License-Identifier: BSD-2-Clause */
/* reply.h - reply lines, written by the daemon and read by the CLI.
 *
 * Every line starts with "ok" and, where the request had one, its "tag"; streams end with a line
 * that carries "end":true. An error is {"ok":false,"error":{"code","message"}} and ends its stream.
 * Memory:  lines grow *out; a parsed reply is freed with reply_free().
 * Thread:  any, each with its own. */
#ifndef WIRE_REPLY_H
#define WIRE_REPLY_H

#include "wire/json.h"
#include <reprint/status.h>

struct bytes; /* base/bytes.h */
struct value; /* wire/value.h */

/* What every successful line starts with, and what a line without tag starts with exactly. */
#define REPLY_OK "{\"ok\":true"

/* Opens the object; the caller adds members and closes with reply_close(). */
struct json reply_open(struct bytes *out, struct span tag);
void reply_close(struct json *j);
/* A line that only says ok; end: the last of a stream. */
void reply_ok(struct bytes *out, struct span tag, bool end);
void reply_error(struct bytes *out, struct span tag, const char *code, const char *message);

struct reply {
	struct value *line;
	bool ok, end;
	struct span code, message; /* of an error */
};
/* One line, with or without its end. MALFORMED: not a reply. */
enum status reply_parse(struct reply *out, struct span line);
void reply_free(struct reply *r);

#endif
