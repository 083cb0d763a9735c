/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/affix.h"

#include <string.h>

/* What begins with other letters than these is to be told to may_join() in fold.c, too. */

/* Of verbs. */
static const char *const prefixes[] = { "می", "نمی" };
/* Plural, with possessives; comparative. */
static const char *const suffixes[] = { "ها",   "های",    "هایی",   "هایم",   "هایت",
					"هایش", "هایمان", "هایتان", "هایشان", "هاست",
					"تر",   "تری",    "ترین" };
/* Indefinite, possessive, and the verb to be. */
static const char *const heh_suffixes[] = { "ی", "ای", "ام", "ات", "اش", "ایم", "اید", "اند" };

static bool is_one_of(const char *const *affixes, size_t count, const char *word, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(affixes[i]) == len && memcmp(affixes[i], word, len) == 0)
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
