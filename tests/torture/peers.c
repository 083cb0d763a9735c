/* SPDX-License-Identifier: BSD-2-Clause */
/* peers SOCKET COUNT [MANNER]: so many connections that behave badly, each in its own way or all in
 * one, kept up until SIGTERM; one that is closed on us comes again. Prints what it did at its end.
 *
 * 0 half a line, then silence   1 a claim of 10 GB            2 a body that never ends its claim
 * 3 requests without a pause, no answer read                  4 nonsense, without a pause
 * 5 one byte at a time          6 comes and goes              7 half a body, then nothing
 * 8 asks as fast as it is answered */
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
#define MANNERS 9u
#define PAUSE_MS 20

static volatile sig_atomic_t stopped;
static unsigned long connections, refused, bytes, answered;

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

#define ASKS "{\"cmd\":\"stats\"}\n{\"cmd\":\"alerts\",\"since\":0}\n{\"cmd\":\"help\"}\n"

/* How a peer begins, and how it goes on for ever. */
static const struct manner {
	const char *first, *then;
	bool greedy; /* reads what it is told, and goes on at once */
} manners[MANNERS] = {
	{ "{\"cmd\":\"status\",\"tag\":\"", NULL, false },
	{ "{\"cmd\":\"check\",\"bytes\":10000000000}\n", "aaaaaaaaaaaaaaaa", false },
	{ "{\"cmd\":\"check\",\"bytes\":16000000}\n", "<div><p>word word word word word word</p>",
	  false },
	{ NULL, ASKS, false },
	{ NULL, "[[[[[[{{{{{\"\\ud800\\\"\n\0x\n{\"cmd\":7}\n", false },
	{ NULL, "{", false },
	{ NULL, NULL, false },
	{ "{\"cmd\":\"check\",\"bytes\":5000}\n<html><p>half", NULL, false },
	{ NULL, ASKS, true },
};

/* False when it was not taken, now or for ever. */
static bool put(int *fd, const char *text)
{
	ssize_t n = send(*fd, text, strlen(text), MSG_NOSIGNAL);

	if (n > 0)
		bytes += (unsigned long)n;
	if (n >= 0 || errno == EAGAIN)
		return n >= 0;
	close(*fd);
	*fd = -1;
	return false;
}

static void ask_on(int *fd, const char *text)
{
	static char lost[1 << 16];
	ssize_t n;

	while (put(fd, text))
		continue;
	while (*fd >= 0 && (n = read(*fd, lost, sizeof lost)) > 0)
		answered += (unsigned long)n;
}

static void behave(int *fd, const char *path, const struct manner *m)
{
	if (*fd < 0) {
		*fd = come(path);
		if (*fd >= 0 && m->first != NULL)
			put(fd, m->first);
	} else if (m->greedy) {
		ask_on(fd, m->then);
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
	unsigned long count = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long only = argc == 4 ? strtoul(argv[3], NULL, 10) : MANNERS;

	if (count == 0 || count > PEERS_MAX || only > MANNERS)
		return 2;
	signal(SIGTERM, stop);
	for (unsigned long i = 0; i < count; i++)
		fds[i] = -1;
	while (!stopped) {
		for (unsigned long i = 0; i < count; i++)
			behave(&fds[i], argv[1], &manners[only < MANNERS ? only : i % MANNERS]);
		poll(NULL, 0, PAUSE_MS);
	}
	printf("%lu connections, %lu not made, %lu bytes sent, %lu of answers read\n", connections,
	       refused, bytes, answered);
	return 0;
}
