/* SPDX-License-Identifier: BSD-2-Clause */
/* checksum.h - 64 bits that change when stored bytes do. Against accidents, not against forgers.
 *
 * The value is part of file formats: it is the same on every machine. Pure; any thread. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <reprint/span.h>
#include <stdint.h>

/* About 8 bytes a cycle. The sum of zeros, of any number of them, is not zero. */
uint64_t checksum_of(struct span bytes);

/* A bijection of 64-bit numbers that spreads every bit over all others (the finaliser of
 * MurmurHash3, with constants by Stafford 2011, variant 13). */
static inline uint64_t mix64(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
