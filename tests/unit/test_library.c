/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <reprint/reprint.h>

#define LEAD "The harbour authority closed the northern quay on Monday after divers found cracks.\n"
#define BODY                                                                                   \
	"Ships bound for the grain terminal were sent to the southern basin instead.\n"        \
	"A spokeswoman said the repairs would take three weeks and cost two million crowns.\n" \
	"Fishermen complained that nobody had told them where to land their catch.\n"          \
	"The council meets on Thursday to decide whether the ferry may still call.\n"
#define OTHER                                                                               \
	"A choir of eighty voices opened the festival with a mass that was thought lost.\n" \
	"The manuscript had lain behind an organ pipe since a fire two centuries ago.\n"    \
	"Listeners queued around the square although snow had begun to fall at noon.\n"     \
	"The conductor asked for silence between the movements and was granted it.\n"

/* BODY as an article object of a site. */
#define OBJECT(site, id, more)                                                         \
	"{\"site\":\"" site "\",\"id\":\"" id "\",\"text\":\""                         \
	"Ships bound for the grain terminal were sent to the southern basin instead. " \
	"A spokeswoman said the repairs would take three weeks and cost two million. " \
	"Fishermen complained that nobody had told them where to land their catch. "   \
	"The council meets on Thursday to decide whether the ferry may still call. " more "\"}\n"

static int open_context(void **state)
{
	return reprint_open((struct reprint **)state) == STATUS_OK ? 0 : -1;
}

static int close_context(void **state)
{
	reprint_close(*state);
	return 0;
}

static const struct article *read_one(struct reprint *r, const char *text, const char *name)
{
	struct reprint_articles found;

	assert_int_equal(reprint_read(r, &found, span_of_text(text), name), STATUS_OK);
	assert_int_equal(found.count, 1);
	return found.at[0];
}

static void assert_view(struct span s, const char *expected)
{
	assert_int_equal(s.len, strlen(expected));
	assert_memory_equal(s.p, expected, s.len);
}

static void the_loaded_library_is_that_of_the_header(void **state)
{
	(void)state;
	assert_string_equal(reprint_version(), REPRINT_VERSION);
	assert_true(reprint_kernel()[0] != '\0');
	assert_string_equal(reprint_kind_text(KIND_NEAR), "near");
	assert_string_equal(reprint_kind_text((enum kind)99), "unknown");
}

static void articles_stay_where_they_are_while_more_are_read(void **state)
{
	struct reprint *r = *state;
	const struct article *first = read_one(r, LEAD BODY, "a.txt");

	for (int i = 0; i < 200; i++)
		(void)read_one(r, OTHER, "b.txt");
	assert_int_equal(first->paragraph_count, 5);
	assert_view(article_view(first, first->text), LEAD BODY);
}

static void every_line_of_json_lines_is_an_article(void **state)
{
	struct reprint *r = *state;
	struct reprint_articles found;
	const char lines[] = OBJECT("a.example", "1", "") OBJECT("b.example", "2", "");

	assert_int_equal(reprint_read(r, &found, span_of_text(lines), "x.jsonl"), STATUS_OK);
	assert_int_equal(found.count, 2);
	assert_view(article_view(found.at[1], found.at[1]->id), "2");
	assert_view(article_view(found.at[1], found.at[1]->site), "b.example");
	assert_string_equal(reprint_why(r), "");
}

static void a_refused_line_is_told_and_the_others_are_read(void **state)
{
	struct reprint *r = *state;
	struct reprint_articles found;
	const char lines[] = OBJECT("a.example", "1", "") "[]\n";

	assert_int_equal(reprint_read(r, &found, span_of_text(lines), "x.jsonl"), STATUS_OK);
	assert_int_equal(found.count, 1);
	assert_non_null(strstr(reprint_why(r), "line 2"));
}

static void without_a_name_the_bytes_decide(void **state)
{
	const struct article *a = read_one(*state, "{\"text\":\"One line of text.\"}", NULL);

	assert_view(article_view(a, a->text), "One line of text.\n");
}

static void bytes_of_no_known_format_are_refused_with_a_reason(void **state)
{
	struct reprint *r = *state;
	struct reprint_articles found = { NULL, 7 };

	assert_int_equal(reprint_read(r, &found,
				      span_of("\x7f"
					      "ELF\0\0\1",
					      7),
				      "x.bin"),
			 STATUS_UNSUPPORTED);
	assert_true(reprint_why(r)[0] != '\0');
	assert_int_equal(found.count, 7);
}

static void damaged_gzip_is_malformed(void **state)
{
	struct reprint_articles found;

	assert_int_equal(reprint_read(*state, &found, span_of("\x1f\x8b\x08\0\0", 5), "x.txt.gz"),
			 STATUS_MALFORMED);
}

static void equal_texts_have_equal_fingerprints_in_any_context(void **state)
{
	struct reprint *other;
	struct fingerprint a, b;

	assert_int_equal(reprint_open(&other), STATUS_OK);
	assert_int_equal(reprint_fingerprint(*state, &a, read_one(*state, BODY, "a.txt")),
			 STATUS_OK);
	assert_int_equal(reprint_fingerprint(other, &b, read_one(other, BODY, "b.txt")), STATUS_OK);
	assert_memory_equal(a.digest, b.digest, sizeof a.digest);
	assert_int_equal(a.simhash, b.simhash);
	assert_int_equal(a.token_count, b.token_count);
	assert_memory_equal(a.tokens, b.tokens, a.token_count * sizeof *a.tokens);
	reprint_close(other);
}

