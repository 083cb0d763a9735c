/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/judge.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#include "detect/compare.h"

#define SHORT_UNITS 20u /* half words: less kept text than this is not judged */
#define CLOSE 0.8       /* of a threshold: what comes so far is a near miss */

/* ---- what is measured ------------------------------------------------------------------------
 */

enum measure {
	SAME,
	SAME_WORK,
	RESEMBLANCE,
	CONTAINMENT,
	CONTAINED_BY,
	MOST,  /* the larger containment */
	LEAST, /* the smaller */
	LENGTH_HERE,
	LENGTH_THERE,
	WHOLENESS_HERE, /* share of it that stands there: of its shingles, or in one piece */
	WHOLENESS_THERE,
	THERE_LONGER, /* times here */
	HERE_LONGER,  /* times there */
	SPAN_LEAST,   /* of the two: from the first passage to the last */
	SPAN_HERE,
	SPAN_THERE,
	TITLES_ALIKE,  /* words of the shorter that both have; 0 where one is not known */
	TITLES_UNLIKE, /* words of the shorter that only it has; 0 where one is not known */
	OPENING,
	LONGEST,
	SHARED,
	WHOLE,
	NUMBER_COUNT,
	NUMBERS,
	ALIGNED,
	ALIGNED_SPAN,
	NUMBERS_EXCESS, /* how much more of the numbers than of the words are changed */
	REPLACED,
	REPLACED_SHARE, /* of the numbers in passages */
	MEASURE_COUNT
};

static const struct {
	const char *name;
	enum judge_unit unit;
} measures[MEASURE_COUNT] = {
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

static void measure(double *out, const struct comparison *c, const struct acquaintance *a)
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
	out[NUMBERS_EXCESS] = c->numbers_changed - c->words_changed;
	out[REPLACED] = c->figures_replaced;
	out[REPLACED_SHARE] = share_of(c->figures_replaced, c->figures_kept);
}

/* ---- the rules -------------------------------------------------------------------------------
 */

enum place { CROSS_SITE = 1, SAME_SITE = 2, UNKNOWN_SITE = 4, ANYWHERE = 7 };
enum sense { END, IS, NOT_BELOW, IS_BELOW };

struct test {
	enum sense sense;
	enum measure measure;
	size_t field; /* of struct thresholds */
};

struct rule {
	const char *name;
	enum kind kind;
	unsigned where;                      /* enum place */
	bool bars;                           /* no match, and no rule of its kind below is asked */
	struct test tests[JUDGE_CONDITIONS]; /* all of them must hold */
};

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

/* In order: the first that holds decides. */
static const struct rule rules[] = {
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
#define RULE_COUNT (sizeof rules / sizeof rules[0])
_Static_assert(RULE_COUNT <= JUDGE_RULES, "judge_reason has room for every rule");

static unsigned place_of(const struct acquaintance *a)
{
	if (!a->sites_known)
		return UNKNOWN_SITE;
	return a->relation == RELATION_CROSS_SITE ? CROSS_SITE : SAME_SITE;
}

/* ---- judging ---------------------------------------------------------------------------------
 */

static const struct thresholds defaults = {
#define THRESHOLD(name, unit, value, meaning) .name = value,
#include "detect/thresholds.def"
#undef THRESHOLD
};

const struct thresholds *judge_defaults(void)
{
	return &defaults;
}

static double threshold_at(const struct thresholds *t, size_t field)
{
	return *(const double *)(const void *)((const char *)t + field);
}

static bool holds(const struct test *test, const double *measured, const struct thresholds *t)
{
	double value = measured[test->measure];

	switch (test->sense) {
	case IS:
		return value > 0;
	case NOT_BELOW:
		return value >= threshold_at(t, test->field);
	case IS_BELOW:
		return value < threshold_at(t, test->field);
	case END:
		break;
	}
	return false;
}

static bool rule_holds(const struct rule *r, const double *measured, const struct thresholds *t)
{
	for (size_t i = 0; i < JUDGE_CONDITIONS && r->tests[i].sense != END; i++)
		if (!holds(&r->tests[i], measured, t))
			return false;
	return true;
}

/* The rule that decides; NULL: none. */
static const struct rule *decide(const double *measured, unsigned place, const struct thresholds *t)
{
	unsigned barred = 0;

	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule *r = &rules[i];

		if ((r->where & place) == 0 || (barred >> r->kind & 1) != 0 ||
		    !rule_holds(r, measured, t))
			continue;
		if (!r->bars)
			return r;
		barred |= 1u << r->kind;
	}
	return NULL;
}

enum kind judge_by(const struct comparison *c, const struct acquaintance *a,
		   const struct thresholds *t)
{
	double measured[MEASURE_COUNT];
	const struct rule *r;

	measure(measured, c, a);
	r = decide(measured, place_of(a), t);
	return r == NULL ? KIND_UNIQUE : r->kind;
}

enum kind judge_kind(const struct comparison *c, const struct acquaintance *a)
{
	return judge_by(c, a, &defaults);
}

bool judge_short(uint32_t kept_units)
{
	return kept_units < SHORT_UNITS;
}

/* ---- why -------------------------------------------------------------------------------------
 */

static const struct {
	const char *name, *meaning;
} fields[] = {
#define THRESHOLD(name, unit, value, meaning) { #name, meaning },
#include "detect/thresholds.def"
#undef THRESHOLD
};

