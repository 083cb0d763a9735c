/* SPDX-License-Identifier: BSD-2-Clause */
/* fold_table.h - what folding makes of one code point; for fold.c and its tests only.
 *
 * The law, for a string: NFKD; ignorable characters, Arabic and Hebrew points, enclosing marks and
 * the iota subscript go; variants of Arabic letters become one, digits of all scripts ASCII;
 * casefold and NFKD again; dotted and dotless i become i; NFC. Being a function of the NFKD form it
 * gives canonical equivalents the same result, and it may be applied piece by piece: the law of a
 * folded piece and what follows is the law of both.
 * Thread: fold_table() builds on the first call; read-only afterwards. */
#ifndef TEXT_FOLD_TABLE_H
#define TEXT_FOLD_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum fold_kind {
	FOLD_BREAK,     /* ends a word and is in none */
	FOLD_JOIN,      /* nothing at all */
	FOLD_LETTER,    /* in a word */
	FOLD_CHARACTER, /* a word of its own: the script has no spaces */
	FOLD_MARK,      /* belongs to what stands before it */
	FOLD_COMPOSE,   /* a mark or Hangul letter that may melt into what stands before it */
	FOLD_SEQUENCE,  /* several characters, each to be looked up again */
	FOLD_COMMA      /* ends a word, unless it groups digits */
};

/* One code point of the basic plane: character 21 bits, kind 3, combining class 8. In a sequence
 * the 21 bits are its place in fold_table.pool and its length in the low five. */
#define FOLD_ENTRY(character, kind, ccc) \
	((uint32_t)(character) | (uint32_t)(kind) << 21 | (uint32_t)(ccc) << 24)

static inline int32_t fold_entry_character(uint32_t entry)
{
	return (int32_t)(entry & 0x1fffff);
}

static inline enum fold_kind fold_entry_kind(uint32_t entry)
{
	return (enum fold_kind)(entry >> 21 & 7);
}

static inline unsigned fold_entry_class(uint32_t entry)
{
	return entry >> 24;
}

/* The usual characters once more, ready to be written: folded bytes 24 bits, how many of them 2
 * bits, then what they are. */
#define FOLD_QUICK_NONE 0u
#define FOLD_QUICK_LETTER (1u << 26)
#define FOLD_QUICK_CHARACTER (1u << 27)
#define FOLD_QUICK_BREAK (1u << 28)
#define FOLD_QUICK_DIGIT (1u << 29) /* a letter that is a digit */
#define FOLD_QUICK_COMMA (1u << 30) /* a break that is none between digits */
#define FOLD_QUICK_USUAL (1u << 31) /* a letter, a break, or nothing at all */

static inline unsigned fold_quick_len(uint32_t quick)
{
	return quick >> 24 & 3;
}

#define FOLD_BASIC 0x10000
#define FOLD_POOL 16384
#define FOLD_SEQUENCE_MAX 31

struct fold_table {
	uint32_t basic[FOLD_BASIC];
	uint32_t quick[FOLD_BASIC];
	int32_t pool[FOLD_POOL];
	uint32_t pooled;
};

const struct fold_table *fold_table(void);

/* The entry of a code point that is folded already, of any plane. */
uint32_t fold_classify(int32_t character);

/* The law applied in place to characters[count], room for FOLD_CLUSTER of them; returns how many
 * there are now. What does not fit is cut off; FOLD_CLUSTER_IN of them always fit. */
#define FOLD_CLUSTER_IN 32
#define FOLD_CLUSTER 640
size_t fold_law(int32_t *characters, size_t count);

#endif
