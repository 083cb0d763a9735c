/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fold_law.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#define DOT_ABOVE 0x307

struct range {
	int32_t from, to;
};

static bool within(const struct range *ranges, size_t count, int32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}
#define WITHIN(ranges, c) within((ranges), sizeof(ranges) / sizeof *(ranges), (c))

/* Scripts that write no spaces: Unicode line breaking classes ID, CJ and SA (UAX 14). */
static const struct range unspaced[] = {
	{ 0xe00, 0xeff },     /* Thai, Lao */
	{ 0x1000, 0x109f },   /* Myanmar */
	{ 0x1780, 0x17ff },   /* Khmer */
	{ 0x1950, 0x19ff },   /* Tai Le, New Tai Lue */
	{ 0x1a20, 0x1aaf },   /* Tai Tham */
	{ 0x2e80, 0x30ff },   /* radicals, Hiragana, Katakana */
	{ 0x3100, 0x312f },   /* Bopomofo */
	{ 0x31a0, 0x31ff },   /* Bopomofo and Katakana, extended */
	{ 0x3400, 0x4dbf },   /* Han */
	{ 0x4e00, 0xa4cf },   /* Han, Yi */
	{ 0xa9e0, 0xa9ff },   /* Myanmar, extended */
	{ 0xaa60, 0xaadf },   /* Myanmar, Tai Viet */
	{ 0xf900, 0xfaff },   /* Han, compatibility */
	{ 0x11700, 0x1174f }, /* Ahom */
	{ 0x16f00, 0x18dff }, /* Miao, Tangut, Khitan */
	{ 0x1aff0, 0x1b2ff }, /* Kana, Nushu */
	{ 0x20000, 0x3ffff }, /* Han */
};

/* Letters by category, apostrophes by use. */
static const struct range apostrophes[] = {
	{ 0x2b9, 0x2bf },
	{ 0x2c8, 0x2c8 },
	{ 0x2ee, 0x2ee },
	{ 0xa78b, 0xa78c },
};

static const struct range pointed[] = {
	{ 0x591, 0x5c7 }, { 0x610, 0x61a }, { 0x640, 0x65f },
	{ 0x670, 0x670 }, { 0x6d6, 0x6ed }, { 0x898, 0x8ff },
};

static const utf8proc_property_t *property_of(int32_t c)
{
	return utf8proc_get_property(c);
}

static bool is_mark(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

static bool is_letter(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/* Decimal digits come in runs of ten, zero first, some runs back to back (Unicode 4.6). */
static int32_t digit_of(int32_t c)
{
	int32_t first = c;

	if (c < 0x80)
		return c;
	while (utf8proc_category(first - 1) == UTF8PROC_CATEGORY_ND)
		first--;
	return '0' + (c - first) % 10;
}

/* What NFKD and casefold leave different and a reader does not; -1 for what goes. */
static int32_t fold_script(int32_t c)
{
	switch (c) {
	case 0x649:
	case 0x64a:
		return 0x6cc; /* yeh */
	case 0x643:
	case 0x6aa:
		return 0x6a9; /* kaf */
	case 0x671:
		return 0x627; /* alef wasla */
	case 0x629:
	case 0x6d5:
		return 0x647; /* heh */
	case 0x66c:
		return ','; /* groups digits */
	case 0x329:
		return 0x323; /* the line below of Yoruba: a dot */
	case 0x901:
		return 0x902; /* candrabindu: bindu */
	case 0x345:
	case 0x640:
	case 0x93c:
		return -1; /* iota subscript, tatweel, nukta */
	case 0x2120:
	case 0x2122:
		return ' '; /* service mark, trade mark: signs beside a name, not letters of it */
	default:
		break;
	}
	if (utf8proc_category(c) == UTF8PROC_CATEGORY_ND)
		return digit_of(c);
	if (property_of(c)->ignorable || utf8proc_category(c) == UTF8PROC_CATEGORY_ME ||
	    (is_mark(c) && WITHIN(pointed, c)))
		return -1;
	return c;
}

/* Canonical ordering (Unicode 3.11, D109): combining classes rise between starters. */
static void order(int32_t *c, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		int32_t moving = c[i];
		int moving_class = property_of(moving)->combining_class;
		size_t at = i;

		if (moving_class == 0)
			continue;
		for (; at > 0 && property_of(c[at - 1])->combining_class > moving_class; at--)
			c[at] = c[at - 1];
		c[at] = moving;
	}
}

/* Every character decomposed, in place through a copy. */
static size_t decompose(int32_t *c, size_t count, int options)
{
	int32_t in[FOLD_CLUSTER];
	size_t len = 0;
	int boundary = 0;

	memcpy(in, c, count * sizeof *in);
	for (size_t i = 0; i < count; i++) {
		utf8proc_ssize_t n = utf8proc_decompose_char(in[i], c + len,
							     (utf8proc_ssize_t)(FOLD_CLUSTER - len),
							     (utf8proc_option_t)options, &boundary);

		if (n < 0 || (size_t)n > FOLD_CLUSTER - len)
			break;
		len += (size_t)n;
	}
	order(c, len);
	return len;
}

static size_t fold_scripts(int32_t *c, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		int32_t folded = fold_script(c[i]);

		if (folded >= 0)
			c[len++] = folded;
	}
	return len;
}

/* Turkish dotted and dotless i: one letter, so that capitals match whatever language they are in.
 */
static size_t fold_i(int32_t *c, size_t count)
{
	bool dotted = false;
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		if (c[i] == DOT_ABOVE && dotted)
			continue;
		if (property_of(c[i])->combining_class == 0)
			dotted = c[i] == 'i' || c[i] == 0x131;
		c[len++] = c[i] == 0x131 ? 'i' : c[i];
	}
	return len;
}

size_t fold_law(int32_t *characters, size_t count)
{
	const int options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE;
	utf8proc_ssize_t composed;

	count = fold_scripts(characters, count); /* signs, while they are not yet letters */
	count = decompose(characters, count, options);
	count = fold_scripts(characters, count);
	count = decompose(characters, count, options | UTF8PROC_CASEFOLD);
	count = fold_i(characters, count);
	composed = utf8proc_normalize_utf32(characters, (utf8proc_ssize_t)count,
					    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	return composed < 0 ? 0 : (size_t)composed;
}

static bool is_jamo_tail(int32_t c)
{
	return (c >= 0x1161 && c <= 0x1175) || (c >= 0x11a8 && c <= 0x11c2);
}

uint32_t fold_classify(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);
	unsigned ccc = (unsigned)property_of(c)->combining_class & 0xff;

	if (c == ',')
		return FOLD_ENTRY(c, FOLD_COMMA, 0);
	if (is_mark(c))
		/* Beyond the basic plane every mark is taken for one that composes: rare. */
		return FOLD_ENTRY(c, c < FOLD_BASIC ? FOLD_MARK : FOLD_COMPOSE, ccc);
	if (is_jamo_tail(c))
		return FOLD_ENTRY(c, FOLD_COMPOSE, 0);
	if (!(is_letter(c) && !WITHIN(apostrophes, c)) &&
	    !(category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO))
		return FOLD_ENTRY(c, FOLD_BREAK, 0);
	return FOLD_ENTRY(c, WITHIN(unspaced, c) ? FOLD_CHARACTER : FOLD_LETTER, 0);
}
