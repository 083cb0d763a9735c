/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

static void an_article_object_gives_all_its_fields(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON,
		  "{\"id\":\" a 1 "
		  "\",\"site\":\"s.example\",\"url\":\"https://www.s.example/x/?utm_a=1\","
		  "\"title\":\"A\\n title\",\"published\":\"2026-11-23T03:00:00Z\","
		  "\"text\":\"One\\r\\n\\r\\nTwo  words\\u2028three\",\"other\":[{}]}");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 1);
	const struct article *a = nth(&r, 1);
	assert_part(a, a->id, "a 1");
	assert_part(a, a->site, "s.example");
	assert_part(a, a->url, "https://www.s.example/x/?utm_a=1");
	assert_part(a, a->canonical, "s.example/x");
	assert_part(a, a->title, "A title");
	assert_part(a, a->published, "2026-11-23T03:00:00Z");
	assert_true(a->published_ms == INT64_C(1795402800000));
	assert_text(a, "One\nTwo words\nthree\n");
	assert_int_equal(a->flags, ARTICLE_OWN_ID | ARTICLE_OWN_SITE);
	articles_free(&r.articles);
}

static void without_an_id_the_canonical_url_is_the_id(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON, "{\"url\":\"HTTP://M.Example.ORG/a#b\",\"text\":\"\"}");
	assert_part(nth(&r, 1), nth(&r, 1)->id, "example.org/a");
	assert_true(nth(&r, 1)->flags & ARTICLE_OWN_ID);
	assert_text(nth(&r, 1), "");
	articles_free(&r.articles);
}

static void html_is_taken_where_there_is_no_text(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON,
		  "{\"id\":7,\"html\":\"<h2>Head</h2><p>One &amp; <b>two</b></p>three<br>four\"}");
	const struct article *a = nth(&r, 1);
	assert_part(a, a->id, "7");
	assert_text(a, "Head\nOne & two\nthree\nfour\n");
	assert_true(a->flags & ARTICLE_FROM_HTML);
	assert_int_equal(article_hints(a)[0], ARTICLE_HINT_HEADING);
	assert_int_equal(article_hints(a)[1], 0);
	articles_free(&r.articles);
}

static void blank_lines_tell_paragraphs_where_no_tag_does(void **state)
{
	static const char *const texts[] = { "One <b>two</b>\\nthree.\\n\\nFour.",
					     "One <b>two</b>\\r\\nthree.\\r\\n \\t\\r\\n\\nFour." };
	struct reading_of r = { 0 };
	char object[100];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(object, sizeof object, "{\"html\":\"%s\"}", texts[i]);
		read_text(&r, TEXT_JSON, object);
		assert_text(nth(&r, 1), "One two three.\nFour.\n");
	}
	read_text(&r, TEXT_JSON, "{\"html\":\"One <b>two</b>\\nthree.\"}");
	assert_text(nth(&r, 1), "One two three.\n");
	articles_free(&r.articles);
}

static void the_last_of_two_equal_keys_counts(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON, "{\"text\":\"first\",\"text\":\"second\"}");
	assert_int_equal(r.st, STATUS_OK);
	assert_text(nth(&r, 1), "second\n");
	articles_free(&r.articles);
}

static void an_object_with_neither_text_nor_html_is_refused(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON, "{\"id\":\"x\",\"text\":null}");
	assert_int_equal(r.st, STATUS_MALFORMED);
	assert_string_not_equal(r.problem.why, "");
	assert_int_equal(r.articles.count, 0);
	articles_free(&r.articles);
}

static void what_is_not_json_is_refused_with_its_line(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON, "{\"text\":\n\n oops}");
	assert_int_equal(r.st, STATUS_MALFORMED);
	assert_int_equal(r.problem.line, 3);
	read_text(&r, TEXT_JSON, "");
	assert_int_equal(r.st, STATUS_MALFORMED);
	read_text(&r, TEXT_JSON, "[1,2]");
	assert_int_equal(r.st, STATUS_MALFORMED);
	read_text(&r, TEXT_JSON, "\"text\"");
	assert_int_equal(r.st, STATUS_MALFORMED);
	articles_free(&r.articles);
}