static void describe(struct judge_condition *out, const struct test *test, const double *measured,
		     const struct thresholds *t)
{
	*out = (struct judge_condition){ .name = measures[test->measure].name,
					 .unit = measures[test->measure].unit,
					 .value = measured[test->measure],
					 .below = test->sense == IS_BELOW,
					 .met = holds(test, measured, t) };
	if (test->sense == IS)
		return;
	out->key = fields[test->field / sizeof(double)].name;
	out->meaning = fields[test->field / sizeof(double)].meaning;
	out->threshold = threshold_at(t, test->field);
}

static void add_step(struct judge_reason *out, const struct rule *r, const double *measured,
		     const struct thresholds *t, bool barred)
{
	struct judge_step *s = &out->steps[out->count++];

	*s = (struct judge_step){ .rule = r->name, .kind = r->kind, .bars = r->bars };
	s->barred = barred;
	s->met = rule_holds(r, measured, t);
	for (; s->count < JUDGE_CONDITIONS && r->tests[s->count].sense != END; s->count++)
		describe(&s->conditions[s->count], &r->tests[s->count], measured, t);
}

/* How far a value lies from its threshold, as a share of the larger. */
static double gap(double value, double threshold)
{
	double larger = fmax(fabs(value), fabs(threshold));

	return larger > 0 ? fabs(value - threshold) / larger : 0;
}

/* Whether the kind would be another one with this test's threshold on the other side of the value;
 * kept when it is nearer than what was found before. */
static void try_tip(struct judge_reason *out, const struct rule *r, const struct test *test,
		    const double *measured, unsigned place, const struct thresholds *t)
{
	struct thresholds moved = *t;
	double value = measured[test->measure];
	bool under = holds(test, measured, t) == (test->sense == NOT_BELOW);
	const struct rule *other;
	enum kind kind;

	/* A value passes a threshold that equals it: to hold it off, the threshold goes above. */
	*(double *)(void *)((char *)&moved + test->field) =
		under ? nextafter(value, DBL_MAX) : value;
	if (test->sense == IS || !(value < DBL_MAX))
		return;
	other = decide(measured, place, &moved);
	kind = other == NULL ? KIND_UNIQUE : other->kind;
	if (kind == out->kind)
		return;
	if (out->tips &&
	    gap(value, threshold_at(t, test->field)) >= gap(out->tip.value, out->tip.threshold))
		return;
	out->tips = true;
	out->tipped = kind;
	out->tip_rule = r->name;
	describe(&out->tip, test, measured, t);
}

void judge_explain(struct judge_reason *out, const struct comparison *c,
		   const struct acquaintance *a, const struct thresholds *t)
{
	double measured[MEASURE_COUNT];
	unsigned place = place_of(a), barred = 0;
	const struct rule *decided;

	measure(measured, c, a);
	decided = decide(measured, place, t);
	*out = (struct judge_reason){ .kind = decided == NULL ? KIND_UNIQUE : decided->kind,
				      .rule = decided == NULL ? "no rule" : decided->name };
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule *r = &rules[i];

		if ((r->where & place) == 0)
			continue;
		add_step(out, r, measured, t, (barred >> r->kind & 1) != 0);
		if (r->bars && out->steps[out->count - 1].met)
			barred |= 1u << r->kind;
		for (size_t k = 0; k < JUDGE_CONDITIONS && r->tests[k].sense != END; k++)
			try_tip(out, r, &r->tests[k], measured, place, t);
	}
}

/* ---- near misses -----------------------------------------------------------------------------
 */

static bool close_to(const struct judge_condition *c)
{
	if (c->key == NULL)
		return false;
	return c->below ? c->value * CLOSE < c->threshold : c->value >= c->threshold * CLOSE;
}

/* Whether a rule is missed by a little only; *worst is the farthest of its conditions. */
static bool just_missed(struct judge_condition *worst, const struct rule *r, const double *measured,
			const struct thresholds *t)
{
	double far = -1;

	for (size_t k = 0; k < JUDGE_CONDITIONS && r->tests[k].sense != END; k++) {
		struct judge_condition c;

		if (holds(&r->tests[k], measured, t))
			continue;
		describe(&c, &r->tests[k], measured, t);
		if (!close_to(&c))
			return false;
		if (gap(c.value, c.threshold) > far) {
			far = gap(c.value, c.threshold);
			*worst = c;
		}
	}
	return far >= 0;
}

bool judge_missed(struct judge_miss *out, const struct comparison *c, const struct acquaintance *a,
		  const struct thresholds *t, enum kind kind)
{
	double measured[MEASURE_COUNT];
	unsigned place = place_of(a), barred = 0;
	bool found = false;

	if (kind > KIND_PARTIAL)
		return false;
	measure(measured, c, a);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		const struct rule *r = &rules[i];
		struct judge_condition worst;

		if ((r->where & place) == 0 || r->kind <= kind || (barred >> r->kind & 1) != 0)
			continue;
		if (r->bars && rule_holds(r, measured, t))
			barred |= 1u << r->kind;
		if (r->bars || (found && r->kind <= out->kind) ||
		    !just_missed(&worst, r, measured, t))
			continue;
		*out = (struct judge_miss){ r->kind, r->name, worst };
		found = true;
	}
	return found;
}
