/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal's end of the datagram, played by a socket of our own. */
#include "base/files.h"
#include "base/journal.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];
static int fd;

static int make_folder(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)state;
	strcpy(folder, "/tmp/reprint-journal-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/socket", folder);
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	return bind(fd, (const struct sockaddr *)&at, sizeof at);
}

static int remove_folder(void **state)
{
	(void)state;
	close(fd);
	return files_remove_tree(folder) != STATUS_OK;
}

/* "device:inode" of standard error. */
static const char *stream(void)
{
	static char text[64];
	struct stat s;

	assert_int_equal(fstat(STDERR_FILENO, &s), 0);
	snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)s.st_dev,
		 (unsigned long long)s.st_ino);
	return text;
}

static void expect(const char *want)
{
	char got[20000];
	ssize_t n = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void another_stream_than_ours_is_not_taken_for_the_journal(void **state)
{
	(void)state;
	assert_false(journal_open(NULL, path));
	assert_false(journal_open("", path));
	assert_false(journal_open("1:2", path));
	assert_false(journal_open(stream(), "/nowhere"));
}

static void a_line_becomes_an_entry_with_its_fields(void **state)
{
	(void)state;
	assert_true(journal_open(stream(), path));
	log_warning("file refused", "path=%s size=%u why=%s; split it", "a b.txt", 7u, "too large");
	expect("MESSAGE=file refused: path=a b.txt size=7 why=too large; split it\n"
	       "PRIORITY=4\nSYSLOG_IDENTIFIER=reprintd\nREPRINT_EVENT=file refused\n"
	       "REPRINT_PATH=a b.txt\nREPRINT_SIZE=7\nREPRINT_WHY=too large\n");
	log_info("ready", "no fields");
	expect("MESSAGE=ready: no fields\nPRIORITY=6\nSYSLOG_IDENTIFIER=reprintd\n"
	       "REPRINT_EVENT=ready\n");
}

static void a_hostile_value_adds_no_field(void **state)
{
	(void)state;
	assert_true(journal_open(stream(), path));
	log_error("x", "path=%s why=%s", "y why=forged", "true");
	expect("MESSAGE=x: path=y why=forged why=true\nPRIORITY=3\nSYSLOG_IDENTIFIER=reprintd\n"
	       "REPRINT_EVENT=x\nREPRINT_PATH=y why=forged\nREPRINT_WHY=true\n");
}

static void a_line_end_in_a_value_is_framed(void **state)
{
	static const char want[] = "MESSAGE\n\x0d\0\0\0\0\0\0\0x: path=a\nb=c\nPRIORITY=3\n"
				   "SYSLOG_IDENTIFIER=reprintd\nREPRINT_EVENT=x\n"
				   "REPRINT_PATH\n\x05\0\0\0\0\0\0\0a\nb=c\n";
	char got[1000];

	(void)state;
	assert_true(journal_open(stream(), path));
	log_error("x", "path=%s", "a\nb=c");
	assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), sizeof want - 1);
	assert_memory_equal(got, want, sizeof want - 1);
}

static void what_the_journal_does_not_take_goes_to_standard_error(void **state)
{
	int ends[2], standard = dup(STDERR_FILENO);
	char got[200] = "";

	(void)state;
	assert_true(journal_open(stream(), path));
	close(fd);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	log_error("told", "why=%s", "nobody listens");
	dup2(standard, STDERR_FILENO);
	close(ends[1]);
	assert_true(read(ends[0], got, sizeof got - 1) > 0);
	assert_string_equal(got, "reprintd: told: why=nobody listens\n");
	close(ends[0]);
	close(standard);
	fd = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(another_stream_than_ours_is_not_taken_for_the_journal),
		IN_FOLDER(a_line_becomes_an_entry_with_its_fields),
		IN_FOLDER(a_hostile_value_adds_no_field),
		IN_FOLDER(a_line_end_in_a_value_is_framed),
		IN_FOLDER(what_the_journal_does_not_take_goes_to_standard_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
