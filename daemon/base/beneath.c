/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ON_THE_WAY (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static void close_kindly(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
}

int beneath_walk(int directory_fd, const char *path, int flags)
{
	int fd = fcntl(directory_fd, F_DUPFD_CLOEXEC, 0);
	const char *end;

	for (bool last = false; fd >= 0 && !last; path = end + 1) {
		char name[NAME_MAX + 1];
		int up = fd;

		end = strchrnul(path, '/');
		last = *end == '\0';
		if ((size_t)(end - path) >= sizeof name) {
			errno = ENAMETOOLONG;
			fd = -1;
		} else if (end == path || (end - path == 2 && memcmp(path, "..", 2) == 0)) {
			errno = EXDEV;
			fd = -1;
		} else {
			memcpy(name, path, (size_t)(end - path));
			name[end - path] = '\0';
			fd = openat(up, name, last ? flags | O_NOFOLLOW | O_CLOEXEC : ON_THE_WAY);
		}
		close_kindly(up);
	}
	return fd;
}

int beneath_open(const char *directory, const char *path, int flags)
{
	int directory_fd;
	long fd;
	struct open_how how = { .flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };

	if (path[0] == '\0')
		return open(directory, flags | O_CLOEXEC);
	directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory_fd < 0)
		return -1;
	fd = syscall(SYS_openat2, directory_fd, path, &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = beneath_walk(directory_fd, path, flags);
	close_kindly(directory_fd);
	return (int)fd;
}
