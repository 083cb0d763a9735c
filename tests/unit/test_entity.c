/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "text/entity.h"

static void means(const char *text, int32_t want, size_t want_used)
{
	size_t len = strlen(text);
	char *exact = malloc(len);
	int32_t got = -1;

	assert_non_null(exact);
	memcpy(exact, text, len);
	assert_int_equal(entity_at(&got, exact, len), want_used);
	if (want_used > 0)
		assert_int_equal(got, want);
	free(exact);
}

static void names_mean_their_characters(void **state)
{
	(void)state;
	means("&nbsp;", 0xa0, 6);
	means("&quot;x", '"', 6);
	means("&AElig;", 0xc6, 7);
	means("&zwnj;", 0x200c, 6);
	means("&ZeroWidthSpace;", 0x200b, 16);
	means("&apos;", '\'', 6);
	means("&lt;", '<', 4);
}

static void numbers_mean_their_characters(void **state)
{
	(void)state;
	means("&#8217;", 0x2019, 7);
	means("&#x2019;", 0x2019, 8);
	means("&#X1f600;", 0x1f600, 9);
	means("&#146;", 0x2019, 6);
	means("&#0065;", 'A', 7);
	means("&#0;", 0xfffd, 4);
	means("&#xd800;", 0xfffd, 8);
	means("&#1114112;", 0xfffd, 10);
	means("&#99999999999999999999;", 0xfffd, 23);
}

static void an_escaped_reference_is_the_reference(void **state)
{
	(void)state;
	means("&amp;", '&', 5);
	means("&amp;quot;", '"', 10);
	means("&amp;amp;#39;", '\'', 13);
	means("&amp;foo;", '&', 5);
	means("&amp;&quot;", '&', 5);
}

static void what_is_no_reference_is_left_alone(void **state)
{
	(void)state;
	means("&", 0, 0);
	means("&;", 0, 0);
	means("&&", 0, 0);
	means("& nbsp;", 0, 0);
	means("&nbsp", 0, 0);
	means("&nbsp ;", 0, 0);
	means("&nosuchname;", 0, 0);
	means("&averyverylongnamewithoutend;", 0, 0);
	means("&#", 0, 0);
	means("&#;", 0, 0);
	means("&#x;", 0, 0);
	means("&#12", 0, 0);
	means("&#12a;", 0, 0);
	means("&amp", 0, 0);
}

/* A list out of order would hide names from the search. */
static void every_kind_of_initial_is_found(void **state)
{
	static const char *const names[] = {
		"&Aacute;", "&Zdot;",  "&zwj;",    "&aacute;", "&eacute;", "&mdash;",
		"&Omega;",  "&omega;", "&rsquo;",  "&ldquo;",  "&hellip;", "&yuml;",
		"&Yuml;",   "&thorn;", "&frac34;", "&there4;",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int32_t c;

		assert_int_equal(entity_at(&c, names[i], strlen(names[i])), strlen(names[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_mean_their_characters),
		cmocka_unit_test(numbers_mean_their_characters),
		cmocka_unit_test(an_escaped_reference_is_the_reference),
		cmocka_unit_test(what_is_no_reference_is_left_alone),
		cmocka_unit_test(every_kind_of_initial_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
