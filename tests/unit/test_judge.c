/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

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

static void other_words_around_the_same_figures_are_a_copy(void **state)
{
	struct comparison c = alike(0.3, 0.4, 0.42, 30);

	(void)state;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.numbers = 0.6;
	assert_int_not_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.numbers = 1.0;
	c.number_count = 1;
	assert_int_not_equal(judge_kind(&c, &strangers), KIND_NEAR);
}

static void a_handful_of_words_is_too_short_to_judge(void **state)
{
	(void)state;
	assert_true(judge_short(0));
	assert_true(judge_short(20));
	assert_false(judge_short(200));
}

/* ---- the table against the dumbest correct version: the same rules by hand -------------------
 */

static uint64_t dice = 7;

static unsigned roll(unsigned sides)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(dice >> 33) % sides;
}

/* Often exactly on a threshold: every one is a multiple of a twentieth. */
static double roll_share(void)
{
	return roll(3) == 0 ? (double)roll(1001) / 1000 : (double)roll(21) / 20;
}

static uint32_t roll_units(void)
{
	static const uint32_t edges[] = { 0,  23, 24, 29, 30, 31, 39, 40,
					  47, 48, 55, 56, 89, 90, 99, 100 };

	return roll(2) == 0 ? edges[roll(sizeof edges / sizeof edges[0])] : roll(400);
}

static void roll_pair(struct comparison *c, struct acquaintance *a)
{
	*c = (struct comparison){ .resemblance = roll_share(),
				  .containment = roll_share(),
				  .contained_by = roll_share(),
				  .longest_units = roll_units(),
				  .shared_units = roll_units(),
				  .whole_units = roll_units(),
				  .quoted_units = roll_units(),
				  .number_count = roll(8),
				  .numbers = roll_share(),
				  .same = roll(40) == 0 };
	*a = (struct acquaintance){ .relation = (enum relation)roll(RELATION_COUNT),
				    .sites_known = roll(3) > 0,
				    .same_work = roll(40) == 0,
				    .here_units = roll_units(),
				    .there_units = roll_units() };
}

static bool near_by_hand(const struct comparison *c, const struct acquaintance *a,
			 const struct thresholds *t)
{
	double least = c->containment < c->contained_by ? c->containment : c->contained_by;

	if (c->resemblance < t->figures_resemblance && c->number_count >= t->figures_count &&
	    c->numbers < t->figures_share && c->longest_units < t->figures_run)
		return false;
	if (!a->sites_known)
		return c->longest_units >= t->unknown_site_run &&
		       c->resemblance >= t->unknown_site_resemblance &&
		       least >= t->unknown_site_containment;
	if (a->relation == RELATION_CROSS_SITE)
		return (c->longest_units >= t->near_short_run &&
			c->resemblance >= t->near_short_resemblance) ||
		       (c->longest_units >= t->near_run && c->resemblance >= t->near_resemblance) ||
		       (c->longest_units >= t->near_long_run && least >= t->near_containment) ||
		       (c->longest_units >= t->rewritten_run && least >= t->rewritten_containment &&
			c->numbers >= t->rewritten_numbers && c->number_count >= t->figures_count);
	return c->longest_units >= t->same_site_run &&
	       (c->resemblance >= t->same_site_resemblance || least >= t->same_site_containment);
}

static bool stands_in_by_hand(const struct comparison *c, double share, double other,
			      uint32_t shorter, uint32_t longer, const struct thresholds *t)
{
	return share >= t->excerpt_share && t->excerpt_times * shorter <= longer &&
	       other < t->excerpt_other && c->shared_units >= t->excerpt_shared &&
	       (c->longest_units >= t->excerpt_run || share >= t->excerpt_share_alone);
}

static enum kind by_hand(const struct comparison *c, const struct acquaintance *a,
			 const struct thresholds *t)
{
	double most = c->containment > c->contained_by ? c->containment : c->contained_by;

	if (c->same && a->here_units > 0)
		return KIND_EXACT;
	if (a->same_work)
		return KIND_REVISION;
	if (stands_in_by_hand(c, c->containment, c->contained_by, a->here_units, a->there_units, t))
		return KIND_EXCERPT;
	if (stands_in_by_hand(c, c->contained_by, c->containment, a->there_units, a->here_units, t))
		return KIND_CONTAINS;
	if (near_by_hand(c, a, t))
		return KIND_NEAR;
	return c->shared_units >= t->passage_shared || c->whole_units >= t->passage_whole ||
			       (most >= t->passage_share && c->longest_units >= t->passage_run)
		       ? KIND_PARTIAL
		       : KIND_UNIQUE;
}

