/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/affix.h"

/* What begins with other letters than these is to be told to affix_first() and affix_second(), too,
 * and a prefix of another end to affix_may_be_prefix(). */

struct affix {
	unsigned char len;
	char bytes[AFFIX_BYTES + 1];
};
#define AFFIX(text)                    \
	{                              \
		sizeof(text) - 1, text \
	}

/* Of verbs. */
static const struct affix prefixes[] = { AFFIX("می"), AFFIX("نمی") };
/* Plural, with possessives; comparative. */
static const struct affix suffixes[] = {
	AFFIX("ها"),   AFFIX("های"),    AFFIX("هایی"),   AFFIX("هایم"),   AFFIX("هایت"),
	AFFIX("هایش"), AFFIX("هایمان"), AFFIX("هایتان"), AFFIX("هایشان"), AFFIX("هاست"),
	AFFIX("تر"),   AFFIX("تری"),    AFFIX("ترین"),
};
/* Indefinite, possessive, and the verb to be. */
static const struct affix heh_suffixes[] = {
	AFFIX("ی"),  AFFIX("ای"),  AFFIX("ام"),  AFFIX("ات"),
	AFFIX("اش"), AFFIX("ایم"), AFFIX("اید"), AFFIX("اند"),
};

static bool is_one_of(const struct affix *affixes, size_t count, const char *word, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (affixes[i].len == len && memcmp(affixes[i].bytes, word, len) == 0)
			return true;
	return false;
}
#define ONE_OF(affixes, word, len) \
	is_one_of((affixes), sizeof(affixes) / sizeof *(affixes), (word), (len))

bool affix_is_prefix(const char *word, size_t len)
{
	return ONE_OF(prefixes, word, len);
}

bool affix_is_suffix(const char *word, size_t len, bool after_heh)
{
	return ONE_OF(suffixes, word, len) || (after_heh && ONE_OF(heh_suffixes, word, len));
}

enum { ALEF = 0xa7d8, TEH = 0xaad8, REH = 0xb1d8, HEH = 0x87d9, YEH = 0x8cdb };
#define BEFORE_ALEF 4u
#define BEFORE_REH 8u

uint8_t affix_first(uint16_t letter)
{
	return letter == HEH                     ? BEFORE_ALEF
	       : letter == TEH                   ? BEFORE_REH
	       : letter == ALEF || letter == YEH ? AFFIX_AFTER_HEH
						 : 0;
}

uint8_t affix_second(uint16_t letter)
{
	return letter == ALEF ? BEFORE_ALEF : letter == REH ? BEFORE_REH : 0;
}
