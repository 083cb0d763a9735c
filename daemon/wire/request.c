/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/request.h"

#include "base/bytes.h"
#include "wire/value.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUEST_DEPTH 8

struct request {
	struct value *line;
	struct span command;
	struct bytes tag;
	uint64_t bytes;
};

/* What every request has: a command, perhaps a tag and a body. */
static const char *take_frame(struct request *r)
{
	const struct value *tag = value_of(r->line, "tag");
	const struct value *bytes = value_of(r->line, "bytes");

	if (value_type(r->line) != VALUE_OBJECT)
		return "a request is one JSON object per line";
	r->command = value_text_of(r->line, "cmd");
	if (r->command.p == NULL)
		return "\"cmd\" is missing: a request names its command";
	if (bytes != NULL && !value_number(bytes, &r->bytes))
		return "\"bytes\" is not a whole number";
	if (value_type(tag) == VALUE_NONE)
		return NULL;
	if (value_type(tag) == VALUE_OBJECT || value_type(tag) == VALUE_LIST)
		return "\"tag\" is neither a text nor a number";
	value_put(&r->tag, tag);
	return r->tag.len > REQUEST_TAG_MAX ? "\"tag\" is too long" : NULL;
}

enum status request_parse(struct request **out, char *why, struct span line)
{
	struct request *r;
	const char *wrong;
	enum status st;

	if (line.len > REQUEST_LINE_MAX) {
		snprintf(why, REQUEST_WHY, "a request line is at most %u bytes", REQUEST_LINE_MAX);
		return STATUS_TOO_LARGE;
	}
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		snprintf(why, REQUEST_WHY, "%s", status_text(STATUS_NO_MEMORY));
		return STATUS_NO_MEMORY;
	}
	st = value_parse(&r->line, why, REQUEST_WHY, line, REQUEST_DEPTH);
	if (st != STATUS_OK)
		goto free_request;
	wrong = take_frame(r);
	if (wrong != NULL) {
		snprintf(why, REQUEST_WHY, "%s", wrong);
		st = STATUS_USAGE;
		goto free_request;
	}
	*out = r;
	return STATUS_OK;

free_request:
	request_free(r);
	return st;
}

void request_free(struct request *r)
{
	if (r == NULL)
		return;
	value_free(r->line);
	bytes_free(&r->tag);
	free(r);
}

struct span request_command(const struct request *r)
{
	return r->command;
}

struct span request_tag(const struct request *r)
{
	return r->tag.len == 0 ? (struct span){ NULL, 0 } : bytes_span(&r->tag);
}

uint64_t request_bytes(const struct request *r)
{
	return r->bytes;
}

struct span request_text(const struct request *r, const char *key)
{
	return value_text_of(r->line, key);
}

enum status request_number(const struct request *r, const char *key, uint64_t *out)
{
	const struct value *v = value_of(r->line, key);

	if (value_type(v) == VALUE_NONE)
		return STATUS_NOT_FOUND;
	return value_number(v, out) ? STATUS_OK : STATUS_MALFORMED;
}

enum status request_share(const struct request *r, const char *key, double *out)
{
	const struct value *v = value_of(r->line, key);

	if (value_type(v) == VALUE_NONE)
		return STATUS_NOT_FOUND;
	if (value_type(v) != VALUE_NUMBER)
		return STATUS_MALFORMED;
	*out = value_share(v);
	return STATUS_OK;
}

bool request_flag(const struct request *r, const char *key)
{
	return value_flag(value_of(r->line, key));
}
