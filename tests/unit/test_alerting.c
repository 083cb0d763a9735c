/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ingest/alerting.h"

#define NOW INT64_C(1800000000000)
#define HOUR INT64_C(3600000)

static const struct pipeline_options standard = {
	.alert_kinds =
		1u << KIND_EXACT | 1u << KIND_NEAR | 1u << KIND_EXCERPT | 1u << KIND_CONTAINS,
	.alert_ratio = 0.2,
	.alert_max_age_ms = 24 * HOUR,
};

static uint32_t why(enum kind kind, enum relation relation, const struct pipeline_options *o)
{
	struct match m = { .kind = kind, .relation = relation };
	struct verdict v = { .matches = &m, .match_count = 1 };

	return alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, o);
}

static void copies_across_sites_are_told(void **state)
{
	(void)state;
	assert_int_equal(why(KIND_NEAR, RELATION_CROSS_SITE, &standard), 1u << KIND_NEAR);
	assert_int_equal(why(KIND_EXCERPT, RELATION_CROSS_SITE, &standard), 1u << KIND_EXCERPT);
	assert_int_equal(why(KIND_PARTIAL, RELATION_CROSS_SITE, &standard), 0);
	assert_int_equal(why(KIND_NEAR, RELATION_SAME_SITE, &standard), 0);
	assert_int_equal(why(KIND_REVISION, RELATION_SELF, &standard), 0);
}

static void other_kinds_are_told_when_asked_for(void **state)
{
	struct pipeline_options o = standard;

	(void)state;
	o.alert_kinds |= WHY_SAME_SITE | 1u << KIND_REVISION | 1u << KIND_PARTIAL;
	assert_int_equal(why(KIND_NEAR, RELATION_SAME_SITE, &o), 1u << KIND_NEAR | WHY_SAME_SITE);
	assert_int_not_equal(why(KIND_REVISION, RELATION_SELF, &o) & 1u << KIND_REVISION, 0);
	assert_int_equal(why(KIND_PARTIAL, RELATION_CROSS_SITE, &o), 1u << KIND_PARTIAL);
}

static void repetition_is_told_from_the_ratio_on(void **state)
{
	struct verdict v = { .ratio = 0.19 };

	(void)state;
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, &standard),
			 0);
	v.ratio = 0.2;
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, &standard),
			 WHY_REPEATS);
	v.doubled = true;
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, &standard),
			 WHY_DOUBLED);
}

static void all_tells_even_of_unique_articles(void **state)
{
	struct pipeline_options o = standard;
	struct verdict v = { 0 };

	(void)state;
	o.alert_kinds |= WHY_ALL;
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, &o), WHY_ALL);
}

static void a_new_origin_is_told_when_asked_for(void **state)
{
	struct match m = { .kind = KIND_PARTIAL, .relation = RELATION_CROSS_SITE };
	struct verdict v = { .matches = &m, .match_count = 1 };
	struct pipeline_options o = standard;

	(void)state;
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, ARTICLE_NO_TIME, NOW, NOW, &o), 0);
	o.alert_kinds |= WHY_ORIGIN;
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, ARTICLE_NO_TIME, NOW, NOW, &o),
			 WHY_ORIGIN);
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW, NOW, &o), 0);
	m.kind = KIND_NEAR;
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, ARTICLE_NO_TIME, NOW, NOW, &o),
			 1u << KIND_NEAR | WHY_ORIGIN);
	o.alert_kinds = WHY_ALL;
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, ARTICLE_NO_TIME, NOW, NOW, &o),
			 WHY_ORIGIN);
	/* As silent as every old article. */
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_SILENT, NOW - 25 * HOUR, NOW, NOW, &o), 0);
	/* ... but not that it takes the place of one that was told. */
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, NOW - 25 * HOUR, NOW, NOW, &o),
			 WHY_ORIGIN);
	o.alert_kinds = standard.alert_kinds;
	assert_int_equal(alerting_why(&v, SUCCESSION_OF_FRESH, NOW - 25 * HOUR, NOW, NOW, &o), 0);
}

static void old_articles_are_silent(void **state)
{
	struct match m = { .kind = KIND_EXACT, .relation = RELATION_CROSS_SITE };
	struct verdict v = { .matches = &m, .match_count = 1 };

	(void)state;
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, NOW - 25 * HOUR, NOW, NOW, &standard),
			 0);
	assert_int_not_equal(
		alerting_why(&v, SUCCESSION_NONE, NOW - 23 * HOUR, NOW, NOW, &standard), 0);
	/* Without a date of its own the file's counts. */
	assert_int_equal(alerting_why(&v, SUCCESSION_NONE, ARTICLE_NO_TIME, NOW - 25 * HOUR, NOW,
				      &standard),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_across_sites_are_told),
		cmocka_unit_test(other_kinds_are_told_when_asked_for),
		cmocka_unit_test(repetition_is_told_from_the_ratio_on),
		cmocka_unit_test(all_tells_even_of_unique_articles),
		cmocka_unit_test(a_new_origin_is_told_when_asked_for),
		cmocka_unit_test(old_articles_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
