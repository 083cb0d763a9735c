/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_of.h"

#include "text/draft.h"
#include "text/sound.h"

static const char lines[] =
	"{\"id\":\"one\",\"site\":\"a.example\",\"url\":\"https://a.example/1?utm_source=x\","
	"\"title\":\"A title\",\"published\":\"2026-11-23T03:00:00Z\","
	"\"text\":\"First paragraph.\\n\\nSecond, with an \\u00e9.\"}\n"
	"{\"text\":\"\"}\n"
	"{\"html\":\"<h1>Head</h1><blockquote><p>Said.</p></blockquote>\"}\n";

/* A private copy of the three articles, whose first is to be spoilt. */
static struct article *first_of(struct reading_of *r)
{
	read_text(r, TEXT_JSONL, lines);
	assert_int_equal(r->st, STATUS_OK);
	assert_int_equal(r->articles.count, 3);
	return (struct article *)(void *)r->articles.bytes;
}

static bool sound(struct reading_of *r)
{
	return articles_sound(&r->articles);
}

static void what_was_read_is_sound_and_counted(void **state)
{
	struct reading_of r = { 0 };

	(void)state;
	first_of(&r);
	r.articles.count = 77;
	assert_true(sound(&r));
	assert_int_equal(r.articles.count, 3);
	articles_clear(&r.articles);
	assert_true(sound(&r));
	assert_int_equal(r.articles.count, 0);
	articles_free(&r.articles);
}

static void records_that_end_early_are_not(void **state)
{
	struct reading_of r = { 0 };
	size_t len;

	(void)state;
	first_of(&r);
	len = r.articles.len;
	for (size_t cut = 8; cut < len; cut += 8) {
		size_t whole = 0;

		r.articles.len = len - cut;
		for (size_t at = 0; at < r.articles.len;) {
			const struct article *a =
				(const struct article *)(const void *)(r.articles.bytes + at);

			at += a->size;
			whole = at;
		}
		assert_int_equal(sound(&r), whole == r.articles.len);
	}
	articles_free(&r.articles);
}

/* Whether it is still sound with this number in place of a field of the first article. */
static bool sound_with(size_t field, uint32_t value)
{
	struct reading_of r = { 0 };
	struct article *a = first_of(&r);
	bool is;

	memcpy((char *)a + field, &value, sizeof value);
	is = sound(&r);
	articles_free(&r.articles);
	return is;
}

static void no_place_leads_out_of_its_record(void **state)
{
	static const size_t fields[] = {
		offsetof(struct article, size),          offsetof(struct article, paragraph_count),
		offsetof(struct article, paragraphs_at), offsetof(struct article, hints_at),
		offsetof(struct article, id.at),         offsetof(struct article, id.len),
		offsetof(struct article, site.at),       offsetof(struct article, site.len),
		offsetof(struct article, url.at),        offsetof(struct article, url.len),
		offsetof(struct article, canonical.at),  offsetof(struct article, canonical.len),
		offsetof(struct article, title.at),      offsetof(struct article, title.len),
		offsetof(struct article, published.at),  offsetof(struct article, published.len),
		offsetof(struct article, text.at),       offsetof(struct article, text.len),
	};
	/* Inside the header, just out of the record, far out of it, and round the end of numbers.
	 */
	static const uint32_t values[] = {
		86, 4096, 0x7ffffff8, 0x80000000, 0xfffffff8, UINT32_MAX
	};

	(void)state;
	for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
		for (size_t v = 0; v < sizeof values / sizeof *values; v++)
			assert_false(sound_with(fields[f], values[v]));
}

static void paragraphs_are_the_text_without_a_gap(void **state)
{
	for (unsigned what = 0; what < 5; what++) {
		struct reading_of r = { 0 };
		struct article *a = first_of(&r);
		struct article_part *parts = (struct article_part *)(void *)(a + 1);
		char *bytes = (char *)a;

		(void)state;
		parts[0].len -= what == 0;
		parts[1].at += what == 1;
		parts[1].len = what == 2 ? UINT32_MAX : parts[1].len;
		if (what == 3)
			bytes[a->text.at + 3] = '\n';
		if (what == 4)
			bytes[a->hints_at] = (char)0x80;
		assert_false(sound(&r));
		articles_free(&r.articles);
	}
}

static void text_is_utf8_without_nul_and_a_field_is_one_line(void **state)
{
	struct reading_of r = { 0 };
	struct article *a;

	(void)state;
	a = first_of(&r);
	((char *)a)[a->text.at] = '\0';
	assert_false(sound(&r));
	a = first_of(&r);
	((char *)a)[a->text.at] = '\xff';
	assert_false(sound(&r));
	a = first_of(&r);
	((char *)a)[a->title.at] = '\n';
	assert_false(sound(&r));
	a = first_of(&r);
	((char *)a)[a->id.at] = '\xc3';
	assert_false(sound(&r));
	articles_free(&r.articles);
}

static void flags_and_times_are_known_ones(void **state)
{
	struct reading_of r = { 0 };
	struct article *a;

	(void)state;
	a = first_of(&r);
	a->flags |= 1u << 20;
	assert_false(sound(&r));
	a = first_of(&r);
	a->flags &= ~(uint32_t)ARTICLE_OWN_ID;
	assert_false(sound(&r));
	a = first_of(&r);
	a->published_ms = INT64_MAX;
	assert_false(sound(&r));
	a = first_of(&r);
	a->published_ms = INT64_MIN + 1;
	assert_false(sound(&r));
	articles_free(&r.articles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_read_is_sound_and_counted),
		cmocka_unit_test(records_that_end_early_are_not),
		cmocka_unit_test(no_place_leads_out_of_its_record),
		cmocka_unit_test(paragraphs_are_the_text_without_a_gap),
		cmocka_unit_test(text_is_utf8_without_nul_and_a_field_is_one_line),
		cmocka_unit_test(flags_and_times_are_known_ones),
	};

	text_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
