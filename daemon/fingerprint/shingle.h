/* SPDX-License-Identifier: BSD-2-Clause */
/* shingle.h - the hashes of all w-shingles of a sequence of tokens (Broder 1997).
 *
 * Shingle i starts at token i. It spans three tokens, or six when token i is a TOKEN_CHARACTER and
 * six are left. So a sequence of n tokens has n - 2 shingles, none below three.
 * Pure; any thread. */
#ifndef FINGERPRINT_SHINGLE_H
#define FINGERPRINT_SHINGLE_H

#include <stddef.h>
#include <stdint.h>

static inline size_t shingles_count(size_t token_count)
{
	return token_count < 3 ? 0 : token_count - 2;
}

/* Writes shingles_count(token_count) well-mixed 64-bit hashes. Reads no token past token_count. */
void shingles_of(uint64_t *out, const uint16_t *tokens, size_t token_count);

/* Long shingles, made of hashes[count] as above: number i of the shingles i, i + 3 and i + 5, so of
 * eight words or eleven characters. Many articles share three words by chance, few share eight. */
static inline size_t long_shingles_count(size_t shingle_count)
{
	return shingle_count < 6 ? 0 : shingle_count - 5;
}
void long_shingles_of(uint64_t *out, const uint64_t *hashes, size_t count);

#endif
