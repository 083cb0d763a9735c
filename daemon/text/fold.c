/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fold.h"

#include <endian.h>
#include <reprint/fingerprint.h>
#include <string.h>

#include "text/affix.h"
#include "text/fold_table.h"
#include "text/folding.h"

/* One step writes at most a sequence's words and bytes; the open word may still grow. */
#define SPARE_WORDS (FOLD_SEQUENCE_MAX + 1)
#define SPARE_BYTES (FOLD_WORD_BYTES + 4 * (FOLD_SEQUENCE_MAX + 1))

/* What the character at p becomes and the bytes it takes; FOLD_QUICK_NONE for what is not usual,
 * not UTF-8, or of four bytes. Three bytes must be readable. One and two bytes share a path without
 * a branch: in most alphabets a blank is one and a letter is two. */
static inline uint32_t quick_at(const uint32_t *quick, const unsigned char *p, unsigned *used)
{
	unsigned c = p[0];

	if (c < 0xe0) {
		unsigned two = c >= 0x80, pair = (c & 0x1f) << 6 | (p[1] & 0x3f);

		*used = 1 + two;
		if (two && (c < 0xc0 || (p[1] & 0xc0) != 0x80))
			return FOLD_QUICK_NONE;
		return quick[two ? pair : c];
	}
	*used = 3;
	if (c >= 0xf0 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
		return FOLD_QUICK_NONE;
	return quick[(c & 0xf) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu)];
}

/* What it becomes is known without the table. */
#define BLANK (FOLD_QUICK_USUAL | FOLD_QUICK_BREAK)

/* Four bytes, of which fold_quick_len() count. */
static inline void write_quick(char *out, uint32_t quick)
{
	quick = htole32(quick);
	memcpy(out, &quick, sizeof quick);
}

static inline bool no_room(size_t words, size_t bytes)
{
	return words + SPARE_WORDS > FOLD_WORDS || bytes + SPARE_BYTES > FOLD_BYTES;
}

