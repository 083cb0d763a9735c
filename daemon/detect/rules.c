/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/rules.h"

#include <float.h>

#include "detect/compare.h"

/* ---- what is measured ------------------------------------------------------------------------
 */

const struct measure_name rules_measure_names[MEASURE_COUNT] = {
	[SAME] = { "same_words", JUDGE_FLAG },
	[SAME_WORK] = { "same_work", JUDGE_FLAG },
	[RESEMBLANCE] = { "resemblance", JUDGE_SHARE },
	[CONTAINMENT] = { "containment", JUDGE_SHARE },
	[CONTAINED_BY] = { "contained_by", JUDGE_SHARE },
	[MOST] = { "larger_containment", JUDGE_SHARE },
	[LEAST] = { "smaller_containment", JUDGE_SHARE },
	[LENGTH_HERE] = { "length_here", JUDGE_UNITS },
	[LENGTH_THERE] = { "length_there", JUDGE_UNITS },
	[WHOLENESS_HERE] = { "wholeness_here", JUDGE_SHARE },
	[WHOLENESS_THERE] = { "wholeness_there", JUDGE_SHARE },
	[THERE_LONGER] = { "there_longer", JUDGE_TIMES },
	[HERE_LONGER] = { "here_longer", JUDGE_TIMES },
	[SPAN_LEAST] = { "smaller_span", JUDGE_SHARE },
	[SPAN_HERE] = { "span_here", JUDGE_SHARE },
	[SPAN_THERE] = { "span_there", JUDGE_SHARE },
	[TITLES_ALIKE] = { "titles_alike", JUDGE_SHARE },
	[TITLES_UNLIKE] = { "titles_unlike", JUDGE_SHARE },
	[OPENING] = { "opening", JUDGE_UNITS },
	[LONGEST] = { "longest_run", JUDGE_UNITS },
	[SHARED] = { "shared", JUDGE_UNITS },
	[WHOLE] = { "whole_paragraphs", JUDGE_UNITS },
	[NUMBER_COUNT] = { "number_count", JUDGE_COUNT },
	[NUMBERS] = { "numbers", JUDGE_SHARE },
	[ALIGNED] = { "aligned", JUDGE_SHARE },
	[ALIGNED_SPAN] = { "aligned_span", JUDGE_SHARE },
	[NUMBERS_EXCESS] = { "numbers_excess", JUDGE_SHARE },
	[REPLACED] = { "figures_replaced", JUDGE_COUNT },
	[REPLACED_SHARE] = { "figures_replaced_share", JUDGE_SHARE },
};

static double times(uint32_t longer, uint32_t shorter)
{
	return shorter == 0 ? DBL_MAX : (double)longer / (double)shorter;
}

/* Of both together; 0 when there are none. */
static double share_of(uint32_t some, uint32_t others)
{
	return some == 0 ? 0 : (double)some / ((double)some + others);
}

/* The last shingles of a text are its end's and nobody else's: of a line or two that is a lot. */
static double wholeness(double contained, uint32_t run, uint32_t length)
{
	double piece = length == 0 ? 0 : (double)run / (double)length;

	return contained > piece ? contained : piece;
}

/* One or two may be others by chance, or be the news. */
#define FEW_NUMBERS 3u

static double excess(const struct comparison *c)
{
	return c->numbers_replaced < FEW_NUMBERS ? 0 : c->numbers_changed - c->words_changed;
}

