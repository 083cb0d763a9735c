/* SPDX-License-Identifier: BSD-2-Clause */
/* fold.h - any text to words that typography, encoding and keyboard do not change.
 *
 * Folding: NFKC, casefold, one form of Arabic letters, ASCII digits (fold_law.h has the law).
 *          What is left of HTML character references is resolved first (entity.h).
 * Words:   runs of letters, marks and digits. Everything else ends a word, apostrophes and hyphens
 *          too, straight or curly: "don't" is don, t. Soft hyphens, zero-width characters, tatweel
 *          and Arabic or Hebrew points are nothing at all: the word goes on across them. A comma
 *          between a digit and exactly three digits is nothing either: 1,234 is 1234. Nor is a
 *          blank between an Arabic letter and an affix that others write without (affix.h).
 * Scripts without spaces: every character is a word with the marks that follow it.
 * Bounds:  a word keeps its first FOLD_WORD_BYTES folded bytes, a character its first 7 marks;
 * what is not UTF-8 ends a word, byte by byte. Thread:  any. No memory but the caller's; tables are
 * built on the first call. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include <stddef.h>
#include <stdint.h>

#define FOLD_WORD_BYTES 256u
#define FOLD_WORDS 256u
#define FOLD_BYTES 4096u

/* Words one after another; word i is bytes[border[i]..border[i + 1]). */
struct folded {
	uint32_t count, characters;          /* words, and how many of them are TOKEN_CHARACTER */
	uint16_t border[FOLD_WORDS + 1 + 8]; /* eight more may be read, and mean nothing */
	uint8_t kind[FOLD_WORDS];            /* enum token_class */
	char bytes[FOLD_BYTES + 16];         /* sixteen more may be read, too */
};

/* Folds text that begins at a word's border into *out (what was there is gone) and returns the
 * bytes used, at least one unless len == 0. It stops where an ASCII word begins behind ASCII,
 * behind any line break, and where *out is full; always at a word's border, so that the caller may
 * go on from there by any means. Cannot fail. */
size_t fold_words(struct folded *out, const char *text, size_t len);

#endif
