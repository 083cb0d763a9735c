/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.h - from measured shares to a kind, and why. The rules are a table in rules.c, their
 * numbers stand in thresholds.def; no other place knows one. Pure; any thread; no allocation. */
#ifndef DETECT_JUDGE_H
#define DETECT_JUDGE_H

#include <reprint/verdict.h>

struct comparison;

struct thresholds {
#define THRESHOLD(name, unit, value, meaning) double name; /* meaning there */
#include "detect/thresholds.def"
#undef THRESHOLD
};

/* The numbers of thresholds.def; static. */
const struct thresholds *judge_defaults(void);

/* What is known of the two articles besides their shingles. */
struct acquaintance {
	enum relation relation;
	bool sites_known; /* both sites are named */
	bool same_work;   /* same source (or site) and same id or url: a later version of it */
	uint32_t here_units, there_units; /* kept half words of each */
	bool titles_known;                /* both have one */
	double titles; /* share of the words of the shorter title that the other has too */
};

/* The kind of a match, KIND_UNIQUE when the two have nothing to do with each other. By the
 * defaults, or by the thresholds given. */
enum kind judge_kind(const struct comparison *c, const struct acquaintance *a);
enum kind judge_by(const struct comparison *c, const struct acquaintance *a,
		   const struct thresholds *t);

/* Whether an article has enough kept half words to be judged at all. */
bool judge_short(uint32_t kept_units);

/* ---- why -------------------------------------------------------------------------------------
 */

enum judge_unit { JUDGE_FLAG, JUDGE_SHARE, JUDGE_UNITS, JUDGE_COUNT, JUDGE_TIMES };

/* One test of a rule: name is what was measured, key the threshold (NULL for a flag). Texts are
 * static. */
struct judge_condition {
	const char *name, *key, *meaning;
	enum judge_unit unit;
	double value, threshold;
	bool below; /* met when value < threshold; else when value >= threshold */
	bool met;
};

#define JUDGE_CONDITIONS 6u
#define JUDGE_RULES 32u

/* A rule that is meant for two such sites, in order of precedence. */
struct judge_step {
	const char *rule;
	enum kind kind;
	bool bars;   /* being met, it forbids the rules of its kind below */
	bool barred; /* forbidden by one above */
	bool met;    /* all conditions are */
	uint32_t count;
	struct judge_condition conditions[JUDGE_CONDITIONS];
};

struct judge_reason {
	enum kind kind;
	const char *rule; /* that decided; "no rule" */
	uint32_t count;
	struct judge_step steps[JUDGE_RULES];
	/* The nearest single threshold, by its share of itself, that would have made another kind
	 * had it been at `value`. */
	bool tips;
	enum kind tipped;
	const char *tip_rule;
	struct judge_condition tip;
};

/* The same kind as judge_by(), with everything that led to it. */
void judge_explain(struct judge_reason *out, const struct comparison *c,
		   const struct acquaintance *a, const struct thresholds *t);

/* What a pair just failed to be: the strongest rule above its kind of which every condition that
 * is not met lies within a fifth of its threshold; `worst` is the farthest of those. */
struct judge_miss {
	enum kind kind; /* it would have been */
	const char *rule;
	struct judge_condition worst;
};

/* For pairs that were judged unique or partial; false: it was not close. */
bool judge_missed(struct judge_miss *out, const struct comparison *c, const struct acquaintance *a,
		  const struct thresholds *t, enum kind kind);

#endif
