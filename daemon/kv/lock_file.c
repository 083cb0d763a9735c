/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_BYTES 8192 /* for the 126 readers that LMDB makes room for */
#define MODE 0600

static bool has_room(int fd)
{
	struct stat s;

	return fstat(fd, &s) == 0 && s.st_size >= LOCK_BYTES && s.st_blocks * 512 >= LOCK_BYTES;
}

enum status lock_file_reserve(const char *path)
{
	char name[4096];
	int n = snprintf(name, sizeof name, "%s/lock.mdb", path);
	int fd, error = 0;

	if (n < 0 || (size_t)n >= sizeof name)
		return STATUS_TOO_LARGE;
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, MODE);
	if (fd < 0)
		return STATUS_OK;
	if (!has_room(fd))
		do
			error = fallocate(fd, 0, 0, LOCK_BYTES) == 0 ? 0 : errno;
		while (error == EINTR);
	close(fd);
	return status_of_errno(error) == STATUS_NO_SPACE ? STATUS_NO_SPACE : STATUS_OK;
}
