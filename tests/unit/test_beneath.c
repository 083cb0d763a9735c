/* SPDX-License-Identifier: BSD-2-Clause */
/* What openat2() promises and the steps without it are held to the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/bytes.h"
#include "ingest/reader.h"

#define LONG_NAME                                                                                  \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nn"                                                                                       \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nn"                                                                                       \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
	"nn"

static char dir[] = "/tmp/test_beneath.XXXXXX";

static void shell(const char *command)
{
	char line[512];

	assert_true(snprintf(line, sizeof line, "cd '%s' && %s", dir, command) < 512);
	assert_int_equal(system(line), 0);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	shell("mkdir -p root/a/b out/b && echo in >root/a/b/x && echo secret >out/b/x && "
	      "echo secret >out/x && ln -s ../out root/linked && ln -s ../../out/x root/a/link && "
	      "ln -s /etc root/a/etc && ln -s b root/a/c && mkfifo root/a/fifo && ln -s root to");
	return 0;
}

static int teardown(void **state)
{
	char line[512];

	(void)state;
	snprintf(line, sizeof line, "rm -rf '%s'", dir);
	return system(line);
}

/* What stands in the file; "" when it was not opened. Both ways. */
static const char *read_beneath(const char *root, const char *path)
{
	static char got[2][16];
	char full[512];
	int root_fd, fd[2];

	snprintf(full, sizeof full, "%s/%s", dir, root);
	root_fd = open(full, O_PATH | O_DIRECTORY);
	assert_true(root_fd >= 0);
	fd[0] = beneath_open(full, path, O_RDONLY | O_NONBLOCK);
	fd[1] = beneath_walk(root_fd, path, O_RDONLY | O_NONBLOCK);
	for (size_t i = 0; i < 2; i++) {
		ssize_t len = fd[i] < 0 ? 0 : read(fd[i], got[i], sizeof got[i] - 1);

		got[i][len < 0 ? 0 : len] = '\0';
		if (fd[i] >= 0)
			close(fd[i]);
	}
	close(root_fd);
	assert_true((fd[0] < 0) == (fd[1] < 0));
	assert_string_equal(got[0], got[1]);
	return got[0];
}

static void what_lies_below_is_opened(void **state)
{
	(void)state;
	assert_string_equal(read_beneath("root", "a/b/x"), "in\n");
	assert_string_equal(read_beneath("to", "a/b/x"), "in\n"); /* the root's path is ours */
}

static void links_and_steps_up_lead_nowhere(void **state)
{
	static const char *const paths[] = { "linked/x",   "a/link",      "a/etc/passwd",
					     "a/c/x",      "../out/x",    "a/../../out/x",
					     "a/b/../b/x", "/etc/passwd", "a/fifo/x",
					     "nosuch",     LONG_NAME,     "a/" LONG_NAME "/x" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		if (strcmp(paths[i], "a/b/../b/x") != 0) /* stays below: only openat2() knows */
			assert_string_equal(read_beneath("root", paths[i]), "");
	}
}

static void a_delivered_file_is_read_through_no_link(void **state)
{
	static const char *const odd[] = { "linked/x", "a/link", "a/etc/passwd", "a/fifo", "a/b" };
	struct read_file what;
	struct bytes out = { 0 };
	char root[512];

	(void)state;
	snprintf(root, sizeof root, "%s/root", dir);
	assert_int_equal(reader_read(&out, &what, root, "a/b/x", 100), STATUS_OK);
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		assert_int_equal(reader_read(&out, &what, root, odd[i], 100), STATUS_NOT_REGULAR);
		assert_int_equal(out.len, 0);
	}
	bytes_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_below_is_opened),
		cmocka_unit_test(links_and_steps_up_lead_nowhere),
		cmocka_unit_test(a_delivered_file_is_read_through_no_link),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
