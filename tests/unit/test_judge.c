/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "detect/compare.h"
#include "detect/judge.h"

static const struct acquaintance strangers = {
	.relation = RELATION_CROSS_SITE, .sites_known = true, .here_units = 600, .there_units = 600
};

static struct comparison alike(double resemblance, double containment, double contained_by,
			       uint32_t longest_units)
{
	return (struct comparison){ .resemblance = resemblance,
				    .containment = containment,
				    .contained_by = contained_by,
				    .longest_units = longest_units,
				    .shared_units = longest_units,
				    .number_count = 8,
				    .numbers = 1.0 };
}

static void equal_words_are_exact(void **state)
{
	struct comparison c = alike(1, 1, 1, 600);

	(void)state;
	c.same = true;
	assert_int_equal(judge_kind(&c, &strangers), KIND_EXACT);
}

static void the_same_work_with_other_text_is_a_revision(void **state)
{
	struct comparison c = alike(0.9, 0.95, 0.95, 300);
	struct acquaintance a = strangers;

	(void)state;
	a.same_work = true;
	a.relation = RELATION_SELF;
	assert_int_equal(judge_kind(&c, &a), KIND_REVISION);
}

static void an_edited_copy_elsewhere_is_near(void **state)
{
	struct comparison c = alike(0.55, 0.7, 0.72, 120);

	(void)state;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
}

static void one_site_must_be_more_alike_to_be_near(void **state)
{
	struct comparison c = alike(0.4, 0.55, 0.55, 120);
	struct acquaintance a = strangers;

	(void)state;
	a.relation = RELATION_SAME_SITE;
	assert_int_not_equal(judge_kind(&c, &a), KIND_NEAR);
	c = alike(0.8, 0.9, 0.9, 120);
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
}

static void articles_of_unknown_sites_must_be_alike_all_over(void **state)
{
	struct comparison c = alike(0.6, 0.75, 0.75, 400);
	struct acquaintance a = strangers;

	(void)state;
	a.sites_known = false;
	assert_int_not_equal(judge_kind(&c, &a), KIND_NEAR);
	c = alike(0.8, 0.9, 0.9, 120);
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
}

static void a_short_text_inside_a_long_one_is_an_excerpt_and_the_other_way_round_contains(
	void **state)
{
	struct comparison c = alike(0.2, 0.95, 0.2, 100);
	struct acquaintance a = strangers;

	(void)state;
	a.here_units = 120;
	assert_int_equal(judge_kind(&c, &a), KIND_EXCERPT);
	c = alike(0.2, 0.2, 0.95, 100);
	a.here_units = 600;
	a.there_units = 120;
	assert_int_equal(judge_kind(&c, &a), KIND_CONTAINS);
}

static void a_shared_passage_is_partial_and_a_shared_sentence_is_not(void **state)
{
	struct comparison c = alike(0.1, 0.2, 0.2, 100);

	(void)state;
	assert_int_equal(judge_kind(&c, &strangers), KIND_PARTIAL);
	c = alike(0.05, 0.08, 0.08, 40);
	assert_int_equal(judge_kind(&c, &strangers), KIND_UNIQUE);
	c.whole_units = 40;
	assert_int_equal(judge_kind(&c, &strangers), KIND_PARTIAL);
}

static void the_same_frame_around_other_figures_is_no_copy(void **state)
{
	struct comparison c = alike(0.6, 0.75, 0.75, 60);

	(void)state;
	c.numbers = 0.1;
	assert_int_not_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.numbers = 0.9;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
}

static void a_handful_of_words_is_too_short_to_judge(void **state)
{
	(void)state;
	assert_true(judge_short(0));
	assert_true(judge_short(20));
	assert_false(judge_short(200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_words_are_exact),
		cmocka_unit_test(the_same_work_with_other_text_is_a_revision),
		cmocka_unit_test(an_edited_copy_elsewhere_is_near),
		cmocka_unit_test(one_site_must_be_more_alike_to_be_near),
		cmocka_unit_test(
			a_short_text_inside_a_long_one_is_an_excerpt_and_the_other_way_round_contains),
		cmocka_unit_test(articles_of_unknown_sites_must_be_alike_all_over),
		cmocka_unit_test(articles_of_unknown_sites_must_be_alike_all_over),
		cmocka_unit_test(a_shared_passage_is_partial_and_a_shared_sentence_is_not),
		cmocka_unit_test(the_same_frame_around_other_figures_is_no_copy),
		cmocka_unit_test(a_handful_of_words_is_too_short_to_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
