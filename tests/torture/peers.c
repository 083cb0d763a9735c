/* SPDX-License-Identifier: BSD-2-Clause */
/* peers SOCKET COUNT: so many connections that behave badly, each in its own way, kept up until
 * SIGTERM; one that is closed on us comes again. Prints what it did at its end.
 *
 * 0 half a line, then silence   1 a claim of 10 GB            2 a body that never ends its claim
 * 3 requests without a pause, no answer read                  4 nonsense, without a pause
 * 5 one byte at a time          6 comes and goes              7 half a body, then nothing */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEERS_MAX 4096u
#define MANNERS 8u
#define PAUSE_MS 20

static volatile sig_atomic_t stopped;
static unsigned long connections, refused, bytes;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static int come(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
		connections++;
		return fd;
	}
	refused++;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* How a peer begins, and how it goes on for ever. */
static const struct manner {
	const char *first, *then;
} manners[MANNERS] = {
	{ "{\"cmd\":\"status\",\"tag\":\"", NULL },
	{ "{\"cmd\":\"check\",\"bytes\":10000000000}\n", "aaaaaaaaaaaaaaaa" },
	{ "{\"cmd\":\"check\",\"bytes\":16000000}\n", "<div><p>word word word word word word</p>" },
	{ NULL, "{\"cmd\":\"stats\"}\n{\"cmd\":\"alerts\",\"since\":0}\n{\"cmd\":\"help\"}\n" },
	{ NULL, "[[[[[[{{{{{\"\\ud800\\\"\n\0x\n{\"cmd\":7}\n" },
	{ NULL, "{" },
	{ NULL, NULL },
	{ "{\"cmd\":\"check\",\"bytes\":5000}\n<html><p>half", NULL },
};

static void put(int *fd, const char *text)
{
	ssize_t n = send(*fd, text, strlen(text), MSG_NOSIGNAL);

	if (n > 0)
		bytes += (unsigned long)n;
	if (n >= 0 || errno == EAGAIN)
		return;
	close(*fd);
	*fd = -1;
}

static void behave(int *fd, const char *path, const struct manner *m)
{
	if (*fd < 0) {
		*fd = come(path);
		if (*fd >= 0 && m->first != NULL)
			put(fd, m->first);
	} else if (m->then != NULL) {
		put(fd, m->then);
	} else if (m->first == NULL) {
		close(*fd);
		*fd = -1;
	}
}

int main(int argc, char **argv)
{
	static int fds[PEERS_MAX];
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (count == 0 || count > PEERS_MAX)
		return 2;
	signal(SIGTERM, stop);
	for (unsigned long i = 0; i < count; i++)
		fds[i] = -1;
	while (!stopped) {
		for (unsigned long i = 0; i < count; i++)
			behave(&fds[i], argv[1], &manners[i % MANNERS]);
		poll(NULL, 0, PAUSE_MS);
	}
	printf("%lu connections, %lu not made, %lu bytes sent\n", connections, refused, bytes);
	return 0;
}
