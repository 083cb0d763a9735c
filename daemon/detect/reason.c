/* SPDX-License-Identifier: BSD-2-Clause */
/* judge_explain(), judge_missed(): why a pair is what it is, and what it just failed to be. */
#include <float.h>
#include <math.h>

#include "detect/judge.h"
#include "detect/rules.h"

#define CLOSE 0.8 /* of a threshold: what comes so far is a near miss */

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
	*out = (struct judge_condition){ .name = rules_measure_names[test->measure].name,
					 .unit = rules_measure_names[test->measure].unit,
					 .value = measured[test->measure],
					 .below = test->sense == IS_BELOW,
					 .met = rules_test_holds(test, measured, t) };
	if (test->sense == IS)
		return;
	out->key = fields[test->field / sizeof(double)].name;
	out->meaning = fields[test->field / sizeof(double)].meaning;
	out->threshold = rules_threshold(t, test->field);
}

static void add_step(struct judge_reason *out, const struct rule *r, const double *measured,
		     const struct thresholds *t, bool barred)
{
	struct judge_step *s = &out->steps[out->count++];

	*s = (struct judge_step){ .rule = r->name, .kind = r->kind, .bars = r->bars };
	s->barred = barred;
	s->met = rules_rule_holds(r, measured, t);
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
	bool under = rules_test_holds(test, measured, t) == (test->sense == NOT_BELOW);
	const struct rule *other;
	enum kind kind;

	/* A value passes a threshold that equals it: to hold it off, the threshold goes above. */
	*(double *)(void *)((char *)&moved + test->field) =
		under ? nextafter(value, DBL_MAX) : value;
	if (test->sense == IS || !(value < DBL_MAX))
		return;
	other = rules_decide(measured, place, &moved);
	kind = other == NULL ? KIND_UNIQUE : other->kind;
	if (kind == out->kind)
		return;
	if (out->tips &&
	    gap(value, rules_threshold(t, test->field)) >= gap(out->tip.value, out->tip.threshold))
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
	unsigned place = rules_place(a), barred = 0;
	const struct rule *decided;

	rules_measure(measured, c, a);
	decided = rules_decide(measured, place, t);
	*out = (struct judge_reason){ .kind = decided == NULL ? KIND_UNIQUE : decided->kind,
				      .rule = decided == NULL ? "no rule" : decided->name };
	for (size_t i = 0; i < rules_count; i++) {
		const struct rule *r = &rules_table[i];

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

static bool close_to(const struct test *test, double value, double threshold)
{
	if (test->sense == IS)
		return false;
	return test->sense == IS_BELOW ? value * CLOSE < threshold : value >= threshold * CLOSE;
}

/* Whether a rule is missed by a little only; *worst is the farthest of its conditions. */
static bool just_missed(struct judge_condition *worst, const struct rule *r, const double *measured,
			const struct thresholds *t)
{
	const struct test *farthest = NULL;
	double far = -1;

	for (size_t k = 0; k < JUDGE_CONDITIONS && r->tests[k].sense != END; k++) {
		const struct test *test = &r->tests[k];
		double value = measured[test->measure];
		double threshold = test->sense == IS ? 0 : rules_threshold(t, test->field);

		if (rules_test_holds(test, measured, t))
			continue;
		if (!close_to(test, value, threshold))
			return false;
		if (gap(value, threshold) > far) {
			far = gap(value, threshold);
			farthest = test;
		}
	}
	if (farthest != NULL)
		describe(worst, farthest, measured, t);
	return farthest != NULL;
}

bool judge_missed(struct judge_miss *out, const struct comparison *c, const struct acquaintance *a,
		  const struct thresholds *t, enum kind kind)
{
	double measured[MEASURE_COUNT];
	unsigned place = rules_place(a), barred = 0;
	bool found = false;

	if (kind > KIND_PARTIAL)
		return false;
	rules_measure(measured, c, a);
	for (size_t i = 0; i < rules_count; i++) {
		const struct rule *r = &rules_table[i];
		struct judge_condition worst;

		if ((r->where & place) == 0 || r->kind <= kind || (barred >> r->kind & 1) != 0)
			continue;
		if (r->bars && rules_rule_holds(r, measured, t))
			barred |= 1u << r->kind;
		if (r->bars || (found && r->kind <= out->kind) ||
		    !just_missed(&worst, r, measured, t))
			continue;
		*out = (struct judge_miss){ r->kind, r->name, worst };
		found = true;
	}
	return found;
}
