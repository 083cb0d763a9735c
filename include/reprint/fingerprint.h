/* SPDX-License-Identifier: BSD-2-Clause */
/* fingerprint.h - what an article is reduced to before it is compared.
 *
 * Word:     a run of letters and digits by Unicode rules after folding (text/fold.h); in scripts
 *           without spaces every character is a word of its own.
 * Token:    a word in 16 bits: 14 bits of XXH3-64 of its folded bytes, and its class in the low
 * two. Shingle:  three successive tokens, or six where the first is a TOKEN_CHARACTER. Units: half
 * words: a word counts 2, a character of a script without spaces 1. */
#ifndef REPRINT_FINGERPRINT_H
#define REPRINT_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

enum token_class {
	TOKEN_WORD = 0,
	TOKEN_NUMBER = 1,    /* has a digit */
	TOKEN_CHARACTER = 2, /* one character of a script without spaces */
	TOKEN_SHORT = 3      /* a word of at most TOKEN_SHORT_LETTERS letters: mostly grammar */
};
#define TOKEN_CLASS 3u
#define TOKEN_SHORT_LETTERS 3u

/* Views valid as long as the arena they were made in. */
struct fingerprint {
	uint64_t digest[2]; /* XXH3-128 of the sequence of word hashes, high half first */
	uint64_t simhash;   /* Charikar 2002 over all shingles */
	uint32_t units;     /* of the whole article, half words */
	uint32_t token_count;
	uint32_t paragraph_count;
	const uint16_t *tokens; /* [token_count] */
	const uint32_t
		*paragraphs; /* [paragraph_count + 1] first token of each, then token_count */
};

/* Tokens that comparison leaves out: [from, from + count). Sorted, disjoint. */
struct masked {
	uint32_t from, count;
	uint32_t chrome; /* 1: chrome, 0: internal repeat */
};

/* Words as people count them. */
static inline uint32_t fingerprint_words(uint32_t units)
{
	return (units + 1) / 2;
}

#endif
