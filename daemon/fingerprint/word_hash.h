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
struct folded;        /* text/fold.h */

/* Hash and token of each word in the queues, of small ASCII letters and digits and at least one
 * byte each: word i is bytes[edges[2 * i]..edges[2 * i + 1]); of more than FOLD_WORD_BYTES the
 * first ones. */
void ascii_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		  const uint16_t *edges, const struct length_queues *queues);

/* The same of folded words. */
void folded_hashes(uint64_t *hashes, uint16_t *tokens, const struct folded *f,
		   const struct length_queues *queues);

/* The same of all words in order: faster where nearly all are characters of three bytes. */
void character_hashes(uint64_t *hashes, uint16_t *tokens, const struct folded *f);

#endif
