/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/lines.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "text/gunzip.h"

#define PIECE_BYTES ((size_t)128 << 10) /* a worker that is at one helps nobody (ahead.h) */
#define READ_BYTES ((size_t)64 << 10)

struct cutting {
	struct bytes held; /* from the start of a line on */
	uint32_t line;     /* number of the first line in held */
	size_t line_max;
	bool skipping; /* inside a line that was too long */
	bool enough;   /* fn wants no more */
	lines_fn fn;
	lines_problem_fn problem;
	void *ctx;
};

static uint32_t count_lines(struct span s)
{
	uint32_t n = 0;

	for (const char *p = s.p, *end = s.p + s.len;
	     (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
}

static void drop_front(struct cutting *c, size_t len)
{
	memmove(c->held.p, c->held.p + len, c->held.len - len);
	c->held.len -= len;
}

static void hand_over(struct cutting *c, size_t len)
{
	struct span piece = span_of(c->held.p, len);

	c->enough = !c->fn(c->ctx, piece, c->line);
	c->line += count_lines(piece);
	drop_front(c, len);
}

static void too_long(struct cutting *c)
{
	char why[96];

	snprintf(why, sizeof why, "line %u is longer than max_file_bytes and was skipped", c->line);
	c->problem(c->ctx, STATUS_TOO_LARGE, why);
	c->skipping = true;
	c->held.len = 0;
}

/* Hands over what is whole, once there is enough of it. */
static void cut(struct cutting *c)
{
	const char *end;

	if (c->skipping) {
		end = memchr(c->held.p, '\n', c->held.len);
		if (end == NULL) {
			c->held.len = 0;
			return;
		}
		drop_front(c, (size_t)(end - c->held.p) + 1);
		c->line++;
		c->skipping = false;
	}
	if (c->held.len < PIECE_BYTES)
		return;
	end = memrchr(c->held.p, '\n', c->held.len);
	if (end != NULL)
		hand_over(c, (size_t)(end - c->held.p) + 1);
	else if (c->held.len > c->line_max)
		too_long(c);
}

static enum status take_plain(struct cutting *c, struct span in)
{
	put_bytes(&c->held, in.p, in.len);
	if (c->held.failed)
		return STATUS_NO_MEMORY;
	cut(c);
	return STATUS_OK;
}

static enum status take_gzip(struct cutting *c, struct gunzip *g, struct span in, bool *out_whole)
{
	char plain[READ_BYTES];
	enum status st = STATUS_OK;
	size_t len;

	do {
		st = gunzip_step(g, plain, sizeof plain, &len, &in, out_whole);
		if (st == STATUS_OK)
			st = take_plain(c, span_of(plain, len));
	} while (st == STATUS_OK && !c->enough && (in.len > 0 || len == sizeof plain));
	return st;
}

static void finish(struct cutting *c, enum status st, bool whole)
{
	char why[96];

	if (c->enough)
		return;
	if (st == STATUS_OK && c->held.len > c->line_max)
		too_long(c);
	if (c->held.len > 0 && !c->skipping)
		hand_over(c, c->held.len);
	if (st == STATUS_OK && whole)
		return;
	snprintf(why, sizeof why, "after line %u: %s", c->line,
		 st == STATUS_OK ? "the gzip data ends early" : status_text(st));
	c->problem(c->ctx, st == STATUS_OK ? STATUS_MALFORMED : st, why);
}

void lines_read(int fd, bool gzip, size_t line_max, lines_fn fn, lines_problem_fn problem,
		void *ctx)
{
	struct cutting c = {
		.line = 1, .line_max = line_max, .fn = fn, .problem = problem, .ctx = ctx
	};
	char in[READ_BYTES];
	struct gunzip *g = NULL;
	bool whole = true;
	enum status st = gzip ? gunzip_open(&g) : STATUS_OK;

	while (st == STATUS_OK && !c.enough) {
		ssize_t n = read(fd, in, sizeof in);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			st = n < 0 ? status_of_errno(errno) : STATUS_OK;
			break;
		}
		st = gzip ? take_gzip(&c, g, span_of(in, (size_t)n), &whole)
			  : take_plain(&c, span_of(in, (size_t)n));
	}
	finish(&c, st, whole);
	gunzip_close(g);
	bytes_free(&c.held);
}
