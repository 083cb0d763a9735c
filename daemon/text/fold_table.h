/* SPDX-License-Identifier: BSD-2-Clause */
/* fold_table.h - the law for every single character of the basic plane, looked up.
 *
 * Thread: fold_table() builds on the first call, in about two milliseconds; read-only afterwards.
 */
#ifndef TEXT_FOLD_TABLE_H
#define TEXT_FOLD_TABLE_H

#include <stdint.h>

#include "text/fold_law.h"

/* The usual characters once more, ready to be written: folded bytes 24 bits, how many of them 2
 * bits, then what they are. */
#define FOLD_QUICK_NONE 0u
#define FOLD_QUICK_LETTER (1u << 26)
#define FOLD_QUICK_CHARACTER (1u << 27)
#define FOLD_QUICK_BREAK (1u << 28)
#define FOLD_QUICK_DIGIT (1u << 29) /* a letter that is a digit */
/* Usual, or not, by what stands before: a comma not behind a digit, a mark in a word. */
#define FOLD_QUICK_BEHIND (1u << 30)
#define FOLD_QUICK_USUAL (1u << 31) /* a letter, a break, a mark of class 0, or nothing at all */

static inline unsigned fold_quick_len(uint32_t quick)
{
	return quick >> 24 & 3;
}

/* The letters among the characters of two bytes that are of two bytes folded, too. */
#define FOLD_PAIRS 2048

#define FOLD_ARABIC 0x600 /* where its letters begin, 256 of them */

#define FOLD_POOL 4096
#define FOLD_SEQUENCE_MAX 31

struct fold_table {
	uint32_t basic[FOLD_BASIC];
	uint32_t quick[FOLD_BASIC];
	uint16_t pairs[FOLD_PAIRS]; /* the folded bytes, the first one low, or 0 */
	/* Of the Arabic letters, AFFIX_ANY where none is: see affix.h. */
	uint8_t affix_first[256], affix_second[256];
	int32_t pool[FOLD_POOL];
	uint32_t pooled;
};

const struct fold_table *fold_table(void);

#endif
