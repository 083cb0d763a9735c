/* SPDX-License-Identifier: BSD-2-Clause */
/* part.h - what is said of one paragraph, as JSON. Any thread. */
#ifndef WIRE_PART_H
#define WIRE_PART_H

#include <reprint/verdict.h>

struct json; /* wire/json.h */

struct part {
	uint32_t number; /* 1-based */
	uint32_t words;
	uint64_t simhash, digest;
	bool chrome;
	uint32_t repeat_of;          /* 0, or the earlier paragraph it says again */
	const struct match *matches; /* of the article: those that touch it are told */
	uint32_t match_count;
	struct span text; /* may be absent */
};

void part_put(struct json *j, const struct part *p);

/* The earlier paragraph that paragraph n says again by these blocks; 0: none. */
uint32_t part_repeat_of(const struct repeat_block *blocks, uint32_t count, uint32_t n);

#endif
