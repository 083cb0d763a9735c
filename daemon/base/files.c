/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/files.h"

#include "base/bytes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void files_guard_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			/* The lowest free number is fd itself; the wrong mode keeps it failing. */
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

char *files_path(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

enum status files_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status st = STATUS_OK;

	if (fd < 0)
		return status_of_errno(errno);
	if (fsync(fd) != 0)
		st = status_of_errno(errno);
	close(fd);
	return st;
}

enum status files_sync_parent(const char *path)
{
	char *parent = strdup(path);
	enum status st;
	char *slash;

	if (parent == NULL)
		return STATUS_NO_MEMORY;
	slash = strrchr(parent, '/');
	if (slash != NULL)
		slash[slash == parent] = '\0';
	st = files_sync_folder(slash == NULL ? "." : parent);
	free(parent);
	return st;
}

enum status files_rename(const char *from, const char *to, bool sync)
{
	if (rename(from, to) != 0)
		return status_of_errno(errno);
	return sync ? files_sync_parent(to) : STATUS_OK;
}

enum status files_folder(const char *path, bool sync)
{
	struct stat s;

	if (mkdir(path, 0700) == 0)
		return sync ? files_sync_parent(path) : STATUS_OK;
	if (errno != EEXIST)
		return status_of_errno(errno);
	if (stat(path, &s) != 0)
		return status_of_errno(errno);
	return S_ISDIR(s.st_mode) ? STATUS_OK : STATUS_EXISTS;
}

enum status files_read(struct bytes *out, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum status st = STATUS_OK;
	ssize_t n = 1;

	if (fd < 0)
		return status_of_errno(errno);
	while (n > 0 && out->len <= max) {
		if (!bytes_reserve(out, 4096))
			break;
		n = read(fd, out->p + out->len, 4096);
		if (n > 0)
			out->len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			st = status_of_errno(errno);
	}
	close(fd);
	if (st == STATUS_OK && out->failed)
		st = STATUS_NO_MEMORY;
	return st == STATUS_OK && out->len > max ? STATUS_TOO_LARGE : st;
}

enum status files_write(int fd, struct span s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.p, s.len);

		if (n < 0 && errno != EINTR)
			return status_of_errno(errno);
		if (n > 0)
			s = span_of(s.p + n, s.len - (size_t)n);
	}
	return STATUS_OK;
}

static enum status write_new(const char *path, struct span content, bool sync)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum status st;

	if (fd < 0)
		return status_of_errno(errno);
	st = files_write(fd, content);
	if (st == STATUS_OK && sync && fsync(fd) != 0)
		st = status_of_errno(errno);
	if (close(fd) != 0 && st == STATUS_OK)
		st = status_of_errno(errno);
	return st;
}

enum status files_replace(const char *path, struct span content, bool sync)
{
	enum status st;
	char *temporary;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return STATUS_NO_MEMORY;
	st = write_new(temporary, content, sync);
	if (st == STATUS_OK)
		st = files_rename(temporary, path, sync);
	if (st != STATUS_OK)
		unlink(temporary);
	free(temporary);
	return st;
}

uint64_t files_folder_bytes(const char *path)
{
	DIR *dir = opendir(path);
	uint64_t bytes = 0;
	struct dirent *e;
	struct stat s;

	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), e->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(s.st_mode))
			bytes += (uint64_t)s.st_blocks * 512;
	closedir(dir);
	return bytes;
}

enum status files_remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (dir == NULL)
		return status_of_errno(errno);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	return rmdir(path) == 0 ? STATUS_OK : status_of_errno(errno);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *where)
{
	(void)s;
	(void)kind;
	(void)where;
	return remove(path);
}

enum status files_remove_tree(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? STATUS_OK
								     : status_of_errno(errno);
}
