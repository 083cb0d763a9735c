/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/notify.h"
#include "server/peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* systemd's end of NOTIFY_SOCKET, in the abstract name space. */
static int listen_for_datagrams(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char name[64];
	socklen_t len;

	len = (socklen_t)snprintf(name, sizeof name, "@reprint-test-%d", (int)getpid());
	memcpy(at.sun_path, name, (size_t)len);
	at.sun_path[0] = '\0';
	len += (socklen_t)offsetof(struct sockaddr_un, sun_path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void expect(int fd, const char *want)
{
	char got[1024];
	ssize_t n = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	got[n] = '\0';
	if (strncmp(got, want, strlen(want)) != 0)
		fail_msg("\"%s\", not \"%s\"", got, want);
}

static void systemd_is_told_in_datagrams(void **state)
{
	int fd = listen_for_datagrams();

	(void)state;
	notify_ready();
	expect(fd, "READY=1");
	notify_reloading();
	expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
	notify_stopping();
	expect(fd, "STOPPING=1");
	close(fd);
	unsetenv("NOTIFY_SOCKET");
}

static void a_status_is_one_field_whatever_is_in_it(void **state)
{
	int fd = listen_for_datagrams();

	(void)state;
	notify_status("%s", "fine\nREADY=1\nFDSTORE=1");
	expect(fd, "STATUS=fine READY=1 FDSTORE=1");
	close(fd);
	unsetenv("NOTIFY_SOCKET");
}

static void without_systemd_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready();
	setenv("NOTIFY_SOCKET", "not/absolute", 1);
	notify_ready();
	setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
	notify_ready();
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_watchdog_us(), 0);
	assert_int_equal(notify_listen_fd(), -1);
}

static void the_watchdog_is_ours_only_by_our_number(void **state)
{
	char pid[24];

	(void)state;
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_us(), 30000000);
	setenv("WATCHDOG_USEC", "-5", 1);
	assert_int_equal(notify_watchdog_us(), 0);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* What systemd does: the socket becomes descriptor 3. */
static void pass(int fd, const char *pid, const char *count)
{
	assert_true(fd != 3);
	assert_int_equal(dup2(fd, 3), 3);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
}

static void a_passed_socket_is_taken_once_and_only_when_it_listens(void **state)
{
	int saved = fcntl(3, F_DUPFD, 100), plain = socket(AF_UNIX, SOCK_STREAM, 0), listening;
	char pid[24];

	(void)state;
	plain = fcntl(plain, F_DUPFD, 10);
	listening = fcntl(socket(AF_UNIX, SOCK_STREAM, 0), F_DUPFD, 10);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_int_equal(bind(listening, &(struct sockaddr){ .sa_family = AF_UNIX },
			      sizeof(sa_family_t)),
			 0);
	assert_int_equal(listen(listening, 4), 0);
	pass(plain, pid, "1");
	assert_int_equal(notify_listen_fd(), -1);
	pass(listening, "1", "1");
	assert_int_equal(notify_listen_fd(), -1);
	pass(listening, pid, "2");
	assert_int_equal(notify_listen_fd(), 3);
	assert_true((fcntl(3, F_GETFD) & FD_CLOEXEC) != 0);
	assert_null(getenv("LISTEN_FDS"));
	assert_int_equal(notify_listen_fd(), -1);
	if (saved >= 0)
		dup2(saved, 3);
}

static void the_kernel_says_who_a_peer_is(void **state)
{
	int ends[2];
	struct peer p;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_true(peer_of(&p, ends[0], getegid()));
	assert_int_equal(p.uid, getuid());
	assert_int_equal(p.pid, getpid());
	assert_true(p.member);
	assert_true(peer_admin(&p));
	assert_true(peer_of(&p, ends[0], (gid_t)64999));
	assert_false(p.member);
	close(ends[0]);
	close(ends[1]);
	assert_false(peer_of(&p, ends[0], getegid()));
}

static void a_member_may_come_in_and_a_stranger_may_not(void **state)
{
	const struct peer root = { .uid = 0 };
	const struct peer self = { .uid = geteuid() };
	const struct peer member = { .uid = 64998, .member = true };
	const struct peer stranger = { .uid = 64998 };

	(void)state;
	assert_true(peer_admin(&root) && peer_admitted(&root));
	assert_true(peer_admin(&self) && peer_admitted(&self));
	assert_true(!peer_admin(&member) && peer_admitted(&member));
	assert_true(!peer_admin(&stranger) && !peer_admitted(&stranger));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(systemd_is_told_in_datagrams),
		cmocka_unit_test(a_status_is_one_field_whatever_is_in_it),
		cmocka_unit_test(without_systemd_nothing_happens),
		cmocka_unit_test(the_watchdog_is_ours_only_by_our_number),
		cmocka_unit_test(a_passed_socket_is_taken_once_and_only_when_it_listens),
		cmocka_unit_test(the_kernel_says_who_a_peer_is),
		cmocka_unit_test(a_member_may_come_in_and_a_stranger_may_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
