/* SPDX-License-Identifier: BSD-2-Clause */
/* sieve.h - turns away texts that share no run of words with an article, at a tenth of the cost of
 * a comparison.
 *
 * Promise: a text that shares SIEVE_TOKENS kept tokens in a row passes. What does not pass has no
 *          shared run (compare.h) and so no passage: no rule of the judge's can hold for it, nor
 *          be missed by a little only. Of a line or two a share may be enough: where one side is
 *          shorter than SIEVE_SHORT half words, what shares a third of it passes too.
 * Thread:  any; memory from the arena. */
#ifndef DETECT_SIEVE_H
#define DETECT_SIEVE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

#define SIEVE_TOKENS 6u /* the shortest run that compare() tells */
#define SIEVE_SHORT 125u

struct sieve {
	const uint8_t *seen; /* 1 where the hash of three of the article's tokens in a row lies */
	uint32_t shift;
	uint32_t distinct; /* of those places */
	bool few;          /* the article is a line or two */
};

/* NO_MEMORY. */
enum status sieve_of(struct sieve *out, const uint16_t *tokens, uint32_t count,
		     struct arena *arena);

bool sieve_passes(const struct sieve *s, const uint16_t *tokens, uint32_t count);

#endif
