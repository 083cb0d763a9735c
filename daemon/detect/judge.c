/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/judge.h"

#include "detect/rules.h"

#define SHORT_UNITS 20u /* half words: less kept text than this is not judged */

static const struct thresholds defaults = {
#define THRESHOLD(name, unit, value, meaning) .name = value,
#include "detect/thresholds.def"
#undef THRESHOLD
};

const struct thresholds *judge_defaults(void)
{
	return &defaults;
}

enum kind judge_by(const struct comparison *c, const struct acquaintance *a,
		   const struct thresholds *t)
{
	double measured[MEASURE_COUNT];
	const struct rule *r;

	rules_measure(measured, c, a);
	r = rules_decide(measured, rules_place(a), t);
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
