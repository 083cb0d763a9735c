/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/judge.h"

#include "detect/compare.h"

/* Half words. */
#define SHORT_UNITS 40u   /* less kept text than this is not judged */
#define PASSAGE_UNITS 60u /* a shared run that is worth telling by itself */
#define MANY_UNITS 90u    /* shared in several passages */

/* Template news: the same frame around other figures is no copy. */
static bool other_figures(const struct comparison *c)
{
	return c->resemblance < 0.8 && c->numbers < 0.35;
}

/* Independent sites hardly write the same long run of words; one site's own pages do. */
static bool is_near(const struct comparison *c, const struct acquaintance *a)
{
	if (other_figures(c))
		return false;
	if (a->sites_known && a->relation == RELATION_CROSS_SITE)
		return c->longest_units >= 48 &&
		       (c->resemblance >= 0.3 || (c->containment >= 0.4 && c->contained_by >= 0.4));
	return c->longest_units >= 24 && c->resemblance >= 0.7 && c->containment >= 0.8 &&
	       c->contained_by >= 0.8;
}

static bool worth_telling(const struct comparison *c)
{
	return c->longest_units >= PASSAGE_UNITS || c->shared_units >= MANY_UNITS;
}

enum kind judge_kind(const struct comparison *c, const struct acquaintance *a)
{
	double shorter = a->here_units < a->there_units ? c->containment : c->contained_by;

	if (c->same && a->here_units > 0)
		return KIND_EXACT;
	if (a->same_work)
		return KIND_REVISION;
	/* One side stands whole in a clearly longer other. */
	if (shorter >= 0.7 && c->resemblance < 0.6 && c->shared_units >= 24 &&
	    (c->longest_units >= 40 || shorter >= 0.85)) {
		if (a->here_units * 5 <= a->there_units * 3)
			return KIND_EXCERPT;
		if (a->there_units * 5 <= a->here_units * 3)
			return KIND_CONTAINS;
	}
	if (is_near(c, a))
		return KIND_NEAR;
	return worth_telling(c) ? KIND_PARTIAL : KIND_UNIQUE;
}

bool judge_short(uint32_t kept_units)
{
	return kept_units < SHORT_UNITS;
}
