/* SPDX-License-Identifier: BSD-2-Clause */
#include <reprint/status.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_errno_has_the_status_that_says_what_to_do(void **state)
{
	static const struct {
		int error;
		enum status st;
	} cases[] = {
		{ 0, STATUS_OK },
		{ ENOMEM, STATUS_NO_MEMORY },
		{ ENOENT, STATUS_NOT_FOUND },
		{ ENOTDIR, STATUS_NOT_FOUND },
		{ EEXIST, STATUS_EXISTS },
		{ EACCES, STATUS_DENIED },
		{ EPERM, STATUS_DENIED },
		{ ENOSPC, STATUS_NO_SPACE },
		{ EDQUOT, STATUS_NO_SPACE },
		{ EMFILE, STATUS_NO_DESCRIPTORS },
		{ ENFILE, STATUS_NO_DESCRIPTORS },
		{ EBUSY, STATUS_BUSY },
		{ EAGAIN, STATUS_BUSY },
		{ EADDRINUSE, STATUS_BUSY },
		{ EROFS, STATUS_READ_ONLY },
		{ EPIPE, STATUS_CLOSED },
		{ ECONNRESET, STATUS_CLOSED },
		{ ECONNREFUSED, STATUS_CLOSED },
		{ ETIMEDOUT, STATUS_TIMEOUT },
		{ EFBIG, STATUS_TOO_LARGE },
		{ ENAMETOOLONG, STATUS_TOO_LARGE },
		{ ELOOP, STATUS_NOT_REGULAR },
		{ EISDIR, STATUS_NOT_REGULAR },
		{ EIO, STATUS_IO },
		{ 123456, STATUS_IO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(status_of_errno(cases[i].error), cases[i].st);
}

static void every_status_has_a_sentence(void **state)
{
	(void)state;
	for (int st = 0; st < STATUS_COUNT; st++)
		assert_true(status_text((enum status)st)[0] != '\0');
	assert_string_equal(status_text(STATUS_COUNT), "an unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_errno_has_the_status_that_says_what_to_do),
		cmocka_unit_test(every_status_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