static void a_json_feed_gives_an_article_per_item(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON,
		  "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"F\",\"items\":["
		  "{\"id\":\"1\",\"url\":\"https://e.example/1\",\"title\":\"T\","
		  "\"content_html\":\"<p>a</p><p>b</"
		  "p>\",\"date_published\":\"2026-01-02T00:00:00Z\"},"
		  "{\"content_text\":\"c\\nd\"},{\"id\":\"3\",\"summary\":\"s\"},{\"id\":\"4\"}]}");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 4);
	assert_part(nth(&r, 1), nth(&r, 1)->id, "1");
	assert_part(nth(&r, 1), nth(&r, 1)->title, "T");
	assert_text(nth(&r, 1), "a\nb\n");
	assert_text(nth(&r, 2), "c\nd\n");
	assert_int_equal(nth(&r, 2)->ordinal, 2);
	assert_true(nth(&r, 2)->flags & ARTICLE_NUMBERED);
	assert_text(nth(&r, 3), "s\n");
	assert_text(nth(&r, 4), "");
	articles_free(&r.articles);
}

static void a_feeds_relative_links_are_resolved(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSON,
		  "{\"home_page_url\":\"https://e.example/blog/\",\"items\":["
		  "{\"id\":\"1\",\"url\":\"../a/1\",\"content_text\":\"c\"}]}");
	assert_part(nth(&r, 1), nth(&r, 1)->url, "https://e.example/a/1");
	articles_free(&r.articles);
}

static void every_line_is_an_article_and_bad_ones_are_told(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSONL,
		  "{\"text\":\"a\"}\r\n\n  \nnot json\n{\"id\":\"x\",\"text\":\"b\"}\n[]\n"
		  "{\"html\":\"<p>c\"}");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 3);
	assert_int_equal(r.told, 2);
	assert_int_equal(r.last_told.line, 6);
	assert_text(nth(&r, 1), "a\n");
	assert_int_equal(nth(&r, 1)->ordinal, 1);
	assert_int_equal(nth(&r, 1)->flags, ARTICLE_NUMBERED);
	assert_int_equal(nth(&r, 2)->ordinal, 5);
	assert_int_equal(nth(&r, 2)->flags, ARTICLE_OWN_ID);
	assert_text(nth(&r, 3), "c\n");
	assert_int_equal(nth(&r, 3)->ordinal, 7);
	articles_free(&r.articles);
}

static void a_piece_of_a_file_counts_its_lines_from_where_it_was_cut(void **state)
{
	struct articles a = { 0 };
	struct text_input in = {
		.bytes = span_of_text("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"),
		.format = TEXT_JSONL,
		.first_line = 41,
	};

	(void)state;
	assert_int_equal(text_read(&a, &in, NULL, NULL, NULL), STATUS_OK);
	assert_int_equal(articles_first(&a)->ordinal, 41);
	assert_int_equal(articles_next(&a, articles_first(&a))->ordinal, 42);
	articles_free(&a);
}

/* Lines before it may be good: what is wrong is the line. */
static void a_piece_of_bad_lines_does_not_speak_for_its_file(void **state)
{
	struct reading_of r = { 0 };
	struct text_input in = { .bytes = span_of_text("{\"text\":\"cut sho"),
				 .format = TEXT_JSONL,
				 .first_line = 41 };

	(void)state;
	assert_int_equal(text_read(&r.articles, &in, &r.problem, reading_of_tell, &r), STATUS_OK);
	assert_int_equal(r.told, 1);
	assert_int_equal(r.last_told.line, 41);
	assert_int_equal(r.articles.count, 0);
	articles_free(&r.articles);
}

static void a_file_of_nothing_but_bad_lines_is_malformed(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSONL, "{\"id\":1}\nx\n");
	assert_int_equal(r.st, STATUS_MALFORMED);
	assert_int_equal(r.told, 2);
	read_text(&r, TEXT_JSONL, "\n\n");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 0);
	articles_free(&r.articles);
}

static void strings_may_hold_every_escape(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSONL,
		  "{\"text\":\"q\\\" b\\\\ s\\/ t\\t u\\u00e9 \\ud83d\\ude00 n\\u0000 "
		  "\\b.\\n\\f\\r\"}");
	assert_text(nth(&r, 1), "q\" b\\ s/ t u\xC3\xA9 \xF0\x9F\x98\x80 n\xEF\xBF\xBD \b.\n");
	articles_free(&r.articles);
}

static void a_lone_surrogate_becomes_the_replacement_character(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSONL, "{\"text\":\"a\\ud83d b \\ude00c\\ud800\\u0041\"}");
	assert_int_equal(r.st, STATUS_OK);
	assert_text(nth(&r, 1), "a\xEF\xBF\xBD b \xEF\xBF\xBD"
				"c\xEF\xBF\xBD"
				"A\n");
	assert_true(nth(&r, 1)->flags & ARTICLE_LOSSY);
	articles_free(&r.articles);
}

