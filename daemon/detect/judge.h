/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.h - from measured shares to a kind: the one place that knows a threshold. Pure; any thread.
 */
#ifndef DETECT_JUDGE_H
#define DETECT_JUDGE_H

#include <reprint/verdict.h>

struct comparison;

/* What is known of the two articles besides their shingles. */
struct acquaintance {
	enum relation relation;
	bool sites_known; /* both sites are named */
	bool same_work;   /* same source (or site) and same id or url: a later version of it */
	uint32_t here_units, there_units; /* kept half words of each */
};

/* The kind of a match, KIND_UNIQUE when the two have nothing to do with each other. */
enum kind judge_kind(const struct comparison *c, const struct acquaintance *a);

/* Whether an article has enough kept half words to be judged at all. */
bool judge_short(uint32_t kept_units);

#endif
