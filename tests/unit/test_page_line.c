/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <reprint/article.h>

#include "detect/page_line.h"
#include "print_of.h"

static const struct page_line *titled(const char *title, const char *text, const uint8_t *hints,
				      struct arena *arena)
{
	struct fingerprint f = print_of(text, arena);
	struct span absent = { NULL, 0 };
	const struct page_line *out;

	assert_int_equal(page_lines_of(&out, &f, hints,
				       title == NULL ? absent : span_of_text(title), arena),
			 STATUS_OK);
	return out;
}

static const struct page_line *lines(const char *text, const uint8_t *hints, struct arena *arena)
{
	return titled(NULL, text, hints, arena);
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

static void lines_with_another_name_in_them_have_one_edge(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l = lines(
		"Sign up now to get all of the stories from the Northern Paper every day\n"
		"SIGN UP NOW \342\200\224 to get all of the stories from South Paper every day\n"
		"Get the Paper, that is all of the stories from the South in your inbox today\n"
		"To be had from East: all of the stories from the South in your inbox today\n",
		NULL, arena);

	(void)state;
	assert_true(l[0].edges[0] != 0 && l[0].edges[0] == l[1].edges[0]);
	assert_true(l[0].edges[1] != l[1].edges[1]);
	assert_true(l[2].edges[1] != 0 && l[2].edges[1] == l[3].edges[1]);
	assert_true(l[2].edges[0] != l[3].edges[0]);
	arena_close(arena);
}

static void the_two_edges_of_a_line_are_kept_apart(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l =
		lines("one two three four five six one two three four five six\n", NULL, arena);

	(void)state;
	assert_true(l[0].edges[0] != 0 && l[0].edges[1] != 0);
	assert_true(l[0].edges[0] != l[0].edges[1]);
	arena_close(arena);
}

/* Three characters of a script without spaces: a word and a half. */
#define HAN "\346\226\260\345\271\264\345\274\200"

static void short_lines_and_paragraphs_have_no_edges(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct bytes b = { 0 };
	const struct page_line *l;

	(void)state;
	put_text(&b, "A line of six short words\nA line of no more than seven\n");
	put_words(&b, 1, 40);
	put_text(&b, "\n");
	put_words(&b, 2, 41);
	put_text(&b, "\n" HAN HAN HAN HAN "\n" HAN HAN HAN HAN HAN "\n");
	put_u8(&b, 0);
	l = lines(b.p, NULL, arena);
	assert_true(l[0].edges[0] == 0 && l[0].edges[1] == 0);
	assert_true(l[1].edges[0] != 0 && l[1].edges[1] != 0);
	assert_true(l[2].edges[0] != 0 && l[2].edges[1] != 0);
	assert_true(l[3].edges[0] == 0 && l[3].edges[1] == 0);
	assert_int_equal(l[4].units, 12);
	assert_true(l[4].edges[0] == 0 && l[4].edges[1] == 0);
	assert_true(l[5].edges[0] != 0 && l[5].edges[1] != 0);
	bytes_free(&b);
	arena_close(arena);
}

static void a_line_of_the_words_of_the_title_is_the_title(void **state)
{
	static const char text[] = "MINISTER \342\200\234LEAVES\342\200\235 AT ONCE\n"
				   "Minister leaves at once, they say\n---\n";
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l = titled("Minister leaves at once", text, NULL, arena);

	(void)state;
	assert_true(l[0].title);
	assert_false(l[1].title);
	assert_false(l[2].title);
	l = titled("-", text, NULL, arena);
	assert_false(l[0].title || l[1].title || l[2].title);
	l = lines(text, NULL, arena);
	assert_false(l[0].title || l[1].title || l[2].title);
	arena_close(arena);
}

static void a_paragraph_that_is_given_as_title_is_none(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	struct bytes b = { 0 };

	(void)state;
	put_words(&b, 1, 24);
	put_u8(&b, 0);
	assert_true(titled(b.p, b.p, NULL, arena)[0].title);
	bytes_clear(&b);
	put_words(&b, 1, 25);
	put_u8(&b, 0);
	assert_false(titled(b.p, b.p, NULL, arena)[0].title);
	bytes_clear(&b);
	put_words(&b, 1, 5000);
	put_u8(&b, 0);
	assert_false(titled(b.p, b.p, NULL, arena)[0].title);
	bytes_free(&b);
	arena_close(arena);
}

static void a_row_of_a_table_is_no_label(void **state)
{
	struct arena *arena = arena_open(1 << 16);
	const struct page_line *l =
		lines("Net loss 590 vs profit 930\n"
		      "Updated at 12:31 by us\n"
		      "12 of 14 seats\n"
		      "By our correspondent in Exampleton\n"
		      "Sales rose to 31 million crowns from 25 million in May\n",
		      NULL, arena);

	(void)state;
	assert_true(l[0].data);
	for (unsigned i = 1; i < 5; i++)
		assert_false(l[i].data);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_lines_have_equal_hashes_whatever_their_typography),
		cmocka_unit_test(date_lines_of_other_figures_have_one_shape),
		cmocka_unit_test(sentences_have_no_shape),
		cmocka_unit_test(lines_with_another_name_in_them_have_one_edge),
		cmocka_unit_test(the_two_edges_of_a_line_are_kept_apart),
		cmocka_unit_test(short_lines_and_paragraphs_have_no_edges),
		cmocka_unit_test(a_line_of_the_words_of_the_title_is_the_title),
		cmocka_unit_test(a_row_of_a_table_is_no_label),
		cmocka_unit_test(a_paragraph_that_is_given_as_title_is_none),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
