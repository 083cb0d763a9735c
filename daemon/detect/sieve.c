/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/sieve.h"

#include <string.h>

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"

#define GRAM 3u
#define IN_A_ROW (SIEVE_TOKENS - GRAM + 1) /* grams of the shortest run */
#define PLACES 16u                         /* per gram of the article */
#define SHARE 3u                           /* of a line or two, one of so many grams */

/* Where three tokens lie: multiply-shift (Dietzfelbinger et al. 1997). */
static uint32_t place_of(const struct sieve *s, const uint16_t *t)
{
	uint64_t three = t[0] | (uint64_t)t[1] << 16 | (uint64_t)t[2] << 32;

	return (uint32_t)(three * UINT64_C(0x9e3779b97f4a7c15) >> s->shift);
}

/* A token is one half word at least. */
static bool is_short(const uint16_t *tokens, uint32_t count)
{
	return count < SIEVE_SHORT && tokens_units(tokens, count) < SIEVE_SHORT;
}

enum status sieve_of(struct sieve *out, const uint16_t *tokens, uint32_t count, struct arena *arena)
{
	uint32_t grams = count < GRAM ? 0 : count - GRAM + 1, bits = 6;
	uint8_t *seen;

	while (((size_t)1 << bits) < PLACES * (size_t)grams && bits < 31)
		bits++;
	seen = arena_take_zeroed(arena, (size_t)1 << bits, sizeof *seen);
	if (seen == NULL)
		return STATUS_NO_MEMORY;
	*out = (struct sieve){ seen, 64 - bits, 0, is_short(tokens, count) };
	for (uint32_t i = 0; i < grams; i++) {
		uint32_t place = place_of(out, tokens + i);

		out->distinct += !seen[place];
		seen[place] = 1;
	}
	return STATUS_OK;
}

/* Whether gram `at` stands among IN_A_ROW grams that were all seen. */
static bool in_a_row(const struct sieve *s, const uint16_t *tokens, uint32_t grams, uint32_t at)
{
	uint32_t from = at, end = at + 1;

	while (from > 0 && at - from < IN_A_ROW - 1 && s->seen[place_of(s, tokens + from - 1)])
		from--;
	while (end < grams && end - from < IN_A_ROW && s->seen[place_of(s, tokens + end)])
		end++;
	return end - from >= IN_A_ROW;
}

static bool shares_enough(const struct sieve *s, const uint16_t *tokens, uint32_t grams)
{
	uint32_t shared = 0;

	for (uint32_t i = 0; i < grams; i++)
		shared += s->seen[place_of(s, tokens + i)];
	return SHARE * shared >= (grams < s->distinct ? grams : s->distinct);
}

/* A run covers one of every IN_A_ROW grams: only where that one was seen are its neighbours asked.
 */
bool sieve_passes(const struct sieve *s, const uint16_t *tokens, uint32_t count)
{
	uint32_t grams = count < GRAM ? 0 : count - GRAM + 1;

	for (uint32_t at = IN_A_ROW - 1; at < grams; at += IN_A_ROW)
		if (s->seen[place_of(s, tokens + at)] && in_a_row(s, tokens, grams, at))
			return true;
	return (s->few || is_short(tokens, count)) && shares_enough(s, tokens, grams);
}
