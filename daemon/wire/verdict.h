/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict.h - the verdict as the line of the contract, its keys in the contract's order.
 *
 * Memory:  only what *out grows by. Errors: out->failed.
 * Thread:  any, each with its own buffer. kind_text() and relation_text() live here too. */
#ifndef WIRE_VERDICT_H
#define WIRE_VERDICT_H

#include <reprint/verdict.h>

struct bytes; /* base/bytes.h */
struct json;  /* wire/json.h */

/* One whole line, with its line end. */
void verdict_put(struct bytes *out, const struct verdict *v);

/* The same plus "alert" and "why" (bits of <reprint/verdict.h>); with WHY_ORIGIN also "event" and
 * "former", the id of the article whose place this one takes (null when it is not known). */
void verdict_put_alert(struct bytes *out, const struct verdict *v, uint64_t alert, uint32_t why,
		       struct span former);

/* Only the members, into an object that is open: a reply puts its own in front. */
void verdict_members(struct json *j, const struct verdict *v);
void verdict_alert_members(struct json *j, uint64_t alert, uint32_t why, struct span former);

/* The members of one match. */
void verdict_match_members(struct json *j, const struct match *m);
/* The one member "matches" (and "more"). */
void verdict_matches(struct json *j, const struct match *matches, uint32_t count, uint32_t more);

/* The member "repetition". */
void verdict_repetition(struct json *j, double ratio, bool doubled,
			const struct repeat_block *blocks, uint32_t count);

/* "cN" for a cluster's number, null for 0. */
void verdict_cluster(struct json *j, const char *key, uint64_t cluster);

#endif
