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
				    .span = 0.9,
				    .span_there = 0.9,
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
	struct comparison c = alike(0.35, 0.5, 0.5, 120);
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
	c.span_there = 0.2;
	assert_int_equal(judge_kind(&c, &a), KIND_EXCERPT);
	c = alike(0.2, 0.2, 0.95, 100);
	c.span = 0.2;
	a.here_units = 600;
	a.there_units = 120;
	assert_int_equal(judge_kind(&c, &a), KIND_CONTAINS);
}

static void a_line_or_two_that_stand_whole_in_a_longer_text_are_an_excerpt(void **state)
{
	struct comparison c = alike(0.6, 1, 0.6, 40);
	struct acquaintance a = strangers;

	(void)state;
	a.here_units = 40;
	a.there_units = 64;
	c.span_there = 0.65;
	assert_int_equal(judge_kind(&c, &a), KIND_EXCERPT);
	c.span_there = 0.95; /* a word here and there was cut */
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
}

/* Paragraphs were dropped and put in all over it; a round-up took some that stand together. */
static void what_is_alike_all_over_is_a_copy_and_what_is_alike_in_one_part_is_not(void **state)
{
	struct comparison c = alike(0.25, 0.4, 0.4, 60);

	(void)state;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.span = c.span_there = 0.4;
	assert_int_equal(judge_kind(&c, &strangers), KIND_PARTIAL);
}

static void one_title_makes_a_copy_of_less_and_another_title_needs_more(void **state)
{
	struct comparison c = alike(0.25, 0.38, 0.4, 60);
	struct acquaintance a = strangers;

	(void)state;
	c.span = 0.4;
	a.titles_known = true;
	a.titles = 0.8;
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
	a.titles = 0;
	assert_int_equal(judge_kind(&c, &a), KIND_PARTIAL);
	c = alike(0.55, 0.7, 0.7, 60);
	c.span = 0.7;
	assert_int_equal(judge_kind(&c, &a), KIND_PARTIAL);
	c.span = 0.9; /* all over */
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
	c.span = 0.7;
	a.titles = 0.8;
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
	a.titles = 0;
	c = alike(0.8, 0.9, 0.9, 60);
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
}

static void the_same_words_in_order_are_a_copy_unless_the_figures_are_others(void **state)
{
	struct comparison c = alike(0.1, 0.18, 0.18, 16);

	(void)state;
	c.shared_units = 30;
	c.numbers = 0.6;
	assert_int_equal(judge_kind(&c, &strangers), KIND_UNIQUE);
	c.aligned = 0.6;
	c.aligned_span = 0.95;
	c.numbers_replaced = 10;
	c.words_changed = 0.35;
	c.numbers_changed = 0.4;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.words_changed = 0.1;
	c.numbers_changed = 0.9;
	assert_int_equal(judge_kind(&c, &strangers), KIND_UNIQUE);
}

static void pages_of_an_unknown_site_that_begin_alike_are_one_page(void **state)
{
	struct comparison c = alike(0.65, 0.75, 0.75, 200);
	struct acquaintance a = strangers;

	(void)state;
	a.sites_known = false;
	assert_int_equal(judge_kind(&c, &a), KIND_PARTIAL);
	c.opening_units = 60;
	assert_int_equal(judge_kind(&c, &a), KIND_NEAR);
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
	struct comparison c = alike(0.6, 0.75, 0.75, 50);

	(void)state;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.figures_kept = 3;
	c.figures_replaced = 4;
	assert_int_equal(judge_kind(&c, &strangers), KIND_UNIQUE);
	c.figures_kept = 40;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
	c.figures_kept = c.figures_replaced = 0; /* no figure stands in what they share */
	c.numbers = 0.1;
	assert_int_equal(judge_kind(&c, &strangers), KIND_UNIQUE);
	c.longest_units = 120;
	assert_int_equal(judge_kind(&c, &strangers), KIND_NEAR);
}

