/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fold_table.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "text/affix.h"
#include "text/utf8.h"

#define NONE UINT16_MAX /* utf8proc: no such sequence */

static struct fold_table table;
static pthread_once_t built = PTHREAD_ONCE_INIT;

struct range {
	int32_t from, to;
	enum fold_kind kind;
};

/* Three quarters of the plane that fold to themselves; the test compares them with the law. */
static const struct range uniform[] = {
	{ 0x3400, 0x4db5, FOLD_CHARACTER }, /* Han */
	{ 0x4e00, 0x9fa5, FOLD_CHARACTER },
	{ 0xac00, 0xd7a3, FOLD_LETTER }, /* Hangul syllables */
	{ 0xd800, 0xf8ff, FOLD_BREAK },  /* surrogates, private use */
};

static uint32_t entry_of(int32_t c)
{
	int32_t folded[FOLD_CLUSTER];
	size_t n;

	folded[0] = c;
	n = fold_law(folded, 1);
	if (n == 0)
		return FOLD_ENTRY(0, FOLD_JOIN, 0);
	if (n == 1)
		return fold_classify(folded[0]);
	if (n > FOLD_SEQUENCE_MAX || table.pooled + n > FOLD_POOL)
		return FOLD_ENTRY(0, FOLD_BREAK, 0);
	memcpy(table.pool + table.pooled, folded, n * sizeof *folded);
	table.pooled += (uint32_t)n;
	return FOLD_ENTRY((table.pooled - n) << 5 | n, FOLD_SEQUENCE, 0);
}

/* A mark that stands behind another character in some canonical decomposition may compose. */
static void find_composing(int32_t c)
{
	const utf8proc_property_t *p = utf8proc_get_property(c);
	int32_t parts[8];
	int boundary = 0;
	utf8proc_ssize_t n;

	if (p->decomp_seqindex == NONE || p->decomp_type != 0)
		return;
	n = utf8proc_decompose_char(c, parts, 8, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &boundary);
	for (utf8proc_ssize_t i = 1; i < n && i < 8; i++)
		if (parts[i] < FOLD_BASIC && fold_entry_kind(table.basic[parts[i]]) == FOLD_MARK)
			table.basic[parts[i]] = FOLD_ENTRY(parts[i], FOLD_COMPOSE,
							   fold_entry_class(table.basic[parts[i]]));
}

/* '&' is not usual: it may begin a reference. Nor is a blank that is none of ASCII, as take_usual()
 * looks for that one only. */
static uint32_t quick_of(int32_t c, uint32_t entry)
{
	unsigned char bytes[4] = { 0 };
	int32_t folded = fold_entry_character(entry);
	uint32_t quick;

	switch (fold_entry_kind(entry)) {
	case FOLD_BREAK:
		return c == '&' || (c != ' ' && folded == ' ')
			       ? FOLD_QUICK_NONE
			       : FOLD_QUICK_USUAL | FOLD_QUICK_BREAK;
	case FOLD_COMMA:
		return FOLD_QUICK_USUAL | FOLD_QUICK_BREAK | FOLD_QUICK_BEHIND;
	case FOLD_JOIN:
		return FOLD_QUICK_USUAL;
	case FOLD_LETTER:
		quick = FOLD_QUICK_USUAL | FOLD_QUICK_LETTER;
		break;
	case FOLD_CHARACTER:
		quick = FOLD_QUICK_CHARACTER;
		break;
	case FOLD_MARK:
		if (fold_entry_class(entry) != 0)
			return FOLD_QUICK_NONE;
		quick = FOLD_QUICK_USUAL | FOLD_QUICK_BEHIND;
		break;
	default:
		return FOLD_QUICK_NONE;
	}
	if (folded >= FOLD_BASIC)
		return FOLD_QUICK_NONE;
	if (folded >= '0' && folded <= '9')
		quick |= FOLD_QUICK_DIGIT;
	quick |= (uint32_t)utf8_encode((char *)bytes, (uint32_t)folded) << 24;
	return quick | (uint32_t)(bytes[0] | bytes[1] << 8 | bytes[2] << 16);
}

static void build(void)
{
	const struct range *next = uniform, *end = uniform + sizeof uniform / sizeof *uniform;

	for (int32_t c = 0; c < FOLD_BASIC; c++) {
		if (next < end && c > next->to)
			next++;
		table.basic[c] =
			next < end && c >= next->from ? FOLD_ENTRY(c, next->kind, 0) : entry_of(c);
	}
	for (int32_t c = 0; c < FOLD_BASIC; c++)
		find_composing(c);
	/* A few characters decompose into another's mark, as half-width sound marks do. */
	for (int32_t c = 0; c < FOLD_BASIC; c++) {
		uint32_t entry = table.basic[c];

		if (fold_entry_kind(entry) == FOLD_MARK)
			table.basic[c] = table.basic[fold_entry_character(entry)];
		table.quick[c] = quick_of(c, table.basic[c]);
	}
	for (int32_t c = 0; c < FOLD_PAIRS; c++) {
		uint32_t quick = table.quick[c];

		if ((quick & FOLD_QUICK_LETTER) && fold_quick_len(quick) == 2)
			table.pairs[c] = (uint16_t)quick;
	}
	for (int32_t i = 0; i < 256; i++) {
		uint32_t quick = table.quick[FOLD_ARABIC + i];
		bool letter = quick & FOLD_QUICK_LETTER;

		table.affix_first[i] = letter ? affix_first((uint16_t)quick) : AFFIX_ANY;
		table.affix_second[i] = letter ? affix_second((uint16_t)quick) : AFFIX_ANY;
	}
}

const struct fold_table *fold_table(void)
{
	pthread_once(&built, build);
	return &table;
}
