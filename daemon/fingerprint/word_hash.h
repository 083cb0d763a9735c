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

struct length_queues; /* kernel_table.h */

/* Hash and token of each word in the queues, at least one byte each: word i is
 * bytes[border[stride * i]..border[stride * i + 1]), stride 1 or 2; of more than FOLD_WORD_BYTES
 * the first ones. A token is taken for a number where a byte lacks bit 6, as of ASCII letters and
 * digits only digits do, else for a short word up to TOKEN_SHORT_LETTERS bytes. */
void word_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		 const uint16_t *border, size_t stride, const struct length_queues *queues);

#endif
