/* SPDX-License-Identifier: BSD-2-Clause */
/* word_hash.h - the hash of a word and the token made of it. Pure; any thread. */
#ifndef FINGERPRINT_WORD_HASH_H
#define FINGERPRINT_WORD_HASH_H

#include <reprint/fingerprint.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t token_of(uint64_t word_hash, enum token_class kind)
{
	return (uint16_t)(word_hash >> 50 << 2 | kind);
}

/* Words of ASCII letters and digits, small letters already: word i is lower[start[i]..end[i]),
 * count of them, each at least one byte; of longer ones than FOLD_WORD_BYTES the beginning counts.
 */
#define WORD_HASHES_MAX 1024u
void word_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *lower,
		 const uint16_t *start, const uint16_t *end, size_t count);

/* One folded word. */
uint64_t word_hash(const char *bytes, size_t len);

#endif
