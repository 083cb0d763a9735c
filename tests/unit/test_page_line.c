/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <reprint/article.h>

#include "detect/page_line.h"
#include "print_of.h"

static const struct page_line *lines(const char *text, const uint8_t *hints, struct arena *arena)
{
	struct fingerprint f = print_of(text, arena);
	const struct page_line *out;

	assert_int_equal(page_lines_of(&out, &f, hints, arena), STATUS_OK);
	return out;
}

static void equal_lines_have_equal_hashes_whatever_their_typography(void **state)
{
	static const uint8_t hints[] = { ARTICLE_HINT_LINKS, 0, 0 };
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l =
		lines("Share this post\nSHARE \"this\" post\n---\n", hints, arena);

	(void)state;
	assert_true(l[0].hash != 0 && l[0].hash == l[1].hash);
	assert_int_equal(l[0].units, 6);
	assert_int_equal(l[0].hints, ARTICLE_HINT_LINKS);
	assert_int_equal(l[1].hints, 0);
	assert_true(l[2].hash == 0 && l[2].units == 0 && l[2].shape == 0);
	arena_close(arena);
}

static void date_lines_of_other_figures_have_one_shape(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l = lines("Last updated on 12 March 2026 at 12:31\n"
					  "Last updated on 3 March 2026 at 9:05\n"
					  "First printed on 12 March 2026 at 12:31\n",
					  NULL, arena);

	(void)state;
	assert_true(l[0].shape != 0 && l[0].shape == l[1].shape);
	assert_true(l[0].hash != l[1].hash);
	assert_true(l[2].shape != 0 && l[2].shape != l[0].shape);
	arena_close(arena);
}

static void sentences_have_no_shape(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l =
		lines("Shares of the company closed at 12 dollars on Monday in early trade\n"
		      "Updated 12:31 GMT\n"
		      "12 13 14 15 16 17 18 19\n"
		      "At 7 on 12 May 2026 and 8 on 13 May 2026 the 4 of the 9 met 7 of 12 in 1\n"
		      "A line with no figure in it at all today\n",
		      NULL, arena);

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_true(l[i].shape == 0);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_lines_have_equal_hashes_whatever_their_typography),
		cmocka_unit_test(date_lines_of_other_figures_have_one_shape),
		cmocka_unit_test(sentences_have_no_shape),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
