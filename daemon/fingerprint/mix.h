/* SPDX-License-Identifier: BSD-2-Clause */
/* mix.h - the constants and the finaliser behind every shingle hash. */
#ifndef FINGERPRINT_MIX_H
#define FINGERPRINT_MIX_H

#include <stdint.h>

#define MIX_FIRST UINT64_C(0xbf58476d1ce4e5b9)
#define MIX_SECOND UINT64_C(0x94d049bb133111eb)

/* A bijection of 64 bits in which every input bit moves every output bit (Stafford's Mix13, the
 * finaliser of SplitMix64: Steele, Lea, Flood 2014). */
static inline uint64_t mix64(uint64_t x)
{
	x = (x ^ x >> 30) * MIX_FIRST;
	x = (x ^ x >> 27) * MIX_SECOND;
	return x ^ x >> 31;
}

/* A selected shingle hash as a key: see winnow.h. */
static inline uint64_t mix_with(uint64_t hash, uint64_t secret)
{
	return mix64(mix64(hash ^ secret) + secret);
}

/* A shingle before mixing: of three tokens, 48 bits and a seed, so that two of them never collide;
 * of six, the last two folded over the first four. */
#define SHINGLE_SEED UINT64_C(0x9e3779b97f4a7c15)
#define SHINGLE_SIX_SEED UINT64_C(0xd1b54a32d192ed03)
#define SHINGLE_SIX_FACTOR UINT64_C(0x2545f4914f6cdd1d)

#endif
