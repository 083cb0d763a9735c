/* SPDX-License-Identifier: BSD-2-Clause */
/* preload.h - what the objects for LD_PRELOAD share: which calls concern the state, and the calls
 * themselves, past the C library.
 *
 * The directory is $TORTURE_DIR, absolute and without links in it. Everything else passes. */
#ifndef TORTURE_PRELOAD_H
#define TORTURE_PRELOAD_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline bool below_state(const char *path)
{
	const char *dir = getenv("TORTURE_DIR");
	size_t len = dir == NULL ? 0 : strlen(dir);

	return len > 0 && strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Where a descriptor points now; errno stays. False: not into the state. */
static inline bool state_fd(int fd, char path[PATH_MAX])
{
	int error = errno;
	char link[64];
	long n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlink, link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	errno = error;
	return below_state(path);
}

/* A path as a call names it, made absolute. */
static inline bool state_path(int at, const char *name, char path[PATH_MAX])
{
	char dir[PATH_MAX] = "";

	if (name[0] == '/')
		snprintf(path, PATH_MAX, "%s", name);
	else if (at == AT_FDCWD && getcwd(dir, sizeof dir) == NULL)
		return false;
	else if (at != AT_FDCWD && !state_fd(at, dir))
		return false;
	if (name[0] != '/' && snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return false;
	return below_state(path);
}

static inline mode_t mode_of(int flags, va_list args)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t)
									  : 0;
}

#define OPEN(name, parameters, at, open_at)            \
	int name parameters                            \
	{                                              \
		va_list args;                          \
		mode_t mode;                           \
                                                       \
		va_start(args, flags);                 \
		mode = mode_of(flags, args);           \
		va_end(args);                          \
		return open_at(at, path, flags, mode); \
	}

/* All ways to open a file, by one: int open_at(int at, const char *name, int flags, mode_t mode).
 */
#define OPENS(open_at)                                                        \
	OPEN(open, (const char *path, int flags, ...), AT_FDCWD, open_at)     \
	OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, open_at)   \
	OPEN(openat, (int at, const char *path, int flags, ...), at, open_at) \
	OPEN(openat64, (int at, const char *path, int flags, ...), at, open_at)

#endif
