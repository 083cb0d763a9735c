/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "detect/title.h"

static double share(const char *a, const char *b)
{
	struct title left, right;
	double there, back;

	title_of(&left, span_of(a, strlen(a)));
	title_of(&right, span_of(b, strlen(b)));
	assert_true(title_share(&there, &left, &right));
	assert_true(title_share(&back, &right, &left));
	assert_true(there <= back && back <= there);
	return there;
}

static void is(double value, double want)
{
	assert_true(value > want - 1e-9 && value < want + 1e-9);
}

static void typography_and_case_change_no_title(void **state)
{
	(void)state;
	is(share("Mayor’s “plan” fails", "MAYOR'S PLAN FAILS"), 1);
	is(share("قيمت نفت بالا رفت", "قیمت نفت بالا رفت"), 1);
}

static void the_shorter_title_counts(void **state)
{
	(void)state;
	is(share("Council votes on homes", "Council votes on homes after a long night"), 1);
	is(share("Council votes on homes", "Council votes down roads"), 0.5);
	is(share("Council votes", "Rain in the north"), 0);
}

static void a_word_said_twice_counts_once(void **state)
{
	(void)state;
	is(share("again and again and again", "again and never"), 1);
}

static void a_title_of_one_word_or_none_says_nothing(void **state)
{
	struct title one, two, none;
	double value;

	(void)state;
	title_of(&one, span_of_text("Breaking"));
	title_of(&two, span_of_text("Breaking news"));
	title_of(&none, (struct span){ NULL, 0 });
	assert_false(title_share(&value, &one, &two));
	assert_false(title_share(&value, &two, &none));
	assert_int_equal(none.count, 0);
}

static void a_title_without_end_is_cut(void **state)
{
	static char text[20000];
	struct title t;
	size_t at = 0;
	double value;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "w%u ", i);
	title_of(&t, span_of(text, at));
	assert_int_equal(t.count, TITLE_WORDS);
	for (uint32_t i = 1; i < t.count; i++)
		assert_true(t.words[i - 1] < t.words[i]);
	assert_true(title_share(&value, &t, &t));
	is(value, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typography_and_case_change_no_title),
		cmocka_unit_test(the_shorter_title_counts),
		cmocka_unit_test(a_word_said_twice_counts_once),
		cmocka_unit_test(a_title_of_one_word_or_none_says_nothing),
		cmocka_unit_test(a_title_without_end_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
