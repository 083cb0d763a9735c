/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/hash.h"

#include <xxhash.h>

uint64_t hash_bytes(struct span s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.p == NULL ? "" : s.p, s.len, seed);
}

void hash_bytes_128(uint64_t out[2], struct span s)
{
	XXH128_hash_t h = XXH3_128bits(s.p == NULL ? "" : s.p, s.len);

	out[0] = h.high64;
	out[1] = h.low64;
}
