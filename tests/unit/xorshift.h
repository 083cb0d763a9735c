/* SPDX-License-Identifier: BSD-2-Clause */
/* xorshift.h - numbers by chance that a seed repeats (Marsaglia 2003); a seed is not 0. */
#ifndef TESTS_XORSHIFT_H
#define TESTS_XORSHIFT_H

#include <stdint.h>

static inline uint64_t xorshift(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
