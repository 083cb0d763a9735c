/* SPDX-License-Identifier: BSD-2-Clause */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PAUSE_MS 250
#define DOUBLINGS_MAX 8u /* 64 s */

/* What the command does not read it does not want: no error. */
static void feed(int fd, struct span line)
{
	while (line.len > 0) {
		ssize_t n = write(fd, line.p, line.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		line = span_of(line.p + n, line.len - (size_t)n);
	}
}

static void become(const char *command, int input)
{
	signal(SIGPIPE, SIG_DFL);
	if (dup2(input, STDIN_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

bool exec_line(const char *command, struct span line)
{
	int ends[2], status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	child = fork();
	if (child == 0)
		become(command, ends[0]);
	close(ends[0]);
	if (child > 0) {
		feed(ends[1], line);
		feed(ends[1], span_of("\n", 1));
	}
	close(ends[1]);
	if (child < 0)
		return false;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void exec_pause(unsigned tries)
{
	unsigned doublings = tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX;
	long ms = (long)FIRST_PAUSE_MS << doublings;
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}
