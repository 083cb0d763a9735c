/* SPDX-License-Identifier: BSD-2-Clause */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "text/gunzip.h"
#include "text/utf8.h"

#define FILE_MAX ((size_t)1 << 30)

/* What the shell makes of <(command): somebody writes there. */
static bool is_passed_on(const char *path)
{
	return strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/self/fd/", 14) == 0 ||
	       strcmp(path, "/dev/stdin") == 0;
}

int local_open(int directory, const char *name, const char *path, bool regular)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || regular)
		return fd;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return fd;
	if (is_passed_on(path) && fcntl(fd, F_SETFL, 0) == 0)
		return fd;
	close(fd);
	errno = ENXIO;
	return -1;
}

const char *local_why(void)
{
	return errno == ENXIO ? "not a regular file; \"-\" reads a stream" : strerror(errno);
}

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
static int open_file(struct local_file *f, const char *path, bool regular)
{
	const char *slash = strrchr(path, '/');

	if (slash != NULL && slash[1] != '\0' &&
	    enter(f, span_of(path, (size_t)(slash + 1 - path))))
		return local_open(f->directory_fd, slash + 1, path, regular);
	return local_open(AT_FDCWD, path, path, regular);
}

static bool read_all(struct local_file *f, const char *path, bool regular)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open_file(f, path, regular);
	struct bytes *out = &f->raw;
	bool more = true;
	ssize_t n = 0;

	bytes_clear(out);
	if (fd < 0) {
		cli_fail(path, "%s", local_why());
		return false;
	}
	while (more && bytes_reserve(out, 65536)) {
		size_t room = out->cap - out->len;

		n = read(fd, out->p + out->len, room);
		out->len += n > 0 ? (size_t)n : 0;
		more = n < 0 ? errno == EINTR
			     : n > 0 && out->len <= FILE_MAX && !(regular && (size_t)n < room);
	}
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

	if (!read_all(f, path, false))
		return false;
	st = unpack(f, out);
	if (st != STATUS_OK)
		cli_fail(path, "%s", st == STATUS_MALFORMED ? local_gzip_damaged : status_text(st));
	return st == STATUS_OK;
}

static bool read_path(struct local_file *f, const char *path, bool regular)
{
	struct text_input in = { .first_line = 1 };
	struct text_problem problem = { 0, "" };
	bool gzip = false;
	enum status st;

	f->path = path;
	f->refused = false;
	articles_clear(&f->articles);
	if (!read_all(f, path, regular))
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

bool local_read(struct local_file *f, const char *path)
{
	return read_path(f, path, false);
}

bool local_read_found(struct local_file *f, const struct local_path *path)
{
	return read_path(f, path->name, path->regular);
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
	utf8_spell(out, span_of_text(f->path));
	if ((a->flags & ARTICLE_NUMBERED) != 0)
		put_format(out, "#%u", a->ordinal);
}
