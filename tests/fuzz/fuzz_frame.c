/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer's bytes: framed in pieces whose length the first byte chooses, every accessor asked. */
#include "wire/frame.h"
#include "wire/reply.h"
#include "wire/value.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct request *r)
{
	struct bytes echo = { 0 };
	uint64_t n;
	double share;

	if (request_command(r).p == NULL)
		abort();
	(void)request_text(r, "id");
	(void)request_number(r, "bits", &n);
	(void)request_share(r, "timeout", &share);
	(void)request_flag(r, "follow");
	reply_error(&echo, request_tag(r), "x", "y");
	if (echo.p == NULL || memchr(echo.p, '\n', echo.len) != echo.p + echo.len - 1)
		abort(); /* a tag must never break a line in two */
	bytes_free(&echo);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size > 0 ? 1u + data[0] : 1;
	enum frame_state state = FRAME_MORE;
	struct frame f;
	struct reply reply;

	if (reply_parse(&reply, span_of((const char *)data, size)) == STATUS_OK)
		reply_free(&reply);
	frame_init(&f, 4096);
	for (size_t at = 1; at < size && state != FRAME_BAD; at += step) {
		struct span in =
			span_of((const char *)data + at, size - at < step ? size - at : step);

		while (in.len > 0 && state != FRAME_BAD) {
			state = frame_feed(&f, &in);
			if (f.body.len > 4096 || f.line.len > REQUEST_LINE_MAX)
				abort();
			if (state == FRAME_READY) {
				struct bytes body;
				struct request *r = frame_take(&f, &body);

				ask(r);
				request_free(r);
				bytes_free(&body);
			}
		}
	}
	frame_free(&f);
	return 0;
}