/* Whether ASCII alone can read on from p, behind a break: `behind` is the break's first byte. */
static inline bool is_ascii_from(const uint32_t *quick, unsigned behind, unsigned next)
{
	return behind < 0x80 && next < 0x80 && (quick[next] & FOLD_QUICK_LETTER);
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#define LANES(lane) (UINT64_C(0x0001000100010001) * (lane))
#define FOUR 8u /* bytes of four letters */

/* Folds the next four characters at p, if they are letters of two bytes and stay so, as they do in
 * most alphabets. Returns how many of them, the first ones, are; the others in *out mean nothing.
 */
static inline size_t fold_four(uint64_t *out, const uint16_t *pairs, const unsigned char *p)
{
	uint64_t x, place, other, none;

	memcpy(&x, p, sizeof x);
	x = le64toh(x);
	place = (x & LANES(0x1f)) << 6 | (x >> 8 & LANES(0x3f));
	*out = pairs[place & 0xffff] | (uint64_t)pairs[place >> 16 & 0xffff] << 16 |
	       (uint64_t)pairs[place >> 32 & 0xffff] << 32 | (uint64_t)pairs[place >> 48] << 48;
	other = (x ^ LANES(0x80c0)) & LANES(0xc0e0); /* of another length */
	none = (*out - LANES(1)) & ~*out & LANES(0x8000) & (other - 1) & ~other;
	*out = htole64(*out);
	/* Few are no letters: then the count need not wait for the table. */
	if (__builtin_expect(none != 0, 0))
		other = none;
	return other == 0 ? 4 : (size_t)__builtin_ctzll(other) / 16;
}

/* A run of such letters: the same as what take_usual() does with each, in a quarter of the
 * instructions. Eight at a time, which is most words, so that no branch depends on a word's length.
 * Needs room for 16 bytes on both sides. Returns how many, at most eight. */
static inline size_t fold_eight(char *out, const uint16_t *pairs, const unsigned char *p)
{
	uint64_t first, second;
	size_t n = fold_four(&first, pairs, p), more = fold_four(&second, pairs, p + FOUR);

	memcpy(out, &first, sizeof first);
	memcpy(out + FOUR, &second, sizeof second);
	return n == 4 ? 4 + more : n;
}

/* Whether the blank before p may be nothing, between an Arabic word and an affix or the other way
 * round: never "no" where folding_take() says yes, and "yes" seldom enough. p[0..3] are readable.
 * Without a branch: words follow no pattern. */
static bool may_join(const uint32_t *quick, const char *word, size_t len, const unsigned char *p)
{
	/* As write_quick() writes them. */
	enum { ALEF = 0xa7d8, TEH = 0xaad8, REH = 0xb1d8, HEH = 0x87d9, YEH = 0x8cdb };
	uint32_t letter = quick[(p[0] & 0x1f) << 6 | (p[1] & 0x3f)] & (FOLD_QUICK_LETTER | 0xffff);
	uint32_t next = quick[(p[2] & 0x1f) << 6 | (p[3] & 0x3f)] & (FOLD_QUICK_LETTER | 0xffff);
	bool none = !(letter & FOLD_QUICK_LETTER), end = !(next & FOLD_QUICK_LETTER);
	bool heh = folding_is_heh(word + len - 2), suffix;

	letter ^= FOLD_QUICK_LETTER;
	next ^= FOLD_QUICK_LETTER;
	suffix = (((letter == ALEF) | (letter == YEH)) & heh) |
		 ((letter == HEH) & ((next == ALEF) | end)) |
		 ((letter == TEH) & ((next == REH) | end));
	if (!folding_is_arabic((const char *)p))
		return p[0] >= 0x80 || p[0] == '&';
	return none | suffix | affix_may_be_prefix(word, len);
}

/* Letters, breaks and what is nothing, word after word, as long as they are usual. No branch
 * depends on where a word ends. True: fold_words() is to stop. */
static bool take_usual(struct folding *f, struct folding_input *in)
{
	const uint32_t *quick = f->table->quick;
	struct folded *out = f->out;
	size_t len = f->len, word_at = f->open ? f->word_at : len, starter_at = f->starter_at;
	uint32_t seen = f->open && f->kind == TOKEN_NUMBER ? FOLD_QUICK_DIGIT : 0;
	uint32_t count = out->count;
	const unsigned char *p = in->p;
	bool stop = false;

	while (in->end - p >= 4 && !stop && len + 3 <= word_at + FOLD_WORD_BYTES) {
		unsigned byte, used;
		uint32_t usual;
		bool ends;

		while ((*p & 0xe0) == 0xc0 && in->end - p >= 20 &&
		       len + 20 <= word_at + FOLD_WORD_BYTES) {
			size_t n = fold_eight(out->bytes + len, f->table->pairs, p);

			p += 2 * n;
			len += 2 * n;
			starter_at = n > 0 ? len - 2 : starter_at;
			if (n < 8)
				break;
		}
		byte = p[0];
		used = 1;
		usual = byte == ' ' ? BLANK : quick_at(quick, p, &used);
		ends = usual & FOLD_QUICK_BREAK;
		if (!(usual & FOLD_QUICK_USUAL) ||
		    ((usual & FOLD_QUICK_COMMA) && len > word_at && is_digit(out->bytes[len - 1])))
			break;
		if (byte == ' ' && len > word_at + 1 && folding_is_arabic(out->bytes + len - 2) &&
		    (in->end - p < 5 ||
		     may_join(quick, out->bytes + word_at, len - word_at, p + 1)))
			break;
		write_quick(out->bytes + len, usual);
		starter_at = usual & FOLD_QUICK_LETTER ? len : starter_at;
		len += fold_quick_len(usual);
		seen |= usual;
		out->kind[count] = seen & FOLD_QUICK_DIGIT ? TOKEN_NUMBER : TOKEN_WORD;
		out->border[count + 1] = (uint16_t)len;
		count += ends & (len > word_at);
		word_at = ends ? len : word_at;
		seen = ends ? 0 : seen;
		p += used;
		stop = ends &&
		       (byte == '\n' || is_ascii_from(quick, byte, p[0]) || no_room(count, len));
	}
	if (len != f->len || word_at != f->word_at)
		f->last_class = 0;
	in->p = p;
	out->count = count;
	f->len = len;
	f->word_at = word_at;
	f->starter_at = starter_at;
	f->open = len > word_at;
	f->full = false;
	f->kind = seen & FOLD_QUICK_DIGIT ? TOKEN_NUMBER : TOKEN_WORD;
	return stop;
}

/* The entry of a character of three bytes, NONE of anything else; four bytes must be readable. */
static inline uint32_t three_at(const uint32_t *quick, const unsigned char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof x);
	x = le32toh(x);
	if ((x & 0xc0c0f0) != 0x8080e0)
		return FOLD_QUICK_NONE;
	return quick[(x & 0xf) << 12 | (x >> 2 & 0xfc0) | (x >> 16 & 0x3f)];
}

