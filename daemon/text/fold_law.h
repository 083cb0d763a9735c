/* SPDX-License-Identifier: BSD-2-Clause */
/* fold_law.h - what folding makes of characters; for fold_table.c, folding.c and tests only.
 *
 * The law, for a string: NFKD; ignorable characters, Arabic and Hebrew points, enclosing marks and
 * the iota subscript go, and so does the nukta of Devanagari; variants of Arabic letters become
 * one, candrabindu is bindu, a line below a dot below; digits of all scripts are ASCII;
 * casefold and NFKD again; dotted and dotless i become i; NFC. Being a function of the NFKD form it
 * gives canonical equivalents the same result, and it may be applied piece by piece: the law of a
 * folded piece and what follows is the law of both.
 * Pure; any thread. */
#ifndef TEXT_FOLD_LAW_H
#define TEXT_FOLD_LAW_H

#include <stddef.h>
#include <stdint.h>

#define FOLD_BASIC 0x10000 /* where the other planes begin */

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

/* A folded character: 21 bits, its kind 3, its combining class 8. For a sequence the 21 bits are
 * its place in fold_table.pool and its length in the low five. */
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

/* The entry of a character that is folded already. */
uint32_t fold_classify(int32_t character);

/* The law applied in place to characters[count], room for FOLD_CLUSTER of them; returns how many
 * there are now. What does not fit is cut off; FOLD_CLUSTER_IN of them always fit. */
#define FOLD_CLUSTER_IN 8
#define FOLD_CLUSTER 160
size_t fold_law(int32_t *characters, size_t count);

#endif
