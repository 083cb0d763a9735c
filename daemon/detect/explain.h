/* SPDX-License-Identifier: BSD-2-Clause */
/* explain.h - why two articles are what they are to each other, as JSON. Any thread.
 *
 * Lengths are told in words, as everywhere outside. */
#ifndef DETECT_EXPLAIN_H
#define DETECT_EXPLAIN_H

#include <stdbool.h>

struct acquaintance;
struct comparison;
struct json; /* wire/json.h */
struct judge_condition;
struct judge_reason;

/* The members "verdict", "rule", "relation", "sites_known", "same_work", "measured", "rules" and
 * "tip" of an open object. too_short: one of the two is not judged at all. */
void explain_members(struct json *j, const struct comparison *c, const struct acquaintance *a,
		     const struct judge_reason *r, bool too_short);

/* The members "measure", "value", "limit", "threshold", "unit" and "meaning". */
void explain_condition(struct json *j, const struct judge_condition *c);

#endif
