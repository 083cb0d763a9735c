/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/quoted.h"

static bool is(const char *text)
{
	return quoted(span_of_text(text));
}

static void a_paragraph_between_marks_is_a_quotation(void **state)
{
	(void)state;
	assert_true(is("\"We shall see.\""));
	assert_true(is("\xe2\x80\x9cWe shall see,\xe2\x80\x9d"));
	assert_true(is("\xc2\xabNous verrons\xc2\xbb."));
	assert_true(is("\xe2\x80\x9eWir werden sehen\xe2\x80\x9c "));
	assert_true(is("\xe3\x80\x8c\xe8\xa6\x8b\xe3\x82\x88\xe3\x81\x86\xe3\x80\x8d\xe3\x80\x82"));
	assert_true(is("&quot;We shall see.&quot;"));
}

static void one_mark_alone_is_none(void **state)
{
	(void)state;
	assert_false(is("\"We shall see,\" he said."));
	assert_false(is("He said: \"We shall see.\""));
	assert_false(is("We shall see."));
	assert_false(is("\""));
	assert_false(is(""));
	assert_false(is(". . ."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_paragraph_between_marks_is_a_quotation),
		cmocka_unit_test(one_mark_alone_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
