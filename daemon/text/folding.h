/* SPDX-License-Identifier: BSD-2-Clause */
/* folding.h - folding one character after another, whatever it is; for fold.c only, which takes the
 * usual characters in runs and leaves the others here.
 *
 * A word is open from its first letter to the character that ends it; its folded bytes grow at the
 * end of out->bytes. */
#ifndef TEXT_FOLDING_H
#define TEXT_FOLDING_H

#include <reprint/fingerprint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/fold.h"

struct fold_table;

struct folding_input {
	const unsigned char *p, *end;
};

struct folding {
	struct folded *out;
	const struct fold_table *table;
	size_t len;        /* of out->bytes */
	size_t word_at;    /* where the open word begins */
	size_t starter_at; /* its last character of combining class 0 */
	unsigned last_class;
	bool open, full;
	uint8_t kind; /* of the open word, enum token_class */
};

static inline void folding_close(struct folding *f)
{
	if (!f->open)
		return;
	f->open = false;
	if (f->out->count == FOLD_WORDS)
		return;
	f->out->characters += f->kind == TOKEN_CHARACTER;
	f->out->kind[f->out->count++] = f->kind;
	f->out->border[f->out->count] = (uint16_t)f->len;
}

static inline void folding_open(struct folding *f, uint8_t kind)
{
	f->word_at = f->len;
	f->starter_at = f->len;
	f->last_class = 0;
	f->kind = kind;
	f->open = true;
	f->full = false;
}

/* Of the two bytes of a folded letter. */
static inline bool folding_is_arabic(const char *p)
{
	return ((unsigned char)*p & 0xfc) == 0xd8;
}

static inline bool folding_is_heh(const char *p)
{
	return memcmp(p, "\xd9\x87", 2) == 0;
}

static inline bool folding_is_yeh(const char *p)
{
	return memcmp(p, "\xdb\x8c", 2) == 0;
}

/* The next character, a reference resolved; what is not UTF-8 is U+FFFD, byte by byte. */
int32_t folding_character(struct folding_input *in);

/* Folds one character; `rest` is what follows it. Writes at most FOLD_SEQUENCE_MAX words. */
void folding_take(struct folding *f, int32_t c, const struct folding_input *rest);

/* Whether a blank is nothing, `rest` being what follows it: an affix stands on one side of it. */
bool folding_blank_joins(const struct folding *f, const struct folding_input *rest);

/* Whether a character belongs to what stands before it, or is nothing. */
bool folding_goes_on(const struct folding *f, int32_t c);

#endif
