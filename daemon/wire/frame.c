/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/frame.h"

#include <stdio.h>

void frame_init(struct frame *f, uint64_t body_max)
{
	*f = (struct frame){ .body_max = body_max };
}

void frame_free(struct frame *f)
{
	bytes_free(&f->line);
	bytes_free(&f->body);
	request_free(f->request);
	f->request = NULL;
}

static enum frame_state bad(struct frame *f, const char *code)
{
	f->code = code;
	return FRAME_BAD;
}

static const char *code_of(enum status st)
{
	switch (st) {
	case STATUS_TOO_LARGE:
		return "too_large";
	case STATUS_NO_MEMORY:
		return "no_memory";
	default:
		return "malformed";
	}
}

static enum frame_state out_of_memory(struct frame *f)
{
	snprintf(f->why, sizeof f->why, "%s", status_text(STATUS_NO_MEMORY));
	return bad(f, "no_memory");
}

static bool blank(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

/* A whole line stands in f->line. */
static enum frame_state take_line(struct frame *f)
{
	struct span line = bytes_span(&f->line);
	enum status st;

	if (blank(line)) {
		bytes_clear(&f->line);
		return FRAME_MORE;
	}
	st = request_parse(&f->request, f->why, line);
	bytes_free(&f->line);
	if (st != STATUS_OK)
		return bad(f, code_of(st));
	if (request_bytes(f->request) == 0)
		return FRAME_READY;
	if (request_bytes(f->request) > f->body_max) {
		snprintf(f->why, sizeof f->why,
			 "a body of %llu bytes is more than the limit of %llu",
			 (unsigned long long)request_bytes(f->request),
			 (unsigned long long)f->body_max);
		return bad(f, "too_large");
	}
	return FRAME_CLAIMED;
}

static enum frame_state feed_line(struct frame *f, struct span *in)
{
	const char *end = memchr(in->p, '\n', in->len);
	size_t take = end == NULL ? in->len : (size_t)(end - in->p);

	if (take > REQUEST_LINE_MAX - f->line.len) {
		snprintf(f->why, sizeof f->why, "a request line is at most %u bytes",
			 REQUEST_LINE_MAX);
		return bad(f, "too_large");
	}
	put_bytes(&f->line, in->p, take);
	if (f->line.failed)
		return out_of_memory(f);
	take += end != NULL;
	*in = span_of(in->p + take, in->len - take);
	return end == NULL ? FRAME_MORE : take_line(f);
}

static enum frame_state feed_body(struct frame *f, struct span *in)
{
	uint64_t missing = request_bytes(f->request) - f->body.len;
	size_t take = in->len < missing ? in->len : (size_t)missing;

	put_bytes(&f->body, in->p, take);
	if (f->body.failed)
		return out_of_memory(f);
	*in = span_of(in->p + take, in->len - take);
	return take == missing ? FRAME_READY : FRAME_MORE;
}

enum frame_state frame_feed(struct frame *f, struct span *in)
{
	enum frame_state state = FRAME_MORE;

	if (f->code != NULL)
		return FRAME_BAD;
	while (state == FRAME_MORE && in->len > 0)
		state = f->request != NULL ? feed_body(f, in) : feed_line(f, in);
	return state;
}

struct request *frame_take(struct frame *f, struct bytes *out_body)
{
	struct request *r = f->request;

	*out_body = f->body;
	f->body = (struct bytes){ 0 };
	f->request = NULL;
	return r;
}

bool frame_partial(const struct frame *f)
{
	return f->line.len > 0 || f->request != NULL;
}
