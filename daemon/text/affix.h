/* SPDX-License-Identifier: BSD-2-Clause */
/* affix.h - Persian affixes, which some write with a zero-width joiner, some with nothing and some
 * with a blank. Folded letters in UTF-8. Pure; any thread. */
#ifndef TEXT_AFFIX_H
#define TEXT_AFFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AFFIX_BYTES 14u /* of the longest */

/* Whether a word belongs to the one behind it. */
bool affix_is_prefix(const char *word, size_t len);

/* The same of a folded word, never "no" where that says yes, in one comparison; four bytes of it
 * must be readable. */
static inline bool affix_may_be_prefix(const char *word, size_t len)
{
	return (memcmp(word + (len < 4 ? 0 : len - 4), "می", 4) == 0) & (len - 4 <= 2);
}

/* Whether a word belongs to the one before it; after_heh: that one ends in U+0647, behind which
 * endings cannot be joined. */
bool affix_is_suffix(const char *word, size_t len, bool after_heh);

/* What letters of two bytes, the first one low, are to suffixes: never is a word one whose first
 * letter has no bit of what holds - AFFIX_ALWAYS, AFFIX_AFTER_HEH if so, and the bits of the letter
 * that stands second. */
#define AFFIX_ALWAYS 1u
#define AFFIX_AFTER_HEH 2u
#define AFFIX_ANY 0xffu /* of what is not known */
uint8_t affix_first(uint16_t letter);
uint8_t affix_second(uint16_t letter);

#endif
