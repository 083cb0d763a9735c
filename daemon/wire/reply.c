/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/reply.h"

#include "base/bytes.h"
#include "wire/value.h"

#define REPLY_DEPTH 16

static struct json open_line(struct bytes *out, struct span tag, bool ok)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	json_put_flag(&j, "ok", ok);
	if (tag.p != NULL) {
		json_key(&j, "tag");
		json_raw(&j, tag);
	}
	return j;
}

struct json reply_open(struct bytes *out, struct span tag)
{
	return open_line(out, tag, true);
}

void reply_close(struct json *j)
{
	json_close(j, '}');
	put_bytes(j->out, "\n", 1);
}

void reply_ok(struct bytes *out, struct span tag, bool end)
{
	struct json j = reply_open(out, tag);

	if (end)
		json_put_flag(&j, "end", true);
	reply_close(&j);
}

void reply_error(struct bytes *out, struct span tag, const char *code, const char *message)
{
	struct json j = open_line(out, tag, false);

	json_key(&j, "error");
	json_open(&j, '{');
	json_put_word(&j, "code", code);
	json_put_text(&j, "message", span_of_text(message));
	json_close(&j, '}');
	reply_close(&j);
}

enum status reply_parse(struct reply *out, struct span line)
{
	char why[64];
	enum status st = value_parse(&out->line, why, sizeof why, line, REPLY_DEPTH);
	const struct value *ok, *error;

	if (st != STATUS_OK)
		return st;
	ok = value_of(out->line, "ok");
	error = value_of(out->line, "error");
	out->ok = value_flag(ok);
	out->end = value_flag(value_of(out->line, "end"));
	out->code = value_text_of(error, "code");
	out->message = value_text_of(error, "message");
	if (value_type(ok) != VALUE_FLAG || (!out->ok && out->code.p == NULL)) {
		reply_free(out);
		return STATUS_MALFORMED;
	}
	return STATUS_OK;
}

void reply_free(struct reply *r)
{
	value_free(r->line);
	*r = (struct reply){ 0 };
}
