/* SPDX-License-Identifier: BSD-2-Clause */
/* paragraph.h - which paragraph a token stands in. Pure; any thread. */
#ifndef DETECT_PARAGRAPH_H
#define DETECT_PARAGRAPH_H

#include <stdint.h>

/* 0-based, by bisection of starts[count], the first token of each; count is at least 1. */
static inline uint32_t paragraph_of(const uint32_t *starts, uint32_t count, uint32_t token)
{
	uint32_t low = 0, high = count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (starts[middle] <= token)
			low = middle;
		else
			high = middle;
	}
	return low;
}

#endif
