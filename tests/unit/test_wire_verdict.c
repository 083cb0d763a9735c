/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "wire/verdict.h"

#define TEXT(s)                 \
	{                       \
		s, sizeof s - 1 \
	}

static const struct passage passages[] = { { { 5, 9 }, { 2, 6 }, 211 } };
static const struct match matches[] = {
	{ .seq = 977,
	  .kind = KIND_NEAR,
	  .relation = RELATION_CROSS_SITE,
	  .resemblance = 0.91,
	  .containment = 0.97,
	  .contained_by = 0.94,
	  .passages = passages,
	  .passage_count = 1,
	  .id = TEXT("b.example/41"),
	  .site = TEXT("b.example"),
	  .title = TEXT("A title") },
	{ .seq = 12, .kind = KIND_PARTIAL, .relation = RELATION_SAME_SITE },
};
static const struct repeat_block blocks[] = { { { 5, 28 }, { 32, 55 }, 764, 1.0 } };
static const struct verdict full = {
	.seq = 1042,
	.version = 2,
	.revises = 1040,
	.id = TEXT("a.example/calls.txt"),
	.source = TEXT("a.example"),
	.site = TEXT("a.example"),
	.file = TEXT("a.example/calls.txt"),
	.url = TEXT("https://a.example/calls"),
	.title = TEXT("\"Calls\""),
	.published = TEXT("2026-11-22"),
	.seen_ms = 1795402800123,
	.words = 1581,
	.paragraphs = 56,
	.chrome = 3,
	.simhash = 0x9f3a000000000001,
	.digest = { 1, 0xffffffffffffffff },
	.kind = KIND_NEAR,
	.of = TEXT("b.example/41"),
	.cluster = 977,
	.ratio = 0.5,
	.doubled = true,
	.blocks = blocks,
	.block_count = 1,
	.matches = matches,
	.match_count = 2,
	.more = 7,
};

#define FULL_MEMBERS                                                                              \
	"{\"v\":1,\"algo\":2,\"seq\":1042,\"version\":2,\"revises\":1040,"                        \
	"\"id\":\"a.example/calls.txt\",\"source\":\"a.example\",\"site\":\"a.example\","         \
	"\"file\":\"a.example/calls.txt\",\"url\":\"https://a.example/calls\","                   \
	"\"title\":\"\\\"Calls\\\"\",\"published\":\"2026-11-22\","                               \
	"\"seen\":\"2026-11-23T03:00:00.123Z\",\"words\":1581,\"paragraphs\":56,\"chrome\":3,"    \
	"\"simhash\":\"9f3a000000000001\",\"digest\":\"0000000000000001ffffffffffffffff\","       \
	"\"verdict\":\"near\",\"of\":\"b.example/41\",\"cluster\":\"c977\","                      \
	"\"repetition\":{\"ratio\":0.5,\"doubled\":true,\"blocks\":[{\"first\":[5,28],"           \
	"\"again\":[32,55],\"words\":764,\"similarity\":1.0}]},"                                  \
	"\"matches\":[{\"seq\":977,\"id\":\"b.example/41\",\"site\":\"b.example\",\"url\":null,"  \
	"\"title\":\"A title\",\"published\":null,\"relation\":\"cross_site\",\"kind\":\"near\"," \
	"\"resemblance\":0.91,\"containment\":0.97,\"contained_by\":0.94,"                        \
	"\"paragraphs\":[{\"here\":[5,9],\"there\":[2,6],\"words\":211}]},"                       \
	"{\"seq\":12,\"id\":null,\"site\":null,\"url\":null,\"title\":null,\"published\":null,"   \
	"\"relation\":\"same_site\",\"kind\":\"partial\",\"resemblance\":0.0,"                    \
	"\"containment\":0.0,\"contained_by\":0.0,\"paragraphs\":[]}],\"more\":7"

static void expect(struct bytes *b, const char *want)
{
	put_u8(b, 0);
	assert_false(b->failed);
	assert_string_equal(b->p, want);
	bytes_free(b);
}

static void a_full_verdict_is_the_line_of_the_contract(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	verdict_put(&b, &full);
	expect(&b, FULL_MEMBERS "}\n");
}

static void an_alert_is_the_verdict_with_its_number_and_reasons(void **state)
{
	struct bytes b = { 0 };

	(void)state;
	verdict_put_alert(&b, &full, 33, 1u << KIND_NEAR | WHY_DOUBLED);
	expect(&b, FULL_MEMBERS ",\"alert\":33,\"why\":[\"near\",\"doubled\"]}\n");
}

static void a_lone_article_has_nulls_and_empty_lists_and_no_more(void **state)
{
	const struct verdict v = { .version = 1, .id = TEXT("x"), .kind = KIND_UNIQUE };
	struct bytes b = { 0 };

	(void)state;
	verdict_put(&b, &v);
	expect(&b, "{\"v\":1,\"algo\":2,\"seq\":null,\"version\":1,\"revises\":null,\"id\":\"x\","
		   "\"source\":null,\"site\":null,\"file\":null,\"url\":null,\"title\":null,"
		   "\"published\":null,\"seen\":\"1970-01-01T00:00:00.000Z\",\"words\":0,"
		   "\"paragraphs\":0,\"chrome\":0,\"simhash\":\"0000000000000000\","
		   "\"digest\":\"00000000000000000000000000000000\",\"verdict\":\"unique\","
		   "\"of\":null,\"cluster\":null,\"repetition\":{\"ratio\":0.0,\"doubled\":false,"
		   "\"blocks\":[]},\"matches\":[]}\n");
}

static void reasons_stand_strongest_first(void **state)
{
	const struct verdict v = { .id = TEXT("x") };
	struct bytes b = { 0 };

	(void)state;
	verdict_put_alert(&b, &v, 1,
			  ((1u << KIND_COUNT) - 1) | WHY_REPEATS | WHY_SAME_SITE | WHY_ALL);
	put_u8(&b, 0);
	assert_non_null(strstr(b.p, ",\"why\":[\"exact\",\"revision\",\"near\",\"excerpt\","
				    "\"contains\",\"partial\",\"short\",\"unique\",\"repeats\","
				    "\"same_site\",\"all\"]}\n"));
	bytes_free(&b);
}

static void every_kind_and_relation_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(kind_text(KIND_EXACT), "exact");
	assert_string_equal(kind_text(KIND_UNIQUE), "unique");
	assert_string_equal(relation_text(RELATION_SELF), "self");
	/* what a damaged row may hold */
	assert_string_equal(kind_text((enum kind)99), "unknown");
	assert_string_equal(relation_text((enum relation)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_verdict_is_the_line_of_the_contract),
		cmocka_unit_test(an_alert_is_the_verdict_with_its_number_and_reasons),
		cmocka_unit_test(a_lone_article_has_nulls_and_empty_lists_and_no_more),
		cmocka_unit_test(reasons_stand_strongest_first),
		cmocka_unit_test(every_kind_and_relation_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
