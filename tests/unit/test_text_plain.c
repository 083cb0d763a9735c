/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

#define PIECES_BLANK 13u
#define PIECES_BREAK 18u
#define PIECES_COUNT 22u
static const char *const text_pieces[PIECES_COUNT] = {
	"a", "b", "~", "!", "\x7F", "\xC3\xA0", "\xD8\xA8", "\xE4\xB8\xAD", "\xE2\x80\x99",
	"\xE3\x81\x82", "\xE0\xB8\x81", "\xF0\x9F\x98\x80", "\xE1\x80\x80",
	/* blanks */
	" ", "\t", "\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80",
	/* breaks */
	"\n", "\r\n", "\xC2\x85", "\xE2\x80\xA9"
};

static void every_line_that_is_not_blank_is_a_paragraph(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "\n  One two \t three\n\n \t \nFour\n\n\n");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 1);
	assert_text(nth(&r, 1), "One two three\nFour\n");
	assert_int_equal(nth(&r, 1)->ordinal, 1);
	assert_int_equal(nth(&r, 1)->flags, 0);
	assert_true(nth(&r, 1)->published_ms == ARTICLE_NO_TIME);
	assert_part(nth(&r, 1), nth(&r, 1)->id, NULL);
	articles_free(&r.articles);
}

static void every_kind_of_line_break_ends_a_paragraph(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "a\rb\r\nc\nd\ve\ff\xC2\x85g\xE2\x80\xA8h\xE2\x80\xA9i");
	assert_text(nth(&r, 1), "a\nb\nc\nd\ne\nf\ng\nh\ni\n");
	articles_free(&r.articles);
}

static void white_space_of_any_width_collapses_to_one_blank(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN,
		  "\xC2\xA0 a\xC2\xA0\t\xE2\x80\x83"
		  "b\xE3\x80\x80\xE2\x80\xAF"
		  "c\xE2\x81\x9F"
		  "d\xE1\x9A\x80 ");
	assert_text(nth(&r, 1), "a b c d\n");
	articles_free(&r.articles);
}

static void a_line_that_nobody_can_see_is_no_paragraph(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "a\n\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD\xE2\x81\xA0\n\xE2\x80\x8Bx");
	assert_text(nth(&r, 1), "a\n\xE2\x80\x8Bx\n");
	articles_free(&r.articles);
}

static void nul_becomes_the_replacement_character(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_bytes(&r, TEXT_PLAIN, "\0a\0\0b\0", 6);
	assert_text(nth(&r, 1), "\xEF\xBF\xBD"
				"a\xEF\xBF\xBD\xEF\xBF\xBD"
				"b\xEF\xBF\xBD\n");
	articles_free(&r.articles);
}

static void an_empty_file_is_an_article_with_no_text(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(nth(&r, 1)->paragraph_count, 0);
	assert_text(nth(&r, 1), "");
	articles_free(&r.articles);
}

static void what_is_not_utf8_is_read_as_windows_1252(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "caf\xE9 \x93quoted\x94 \x80 5");
	assert_text(nth(&r, 1), "caf\xC3\xA9 \xE2\x80\x9Cquoted\xE2\x80\x9D \xE2\x82\xAC 5\n");
	assert_int_equal(nth(&r, 1)->flags & ARTICLE_LOSSY, 0);
	articles_free(&r.articles);
}

static void what_cannot_be_decoded_is_marked_and_told(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_PLAIN, "gr\xC3\xBC\xC3\x9F\x65 \xC3\xA4 \xFF\xE2\x82");
	assert_text(nth(&r, 1), "gr\xC3\xBC\xC3\x9F\x65 \xC3\xA4 \xEF\xBF\xBD\xEF\xBF\xBD\n");
	assert_true(nth(&r, 1)->flags & ARTICLE_LOSSY);
	assert_int_equal(r.told, 1);
	articles_free(&r.articles);
}

static void articles_keep_their_memory_when_cleared(void **state)
{
	struct articles a = { 0 };
	struct text_input in = { .bytes = span_of_text("x"), .format = TEXT_PLAIN };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(text_read(&a, &in, NULL, NULL, NULL), STATUS_OK);
	assert_int_equal(a.count, 100);
	const unsigned char *bytes = a.bytes;
	articles_clear(&a);
	assert_null(articles_first(&a));
	assert_int_equal(text_read(&a, &in, NULL, NULL, NULL), STATUS_OK);
	assert_ptr_equal(a.bytes, bytes);
	articles_free(&a);
}

static void an_unknown_format_is_refused(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_UNKNOWN, "x");
	assert_int_equal(r.st, STATUS_UNSUPPORTED);
	assert_string_not_equal(r.problem.why, "");
	articles_free(&r.articles);
}

/* The dumbest correct version: piece by piece, every blank a blank, then blanks squeezed. */
static void collapse_slowly(char *out, const unsigned *pieces, size_t count)
{
	size_t len = 0, line = 0;

	for (size_t i = 0; i <= count; i++) {
		bool end = i == count || pieces[i] >= PIECES_BREAK;

		if (!end && pieces[i] < PIECES_BLANK) {
			len += (size_t)sprintf(out + len, "%s", text_pieces[pieces[i]]);
		} else if (!end && len > line && out[len - 1] != ' ') {
			out[len++] = ' ';
		} else if (end) {
			len -= len > line && out[len - 1] == ' ';
			if (len > line)
				out[len++] = '\n';
			line = len;
		}
	}
	out[len] = '\0';
}

static void lines_agree_with_the_dumbest_way_to_make_them(void **state)
{
	struct reading_of r = { 0 };
	uint32_t seed = 3;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned pieces[64];
		char in[64 * 4 + 1], expected[64 * 4 + 2];
		size_t count, len = 0;

		seed = seed * 1664525 + 1013904223;
		count = seed >> 26;
		for (size_t i = 0; i < count; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Mostly letters and single blanks, so that long plain runs occur. */
			pieces[i] = (seed >> 28) < 13 ? (seed >> 16) % (PIECES_BLANK + 1)
						      : (seed >> 16) % PIECES_COUNT;
			len += (size_t)sprintf(in + len, "%s", text_pieces[pieces[i]]);
		}
		in[len] = '\0';
		collapse_slowly(expected, pieces, count);
		read_text(&r, TEXT_PLAIN, in);
		assert_text(nth(&r, 1), expected);
	}
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_that_is_not_blank_is_a_paragraph),
		cmocka_unit_test(every_kind_of_line_break_ends_a_paragraph),
		cmocka_unit_test(white_space_of_any_width_collapses_to_one_blank),
		cmocka_unit_test(a_line_that_nobody_can_see_is_no_paragraph),
		cmocka_unit_test(lines_agree_with_the_dumbest_way_to_make_them),
		cmocka_unit_test(nul_becomes_the_replacement_character),
		cmocka_unit_test(an_empty_file_is_an_article_with_no_text),
		cmocka_unit_test(what_is_not_utf8_is_read_as_windows_1252),
		cmocka_unit_test(what_cannot_be_decoded_is_marked_and_told),
		cmocka_unit_test(articles_keep_their_memory_when_cleared),
		cmocka_unit_test(an_unknown_format_is_refused),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