static void other_words_around_the_same_figures_are_a_copy(void **state)
{
	struct comparison c = alike(0.2, 0.3, 0.32, 20);

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
	assert_true(judge_short(19));
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

/* Often exactly on a threshold. */
static double roll_share(void)
{
	return roll(3) == 0 ? (double)roll(1001) / 1000 : (double)roll(21) / 20;
}

static uint32_t roll_units(void)
{
	static const uint32_t edges[] = { 0,  12, 15, 16, 19, 20, 24, 26, 28, 39,
					  40, 47, 48, 53, 54, 71, 72, 99, 100 };

	return roll(2) == 0 ? edges[roll(sizeof edges / sizeof edges[0])] : roll(400);
}

static void roll_pair(struct comparison *c, struct acquaintance *a)
{
	*c = (struct comparison){ .resemblance = roll_share(),
				  .containment = roll_share(),
				  .contained_by = roll_share(),
				  .span = roll_share(),
				  .span_there = roll_share(),
				  .opening_units = roll(4) == 0 ? roll_units() : 0,
				  .longest_units = roll_units(),
				  .shared_units = roll_units(),
				  .whole_units = roll_units(),
				  .quoted_units = roll_units(),
				  .number_count = roll(8),
				  .numbers = roll_share(),
				  .aligned = roll(2) * roll_share(),
				  .aligned_span = roll_share(),
				  .words_changed = roll_share(),
				  .numbers_changed = roll_share(),
				  .numbers_replaced = roll(6),
				  .figures_kept = roll(8),
				  .figures_replaced = roll(2) * roll(8),
				  .same = roll(40) == 0 };
	*a = (struct acquaintance){ .relation = (enum relation)roll(RELATION_COUNT),
				    .sites_known = roll(3) > 0,
				    .same_work = roll(40) == 0,
				    .titles_known = roll(2) == 0,
				    .titles = roll_share(),
				    .here_units = roll_units(),
				    .there_units = roll_units() };
}

/* One pair with the names that the rules use. */
struct facts {
	const struct comparison *c;
	const struct acquaintance *a;
	const struct thresholds *t;
	double least, most, span, replaced, excess;
	bool cross, other_title;
};

static struct facts facts_of(const struct comparison *c, const struct acquaintance *a,
			     const struct thresholds *t)
{
	struct facts f = { .c = c, .a = a, .t = t };

	f.least = fmin(c->containment, c->contained_by);
	f.most = fmax(c->containment, c->contained_by);
	f.span = fmin(c->span, c->span_there);
	if (c->figures_replaced > 0)
		f.replaced = (double)c->figures_replaced / (c->figures_replaced + c->figures_kept);
	if (c->numbers_replaced >= 3)
		f.excess = c->numbers_changed - c->words_changed;
	f.cross = a->sites_known && a->relation == RELATION_CROSS_SITE;
	f.other_title = a->titles_known && 1 - a->titles >= t->other_title;
	return f;
}

static bool few_numbers_in_common(const struct facts *f)
{
	return f->c->number_count >= f->t->figures_count && f->c->numbers < f->t->figures_share;
}

static bool words_around_figures(const struct facts *f)
{
	return f->c->aligned >= f->t->aligned_share && f->excess >= f->t->frame_excess &&
	       f->c->longest_units < f->t->figures_run;
}

static bool frame_by_hand(const struct facts *f)
{
	if (words_around_figures(f))
		return true;
	return f->c->resemblance < f->t->figures_resemblance &&
	       ((f->c->figures_replaced >= f->t->figures_replaced &&
		 f->replaced >= f->t->figures_replaced_share &&
		 f->c->longest_units < f->t->figures_run) ||
		(few_numbers_in_common(f) && f->c->longest_units < f->t->frame_run));
}

static bool short_in_by_hand(const struct facts *f, double share, uint32_t shorter, uint32_t longer,
			     double span)
{
	if (shorter > 0)
		share = fmax(share, (double)f->c->longest_units / shorter);
	return f->cross && share >= f->t->excerpt_short_share && shorter < f->t->excerpt_short &&
	       (shorter == 0 || (double)longer / shorter >= f->t->excerpt_short_times) &&
	       span < f->t->excerpt_short_span;
}

static bool stands_in_by_hand(const struct facts *f, double share, uint32_t shorter,
			      uint32_t longer, double span)
{
	return span < f->t->excerpt_span && f->c->shared_units >= f->t->excerpt_shared &&
	       (shorter == 0 || (double)longer / shorter >= f->t->excerpt_times) &&
	       ((share >= f->t->excerpt_share && f->c->longest_units >= f->t->excerpt_run) ||
		share >= f->t->excerpt_share_alone);
}

static bool near_all_over(const struct facts *f)
{
	const struct comparison *c = f->c;
	const struct thresholds *t = f->t;

	if (!f->cross)
		return false;
	return (c->resemblance >= t->near_short_resemblance &&
		c->longest_units >= t->near_short_run && !f->other_title) ||
	       (f->a->titles_known && f->a->titles >= t->one_title &&
		c->resemblance >= t->one_title_resemblance &&
		c->longest_units >= t->one_title_run && f->span >= t->one_title_span) ||
	       (f->span >= t->near_span && f->least >= t->near_containment &&
		c->longest_units >= t->near_long_run && !f->other_title);
}

static bool near_in_part(const struct facts *f)
{
	const struct comparison *c = f->c;
	const struct thresholds *t = f->t;

	return (f->a->titles_known && f->a->titles >= t->one_title_part &&
		c->resemblance >= t->one_title_resemblance_part &&
		c->longest_units >= t->near_long_run) ||
	       (c->resemblance >= t->near_resemblance && c->longest_units >= t->near_run &&
		!f->other_title) ||
	       (c->longest_units >= t->near_long_run &&
		(c->resemblance >= t->other_title_resemblance ||
		 (f->span >= t->other_title_span && f->least >= t->near_containment))) ||
	       (f->least >= t->rewritten_containment && c->numbers >= t->rewritten_numbers &&
		c->number_count >= t->figures_count && c->longest_units >= t->rewritten_run &&
		f->span >= t->near_span && !f->other_title);
}

static bool near_by_hand(const struct facts *f)
{
	const struct comparison *c = f->c;
	const struct thresholds *t = f->t;

	if (f->cross)
		return near_in_part(f);
	if (!f->a->sites_known)
		return (c->longest_units >= t->unknown_site_run &&
			c->resemblance >= t->unknown_site_resemblance &&
			f->least >= t->unknown_site_containment) ||
		       (c->opening_units >= t->opening_run &&
			c->resemblance >= t->opening_resemblance &&
			f->least >= t->opening_containment);
	return c->longest_units >= t->same_site_run &&
	       ((c->resemblance >= t->same_site_resemblance && !f->other_title) ||
		f->least >= t->same_site_containment);
}

static bool passage_by_hand(const struct facts *f)
{
	const struct comparison *c = f->c;
	const struct thresholds *t = f->t;

	if (words_around_figures(f))
		return false;
	if (c->longest_units < t->frame_run &&
	    (f->replaced >= t->frame_replaced_share ||
	     (few_numbers_in_common(f) && f->span >= t->frame_span)))
		return false;
	return c->shared_units >= t->passage_shared || c->whole_units >= t->passage_whole ||
	       (f->most >= t->passage_share && c->longest_units >= t->passage_run &&
		c->shared_units >= t->passage_run);
}

static enum kind by_hand(const struct comparison *c, const struct acquaintance *a,
			 const struct thresholds *t)
{
	struct facts f = facts_of(c, a, t);
	uint32_t here = a->here_units, there = a->there_units;

	if (c->same && here > 0)
		return KIND_EXACT;
	if (a->same_work)
		return KIND_REVISION;
	if (f.cross && c->aligned >= t->aligned_share && c->aligned_span >= t->aligned_span &&
	    f.excess < t->aligned_numbers && c->longest_units >= t->aligned_run)
		return KIND_NEAR;
	if (short_in_by_hand(&f, c->containment, here, there, c->span_there))
		return KIND_EXCERPT;
	if (short_in_by_hand(&f, c->contained_by, there, here, c->span))
		return KIND_CONTAINS;
	if (!frame_by_hand(&f) && near_all_over(&f))
		return KIND_NEAR;
	if (stands_in_by_hand(&f, c->containment, here, there, c->span_there))
		return KIND_EXCERPT;
	if (stands_in_by_hand(&f, c->contained_by, there, here, c->span))
		return KIND_CONTAINS;
	if (!frame_by_hand(&f) && near_by_hand(&f))
		return KIND_NEAR;
	return passage_by_hand(&f) ? KIND_PARTIAL : KIND_UNIQUE;
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
	struct comparison c = alike(0.3, 0.3, 0.3, 40);
	struct judge_reason r;

	(void)state;
	c.shared_units = 10;
	c.number_count = 1;
	judge_explain(&r, &c, &strangers, judge_defaults());
	assert_int_equal(r.kind, KIND_UNIQUE);
	assert_true(r.tips);
	assert_int_equal(r.tipped, KIND_NEAR);
	assert_string_equal(r.tip.key, "near_resemblance");
	assert_true(r.tip.threshold > 0.319 && r.tip.threshold < 0.321);
}

static void a_pair_a_fifth_below_a_threshold_is_a_near_miss_and_a_strange_one_is_not(void **state)
{
	struct comparison c = alike(0.28, 0.15, 0.15, 40);
	struct judge_miss m;

	(void)state;
	c.shared_units = 20;
	assert_true(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_UNIQUE));
	assert_int_equal(m.kind, KIND_NEAR);
	assert_string_equal(m.worst.name, "resemblance");
	assert_false(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_EXCERPT));
	c.resemblance = 0.2;
	assert_false(judge_missed(&m, &c, &strangers, judge_defaults(), KIND_UNIQUE));
	c.shared_units = 65;
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
		cmocka_unit_test(a_line_or_two_that_stand_whole_in_a_longer_text_are_an_excerpt),
		cmocka_unit_test(
			what_is_alike_all_over_is_a_copy_and_what_is_alike_in_one_part_is_not),
		cmocka_unit_test(one_title_makes_a_copy_of_less_and_another_title_needs_more),
		cmocka_unit_test(the_same_words_in_order_are_a_copy_unless_the_figures_are_others),
		cmocka_unit_test(pages_of_an_unknown_site_that_begin_alike_are_one_page),
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
