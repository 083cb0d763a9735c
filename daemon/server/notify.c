/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FIRST_PASSED_FD 3 /* SD_LISTEN_FDS_START */

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path == NULL ? 0 : strlen(path);
	int fd;

	if (len < 2 || len >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* the abstract name space */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void notify_ready(void)
{
	notify_send("READY=1");
}

void notify_reloading(void)
{
	char state[80];

	snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_us());
	notify_send(state);
}

void notify_stopping(void)
{
	notify_send("STOPPING=1");
}

void notify_status(const char *format, ...)
{
	char state[512] = "STATUS=";
	size_t len = strlen(state);
	va_list args;

	va_start(args, format);
	vsnprintf(state + len, sizeof state - len, format, args);
	va_end(args);
	/* A line end would begin another field. */
	for (char *p = state + len; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	notify_send(state);
}

/* A whole number in the environment; 0 when there is none. */
static uint64_t number_of(const char *name)
{
	const char *text = getenv(name);
	char *end;
	unsigned long long n;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	n = strtoull(text, &end, 10);
	return *end == '\0' ? n : 0;
}

/* Whether a variable that goes with name is meant for this process and not for its parent. */
static int for_us(const char *name)
{
	return getenv(name) == NULL || number_of(name) == (uint64_t)getpid();
}

uint64_t notify_watchdog_us(void)
{
	return for_us("WATCHDOG_PID") ? number_of("WATCHDOG_USEC") : 0;
}

int notify_listen_fd(void)
{
	uint64_t count =
		getenv("LISTEN_PID") != NULL && for_us("LISTEN_PID") ? number_of("LISTEN_FDS") : 0;
	int listening = 0, domain = 0;
	socklen_t len = sizeof listening;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (count == 0)
		return -1;
	if (count > 1)
		log_warning("sockets passed", "count=%" PRIu64 " used=1", count);
	if (getsockopt(FIRST_PASSED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 ||
	    getsockopt(FIRST_PASSED_FD, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0 || !listening ||
	    domain != AF_UNIX) {
		log_error("socket passed", "why=not a listening Unix stream socket");
		return -1;
	}
	fcntl(FIRST_PASSED_FD, F_SETFD, FD_CLOEXEC);
	return FIRST_PASSED_FD;
}
