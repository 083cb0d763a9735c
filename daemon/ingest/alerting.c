/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/alerting.h"

static bool tells(const struct match *m, const struct pipeline_options *o)
{
	if ((o->alert_kinds & (1u << m->kind)) == 0)
		return false;
	/* A revision is its site's own by definition; other kinds are told across sites. */
	return m->relation == RELATION_CROSS_SITE || m->kind == KIND_REVISION ||
	       (o->alert_kinds & WHY_SAME_SITE) != 0;
}

uint32_t alerting_why(const struct verdict *v, enum succession succession, int64_t published_ms,
		      int64_t file_ms, int64_t now_ms, const struct pipeline_options *o)
{
	int64_t time_ms = published_ms == ARTICLE_NO_TIME ? file_ms : published_ms;
	bool origin =
		succession != SUCCESSION_NONE && (o->alert_kinds & (WHY_ORIGIN | WHY_ALL)) != 0;
	uint32_t why = 0;

	if (time_ms < now_ms - o->alert_max_age_ms &&
	    !(origin && succession == SUCCESSION_OF_FRESH))
		return 0;
	for (uint32_t i = 0; i < v->match_count; i++) {
		if (!tells(&v->matches[i], o))
			continue;
		why |= 1u << v->matches[i].kind;
		if (v->matches[i].relation != RELATION_CROSS_SITE)
			why |= WHY_SAME_SITE;
	}
	if (v->ratio >= o->alert_ratio && v->ratio > 0)
		why |= v->doubled ? WHY_DOUBLED : WHY_REPEATS;
	if (origin)
		why |= WHY_ORIGIN;
	if (why == 0 && (o->alert_kinds & WHY_ALL) != 0)
		why = WHY_ALL;
	return why;
}
