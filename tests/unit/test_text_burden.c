/* SPDX-License-Identifier: BSD-2-Clause */
/* Files made to take far more memory than they have bytes. */
#include "reading_of.h"

#include <string.h>

static void put(char **at, const char *text)
{
	size_t len = strlen(text);

	memcpy(*at, text, len);
	*at += len;
}

/* A file of `unit` so many times, between head and tail. */
static void read_many(struct reading_of *r, struct text_input in, const char *head,
		      const char *unit, size_t times, const char *tail)
{
	char *file = malloc(strlen(head) + strlen(unit) * times + strlen(tail)), *at = file;

	assert_non_null(file);
	put(&at, head);
	for (size_t i = 0; i < times; i++)
		put(&at, unit);
	put(&at, tail);
	in.bytes = span_of(file, (size_t)(at - file));
	articles_free(&r->articles);
	*r = (struct reading_of){ .told = 0 };
	r->st = text_read(&r->articles, &in, &r->problem, reading_of_tell, r);
	free(file);
}

static void a_file_whose_tree_would_be_heavy_is_refused_unread(void **state)
{
	static const struct {
		enum text_format format;
		const char *head, *unit, *tail;
	} heavy[] = {
		{ TEXT_HTML, "", "<p>a", "" },
		{ TEXT_HTML, "<!-->", "<p>a", "" },
		{ TEXT_HTML, "<![CDATA[", "<p>a", "" },
		{ TEXT_HTML, "", "<p a b c d e f>", "" },
		{ TEXT_XML, "<rss>", "<item/>", "</rss>" },
		{ TEXT_XML, "<rss><channel><item><script>", "<p/>", "" },
		{ TEXT_XML, "<rss><channel><item><description><![CDATA[", "<p>a",
		  "]]></description></item></channel></rss>" },
		{ TEXT_JSON, "{\"text\":\"a\",\"x\":[", "{},", "{}]}" },
		{ TEXT_JSON, "[", "{},1,", "1]" },
		{ TEXT_JSONL, "{\"text\":\"a\",\"x\":[", "\"\",", "1]}" },
		{ TEXT_JSONL, "{\"html\":\"", "<p>a", "\"}" },
	};
	struct reading_of r = { .told = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof heavy / sizeof *heavy; i++) {
		struct text_input in = { .format = heavy[i].format };

		read_many(&r, in, heavy[i].head, heavy[i].unit, 2500000, heavy[i].tail);
		assert_int_equal(r.st, STATUS_TOO_LARGE);
		assert_non_null(strstr(r.problem.why, "split it"));
		assert_int_equal(r.articles.len, 0);
	}
	articles_free(&r.articles);
}

static void what_only_looks_heavy_is_read(void **state)
{
	static const struct {
		enum text_format format;
		const char *head, *unit, *tail;
	} light[] = {
		{ TEXT_HTML, "<p>A text.<script>", "a<b;", "</script>" },
		{ TEXT_HTML, "<p>A text.<!--", "<p>a", "-->" },
		{ TEXT_XML, "<rss><channel><item><description>A text.<![CDATA[", "a<1 ",
		  "]]></description></item></channel></rss>" },
		{ TEXT_JSON, "{\"text\":\"", "{},\\\"[", "\"}" },
	};
	struct reading_of r = { .told = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof light / sizeof *light; i++) {
		struct text_input in = { .format = light[i].format };

		read_many(&r, in, light[i].head, light[i].unit, 400000, light[i].tail);
		assert_int_equal(r.st, STATUS_OK);
		assert_int_equal(r.articles.count, 1);
	}
	articles_free(&r.articles);
}

static void articles_and_paragraphs_may_be_so_many(void **state)
{
	struct text_input lines = { .format = TEXT_JSONL, .burden_max = (size_t)1 << 20 },
			  plain = { .format = TEXT_PLAIN, .burden_max = (size_t)1 << 20 };
	struct reading_of r = { .told = 0 };

	(void)state;
	read_many(&r, lines, "", "{\"text\":\"\"}\n", 400, "");
	assert_int_equal(r.st, STATUS_OK);
	assert_int_equal(r.articles.count, 400);
	read_many(&r, lines, "", "{\"text\":\"\"}\n", 600, "");
	assert_int_equal(r.st, STATUS_TOO_LARGE);
	read_many(&r, plain, "", "a\n", 7000, "");
	assert_int_equal(r.st, STATUS_OK);
	read_many(&r, plain, "", "a\n", 8000, "");
	assert_int_equal(r.st, STATUS_TOO_LARGE);
	assert_non_null(strstr(r.problem.why, "split it"));
	plain.burden_max = 0;
	read_many(&r, plain, "", "a\n", 8000, "");
	assert_int_equal(r.st, STATUS_OK);
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_whose_tree_would_be_heavy_is_refused_unread),
		cmocka_unit_test(what_only_looks_heavy_is_read),
		cmocka_unit_test(articles_and_paragraphs_may_be_so_many),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
