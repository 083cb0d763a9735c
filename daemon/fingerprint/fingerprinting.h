/* SPDX-License-Identifier: BSD-2-Clause */
/* fingerprinting.h - from an article's paragraphs to its tokens, SimHash and digest.
 *
 * Thread:  any; all memory comes from the caller's arena.
 * Cost:    one pass over the text; non-ASCII words leave the fast path one by one. */
#ifndef FINGERPRINT_FINGERPRINTING_H
#define FINGERPRINT_FINGERPRINTING_H

#include <reprint/article.h>
#include <reprint/fingerprint.h>
#include <reprint/status.h>
#include <stdbool.h>

struct arena;

/* Tokens, paragraph starts, units, digest and SimHash of the article's paragraphs (the title
 * apart). NO_MEMORY is the only failure. A paragraph without a word has no tokens but keeps its
 * number. */
enum status fingerprint_of(struct fingerprint *out, const struct article *a, struct arena *arena);

/* SimHash-64 of some tokens (a paragraph's, an article's): votes over their shingles; of fewer than
 * three tokens: over the tokens themselves; of none: 0. scratch comes from the arena and goes back;
 * without it 0, and arena_failed(). */
uint64_t simhash_of(const uint16_t *tokens, size_t count, struct arena *arena);

/* XXH3-64 of some tokens: equal paragraphs, equal titles. */
uint64_t tokens_hash(const uint16_t *tokens, size_t count);

/* Half words of some tokens. */
uint32_t tokens_units(const uint16_t *tokens, size_t count);

static inline bool token_is_number(uint16_t token)
{
	return (token & TOKEN_CLASS) == TOKEN_NUMBER;
}

#endif
