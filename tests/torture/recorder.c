/* SPDX-License-Identifier: BSD-2-Clause */
/* recorder.so - for LD_PRELOAD: all that is done to the state directory, in its order, in the log
 * $TORTURE_LOG that powercut replays. What is changed through a map is not seen: LMDB does that
 * only to its lock file, which a first opener makes anew. */
#include "powerlog.h"
#include "preload.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* held over a call and its record */

/* In one call, so that other processes may append too. A log with a hole would prove nothing. */
static void put(struct power_record *r, const char *path, const char *to, const void *data)
{
	static int log = -1;
	int error = errno;
	struct iovec v[4];

	r->path_len = (uint32_t)strlen(path);
	r->to_len = (uint32_t)strlen(to);
	v[0] = (struct iovec){ r, sizeof *r };
	v[1] = (struct iovec){ (void *)(uintptr_t)path, r->path_len };
	v[2] = (struct iovec){ (void *)(uintptr_t)to, r->to_len };
	v[3] = (struct iovec){ (void *)(uintptr_t)data, r->len };
	if (log < 0)
		log = (int)syscall(SYS_openat, AT_FDCWD, getenv("TORTURE_LOG"),
				   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (syscall(SYS_writev, log, v, 4) != (long)(sizeof *r + r->path_len + r->to_len + r->len))
		abort();
	errno = error;
}

static int note(bool done, enum power_op op, const char *path, const char *to, uint64_t at)
{
	struct power_record r = { .op = op, .at = at };

	if (done)
		put(&r, path, to, NULL);
	pthread_mutex_unlock(&lock);
	return done ? 0 : -1;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void note_write(int fd, const char *path, const void *p, ssize_t n, off_t at)
{
	long flags = syscall(SYS_fcntl, fd, F_GETFL);
	struct power_record r = { .op = flags >= 0 && (flags & O_DSYNC) != 0 ? POWER_WRITE_DURABLE
									     : POWER_WRITE,
				  .at = (uint64_t)at,
				  .len = (uint64_t)n };

	if (n > 0)
		put(&r, path, "", p);
	pthread_mutex_unlock(&lock);
}

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	char path[PATH_MAX];
	ssize_t n;

	if (!state_fd(fd, path))
		return syscall(SYS_pwrite64, fd, p, len, at);
	pthread_mutex_lock(&lock);
	n = syscall(SYS_pwrite64, fd, p, len, at);
	note_write(fd, path, p, n, at);
	return n;
}

ssize_t write(int fd, const void *p, size_t len)
{
	char path[PATH_MAX];
	ssize_t n;

	if (!state_fd(fd, path))
		return syscall(SYS_write, fd, p, len);
	pthread_mutex_lock(&lock);
	n = syscall(SYS_write, fd, p, len);
	note_write(fd, path, p, n, syscall(SYS_lseek, fd, 0, SEEK_CUR) - (n > 0 ? n : 0));
	return n;
}

/* A short write is allowed: the first piece is one. */
ssize_t writev(int fd, const struct iovec *v, int count)
{
	char path[PATH_MAX];

	if (!state_fd(fd, path))
		return syscall(SYS_writev, fd, v, count);
	for (ssize_t n, sum = 0;; sum += n, v++, count--) {
		if (count == 0)
			return sum;
		n = write(fd, v->iov_base, v->iov_len);
		if (n != (ssize_t)v->iov_len)
			return n < 0 && sum == 0 ? n : sum + (n > 0 ? n : 0);
	}
}

ssize_t pwritev(int fd, const struct iovec *v, int count, off_t at)
{
	char path[PATH_MAX];

	if (!state_fd(fd, path))
		return syscall(SYS_pwritev, fd, v, count, at, 0);
	for (ssize_t n, sum = 0;; sum += n, v++, count--) {
		if (count == 0)
			return sum;
		n = pwrite(fd, v->iov_base, v->iov_len, at + sum);
		if (n != (ssize_t)v->iov_len)
			return n < 0 && sum == 0 ? n : sum + (n > 0 ? n : 0);
	}
}

ssize_t pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	return pwrite(fd, p, len, at);
}

ssize_t pwritev64(int fd, const struct iovec *v, int count, off64_t at)
{
	return pwritev(fd, v, count, at);
}

static int sync_fd(long call, int fd)
{
	char path[PATH_MAX];

	if (!state_fd(fd, path))
		return (int)syscall(call, fd);
	pthread_mutex_lock(&lock);
	return note(syscall(call, fd) == 0, POWER_SYNC, path, "", 0);
}

int fsync(int fd)
{
	return sync_fd(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return sync_fd(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t len)
{
	char path[PATH_MAX];

	if (!state_fd(fd, path))
		return (int)syscall(SYS_ftruncate, fd, len);
	pthread_mutex_lock(&lock);
	return note(syscall(SYS_ftruncate, fd, len) == 0, POWER_TRUNCATE, path, "", (uint64_t)len);
}

int ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

/* ---- names ---------------------------------------------------------------------------------- */

static int open_at(int at, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];
	bool there;
	long fd;

	if ((flags & (O_CREAT | O_TRUNC)) == 0 || !state_path(at, name, path))
		return (int)syscall(SYS_openat, at, name, flags, mode);
	pthread_mutex_lock(&lock);
	there = syscall(SYS_faccessat, at, name, F_OK) == 0;
	fd = syscall(SYS_openat, at, name, flags, mode);
	note(fd >= 0 && (!there || (flags & O_TRUNC) != 0), there ? POWER_TRUNCATE : POWER_CREATE,
	     path, "", 0);
	return (int)fd;
}

OPENS(open_at)

int rename(const char *from, const char *to)
{
	char path[PATH_MAX], next[PATH_MAX];

	if (!state_path(AT_FDCWD, from, path) || !state_path(AT_FDCWD, to, next))
		return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	pthread_mutex_lock(&lock);
	return note(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) == 0, POWER_RENAME,
		    path, next, 0);
}

int unlinkat(int at, const char *name, int flags)
{
	char path[PATH_MAX];

	if (!state_path(at, name, path))
		return (int)syscall(SYS_unlinkat, at, name, flags);
	pthread_mutex_lock(&lock);
	return note(syscall(SYS_unlinkat, at, name, flags) == 0, POWER_REMOVE, path, "", 0);
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int mkdir(const char *name, mode_t mode)
{
	char path[PATH_MAX];

	if (!state_path(AT_FDCWD, name, path))
		return (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
	pthread_mutex_lock(&lock);
	return note(syscall(SYS_mkdirat, AT_FDCWD, name, mode) == 0, POWER_MKDIR, path, "", 0);
}