static void the_table_says_what_the_rules_say_by_hand(void **state)
{
	unsigned seen[KIND_COUNT] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		struct acquaintance a;
		struct comparison c;
		enum kind kind;

		roll_pair(&c, &a);
		kind = judge_kind(&c, &a);
		assert_int_equal(kind, by_hand(&c, &a, judge_defaults()));
		seen[kind]++;
	}
	for (enum kind k = 0; k < KIND_COUNT; k++)
		assert_true(k == KIND_SHORT || seen[k] > 100);
}

static void an_explanation_gives_the_kind_and_the_rule_that_decided(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct acquaintance a;
		struct comparison c;
		struct judge_reason r;
		const char *decided = "no rule";

		roll_pair(&c, &a);
		judge_explain(&r, &c, &a, judge_defaults());
		assert_int_equal(r.kind, judge_kind(&c, &a));
		for (uint32_t s = r.count; s-- > 0;) {
			bool met = true;

			for (uint32_t k = 0; k < r.steps[s].count; k++)
				met &= r.steps[s].conditions[k].met;
			assert_int_equal(met, r.steps[s].met);
			if (met && !r.steps[s].bars && !r.steps[s].barred)
				decided = r.steps[s].rule;
		}
		assert_string_equal(r.rule, decided);
	}
}

static void what_would_have_tipped_it_really_does(void **state)
{
	unsigned tipped = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct thresholds t = *judge_defaults();
		struct acquaintance a;
		struct comparison c;
		struct judge_reason r;
		double at;

		roll_pair(&c, &a);
		judge_explain(&r, &c, &a, &t);
		if (!r.tips)
			continue;
		tipped++;
		at = r.tip.below != r.tip.met ? nextafter(r.tip.value, 1e9) : r.tip.value;
#define THRESHOLD(name, unit, value, meaning) \
	if (strcmp(r.tip.key, #name) == 0)    \
		t.name = at;
#include "detect/thresholds.def"
#undef THRESHOLD
		assert_int_not_equal(r.tipped, r.kind);
		assert_int_equal(judge_by(&c, &a, &t), r.tipped);
	}
	assert_true(tipped > 5000);
}

static void the_nearest_threshold_is_named(void **state)
{
	struct comparison c = alike(0.38, 0.3, 0.3, 80);
	struct judge_reason r;

	(void)state;
	judge_explain(&r, &c, &strangers, judge_defaults());
	assert_int_equal(r.kind, KIND_UNIQUE);
	assert_true(r.tips);
	assert_int_equal(r.tipped, KIND_NEAR);
	assert_string_equal(r.tip.key, "near_resemblance");
	assert_true(r.tip.threshold > 0.399 && r.tip.threshold < 0.401);
}

static void a_pair_a_fifth_below_a_threshold_is_a_near_miss_and_a_strange_one_is_not(void **state)
{
	struct comparison c = alike(0.35, 0.2, 0.5, 40);
	struct judge_miss m;

	(void)state;
	c.shared_units = 20;
	assert_true(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_UNIQUE));
	assert_int_equal(m.kind, KIND_NEAR);
	assert_string_equal(m.worst.name, "resemblance");
	assert_false(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_EXCERPT));
	c.resemblance = 0.3;
	assert_false(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_UNIQUE));
	c.shared_units = 80;
	assert_true(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_UNIQUE));
	assert_int_equal(m.kind, KIND_PARTIAL);
	assert_false(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_PARTIAL));
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
		cmocka_unit_test(a_shared_passage_is_partial_and_a_shared_sentence_is_not),
		cmocka_unit_test(the_same_frame_around_other_figures_is_no_copy),
		cmocka_unit_test(other_words_around_the_same_figures_are_a_copy),
		cmocka_unit_test(a_handful_of_words_is_too_short_to_judge),
		cmocka_unit_test(the_table_says_what_the_rules_say_by_hand),
		cmocka_unit_test(an_explanation_gives_the_kind_and_the_rule_that_decided),
		cmocka_unit_test(what_would_have_tipped_it_really_does),
		cmocka_unit_test(the_nearest_threshold_is_named),
		cmocka_unit_test(
			a_pair_a_fifth_below_a_threshold_is_a_near_miss_and_a_strange_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
