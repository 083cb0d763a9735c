/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fold.h"

#include <reprint/fingerprint.h>
#include <string.h>

#include "text/fold_table.h"
#include "text/folding.h"

/* One step writes at most a sequence's words and bytes; the open word may still grow. */
#define SPARE_WORDS (FOLD_SEQUENCE_MAX + 1)
#define SPARE_BYTES (FOLD_WORD_BYTES + 4 * (FOLD_SEQUENCE_MAX + 1))

/* What the usual character at p becomes, and the bytes it takes; FOLD_QUICK_NONE for any other, for
 * what is not UTF-8 and for the last bytes of the text. */
static inline uint32_t quick_at(const uint32_t *quick, const struct folding_input *in,
				unsigned *len)
{
	const unsigned char *p = in->p;

	if (in->end - p < 3)
		return FOLD_QUICK_NONE;
	if (p[0] < 0x80) {
		*len = 1;
		return quick[p[0]];
	}
	if ((p[0] & 0xe0) == 0xc0 && (p[1] & 0xc0) == 0x80) {
		*len = 2;
		return quick[(p[0] & 0x1f) << 6 | (p[1] & 0x3f)];
	}
	if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
		*len = 3;
		return quick[(p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f)];
	}
	return FOLD_QUICK_NONE;
}

/* The bytes of a usual character; writes up to four, of which fold_quick_len() count. */
static inline void write_quick(char *out, uint32_t quick)
{
	out[0] = (char)quick;
	out[1] = (char)(quick >> 8);
	out[2] = (char)(quick >> 16);
}

static bool no_room(const struct folding *f)
{
	return f->out->count + SPARE_WORDS > FOLD_WORDS || f->len + SPARE_BYTES > FOLD_BYTES;
}

/* A run of letters into the open word or a new one, as far as it has room for any letter. */
static void take_letters(struct folding *f, struct folding_input *in, uint32_t quick, unsigned used)
{
	char *out = f->out->bytes;
	uint32_t seen = 0;
	size_t len, last;

	if (f->open && f->kind == TOKEN_CHARACTER)
		folding_close(f);
	if (!f->open)
		folding_open(f, TOKEN_WORD);
	len = last = f->len;
	while (fold_quick_is(quick, FOLD_QUICK_LETTER) && len + 3 <= f->word_at + FOLD_WORD_BYTES) {
		write_quick(out + len, quick);
		last = len;
		len += fold_quick_len(quick);
		seen |= quick;
		in->p += used;
		quick = quick_at(f->table->quick, in, &used);
	}
	f->len = len;
	f->starter_at = last;
	f->last_class = 0;
	if (seen & FOLD_QUICK_DIGIT)
		f->kind = TOKEN_NUMBER;
}

/* A run of characters that are words; the last one stays open for its marks. */
static void take_characters(struct folding *f, struct folding_input *in, uint32_t quick,
			    unsigned used)
{
	do {
		folding_close(f);
		folding_open(f, TOKEN_CHARACTER);
		write_quick(f->out->bytes + f->len, quick);
		f->len += fold_quick_len(quick);
		in->p += used;
		quick = quick_at(f->table->quick, in, &used);
	} while (fold_quick_is(quick, FOLD_QUICK_CHARACTER) && !no_room(f));
}

/* One step of whatever kind. */
static void take_some(struct folding *f, struct folding_input *in)
{
	unsigned used = 1;
	uint32_t quick = quick_at(f->table->quick, in, &used);
	bool room = !f->open || f->kind == TOKEN_CHARACTER ||
		    (!f->full && f->len + 3 <= f->word_at + FOLD_WORD_BYTES);
	int32_t c;

	if (fold_quick_is(quick, FOLD_QUICK_LETTER) && room) {
		take_letters(f, in, quick, used);
	} else if (fold_quick_is(quick, FOLD_QUICK_CHARACTER)) {
		take_characters(f, in, quick, used);
	} else if (fold_quick_is(quick, FOLD_QUICK_BREAK)) {
		folding_close(f);
		in->p += used;
	} else {
		c = folding_character(in);
		folding_take(f, c, in);
	}
}

/* Whether *out has no room for another step and the text can be left here: a character that is
 * still open waits for its marks. */
static bool must_stop(const struct folding *f, struct folding_input rest)
{
	return no_room(f) &&
	       (!f->open || rest.p == rest.end || !folding_goes_on(f, folding_character(&rest)));
}

size_t fold_words(struct folded *out, const char *text, size_t len)
{
	struct folding f = { .out = out, .table = fold_table() };
	struct folding_input in = { (const unsigned char *)text,
				    (const unsigned char *)text + len };

	out->count = 0;
	out->border[0] = 0;
	while (in.p < in.end) {
		unsigned char byte = *in.p;

		take_some(&f, &in);
		if (f.open && f.kind != TOKEN_CHARACTER)
			continue;
		if (byte == '\n' || must_stop(&f, in))
			break;
		if (!f.open && byte < 0x80 && (in.p == in.end || *in.p < 0x80))
			break;
	}
	folding_close(&f);
	return (size_t)(in.p - (const unsigned char *)text);
}