static void a_doubled_body_is_one_block(void **state)
{
	struct reprint_repeats found;

	assert_int_equal(reprint_repeats(*state, &found,
					 read_one(*state, LEAD BODY LEAD BODY, "a.txt")),
			 STATUS_OK);
	assert_true(found.doubled);
	assert_int_equal(found.block_count, 1);
	assert_int_equal(found.blocks[0].first.from, 1);
	assert_int_equal(found.blocks[0].first.to, 5);
	assert_int_equal(found.blocks[0].again.from, 6);
	assert_int_equal(found.blocks[0].again.to, 10);
	assert_float_equal(found.ratio, 0.5, 1e-9);
}

static void a_text_without_repeats_has_none(void **state)
{
	struct reprint_repeats found;

	assert_int_equal(reprint_repeats(*state, &found, read_one(*state, LEAD BODY, "a.txt")),
			 STATUS_OK);
	assert_false(found.doubled);
	assert_int_equal(found.block_count, 0);
}

static void typography_does_not_hide_a_copy(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;
	const struct article *plain = read_one(r, "\"It is late,\" she said.\n" BODY, "a.txt");
	const struct article *curly = read_one(
		r, "\xe2\x80\x9cIt is\xc2\xa0late,\xe2\x80\x9d she said.\n\n" BODY, "b.txt");

	assert_int_equal(reprint_compare(r, &c, plain, curly), STATUS_OK);
	assert_int_equal(c.kind, KIND_EXACT);
	assert_float_equal(c.resemblance, 1.0, 1e-9);
}

static void a_doubled_body_is_compared_without_its_second_half(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;

	assert_int_equal(reprint_compare(r, &c, read_one(r, BODY BODY, "a.txt"),
					 read_one(r, BODY, "b.txt")),
			 STATUS_OK);
	assert_int_equal(c.kind, KIND_EXACT);
}

static void unlike_texts_are_unique(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;

	assert_int_equal(reprint_compare(r, &c, read_one(r, BODY, "a.txt"),
					 read_one(r, OTHER, "b.txt")),
			 STATUS_OK);
	assert_int_equal(c.kind, KIND_UNIQUE);
	assert_int_equal(c.passage_count, 0);
	assert_float_equal(c.resemblance, 0.0, 1e-9);
}

static void a_text_within_a_longer_one_is_its_excerpt(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;
	const struct article *part = read_one(r, BODY, "a.txt");
	const struct article *whole = read_one(r, OTHER LEAD BODY OTHER, "b.txt");

	assert_int_equal(reprint_compare(r, &c, part, whole), STATUS_OK);
	assert_int_equal(c.kind, KIND_EXCERPT);
	assert_true(c.containment > 0.95);
	assert_true(c.contained_by < 0.6);
	assert_int_equal(c.passage_count, 1);
	assert_int_equal(c.passages[0].here.from, 1);
	assert_int_equal(c.passages[0].here.to, 4);
	assert_int_equal(c.passages[0].there.from, 6);
	assert_int_equal(c.passages[0].there.to, 9);
	assert_int_equal(c.shared_words, c.longest_words);
	assert_int_equal(reprint_compare(r, &c, whole, part), STATUS_OK);
	assert_int_equal(c.kind, KIND_CONTAINS);
}

static void the_same_id_of_one_site_with_other_text_is_a_revision(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;
	const struct article *before = read_one(r, OBJECT("a.example", "1", ""), "a.json");
	const struct article *after =
		read_one(r, OBJECT("a.example", "1", "On Friday it did."), "a.json");
	const struct article *elsewhere =
		read_one(r, OBJECT("b.example", "1", "On Friday it did."), "a.json");

	assert_int_equal(reprint_compare(r, &c, after, before), STATUS_OK);
	assert_int_equal(c.kind, KIND_REVISION);
	assert_int_equal(reprint_compare(r, &c, elsewhere, before), STATUS_OK);
	assert_int_equal(c.kind, KIND_NEAR);
}

static void too_little_text_is_said_not_guessed(void **state)
{
	struct reprint *r = *state;
	struct reprint_comparison c;
	const struct article *a = read_one(r, "Quay closed until Friday.\n", "a.txt");

	assert_int_equal(reprint_compare(r, &c, a, a), STATUS_OK);
	assert_int_equal(c.kind, KIND_SHORT);
}

static void after_a_clear_the_context_reads_on(void **state)
{
	struct reprint *r = *state;

	for (int i = 0; i < 3; i++) {
		(void)read_one(r, LEAD BODY, "a.txt");
		reprint_clear(r);
	}
	assert_int_equal(read_one(r, BODY, "a.txt")->paragraph_count, 4);
}

#define IN_CONTEXT(test) cmocka_unit_test_setup_teardown(test, open_context, close_context)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loaded_library_is_that_of_the_header),
		IN_CONTEXT(articles_stay_where_they_are_while_more_are_read),
		IN_CONTEXT(every_line_of_json_lines_is_an_article),
		IN_CONTEXT(a_refused_line_is_told_and_the_others_are_read),
		IN_CONTEXT(without_a_name_the_bytes_decide),
		IN_CONTEXT(bytes_of_no_known_format_are_refused_with_a_reason),
		IN_CONTEXT(damaged_gzip_is_malformed),
		IN_CONTEXT(equal_texts_have_equal_fingerprints_in_any_context),
		IN_CONTEXT(a_doubled_body_is_one_block),
		IN_CONTEXT(a_text_without_repeats_has_none),
		IN_CONTEXT(typography_does_not_hide_a_copy),
		IN_CONTEXT(a_doubled_body_is_compared_without_its_second_half),
		IN_CONTEXT(unlike_texts_are_unique),
		IN_CONTEXT(a_text_within_a_longer_one_is_its_excerpt),
		IN_CONTEXT(the_same_id_of_one_site_with_other_text_is_a_revision),
		IN_CONTEXT(too_little_text_is_said_not_guessed),
		IN_CONTEXT(after_a_clear_the_context_reads_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
