/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h - the words of an article as tokens.
 *
 * ASCII is read 64 bytes a step; a word that ASCII alone cannot settle - it touches another byte, a
 * '&', or a comma between digits - leaves for text/fold.h, and the rest of the text does not.
 * Pure; any thread; about 50 KiB of stack. */
#ifndef FINGERPRINT_WORDS_H
#define FINGERPRINT_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct article; /* <reprint/article.h> */
struct span;    /* <reprint/span.h> */

/* Tokens of the article's paragraphs into tokens[cap], the number of the first one of each
 * paragraph into starts[paragraph_count], and XXH3-128 of the word hashes (little-endian, in their
 * order), high half first, into digest, half words into *out_units. Returns how many tokens there
 * are: above cap, tokens[] was cut and nothing else. Cannot fail. */
size_t words_of(uint16_t *tokens, size_t cap, uint32_t *starts, uint64_t digest[2],
		uint32_t *out_units, const struct article *a);

/* The same of text that is no paragraph of an article: its title, the name of its site. */
size_t words_of_text(uint16_t *tokens, size_t cap, struct span text);

#endif