void rules_measure(double *out, const struct comparison *c, const struct acquaintance *a)
{
	out[SAME] = c->same && a->here_units > 0;
	out[SAME_WORK] = a->same_work;
	out[RESEMBLANCE] = c->resemblance;
	out[CONTAINMENT] = c->containment;
	out[CONTAINED_BY] = c->contained_by;
	out[MOST] = c->containment > c->contained_by ? c->containment : c->contained_by;
	out[LEAST] = c->containment < c->contained_by ? c->containment : c->contained_by;
	out[LENGTH_HERE] = a->here_units;
	out[LENGTH_THERE] = a->there_units;
	out[WHOLENESS_HERE] = wholeness(c->containment, c->longest_units, a->here_units);
	out[WHOLENESS_THERE] = wholeness(c->contained_by, c->longest_units, a->there_units);
	out[THERE_LONGER] = times(a->there_units, a->here_units);
	out[HERE_LONGER] = times(a->here_units, a->there_units);
	out[SPAN_LEAST] = c->span < c->span_there ? c->span : c->span_there;
	out[SPAN_HERE] = c->span;
	out[SPAN_THERE] = c->span_there;
	out[TITLES_ALIKE] = a->titles_known ? a->titles : 0;
	out[TITLES_UNLIKE] = a->titles_known ? 1 - a->titles : 0;
	out[OPENING] = c->opening_units;
	out[LONGEST] = c->longest_units;
	out[SHARED] = c->shared_units;
	out[WHOLE] = c->whole_units;
	out[NUMBER_COUNT] = c->number_count;
	out[NUMBERS] = c->numbers;
	out[ALIGNED] = c->aligned;
	out[ALIGNED_SPAN] = c->aligned_span;
	out[NUMBERS_EXCESS] = excess(c);
	out[REPLACED] = c->figures_replaced;
	out[REPLACED_SHARE] = share_of(c->figures_replaced, c->figures_kept);
}

/* ---- the rules -------------------------------------------------------------------------------
 */

#define TRUE_OF(measure)       \
	{                      \
		IS, measure, 0 \
	}
#define AT_LEAST(measure, name)                                       \
	{                                                             \
		NOT_BELOW, measure, offsetof(struct thresholds, name) \
	}
#define BELOW(measure, name)                                         \
	{                                                            \
		IS_BELOW, measure, offsetof(struct thresholds, name) \
	}

