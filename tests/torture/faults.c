/* SPDX-License-Identifier: BSD-2-Clause */
/* faults.so - for LD_PRELOAD: the N-th call that changes the state directory fails.
 *
 * TORTURE_AT=N      counted over all calls of the process, from 1; 0: none fails
 * TORTURE_FOR=M     how many fail from there on; 0: all
 * TORTURE_EVERY=N   instead: all but every N-th
 * TORTURE_CALL=NAME counts only calls of this name
 * TORTURE_WHILE=PATH counts only while this file is there
 * TORTURE_ERROR     an errno by name, or SHORT: half is written (of what is no write: EIO)
 * TORTURE_HIT=PATH  gets a line for each call that failed
 * TORTURE_COUNT=PATH gets the number of calls when the process ends */
#include "preload.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

static atomic_ulong calls;

static void say(const char *where, const char *format, ...)
{
	char line[PATH_MAX + 64];
	const char *path = getenv(where);
	va_list args;
	long fd;
	int n;

	if (path == NULL)
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || n < 0)
		return;
	(void)!syscall(SYS_write, fd, line, (size_t)n);
	syscall(SYS_close, fd);
}

__attribute__((destructor)) static void tell_count(void)
{
	say("TORTURE_COUNT", "%lu\n", atomic_load(&calls));
}

static unsigned long number_of(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? 0 : strtoul(text, NULL, 10);
}

static int error_of(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = { { "ENOSPC", ENOSPC }, { "EIO", EIO },     { "EMFILE", EMFILE },
		       { "ENOMEM", ENOMEM }, { "EINTR", EINTR }, { "SHORT", 0 } };

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (name != NULL && strcmp(name, errors[i].name) == 0)
			return errors[i].error;
	abort();
}

/* LMDB asks for errno where nothing failed. */
static bool is_there(const char *path)
{
	int before = errno;
	bool there = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;

	errno = before;
	return there;
}

/* Whether this call is to fail. */
static bool fails(const char *call, const char *path)
{
	unsigned long at = number_of("TORTURE_AT"), count = number_of("TORTURE_FOR");
	unsigned long every = number_of("TORTURE_EVERY"), n;
	const char *only = getenv("TORTURE_CALL");

	if (only != NULL && strcmp(call, only) != 0)
		return false;
	if (getenv("TORTURE_WHILE") != NULL && !is_there(getenv("TORTURE_WHILE")))
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (every > 0 ? n % every == 0 : at == 0 || n < at || (count > 0 && n >= at + count))
		return false;
	say("TORTURE_HIT", "%lu %s %s\n", n, call, path);
	errno = error_of(getenv("TORTURE_ERROR"));
	return true;
}

static bool fd_fails(const char *call, int fd)
{
	char path[PATH_MAX];

	return state_fd(fd, path) && fails(call, path);
}

static bool path_fails(const char *call, int at, const char *name)
{
	char path[PATH_MAX];

	return state_path(at, name, path) && fails(call, path);
}

/* What cannot be cut short fails. */
static int failed(void)
{
	if (errno == 0)
		errno = EIO;
	return -1;
}

/* ---- writing -------------------------------------------------------------------------------- */

ssize_t write(int fd, const void *p, size_t len)
{
	if (fd_fails("write", fd)) {
		if (errno != 0 || len < 2)
			return failed();
		len /= 2;
	}
	return syscall(SYS_write, fd, p, len);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	if (fd_fails("pwrite", fd)) {
		if (errno != 0 || len < 2)
			return failed();
		len /= 2;
	}
	return syscall(SYS_pwrite64, fd, p, len, at);
}

ssize_t pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	return pwrite(fd, p, len, at);
}

/* Short: only the first piece, and half of it. */
static ssize_t vector(long call, int fd, const struct iovec *v, int count, off_t at)
{
	struct iovec half = { v[0].iov_base, v[0].iov_len / 2 };

	if (fd_fails(call == SYS_writev ? "writev" : "pwritev", fd)) {
		if (errno != 0)
			return -1;
		v = &half;
		count = 1;
	}
	return syscall(call, fd, v, count, at, 0);
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
	return vector(SYS_writev, fd, v, count, 0);
}

ssize_t pwritev(int fd, const struct iovec *v, int count, off_t at)
{
	return vector(SYS_pwritev, fd, v, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *v, int count, off64_t at)
{
	return vector(SYS_pwritev, fd, v, count, at);
}

/* ---- what is there -------------------------------------------------------------------------- */

int fsync(int fd)
{
	return fd_fails("fsync", fd) ? failed() : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fd_fails("fdatasync", fd) ? failed() : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t len)
{
	return fd_fails("ftruncate", fd) ? failed() : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

int fallocate(int fd, int mode, off_t from, off_t len)
{
	return fd_fails("fallocate", fd) ? failed()
					 : (int)syscall(SYS_fallocate, fd, mode, from, len);
}

int fallocate64(int fd, int mode, off64_t from, off64_t len)
{
	return fallocate(fd, mode, from, len);
}

int msync(void *p, size_t len, int flags)
{
	return fails("msync", "") ? failed() : (int)syscall(SYS_msync, p, len, flags);
}

void *mmap(void *hint, size_t len, int protection, int flags, int fd, off_t at)
{
	if (fd >= 0 && fd_fails("mmap", fd)) {
		failed();
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, hint, len, protection, flags, fd, at);
}

void *mmap64(void *hint, size_t len, int protection, int flags, int fd, off64_t at)
{
	return mmap(hint, len, protection, flags, fd, at);
}

/* ---- names ---------------------------------------------------------------------------------- */

static int open_at(int at, const char *name, int flags, mode_t mode)
{
	return path_fails("open", at, name) ? failed()
					    : (int)syscall(SYS_openat, at, name, flags, mode);
}

OPENS(open_at)

int rename(const char *from, const char *to)
{
	return path_fails("rename", AT_FDCWD, from)
		       ? failed()
		       : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	return path_fails("rename", at, from) ? failed()
					      : (int)syscall(SYS_renameat2, at, from, to_at, to, 0);
}

int unlinkat(int at, const char *name, int flags)
{
	return path_fails("unlink", at, name) ? failed()
					      : (int)syscall(SYS_unlinkat, at, name, flags);
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int mkdirat(int at, const char *name, mode_t mode)
{
	return path_fails("mkdir", at, name) ? failed() : (int)syscall(SYS_mkdirat, at, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}