static void broken_utf8_in_a_line_is_mended_there(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(
		&r, TEXT_JSONL,
		"{\"text\":\"caf\xE9\"}\n{\"text\":\"gr\xC3\xBC\xC3\x9F\xFF\"}\n{\"text\":\"ok\"}");
	assert_text(nth(&r, 1), "caf\xC3\xA9\n");
	assert_text(nth(&r, 2), "gr\xC3\xBC\xC3\x9F\xEF\xBF\xBD\n");
	assert_true(nth(&r, 2)->flags & ARTICLE_LOSSY);
	assert_int_equal(nth(&r, 3)->flags & ARTICLE_LOSSY, 0);
	articles_free(&r.articles);
}

static void a_byte_order_mark_is_no_part_of_the_first_line(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	read_text(&r, TEXT_JSONL, "\xEF\xBB\xBF{\"text\":\"a\"}\n");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 1);
	articles_free(&r.articles);
}

static void deep_nesting_is_refused_not_followed(void **state)
{
	struct reading_of r = { 0 };
	size_t len = 100000;
	char *deep = malloc(len * 5 + 32);

	(void)state;
	assert_non_null(deep);
	memset(deep, '[', len);
	read_bytes(&r, TEXT_JSON, deep, len);
	assert_int_equal(r.st, STATUS_MALFORMED);
	for (size_t i = 0; i < len; i++)
		memcpy(deep + i * 5, "{\"a\":", 5);
	read_bytes(&r, TEXT_JSON, deep, len * 5);
	assert_int_equal(r.st, STATUS_MALFORMED);
	read_bytes(&r, TEXT_JSONL, deep, len * 5);
	assert_int_equal(r.st, STATUS_MALFORMED);
	free(deep);
	articles_free(&r.articles);
}

static void long_fields_are_cut_on_a_characters_border(void **state)
{
	struct reading_of r = { 0 };
	char *line = malloc(20100), *p = line;

	(void)state;
	assert_non_null(line);
	p += sprintf(p, "{\"text\":\"t\",\"title\":\"x");
	for (int i = 0; i < 10000; i++, p += 2)
		memcpy(p, "\xC3\xA9", 2);
	sprintf(p, "\"}");
	read_text(&r, TEXT_JSONL, line);
	struct span title = article_view(nth(&r, 1), nth(&r, 1)->title);
	assert_int_equal(title.len, 4095);
	assert_memory_equal(title.p + 4093, "\xC3\xA9", 2);
	free(line);
	articles_free(&r.articles);
}

/* So that a file of nothing else fills neither the memory nor the log. */
static void a_thousand_problems_are_told_and_the_rest_is_counted(void **state)
{
	static char lines[2 * 5000 + 16];
	struct reading_of r = { 0 };

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		memcpy(lines + 2 * i, "7\n", 2);
	strcpy(lines + 10000, "{\"text\":\"a\"}");
	read_text(&r, TEXT_JSONL, lines);
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.told, TEXT_PROBLEMS_MAX);
	assert_int_equal(strncmp(r.last_told.why, "4001 more", 9), 0);
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_article_object_gives_all_its_fields),
		cmocka_unit_test(without_an_id_the_canonical_url_is_the_id),
		cmocka_unit_test(html_is_taken_where_there_is_no_text),
		cmocka_unit_test(blank_lines_tell_paragraphs_where_no_tag_does),
		cmocka_unit_test(the_last_of_two_equal_keys_counts),
		cmocka_unit_test(an_object_with_neither_text_nor_html_is_refused),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_line),
		cmocka_unit_test(a_json_feed_gives_an_article_per_item),
		cmocka_unit_test(a_feeds_relative_links_are_resolved),
		cmocka_unit_test(every_line_is_an_article_and_bad_ones_are_told),
		cmocka_unit_test(a_piece_of_a_file_counts_its_lines_from_where_it_was_cut),
		cmocka_unit_test(a_piece_of_bad_lines_does_not_speak_for_its_file),
		cmocka_unit_test(a_file_of_nothing_but_bad_lines_is_malformed),
		cmocka_unit_test(strings_may_hold_every_escape),
		cmocka_unit_test(a_lone_surrogate_becomes_the_replacement_character),
		cmocka_unit_test(broken_utf8_in_a_line_is_mended_there),
		cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_line),
		cmocka_unit_test(deep_nesting_is_refused_not_followed),
		cmocka_unit_test(long_fields_are_cut_on_a_characters_border),
		cmocka_unit_test(a_thousand_problems_are_told_and_the_rest_is_counted),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
