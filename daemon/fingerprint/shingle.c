/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/shingle.h"

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"

void shingles_of(uint64_t *out, const uint16_t *tokens, size_t token_count)
{
	kernel_get()->shingles(out, tokens, token_count);
}

static uint64_t rotated(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

void long_shingles_of(uint64_t *out, const uint64_t *hashes, size_t count)
{
	for (size_t i = 0, n = long_shingles_count(count); i < n; i++)
		out[i] = mix64(hashes[i] + rotated(hashes[i + 3], 21) + rotated(hashes[i + 5], 42));
}
