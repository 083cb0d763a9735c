/* SPDX-License-Identifier: BSD-2-Clause */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "text/gunzip.h"

#define FILE_MAX ((size_t)1 << 30)

static void leave(struct local_file *f)
{
	if (f->directory.len > 0)
		close(f->directory_fd);
	bytes_clear(&f->directory);
}

/* Opens the directory that a path begins with, unless it is the one of the file before. */
static bool enter(struct local_file *f, struct span directory)
{
	int fd;

	if (f->directory.len > 0 &&
	    span_equal(span_of(f->directory.p, f->directory.len - 1), directory))
		return true;
	leave(f);
	put_bytes(&f->directory, directory.p, directory.len);
	put_u8(&f->directory, 0);
	fd = f->directory.failed ? -1 : open(f->directory.p, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		bytes_clear(&f->directory);
	f->directory_fd = fd;
	return fd >= 0;
}

/* From the directory on, where the system need not walk the same way for every file. */
static int open_file(struct local_file *f, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash != NULL && slash[1] != '\0' &&
	    enter(f, span_of(path, (size_t)(slash + 1 - path))))
		return openat(f->directory_fd, slash + 1, O_RDONLY | O_CLOEXEC);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_all(struct local_file *f, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open_file(f, path);
	struct bytes *out = &f->raw;
	ssize_t n = 0;

	bytes_clear(out);
	if (fd < 0) {
		cli_fail(path, "%s", strerror(errno));
		return false;
	}
	do {
		if (!bytes_reserve(out, 65536))
			break;
		n = read(fd, out->p + out->len, out->cap - out->len);
		out->len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && out->len <= FILE_MAX) || (n < 0 && errno == EINTR));
	if (n < 0)
		cli_fail(path, "%s", strerror(errno));
	else if (out->failed || out->len > FILE_MAX)
		cli_fail(path, "too large to be read at once; use `reprint scan`");
	if (!is_stdin)
		close(fd);
	return n >= 0 && !out->failed && out->len <= FILE_MAX;
}

static void tell_problem(void *ctx, enum status st, const struct text_problem *problem)
{
	struct local_file *f = ctx;

	if (st != STATUS_OK)
		f->refused = true;
	cli_fail(f->path, "%s", problem->why);
}

const char local_gzip_damaged[] = "damaged or truncated gzip data; deliver it again";

static enum status unpack(struct local_file *f, struct span *bytes)
{
	enum status st = STATUS_OK;

	*bytes = bytes_span(&f->raw);
	if (gunzip_knows(*bytes)) {
		bytes_clear(&f->plain);
		st = gunzip(&f->plain, *bytes, FILE_MAX);
		*bytes = bytes_span(&f->plain);
	}
	return st;
}

bool local_read_bytes(struct local_file *f, struct span *out, const char *path)
{
	enum status st;

	if (!read_all(f, path))
		return false;
	st = unpack(f, out);
	if (st != STATUS_OK)
		cli_fail(path, "%s", st == STATUS_MALFORMED ? local_gzip_damaged : status_text(st));
	return st == STATUS_OK;
}

bool local_read(struct local_file *f, const char *path)
{
	struct text_input in = { .first_line = 1 };
	struct text_problem problem = { 0, "" };
	bool gzip = false;
	enum status st;

	f->path = path;
	f->refused = false;
	articles_clear(&f->articles);
	if (!read_all(f, path))
		return false;
	in.format = text_format_of_name(span_of_text(path), &gzip);
	st = unpack(f, &in.bytes);
	if (st == STATUS_MALFORMED)
		snprintf(problem.why, sizeof problem.why, "%s", local_gzip_damaged);
	if (st == STATUS_OK && in.format == TEXT_UNKNOWN)
		in.format = text_format_of_bytes(in.bytes);
	if (st == STATUS_OK && in.format == TEXT_UNKNOWN)
		st = STATUS_UNSUPPORTED;
	if (st == STATUS_OK)
		st = text_read(&f->articles, &in, &problem, tell_problem, f);
	if (st != STATUS_OK)
		cli_fail(path, "%s", problem.why[0] != '\0' ? problem.why : status_text(st));
	return st == STATUS_OK;
}

void local_free(struct local_file *f)
{
	leave(f);
	bytes_free(&f->directory);
	bytes_free(&f->raw);
	bytes_free(&f->plain);
	articles_free(&f->articles);
}

void local_put_id(struct bytes *out, const struct local_file *f, const struct article *a)
{
	struct span own = article_view(a, a->id);

	if ((a->flags & ARTICLE_OWN_ID) != 0 && own.p != NULL) {
		put_bytes(out, own.p, own.len);
		return;
	}
	put_text(out, f->path);
	if ((a->flags & ARTICLE_NUMBERED) != 0)
		put_format(out, "#%u", a->ordinal);
}
