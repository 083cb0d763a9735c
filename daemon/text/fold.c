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
 * most alphabets. Returns the top bit of each lane up to the first that is none; the others in *out
 * mean nothing. */
static inline uint64_t fold_four(uint64_t *out, const uint16_t *pairs, const unsigned char *p)
{
	uint64_t x, place, other, letters;

	memcpy(&x, p, sizeof x);
	x = le64toh(x);
	place = (x & LANES(0x1f)) << 6 | (x >> 8 & LANES(0x3f));
	*out = pairs[place & 0xffff] | (uint64_t)pairs[place >> 16 & 0xffff] << 16 |
	       (uint64_t)pairs[place >> 32 & 0xffff] << 32 | (uint64_t)pairs[place >> 48] << 48;
	other = (x ^ LANES(0x80c0)) & LANES(0xc0e0); /* of another length */
	letters = (other - 1) & ~other & LANES(0x8000);
	/* What is no letter lacks a second byte's top bit. It is rare: then nobody need wait for
	 * the table. */
	other = letters & ~*out;
	if (__builtin_expect(other != 0, 0))
		letters &= (other - 1) & ~other;
	*out = htole64(*out);
	return letters;
}

/* A run of such letters: the same as what take_usual() does with each, in a quarter of the
 * instructions. Eight at a time, which is most words, so that no branch depends on a word's length.
 * Needs room for 16 bytes on both sides. Returns how many, at most eight. */
static inline size_t fold_eight(char *out, const uint16_t *pairs, const unsigned char *p)
{
	uint64_t first, second;
	uint64_t four = fold_four(&first, pairs, p), more = fold_four(&second, pairs, p + FOUR);

	memcpy(out, &first, sizeof first);
	memcpy(out + FOUR, &second, sizeof second);
	more &= -(four >> 63);
	return (size_t)(((four >> 15) + (more >> 15)) * LANES(1) >> 48);
}

/* Where the last letter begins, in UTF-8. */
static size_t last_letter(const char *bytes, size_t len)
{
	while (len > 1 && ((unsigned char)bytes[len - 1] & 0xc0) == 0x80)
		len--;
	return len - 1;
}

/* Where take_usual() stands; in registers, unlike struct folding. */
struct usual {
	const unsigned char *p;
	size_t len, word_at;
	uint32_t count, seen;
};

/* A run of letters of two bytes. */
static inline void take_pairs(struct folded *out, struct usual *u, const uint16_t *pairs,
			      const unsigned char *end)
{
	while (end - u->p >= 20 && u->len + 20 <= u->word_at + FOLD_WORD_BYTES) {
		size_t n = fold_eight(out->bytes + u->len, pairs, u->p);

		u->p += 2 * n;
		u->len += 2 * n;
		if (n < 8)
			return;
	}
}

static inline void end_word(struct folded *out, struct usual *u, bool ends)
{
	out->kind[u->count] = u->seen & FOLD_QUICK_DIGIT ? TOKEN_NUMBER : TOKEN_WORD;
	out->border[u->count + 1] = (uint16_t)u->len;
	u->count += ends & (u->len > u->word_at);
	u->word_at = ends ? u->len : u->word_at;
	u->seen = ends ? 0 : u->seen;
}

/* Whether the blank before p may be nothing, between an Arabic word and an affix or the other way
 * round: never "no" where folding_blank_joins() says yes, and "yes" seldom enough. p[0..3] are
 * readable. Without a branch: words follow no pattern. */
static inline bool may_join(const struct fold_table *t, const char *word, size_t len,
			    const unsigned char *p)
{
	uint32_t x, place;
	unsigned holds;

	memcpy(&x, p, sizeof x);
	x = le32toh(x);
	place = (x & 0x30003) << 6 | (x >> 8 & 0x3f003f);
	if (!folding_is_arabic((const char *)p))
		return p[0] >= 0x80 || p[0] == '&';
	holds = folding_is_arabic((const char *)p + 2) ? t->affix_second[place >> 16] : AFFIX_ANY;
	holds |= AFFIX_ALWAYS | folding_is_heh(word + len - 2) * AFFIX_AFTER_HEH;
	return ((t->affix_first[place & 0xff] & holds) != 0) | affix_may_be_prefix(word, len);
}

/* Of what FOLD_QUICK_BEHIND says that it may be. */
static inline bool is_usual_behind(uint32_t quick, const struct folded *out, const struct usual *u)
{
	bool open = u->len > u->word_at;

	return quick & FOLD_QUICK_BREAK ? !(open && is_digit(out->bytes[u->len - 1])) : open;
}

static void save(struct folding *f, const struct usual *u)
{
	f->out->count = u->count;
	f->len = u->len;
	f->word_at = u->word_at;
	f->open = u->len > u->word_at;
	f->full = false;
	f->kind = u->seen & FOLD_QUICK_DIGIT ? TOKEN_NUMBER : TOKEN_WORD;
}

/* At a blank; true: fold_words() is to stop behind it. */
static inline bool take_blank(struct folding *f, struct usual *u, const unsigned char *end)
{
	struct folded *out = f->out;
	const struct fold_table *table = f->table;
	const char *word = out->bytes + u->word_at;
	size_t len = u->len - u->word_at;

	u->p++;
	if (len >= 2 && folding_is_arabic(word + len - 2) &&
	    (end - u->p < 4 || may_join(table, word, len, u->p))) {
		const struct folding_input rest = { u->p, end };

		save(f, u);
		if (folding_blank_joins(f, &rest))
			return false;
	}
	end_word(out, u, true);
	return is_ascii_from(table->quick, ' ', *u->p) || no_room(u->count, u->len);
}

/* Letters, breaks and what is nothing, word after word, as long as they are usual. No branch
 * depends on where a word ends but at a blank. True: fold_words() is to stop. */
static bool take_usual(struct folding *f, struct folding_input *in)
{
	const struct fold_table *table = f->table;
	const unsigned char *end = in->end;
	struct folded *out = f->out;
	size_t before = f->len;
	struct usual u = {
		.p = in->p,
		.len = before,
		.word_at = f->open ? f->word_at : before,
		.count = out->count,
		.seen = f->open && f->kind == TOKEN_NUMBER ? FOLD_QUICK_DIGIT : 0,
	};
	bool stop = false;

	while (end - u.p >= 4 && !stop && u.len + 3 <= u.word_at + FOLD_WORD_BYTES) {
		unsigned byte, used;
		uint32_t usual;
		bool ends;

		if ((*u.p & 0xe0) == 0xc0)
			take_pairs(out, &u, table->pairs, end);
		byte = *u.p;
		if (byte == ' ') {
			stop = take_blank(f, &u, end);
			continue;
		}
		usual = quick_at(table->quick, u.p, &used);
		ends = usual & FOLD_QUICK_BREAK;
		if (!(usual & FOLD_QUICK_USUAL) ||
		    ((usual & FOLD_QUICK_BEHIND) && !is_usual_behind(usual, out, &u)))
			break;
		write_quick(out->bytes + u.len, usual);
		u.len += fold_quick_len(usual);
		u.seen |= usual;
		end_word(out, &u, ends);
		u.p += used;
		stop = ends && (byte == '\n' || is_ascii_from(table->quick, byte, *u.p) ||
				no_room(u.count, u.len));
	}
	in->p = u.p;
	save(f, &u);
	if (u.len != before) {
		f->last_class = 0;
		f->starter_at = last_letter(out->bytes, u.len);
	}
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
