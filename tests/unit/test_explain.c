/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "detect/compare.h"
#include "detect/explain.h"
#include "detect/judge.h"
#include "wire/json.h"
#include "wire/value.h"

static struct bytes line;
static struct value *told;

static const struct acquaintance strangers = {
	.relation = RELATION_CROSS_SITE, .sites_known = true, .here_units = 601, .there_units = 600
};

static struct comparison pair(double resemblance)
{
	return (struct comparison){ .resemblance = resemblance,
				    .containment = resemblance,
				    .contained_by = resemblance,
				    .longest_units = 41,
				    .shared_units = 82 };
}

/* The object that is told of a pair, until the next one is. */
static const struct value *tell(const struct judge_reason *r, const struct comparison *c,
				const struct acquaintance *a, bool too_short)
{
	struct json j;
	char why[100];

	value_free(told);
	told = NULL;
	line.len = 0;
	j = json_of(&line);
	json_open(&j, '{');
	explain_members(&j, c, a, r, too_short);
	json_close(&j, '}');
	assert_int_equal(value_parse(&told, why, sizeof why, bytes_span(&line), 8), STATUS_OK);
	return told;
}

static const struct value *explained(struct judge_reason *r, const struct comparison *c,
				     const struct acquaintance *a, bool too_short)
{
	judge_explain(r, c, a, judge_defaults());
	return tell(r, c, a, too_short);
}

static void assert_text(const struct value *object, const char *key, const char *want)
{
	struct span got = value_text_of(object, key);

	assert_true(span_equal(got, span_of_text(want)));
}

static double share(const struct value *object, const char *key)
{
	return value_share(value_of(object, key));
}

static void every_rule_is_told_with_its_conditions_in_order(void **state)
{
	struct comparison c = pair(0.5);
	struct judge_reason r;
	const struct value *v = explained(&r, &c, &strangers, false), *rules = value_of(v, "rules");

	(void)state;
	assert_text(v, "verdict", kind_text(r.kind));
	assert_text(v, "rule", r.rule);
	assert_text(v, "relation", "cross_site");
	assert_true(value_flag(value_of(v, "sites_known")));
	assert_int_equal(value_count(rules), r.count);
	for (uint32_t i = 0; i < r.count; i++) {
		const struct value *step = value_at(rules, i);

		assert_text(step, "rule", r.steps[i].rule);
		assert_text(step, "kind", kind_text(r.steps[i].kind));
		assert_int_equal(value_flag(value_of(step, "met")), r.steps[i].met);
		assert_int_equal(value_flag(value_of(step, "bars")), r.steps[i].bars);
		assert_int_equal(value_flag(value_of(step, "barred")), r.steps[i].barred);
		assert_int_equal(value_count(value_of(step, "conditions")), r.steps[i].count);
	}
}

static void lengths_are_told_in_words(void **state)
{
	struct comparison c = pair(0.5);
	struct judge_reason r;
	const struct value *m = value_of(explained(&r, &c, &strangers, false), "measured");

	(void)state;
	assert_float_equal(share(m, "longest_run_words"), 20.5, 1e-9);
	assert_float_equal(share(m, "shared_words"), 41, 1e-9);
	assert_float_equal(share(m, "here_kept_words"), 300.5, 1e-9);
	assert_float_equal(share(m, "resemblance"), 0.5, 1e-9);
}

/* A length as a value and as its threshold; a flag has none; the others are as they are. */
static void a_condition_has_the_unit_of_its_measure(void **state)
{
	struct comparison c = pair(0.5);
	unsigned flags = 0, words = 0, shares = 0;
	struct judge_reason r;
	const struct value *rules = value_of(explained(&r, &c, &strangers, false), "rules");

	(void)state;
	for (uint32_t i = 0; i < r.count; i++) {
		for (uint32_t k = 0; k < r.steps[i].count; k++) {
			const struct judge_condition *want = &r.steps[i].conditions[k];
			const struct value *got =
				value_at(value_of(value_at(rules, i), "conditions"), k);
			double by = want->unit == JUDGE_UNITS ? 2 : 1;

			assert_text(got, "measure", want->name);
			flags += want->unit == JUDGE_FLAG;
			words += want->unit == JUDGE_UNITS;
			shares += want->unit == JUDGE_SHARE;
			if (want->unit == JUDGE_FLAG) {
				assert_null(value_of(got, "threshold"));
				assert_int_equal(value_type(value_of(got, "value")), VALUE_FLAG);
				continue;
			}
			assert_text(got, "limit", want->below ? "below" : "at_least");
			assert_text(got, "key", want->key);
			assert_float_equal(share(got, "value"), (float)(want->value / by), 1e-4);
			assert_float_equal(share(got, "threshold"), (float)(want->threshold / by),
					   1e-4);
		}
	}
	assert_true(flags > 0 && words > 0 && shares > 0);
}

static void the_tip_is_told_or_null(void **state)
{
	struct comparison c = pair(0.3);
	struct judge_reason r;
	const struct value *tip = value_of(explained(&r, &c, &strangers, false), "tip");

	(void)state;
	assert_true(r.tips);
	assert_text(tip, "verdict", kind_text(r.tipped));
	assert_text(tip, "rule", r.tip_rule);
	assert_text(tip, "key", r.tip.key);
	r.tips = false;
	assert_int_equal(value_type(value_of(tell(&r, &c, &strangers, false), "tip")), VALUE_NONE);
	assert_non_null(memmem(line.p, line.len, "\"tip\":null", 10));
}

static void too_little_text_decides_but_not_over_the_same_work(void **state)
{
	struct acquaintance a = strangers;
	struct comparison c = pair(0.9);
	struct judge_reason r;
	const struct value *v = explained(&r, &c, &a, true);

	(void)state;
	assert_text(v, "verdict", "short");
	assert_text(v, "rule", "too little text to judge");
	a.same_work = true;
	v = explained(&r, &c, &a, true);
	assert_text(v, "verdict", "revision");
	assert_text(v, "rule", r.rule);
}

static void titles_are_null_where_one_is_not_known(void **state)
{
	struct acquaintance a = strangers;
	struct comparison c = pair(0.5);
	struct judge_reason r;
	const struct value *m = value_of(explained(&r, &c, &a, false), "measured");

	(void)state;
	assert_int_equal(value_type(value_of(m, "titles")), VALUE_NONE);
	a.titles_known = true;
	a.titles = 0.25;
	m = value_of(explained(&r, &c, &a, false), "measured");
	assert_float_equal(share(m, "titles"), 0.25, 1e-9);
}

static int tear_down(void **state)
{
	(void)state;
	value_free(told);
	bytes_free(&line);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_is_told_with_its_conditions_in_order),
		cmocka_unit_test(lengths_are_told_in_words),
		cmocka_unit_test(a_condition_has_the_unit_of_its_measure),
		cmocka_unit_test(the_tip_is_told_or_null),
		cmocka_unit_test(too_little_text_decides_but_not_over_the_same_work),
		cmocka_unit_test(titles_are_null_where_one_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