const struct rule rules_table[] = {
	{ "equal words", KIND_EXACT, ANYWHERE, false, { TRUE_OF(SAME) } },
	{ "a later version of one work", KIND_REVISION, ANYWHERE, false, { TRUE_OF(SAME_WORK) } },
	/* Word after word in the same order, some of them damaged or changed, figures no more than
	 * others: a bad scan, a rewriting. */
	{ "the same words in order at two sites",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(ALIGNED, aligned_share), AT_LEAST(ALIGNED_SPAN, aligned_span),
	    BELOW(NUMBERS_EXCESS, aligned_numbers), AT_LEAST(LONGEST, aligned_run) } },
	/* Template news: the same frame around other figures is no copy. */
	{ "other figures at the same places",
	  KIND_NEAR,
	  ANYWHERE,
	  true,
	  { AT_LEAST(REPLACED, figures_replaced), AT_LEAST(REPLACED_SHARE, figures_replaced_share),
	    BELOW(RESEMBLANCE, figures_resemblance), BELOW(LONGEST, figures_run) } },
	{ "the same words in order around other figures",
	  KIND_NEAR,
	  ANYWHERE,
	  true,
	  { AT_LEAST(ALIGNED, aligned_share), AT_LEAST(NUMBERS_EXCESS, frame_excess),
	    BELOW(LONGEST, figures_run) } },
	{ "no figures in common",
	  KIND_NEAR,
	  ANYWHERE,
	  true,
	  { AT_LEAST(NUMBER_COUNT, figures_count), BELOW(NUMBERS, figures_share),
	    BELOW(RESEMBLANCE, figures_resemblance), BELOW(LONGEST, frame_run) } },
	/* A line or two, whole: whatever share of the other that is. */
	{ "a short text that stands whole in a longer one",
	  KIND_EXCERPT,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(WHOLENESS_HERE, excerpt_short_share), BELOW(LENGTH_HERE, excerpt_short),
	    AT_LEAST(THERE_LONGER, excerpt_short_times), BELOW(SPAN_THERE, excerpt_short_span) } },
	{ "a short text stands whole in it",
	  KIND_CONTAINS,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(WHOLENESS_THERE, excerpt_short_share), BELOW(LENGTH_THERE, excerpt_short),
	    AT_LEAST(HERE_LONGER, excerpt_short_times), BELOW(SPAN_HERE, excerpt_short_span) } },
	/* Independent sites hardly write the same long run of words. A copy answers the other all
	 * over, whatever was cut or put in between; a round-up that took a few paragraphs does not,
	 * and has a title of its own. */
	{ "much alike at two sites",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(RESEMBLANCE, near_short_resemblance), AT_LEAST(LONGEST, near_short_run),
	    BELOW(TITLES_UNLIKE, other_title) } },
	{ "one title at two sites, alike all over",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(TITLES_ALIKE, one_title), AT_LEAST(RESEMBLANCE, one_title_resemblance),
	    AT_LEAST(LONGEST, one_title_run), AT_LEAST(SPAN_LEAST, one_title_span) } },
	{ "alike all over at two sites",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(SPAN_LEAST, near_span), AT_LEAST(LEAST, near_containment),
	    AT_LEAST(LONGEST, near_long_run), BELOW(TITLES_UNLIKE, other_title) } },
	/* One side stands whole, or nearly, in one part of a clearly longer other. */
	{ "stands in a longer one, with a long run",
	  KIND_EXCERPT,
	  ANYWHERE,
	  false,
	  { AT_LEAST(CONTAINMENT, excerpt_share), AT_LEAST(THERE_LONGER, excerpt_times),
	    BELOW(SPAN_THERE, excerpt_span), AT_LEAST(SHARED, excerpt_shared),
	    AT_LEAST(LONGEST, excerpt_run) } },
	{ "stands in a longer one, in pieces",
	  KIND_EXCERPT,
	  ANYWHERE,
	  false,
	  { AT_LEAST(CONTAINMENT, excerpt_share_alone), AT_LEAST(THERE_LONGER, excerpt_times),
	    BELOW(SPAN_THERE, excerpt_span), AT_LEAST(SHARED, excerpt_shared) } },
	{ "a shorter one stands in it, with a long run",
	  KIND_CONTAINS,
	  ANYWHERE,
	  false,
	  { AT_LEAST(CONTAINED_BY, excerpt_share), AT_LEAST(HERE_LONGER, excerpt_times),
	    BELOW(SPAN_HERE, excerpt_span), AT_LEAST(SHARED, excerpt_shared),
	    AT_LEAST(LONGEST, excerpt_run) } },
	{ "a shorter one stands in it, in pieces",
	  KIND_CONTAINS,
	  ANYWHERE,
	  false,
	  { AT_LEAST(CONTAINED_BY, excerpt_share_alone), AT_LEAST(HERE_LONGER, excerpt_times),
	    BELOW(SPAN_HERE, excerpt_span), AT_LEAST(SHARED, excerpt_shared) } },
	{ "one title at two sites, alike in part",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(TITLES_ALIKE, one_title_part),
	    AT_LEAST(RESEMBLANCE, one_title_resemblance_part), AT_LEAST(LONGEST, near_long_run) } },
	{ "alike at two sites",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(RESEMBLANCE, near_resemblance), AT_LEAST(LONGEST, near_run),
	    BELOW(TITLES_UNLIKE, other_title) } },
	{ "very much alike under another title",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(RESEMBLANCE, other_title_resemblance), AT_LEAST(LONGEST, near_long_run) } },
	{ "alike all over under another title",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(SPAN_LEAST, other_title_span), AT_LEAST(LEAST, near_containment),
	    AT_LEAST(LONGEST, near_long_run) } },
	/* Words change, figures stay. */
	{ "rewritten around the same figures",
	  KIND_NEAR,
	  CROSS_SITE,
	  false,
	  { AT_LEAST(LEAST, rewritten_containment), AT_LEAST(NUMBERS, rewritten_numbers),
	    AT_LEAST(NUMBER_COUNT, figures_count), AT_LEAST(LONGEST, rewritten_run),
	    AT_LEAST(SPAN_LEAST, near_span), BELOW(TITLES_UNLIKE, other_title) } },
	{ "alike at one site",
	  KIND_NEAR,
	  SAME_SITE,
	  false,
	  { AT_LEAST(RESEMBLANCE, same_site_resemblance), AT_LEAST(LONGEST, same_site_run),
	    BELOW(TITLES_UNLIKE, other_title) } },
	{ "most of both, at one site",
	  KIND_NEAR,
	  SAME_SITE,
	  false,
	  { AT_LEAST(LEAST, same_site_containment), AT_LEAST(LONGEST, same_site_run) } },
	{ "alike all over, a site not known",
	  KIND_NEAR,
	  UNKNOWN_SITE,
	  false,
	  { AT_LEAST(RESEMBLANCE, unknown_site_resemblance),
	    AT_LEAST(LEAST, unknown_site_containment), AT_LEAST(LONGEST, unknown_site_run) } },
	/* Pages of one unknown site share its frame; what they begin with is their own. */
	{ "with one beginning, a site not known",
	  KIND_NEAR,
	  UNKNOWN_SITE,
	  false,
	  { AT_LEAST(OPENING, opening_run), AT_LEAST(RESEMBLANCE, opening_resemblance),
	    AT_LEAST(LEAST, opening_containment) } },
	{ "passages of a frame, other figures in them",
	  KIND_PARTIAL,
	  ANYWHERE,
	  true,
	  { AT_LEAST(REPLACED_SHARE, frame_replaced_share), BELOW(LONGEST, frame_run) } },
	{ "a frame, other figures in it",
	  KIND_PARTIAL,
	  ANYWHERE,
	  true,
	  { AT_LEAST(ALIGNED, aligned_share), AT_LEAST(NUMBERS_EXCESS, frame_excess),
	    BELOW(LONGEST, figures_run) } },
	{ "passages of a frame, no figures in common",
	  KIND_PARTIAL,
	  ANYWHERE,
	  true,
	  { AT_LEAST(NUMBER_COUNT, figures_count), BELOW(NUMBERS, figures_share),
	    BELOW(LONGEST, frame_run), AT_LEAST(SPAN_LEAST, frame_span) } },
	/* A passage, not a sentence that both quote: long, or whole paragraphs, or much of one
	 * side. */
	{ "a long passage", KIND_PARTIAL, ANYWHERE, false, { AT_LEAST(SHARED, passage_shared) } },
	{ "whole paragraphs", KIND_PARTIAL, ANYWHERE, false, { AT_LEAST(WHOLE, passage_whole) } },
	{ "much of a short one",
	  KIND_PARTIAL,
	  ANYWHERE,
	  false,
	  { AT_LEAST(MOST, passage_share), AT_LEAST(LONGEST, passage_run),
	    AT_LEAST(SHARED, passage_run) } },
};
const size_t rules_count = sizeof rules_table / sizeof rules_table[0];
_Static_assert(sizeof rules_table / sizeof rules_table[0] <= JUDGE_RULES,
	       "judge_reason has room for all");

