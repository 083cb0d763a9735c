/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/bytes.h"

/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static enum status read_all(struct bytes *out, int fd, size_t size)
{
	/* One byte more than expected shows a file that grew. */
	if (!bytes_reserve(out, size + 1))
		return STATUS_NO_MEMORY;
	for (;;) {
		ssize_t n = read(fd, out->p + out->len, out->cap - out->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return status_of_errno(errno);
		if (n == 0)
			return STATUS_OK;
		out->len += (size_t)n;
		if (out->len > size)
			return STATUS_OK;
	}
}

enum status reader_read(struct bytes *out, struct read_file *what, const char *root,
			const char *path, size_t max_bytes)
{
	/* The root is opened anew each time: it may have been unmounted, moved or made again. */
	int fd = beneath_open(root, path, OPEN_FLAGS);
	struct stat s;
	enum status st;

	bytes_clear(out);
	if (fd < 0)
		return errno == EXDEV || errno == ENXIO || errno == EINVAL ? STATUS_NOT_REGULAR
									   : status_of_errno(errno);
	if (fstat(fd, &s) != 0) {
		st = status_of_errno(errno);
		goto close_file;
	}
	if (!S_ISREG(s.st_mode)) {
		st = STATUS_NOT_REGULAR;
		goto close_file;
	}
	what->size = (uint64_t)s.st_size;
	what->mtime_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
	st = what->size > max_bytes ? STATUS_TOO_LARGE : read_all(out, fd, (size_t)what->size);
	if (st == STATUS_OK && out->len > max_bytes)
		st = STATUS_TOO_LARGE;

close_file:
	close(fd);
	return st;
}