/* A run of characters that are words, three bytes each in UTF-8, as they are folded; the last one
 * stays open for its marks. */
static void take_characters(struct folding *f, struct folding_input *in, uint32_t character)
{
	const uint32_t *quick = f->table->quick;
	struct folded *out = f->out;
	const unsigned char *p = in->p;
	size_t len, count;

	folding_close(f);
	folding_open(f, TOKEN_CHARACTER);
	count = out->count;
	len = f->len;
	for (;;) {
		write_quick(out->bytes + len, character);
		p += 3;
		if (in->end - p < 4 || no_room(count, len + 3))
			break;
		character = three_at(quick, p);
		if (!(character & FOLD_QUICK_CHARACTER))
			break;
		len += 3;
		out->kind[count++] = TOKEN_CHARACTER;
		out->border[count] = (uint16_t)len;
	}
	in->p = p;
	out->characters += (uint32_t)count - out->count;
	out->count = (uint32_t)count;
	f->len = len + 3;
	f->word_at = f->starter_at = len;
}

/* One step of whatever kind; true: fold_words() is to stop. */
static bool take_some(struct folding *f, struct folding_input *in)
{
	unsigned used;
	const unsigned char *before = in->p;
	uint32_t quick = FOLD_QUICK_NONE;
	int32_t c;

	if (in->end - in->p >= 3)
		quick = quick_at(f->table->quick, in->p, &used);
	if (quick & FOLD_QUICK_CHARACTER) {
		take_characters(f, in, quick);
		return false;
	}
	if (f->open && f->kind == TOKEN_CHARACTER &&
	    (quick & (FOLD_QUICK_LETTER | FOLD_QUICK_BREAK)))
		folding_close(f);
	if ((quick & FOLD_QUICK_USUAL) && !(f->open && (f->full || f->kind == TOKEN_CHARACTER))) {
		bool stop = take_usual(f, in);

		if (stop || in->p != before)
			return stop;
	}
	c = folding_character(in);
	folding_take(f, c, in);
	return false;
}

/* Whether this is a place to leave the text at, `byte` being where the last step began. */
static bool may_stop(const struct folding *f, unsigned byte, struct folding_input rest)
{
	if (f->open && f->kind != TOKEN_CHARACTER)
		return false;
	if (byte == '\n' || rest.p == rest.end)
		return true;
	/* A character that is still open waits for its marks. */
	if (no_room(f->out->count, f->len))
		return !f->open || !folding_goes_on(f, folding_character(&rest));
	return !f->open && is_ascii_from(f->table->quick, byte, *rest.p);
}

size_t fold_words(struct folded *out, const char *text, size_t len)
{
	struct folding f = { .out = out, .table = fold_table() };
	struct folding_input in = { (const unsigned char *)text,
				    (const unsigned char *)text + len };

	out->count = out->characters = 0;
	out->border[0] = 0;
	while (in.p < in.end) {
		unsigned byte = *in.p;

		if (take_some(&f, &in) || may_stop(&f, byte, in))
			break;
	}
	folding_close(&f);
	return (size_t)(in.p - (const unsigned char *)text);
}