unsigned rules_place(const struct acquaintance *a)
{
	if (!a->sites_known)
		return UNKNOWN_SITE;
	return a->relation == RELATION_CROSS_SITE ? CROSS_SITE : SAME_SITE;
}

/* ---- deciding --------------------------------------------------------------------------------
 */

double rules_threshold(const struct thresholds *t, size_t field)
{
	return *(const double *)(const void *)((const char *)t + field);
}

bool rules_test_holds(const struct test *test, const double *measured, const struct thresholds *t)
{
	double value = measured[test->measure];

	switch (test->sense) {
	case IS:
		return value > 0;
	case NOT_BELOW:
		return value >= rules_threshold(t, test->field);
	case IS_BELOW:
		return value < rules_threshold(t, test->field);
	case END:
		break;
	}
	return false;
}

bool rules_rule_holds(const struct rule *r, const double *measured, const struct thresholds *t)
{
	for (size_t i = 0; i < JUDGE_CONDITIONS && r->tests[i].sense != END; i++)
		if (!rules_test_holds(&r->tests[i], measured, t))
			return false;
	return true;
}

const struct rule *rules_decide(const double *measured, unsigned place, const struct thresholds *t)
{
	unsigned barred = 0;

	for (size_t i = 0; i < rules_count; i++) {
		const struct rule *r = &rules_table[i];

		if ((r->where & place) == 0 || (barred >> r->kind & 1) != 0 ||
		    !rules_rule_holds(r, measured, t))
			continue;
		if (!r->bars)
			return r;
		barred |= 1u << r->kind;
	}
	return NULL;
}
