/* SPDX-License-Identifier: BSD-2-Clause */
#include "pieces.h"

#include "local.h"
#include "text/gunzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536u

struct pieces {
	const struct local_path *paths;
	size_t path_count, path_at;
	pieces_problem_fn problem;
	void *ctx;
	/* The file being read: */
	const char *file;
	int fd;
	bool last_read, gzip, sniffed, member_end;
	enum text_format format;
	struct gunzip *gunzip;
	struct bytes raw;   /* of a .gz: came, not yet expanded */
	struct bytes plain; /* ready, not yet taken */
	uint32_t line;
};

static void tell(struct pieces *p, const char *why)
{
	p->problem(p->ctx, p->file, why);
}

static void close_file(struct pieces *p)
{
	if (p->fd > STDIN_FILENO)
		close(p->fd);
	p->fd = -1;
	gunzip_close(p->gunzip);
	p->gunzip = NULL;
	bytes_free(&p->raw);
	bytes_clear(&p->plain);
}

/* Takes the next file; NOT_FOUND: none is left. One that cannot be opened is told and passed over.
 */
static enum status open_next(struct pieces *p)
{
	while (p->path_at < p->path_count) {
		p->file = p->paths[p->path_at++].name;
		p->fd = strcmp(p->file, "-") == 0 ? STDIN_FILENO
						  : local_open(AT_FDCWD, p->file, p->file, false);
		p->format = text_format_of_name(span_of_text(p->file), &p->gzip);
		p->last_read = p->sniffed = p->member_end = false;
		p->line = 1;
		if (p->fd < 0)
			tell(p, local_why());
		else if (!p->gzip || gunzip_open(&p->gunzip) == STATUS_OK)
			return STATUS_OK;
		close_file(p);
	}
	return STATUS_NOT_FOUND;
}

static enum status read_raw(struct pieces *p, struct bytes *into)
{
	ssize_t n;

	if (!bytes_reserve(into, READ_BYTES))
		return STATUS_NO_MEMORY;
	do
		n = read(p->fd, into->p + into->len, READ_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return status_of_errno(errno);
	into->len += (size_t)n;
	p->last_read = n == 0;
	return STATUS_OK;
}

/* Expands what has come so far, at most about a piece beyond what is there. */
static enum status expand(struct pieces *p)
{
	struct span in = bytes_span(&p->raw);
	enum status st = STATUS_OK;

	while (in.len > 0 && st == STATUS_OK) {
		size_t len = 0;

		if (!bytes_reserve(&p->plain, READ_BYTES))
			return STATUS_NO_MEMORY;
		st = gunzip_step(p->gunzip, p->plain.p + p->plain.len, READ_BYTES, &len, &in,
				 &p->member_end);
		p->plain.len += len;
		if (p->plain.len > PIECE_MAX_BYTES)
			return STATUS_TOO_LARGE;
	}
	bytes_clear(&p->raw);
	return st;
}

/* More bytes into plain. */
static enum status fill(struct pieces *p)
{
	enum status st;

	if (!p->gzip)
		return read_raw(p, &p->plain);
	st = read_raw(p, &p->raw);
	if (st == STATUS_OK)
		st = expand(p);
	if (st == STATUS_OK && p->last_read && !p->member_end)
		st = STATUS_MALFORMED;
	return st;
}

/* What the name does not say the first bytes do. */
static enum status settle_format(struct pieces *p)
{
	if (p->sniffed)
		return STATUS_OK;
	p->sniffed = true;
	if (p->format == TEXT_UNKNOWN)
		p->format = text_format_of_bytes(bytes_span(&p->plain));
	if (p->format == TEXT_UNKNOWN && strcmp(p->file, "-") == 0)
		p->format = TEXT_JSONL;
	return p->format == TEXT_UNKNOWN ? STATUS_UNSUPPORTED : STATUS_OK;
}

static const char *last_line_end(const struct bytes *b)
{
	return b->len == 0 ? NULL : memrchr(b->p, '\n', b->len);
}

/* Whether plain holds a piece already: enough whole lines. */
static bool piece_ready(const struct pieces *p)
{
	return p->sniffed && p->format == TEXT_JSONL && p->plain.len >= PIECE_BYTES &&
	       last_line_end(&p->plain) != NULL;
}

static enum status read_piece(struct pieces *p)
{
	enum status st = STATUS_OK;

	while (st == STATUS_OK && !p->last_read && !piece_ready(p)) {
		st = fill(p);
		if (st == STATUS_OK && (p->plain.len >= 4096 || p->last_read))
			st = settle_format(p);
		if (st == STATUS_OK && p->plain.len > PIECE_MAX_BYTES)
			st = STATUS_TOO_LARGE;
	}
	return st;
}

static uint32_t count_lines(struct span s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

/* Moves everything up to the last line end (or all, at the end of the file) into *out. */
static enum status cut(struct pieces *p, struct piece *out)
{
	const char *end = p->last_read ? NULL : last_line_end(&p->plain);
	size_t len = end == NULL ? p->plain.len : (size_t)(end - p->plain.p) + 1;
	struct bytes rest = { 0 };

	if (p->plain.len > len)
		put_bytes(&rest, p->plain.p + len, p->plain.len - len);
	if (rest.failed)
		return STATUS_NO_MEMORY;
	out->file = p->file;
	out->bytes = p->plain;
	out->bytes.len = len;
	out->format = p->format;
	out->first_line = p->line;
	p->line += count_lines(bytes_span(&out->bytes));
	p->plain = rest;
	return STATUS_OK;
}

enum status pieces_next(struct pieces *p, struct piece *out)
{
	*out = (struct piece){ 0 };
	for (;;) {
		enum status st = p->fd < 0 ? open_next(p) : STATUS_OK;

		if (st != STATUS_OK)
			return st;
		if (p->last_read) {
			close_file(p);
			continue;
		}
		st = read_piece(p);
		if (st == STATUS_OK && (p->plain.len > 0 || p->line == 1))
			st = cut(p, out);
		else if (st == STATUS_OK)
			continue; /* the file ended with its last piece */
		if (st == STATUS_OK)
			return STATUS_OK;
		piece_free(out);
		tell(p, st == STATUS_MALFORMED ? local_gzip_damaged : status_text(st));
		close_file(p);
	}
}

void piece_free(struct piece *p)
{
	bytes_free(&p->bytes);
	*p = (struct piece){ 0 };
}

enum status pieces_open(struct pieces **out, const struct local_path *paths, size_t path_count,
			pieces_problem_fn problem, void *ctx)
{
	struct pieces *p = calloc(1, sizeof *p);

	if (p == NULL)
		return STATUS_NO_MEMORY;
	p->paths = paths;
	p->path_count = path_count;
	p->problem = problem;
	p->ctx = ctx;
	p->fd = -1;
	*out = p;
	return STATUS_OK;
}

void pieces_close(struct pieces *p)
{
	if (p == NULL)
		return;
	close_file(p);
	bytes_free(&p->plain);
	free(p);
}
