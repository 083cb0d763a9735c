/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/folding.h"

#include <endian.h>
#include <reprint/fingerprint.h>
#include <string.h>
#include <utf8proc.h>

#include "text/affix.h"
#include "text/entity.h"
#include "text/fold_table.h"

#define REPLACEMENT 0xfffd
#define JOINED_BYTES 64u /* what a word with affixes may have; no chain of them becomes one */

/* The next character of 2..4 bytes; a byte that begins none is U+FFFD. */
static int32_t take_multibyte(struct folding_input *in)
{
	const unsigned char *p = in->p;
	size_t left = (size_t)(in->end - p);

#define TAIL(i) ((p[i] & 0xc0) == 0x80)
	if ((p[0] & 0xe0) == 0xc0 && left >= 2 && TAIL(1)) {
		in->p += 2;
		return (p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	}
	if ((p[0] & 0xf0) == 0xe0 && left >= 3 && TAIL(1) && TAIL(2)) {
		in->p += 3;
		return (p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	}
	/* Nothing above U+10FFFF. */
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && left >= 4 && TAIL(1) && TAIL(2) && TAIL(3) &&
	    (p[0] < 0xf4 || p[1] < 0x90)) {
		in->p += 4;
		return (p[0] & 7) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
#undef TAIL
	in->p++;
	return REPLACEMENT;
}

int32_t folding_character(struct folding_input *in)
{
	int32_t c = *in->p;

	if (c >= 0x80)
		return take_multibyte(in);
	if (c == '&') {
		size_t used = entity_at(&c, (const char *)in->p, (size_t)(in->end - in->p));

		in->p += used > 0 ? used : 1;
		return c;
	}
	in->p++;
	return c;
}

static size_t encode(char out[4], int32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void append(struct folding *f, int32_t c)
{
	char bytes[4];
	size_t n = encode(bytes, c);

	if (f->full || f->len - f->word_at + n > FOLD_WORD_BYTES || f->len + n > FOLD_BYTES) {
		f->full = true;
		return;
	}
	memcpy(f->out->bytes + f->len, bytes, n);
	f->len += n;
	if (c >= '0' && c <= '9')
		f->kind = TOKEN_NUMBER;
}

static void append_starter(struct folding *f, int32_t c)
{
	if (!f->full)
		f->starter_at = f->len;
	f->last_class = 0;
	append(f, c);
}

/* What two folded characters compose to, 0 if they do not: then it is folded, too. */
static int32_t composed(int32_t starter, int32_t mark)
{
	int32_t pair[2] = { starter, mark };
	const int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

	return utf8proc_normalize_utf32(pair, 2, (utf8proc_option_t)options) == 1 ? pair[0] : 0;
}

/* The open word's last character with its marks; at most FOLD_CLUSTER_IN. */
static size_t last_cluster(int32_t *out, const struct folding *f)
{
	const unsigned char *bytes = (const unsigned char *)f->out->bytes;
	struct folding_input tail = { bytes + f->starter_at, bytes + f->len };
	size_t n = 0;

	while (tail.p < tail.end && n < FOLD_CLUSTER_IN)
		out[n++] = folding_character(&tail);
	return n;
}

/* Folds the open word's last character again together with a mark that may melt into it. */
static void attach(struct folding *f, int32_t mark)
{
	int32_t cluster[FOLD_CLUSTER], one;
	size_t n;

	if (f->full)
		return;
	n = last_cluster(cluster, f);
	if (n == FOLD_CLUSTER_IN)
		return;
	f->len = f->starter_at;
	one = n == 1 ? composed(cluster[0], mark) : 0;
	if (one != 0) {
		append_starter(f, one);
		return;
	}
	cluster[n++] = mark;
	n = fold_law(cluster, n);
	for (size_t i = 0; i < n; i++) {
		unsigned ccc = fold_entry_class(fold_classify(cluster[i]));

		if (ccc == 0)
			append_starter(f, cluster[i]);
		else
			append(f, cluster[i]);
		f->last_class = ccc;
	}
}

static void take_mark(struct folding *f, uint32_t entry)
{
	unsigned ccc = fold_entry_class(entry);

	if (!f->open)
		return;
	if (ccc != 0 && ccc < f->last_class) {
		attach(f, fold_entry_character(entry));
	} else if (ccc == 0) {
		append_starter(f, fold_entry_character(entry));
	} else {
		append(f, fold_entry_character(entry));
		f->last_class = ccc;
	}
}

static void take_letter(struct folding *f, int32_t c)
{
	if (f->open && f->kind == TOKEN_CHARACTER)
		folding_close(f);
	if (!f->open)
		folding_open(f, TOKEN_WORD);
	append_starter(f, c);
}

static bool is_mark(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

static void take_composing(struct folding *f, int32_t c)
{
	/* A Hangul letter is no mark: after a character of another script it begins a word. */
	bool mark = is_mark(c);

	if (f->open && (mark || f->kind != TOKEN_CHARACTER))
		attach(f, c);
	else if (!mark)
		take_letter(f, c);
}

/* Of a character that is folded. */
static uint32_t entry_at(const struct folding *f, int32_t c)
{
	return c < FOLD_BASIC ? f->table->basic[c] : fold_classify(c);
}

/* The same for a character as it stands in the text. */
static uint32_t raw_entry(const struct folding *f, int32_t c)
{
	int32_t folded[FOLD_CLUSTER];
	size_t n;

	if (c < FOLD_BASIC)
		return f->table->basic[c];
	folded[0] = c;
	n = fold_law(folded, 1);
	return n == 1 ? entry_at(f, folded[0])
		      : FOLD_ENTRY(0, n == 0 ? FOLD_JOIN : FOLD_SEQUENCE, 0);
}

/* Whether exactly three digits come next: the comma before them groups a number. */
static bool three_digits(const struct folding *f, struct folding_input ahead)
{
	unsigned digits = 0;

	while (ahead.p < ahead.end && digits < 4) {
		uint32_t entry = raw_entry(f, folding_character(&ahead));
		int32_t c = fold_entry_character(entry);

		if (fold_entry_kind(entry) == FOLD_JOIN)
			continue;
		if (fold_entry_kind(entry) != FOLD_LETTER || c < '0' || c > '9')
			break;
		digits++;
	}
	return digits == 3;
}

static void take_comma(struct folding *f, const struct folding_input *rest)
{
	char last = f->open && f->len > f->word_at ? f->out->bytes[f->len - 1] : ' ';

	if (!f->full && last >= '0' && last <= '9' && three_digits(f, *rest))
		return;
	folding_close(f);
}

/* What of c belongs to the word before it; *out_ends: the word ends there. */
static size_t inner_of(int32_t out[FOLD_CLUSTER], bool *out_ends, const struct folding *f,
		       int32_t c)
{
	size_t n = 1, inner = 0;

	out[0] = c;
	if (c >= FOLD_BASIC || fold_entry_kind(f->table->basic[c]) == FOLD_SEQUENCE)
		n = fold_law(out, 1);
	else
		out[0] = fold_entry_character(f->table->basic[c]);
	*out_ends = false;
	for (size_t i = 0; i < n; i++) {
		enum fold_kind kind = fold_entry_kind(entry_at(f, out[i]));

		*out_ends |= kind == FOLD_CHARACTER;
		if (kind == FOLD_BREAK || kind == FOLD_COMMA) { /* stands alone: take_several() */
			*out_ends = true;
			return 0;
		}
		inner += !*out_ends;
	}
	return inner;
}

/* Takes a letter of two bytes that stays so, if one is next; else 0. */
static uint16_t pair_at(const struct fold_table *t, struct folding_input *in)
{
	const unsigned char *p = in->p;
	uint16_t pair;

	if (in->end - p < 2 || (p[0] & 0xe0) != 0xc0 || (p[1] & 0xc0) != 0x80)
		return 0;
	pair = t->pairs[(p[0] & 0x1f) << 6 | (p[1] & 0x3f)];
	in->p += pair != 0 ? 2 : 0;
	return pair;
}

/* The word that begins ahead, as far as an affix may reach and one letter more. */
static size_t word_ahead(char *word, const struct folding *f, struct folding_input ahead)
{
	int32_t inner[FOLD_CLUSTER];
	bool ends = false;
	size_t len = 0;
	uint16_t pair;

	while (len <= AFFIX_BYTES && (pair = pair_at(f->table, &ahead)) != 0) {
		pair = htole16(pair);
		memcpy(word + len, &pair, sizeof pair);
		len += sizeof pair;
	}
	while (ahead.p < ahead.end && len <= AFFIX_BYTES && !ends) {
		int32_t c = folding_character(&ahead);
		size_t n = 0;

		if (fold_entry_kind(raw_entry(f, c)) != FOLD_JOIN)
			n = inner_of(inner, &ends, f, c);
		for (size_t i = 0; i < n && len <= AFFIX_BYTES; i++)
			len += encode(word + len, inner[i]);
	}
	return len;
}

bool folding_blank_joins(const struct folding *f, const struct folding_input *rest)
{
	const char *open = f->out->bytes + f->word_at, *last;
	size_t open_len = f->len - f->word_at, len;
	char word[AFFIX_BYTES + 4];

	if (!f->open || f->full || f->kind != TOKEN_WORD || open_len < 2 || open_len > JOINED_BYTES)
		return false;
	last = open + open_len - 2;
	if (!folding_is_arabic(last))
		return false;
	len = word_ahead(word, f, *rest);
	return len > 0 && folding_is_arabic(word) &&
	       (affix_is_prefix(open, open_len) ||
		affix_is_suffix(word, len, folding_is_heh(last)));
}

/* One folded character. */
static void take_folded(struct folding *f, uint32_t entry, const struct folding_input *rest)
{
	switch (fold_entry_kind(entry)) {
	case FOLD_LETTER:
		take_letter(f, fold_entry_character(entry));
		break;
	case FOLD_CHARACTER:
		folding_close(f);
		folding_open(f, TOKEN_CHARACTER);
		append_starter(f, fold_entry_character(entry));
		break;
	case FOLD_MARK:
		take_mark(f, entry);
		break;
	case FOLD_COMPOSE:
		take_composing(f, fold_entry_character(entry));
		break;
	case FOLD_COMMA:
		take_comma(f, rest);
		break;
	case FOLD_JOIN:
		break;
	case FOLD_BREAK:
	case FOLD_SEQUENCE: /* a sequence holds none */
		folding_close(f);
		break;
	}
}

/* What one character of the text became. With a break inside it stands alone, so that 1½ reads like
 * 1 1/2, and so that no chain of such characters keeps a word open. */
static void take_several(struct folding *f, const int32_t *characters, size_t count,
			 const struct folding_input *rest)
{
	bool alone = false;

	for (size_t i = 0; i < count; i++)
		alone |= fold_entry_kind(entry_at(f, characters[i])) == FOLD_BREAK;
	if (alone)
		folding_close(f);
	for (size_t i = 0; i < count; i++)
		take_folded(f, entry_at(f, characters[i]), rest);
	if (alone)
		folding_close(f);
}

static void take_beyond_basic(struct folding *f, int32_t c, const struct folding_input *rest)
{
	int32_t folded[FOLD_CLUSTER];

	folded[0] = c;
	take_several(f, folded, fold_law(folded, 1), rest);
}

void folding_take(struct folding *f, int32_t c, const struct folding_input *rest)
{
	uint32_t entry, place;

	if (c >= FOLD_BASIC) {
		take_beyond_basic(f, c, rest);
		return;
	}
	entry = f->table->basic[c];
	if (entry == FOLD_ENTRY(' ', FOLD_BREAK, 0) && folding_blank_joins(f, rest))
		return;
	if (fold_entry_kind(entry) != FOLD_SEQUENCE) {
		take_folded(f, entry, rest);
		return;
	}
	place = entry & 0x1fffff;
	take_several(f, f->table->pool + (place >> 5), place & 31, rest);
}

bool folding_goes_on(const struct folding *f, int32_t c)
{
	uint32_t entry = raw_entry(f, c);
	enum fold_kind kind = fold_entry_kind(entry);

	if (kind == FOLD_SEQUENCE && c < FOLD_BASIC)
		kind = fold_entry_kind(entry_at(f, f->table->pool[(entry & 0x1fffff) >> 5]));
	return kind == FOLD_MARK || kind == FOLD_COMPOSE || kind == FOLD_JOIN;
}
