/* SPDX-License-Identifier: BSD-2-Clause */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"

/* A child that waits for this process to end, however it ends, and then tidies up. */
static void leave_janitor(const char *path)
{
	int ends[2];
	char byte;

	if (pipe(ends) != 0)
		return;
	if (fork() == 0) {
		close(ends[1]);
		setsid();
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			close(fd);
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			;
		files_remove_tree(path);
		_exit(0);
	}
	close(ends[0]);
	/* ends[1] stays open until the process ends. */
}

enum status scratch_make(struct scratch *s)
{
	const char *base = getenv("TMPDIR");
	int len = snprintf(s->path, sizeof s->path, "%s/reprint-XXXXXX",
			   base == NULL || base[0] == '\0' ? "/tmp" : base);

	if (len < 0 || (size_t)len >= sizeof s->path)
		return STATUS_TOO_LARGE;
	if (mkdtemp(s->path) == NULL) {
		s->path[0] = '\0';
		return status_of_errno(errno);
	}
	leave_janitor(s->path);
	return STATUS_OK;
}

void scratch_remove(struct scratch *s)
{
	if (s->path[0] != '\0')
		files_remove_tree(s->path);
	s->path[0] = '\0';
}
