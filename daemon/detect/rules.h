/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.h - what the judge measures of a pair and the rules that it asks, as a table; for judge.c
 * and reason.c. Pure; any thread. */
#ifndef DETECT_RULES_H
#define DETECT_RULES_H

#include <stddef.h>

#include "detect/judge.h"

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

/* In order: the first that holds decides. */
extern const struct rule rules_table[];
extern const size_t rules_count;

struct measure_name {
	const char *name;
	enum judge_unit unit;
};
extern const struct measure_name rules_measure_names[MEASURE_COUNT];

/* Every measure of a pair into out[MEASURE_COUNT]. */
void rules_measure(double *out, const struct comparison *c, const struct acquaintance *a);
/* Which rules are meant for such sites: a bit of enum place. */
unsigned rules_place(const struct acquaintance *a);

double rules_threshold(const struct thresholds *t, size_t field);
bool rules_test_holds(const struct test *test, const double *measured, const struct thresholds *t);
/* Whether all tests of a rule hold. */
bool rules_rule_holds(const struct rule *r, const double *measured, const struct thresholds *t);
/* The rule that decides; NULL: none. */
const struct rule *rules_decide(const double *measured, unsigned place, const struct thresholds *t);

#endif
