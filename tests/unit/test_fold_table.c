/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "folded_text.h"
#include "text/fold_table.h"
#include "xorshift.h"

static uint32_t table_entry(int32_t c)
{
	return c < FOLD_BASIC ? fold_table()->basic[c] : fold_classify(c);
}

static void every_entry_says_what_the_law_says(void **state)
{
	const struct fold_table *t = fold_table();

	(void)state;
	for (int32_t c = 0; c < FOLD_BASIC; c++) {
		int32_t law[FOLD_CLUSTER] = { c };
		size_t n = fold_law(law, 1);
		uint32_t entry = t->basic[c];

		if (n == 0) {
			assert_int_equal(fold_entry_kind(entry), FOLD_JOIN);
		} else if (n == 1) {
			assert_int_equal(fold_entry_character(entry), law[0]);
			assert_int_equal(entry, table_entry(law[0]));
		} else {
			size_t place = (entry & 0x1fffff) >> 5;

			assert_int_equal(fold_entry_kind(entry), FOLD_SEQUENCE);
			assert_int_equal(entry & 31, n);
			assert_memory_equal(t->pool + place, law, n * sizeof *law);
		}
	}
}

static void pairs_are_the_letters_that_stay_two_bytes(void **state)
{
	const struct fold_table *t = fold_table();

	(void)state;
	for (int32_t c = 0; c < FOLD_PAIRS; c++) {
		uint32_t quick = t->quick[c];
		bool pair = (quick & FOLD_QUICK_LETTER) && fold_quick_len(quick) == 2;

		assert_int_equal(t->pairs[c], pair ? quick & 0xffff : 0);
	}
	/* What take_usual() knows of a blank without the table. */
	assert_int_equal(t->quick[' '], FOLD_QUICK_USUAL | FOLD_QUICK_BREAK);
}

/* As take_characters() takes them. */
static void characters_are_three_bytes_folded_or_not(void **state)
{
	const struct fold_table *t = fold_table();

	(void)state;
	for (int32_t c = 0; c < FOLD_BASIC; c++)
		if (t->quick[c] & FOLD_QUICK_CHARACTER) {
			assert_true(c >= 0x800);
			assert_int_equal(fold_quick_len(t->quick[c]), 3);
		}
}

static void what_is_folded_stays_as_it_is(void **state)
{
	(void)state;
	for (int32_t c = 0; c < 0x30000; c++) {
		int32_t once[FOLD_CLUSTER] = { c }, twice[FOLD_CLUSTER];
		size_t n = fold_law(once, 1);

		for (size_t i = 0; i < n; i++) {
			enum fold_kind kind = fold_entry_kind(table_entry(once[i]));

			twice[0] = once[i];
			assert_int_equal(fold_law(twice, 1), 1);
			assert_int_equal(twice[0], once[i]);
			assert_int_not_equal(kind, FOLD_SEQUENCE);
			assert_int_not_equal(kind, FOLD_JOIN);
		}
	}
}

/* Else a chain of such characters could keep a word open for ever, see take_several(). */
static void no_character_closes_a_word_and_leaves_one_open(void **state)
{
	(void)state;
	for (int32_t c = 0; c < 0x30000; c++) {
		int32_t law[FOLD_CLUSTER] = { c };
		size_t n = fold_law(law, 1), characters = 0, breaks = 0;

		for (size_t i = 0; i < n; i++) {
			characters += fold_entry_kind(table_entry(law[i])) == FOLD_CHARACTER;
			breaks += fold_entry_kind(table_entry(law[i])) == FOLD_BREAK;
		}
		if (breaks == 0 && characters > 0)
			assert_int_not_equal(fold_entry_kind(table_entry(law[n - 1])), FOLD_LETTER);
	}
}

/* ---- the model: the whole string at once by utf8proc, then character by character */

static int32_t model_script(int32_t c)
{
	static const int32_t map[][2] = {
		{ 0x649, 0x6cc }, { 0x64a, 0x6cc }, { 0x643, 0x6a9 }, { 0x671, 0x627 },
		{ 0x629, 0x647 }, { 0x640, 0 },     { 0x64e, 0 },     { 0x653, 0 },
		{ 0x654, 0 },     { 0x655, 0 },     { 0x660, '0' },   { 0x6f3, '3' },
		{ 0xe51, '1' },   { 0x329, 0x323 }, { 0x93c, 0 },     { 0x901, 0x902 },
	};

	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (map[i][0] == c)
			return map[i][1];
	return c;
}

static int model_class(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	if ((c >= 0xe00 && c < 0xe80) || (c >= 0x3040 && c < 0x3100) ||
	    (c >= 0x4e00 && c < 0xa000) || c >= 0x20000)
		return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME ? 'm'
											    : 'c';
	if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
		return 'w';
	if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME)
		return 'm';
	return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO ? 'w' : ' ';
}

static utf8proc_uint8_t *model_map(const void *text, int options)
{
	utf8proc_uint8_t *mapped = NULL;

	assert_true(utf8proc_map(text, 0, &mapped,
				 (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE |
						     options)) >= 0);
	return mapped;
}

/* The law's string: decomposed and folded, variants mapped, composed again. */
static size_t model_fold(int32_t *out, const char *text)
{
	static utf8proc_uint8_t kept[SHOWN];
	utf8proc_uint8_t *decomposed = model_map(text, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
							       UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
	utf8proc_uint8_t *composed, *put = kept;
	size_t len = 0;
	bool dotted = false;
	int32_t c;

	for (utf8proc_uint8_t *at = decomposed; *at != 0;) {
		at += utf8proc_iterate(at, -1, &c);
		c = c == 0x131 ? 'i' : model_script(c);
		if (c == 0 || (c == 0x307 && dotted))
			continue;
		if (utf8proc_get_property(c)->combining_class == 0)
			dotted = c == 'i';
		put += utf8proc_encode_char(c, put);
	}
	*put = 0;
	composed = model_map(kept, UTF8PROC_COMPOSE);
	for (utf8proc_uint8_t *at = composed; *at != 0; len++)
		at += utf8proc_iterate(at, -1, out + len);
	free(decomposed);
	free(composed);
	return len;
}

static int is_ascii_digit(int32_t c)
{
	return c >= '0' && c <= '9';
}

static int groups(const int32_t *c, size_t i, size_t n)
{
	size_t digits = 0;

	if (c[i] != ',' || i == 0 || !is_ascii_digit(c[i - 1]))
		return 0;
	while (i + 1 + digits < n && is_ascii_digit(c[i + 1 + digits]))
		digits++;
	return digits == 3;
}

/* The letters from c[0] on as far as the word goes. */
static size_t model_word_at(char *out, const int32_t *c, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n && strchr("wm", model_class(c[i])) != NULL; i++)
		len += (size_t)utf8proc_encode_char(c[i], (utf8proc_uint8_t *)out + len);
	out[len] = '\0';
	return len;
}

static bool arabic(const char *p)
{
	return (unsigned char)p[0] >= 0xd8 && (unsigned char)p[0] <= 0xdb;
}

/* Whether the blank before c[0] is nothing behind the word. */
static bool affixes(const char *word, size_t len, const int32_t *c, size_t n)
{
	static const char *const after_heh[] = { "ی", "ای", "ام", "ات", "اش", "ایم", "اید", "اند" };
	static const char *const after_all[] = { "ها",   "های",    "هایی",   "هایم",   "هایت",
						 "هایش", "هایمان", "هایتان", "هایشان", "هاست",
						 "تر",   "تری",    "ترین" };
	static char next[SHOWN];

	if (len < 2 || len > 64 || !arabic(word + len - 2) || model_word_at(next, c, n) < 2 ||
	    !arabic(next))
		return false;
	if ((len == 4 && memcmp(word, "می", 4) == 0) || (len == 6 && memcmp(word, "نمی", 6) == 0))
		return true;
	for (size_t i = 0; i < sizeof after_all / sizeof *after_all; i++)
		if (strcmp(next, after_all[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof after_heh / sizeof *after_heh; i++)
		if (memcmp(word + len - 2, "ه", 2) == 0 && strcmp(next, after_heh[i]) == 0)
			return true;
	return false;
}

struct model_word {
	char bytes[SHOWN];
	size_t len;
	int kind; /* ' ' none, else as show() opens it */
};

static char *model_close(char *out, struct model_word *w)
{
	if (w->kind != ' ')
		out += sprintf(out, "%c%.*s%c", w->kind, (int)w->len, w->bytes,
			       w->kind == '('   ? ')'
			       : w->kind == '#' ? '#'
						: ']');
	w->kind = ' ';
	w->len = 0;
	return out;
}

static void model_show(char *out, const char *text)
{
	static int32_t c[SHOWN];
	static struct model_word w;
	size_t n = model_fold(c, text);

	w.kind = ' ';
	w.len = 0;
	for (size_t i = 0; i < n; i++) {
		int class = model_class(c[i]);

		if (groups(c, i, n) ||
		    (c[i] == ' ' && w.kind == '[' && affixes(w.bytes, w.len, c + i + 1, n - i - 1)))
			continue;
		if (class == ' ' || class == 'c' || (class == 'w' && w.kind == '('))
			out = model_close(out, &w);
		if (class == ' ' || (class == 'm' && w.kind == ' '))
			continue;
		if (w.kind == ' ')
			w.kind = class == 'c' ? '(' : '[';
		if (w.kind == '[' && is_ascii_digit(c[i]))
			w.kind = '#';
		w.len += (size_t)utf8proc_encode_char(c[i], (utf8proc_uint8_t *)w.bytes + w.len);
	}
	*model_close(out, &w) = '\0';
}

/* Pieces of many scripts, in forms composed, decomposed and out of order. */
/* clang-format off */
static const char *const pieces[] = {
	"a", "B", "i", "I", "z", "0", "7", "12", ",", ",", ",", " ", "-", "'", "’", "\n", "é",
	"É", "ß", "ẞ", "İ", "ı", "ệ", "Å", "Ω", "σ", "ς", "Ё", "ё", "й", "ﬁ", "ﬃ", "①", "²", "ｆ",
	"３", "，", "\u0301", "\u0302", "\u0307", "\u0323", "\u0316", "\u0327", "\u0338", "\u00ad",
	"\u200b", "\u200d", "\ufeff", "\u00a0", "…", "“", "ا", "آ", "أ", "ي", "ى", "ك", "ة", "ئ",
	"\u064e", "\u0653", "\u0654", "\u0640", "٠", "۳", "ﻻ", "न", "क", "\u0915\u093c", "\u0958",
	"\u094d", "\u093f", "\u09c7", "\u09be", "\u0bc6", "\u0bbe", "한", "하", "\u1112", "\u1161",
	"\u11ab", "新", "年", "か", "\u3099", "ガ", "ｶ", "ﾞ", "ー", "ก", "\u0e35", "\u0e48", "\u0e33",
	"ه", "ها", "ن", "می", " ", "ش", "ت", "ر", " ها ", " تر", "\u0329", "ँ",
	"๑", "𝔸", "𝟚", "😀", "𠀀", "\U0001D165", "ﷲ", "ǆ", "Ⅳ",
};
/* clang-format on */

/* Words and rows of marks stay below what is kept of them. */
static void random_text(char *out, uint64_t *seed, size_t count)
{
	const size_t all = sizeof pieces / sizeof *pieces;
	size_t first = xorshift(seed) % all, span = 1 + xorshift(seed) % all;

	*out = '\0';
	for (size_t i = 0; i < count; i++)
		out = stpcpy(out, i % 7 == 6 ? (i % 5 < 3 ? " " : "年")
					     : pieces[(first + xorshift(seed) % span) % all]);
}

static void folding_by_table_equals_folding_the_string(void **state)
{
	static char text[SHOWN / 8], want[SHOWN];
	uint64_t seed = 20210722;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_text(text, &seed, 1 + xorshift(&seed) % 12);
		model_show(want, text);
		folds_to(text, want);
	}
}

static void long_texts_fold_the_same_whatever_the_batches(void **state)
{
	static char text[SHOWN / 8], want[SHOWN];
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 60; i++) {
		random_text(text, &seed, 3000);
		model_show(want, text);
		folds_to(text, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_entry_says_what_the_law_says),
		cmocka_unit_test(pairs_are_the_letters_that_stay_two_bytes),
		cmocka_unit_test(characters_are_three_bytes_folded_or_not),
		cmocka_unit_test(what_is_folded_stays_as_it_is),
		cmocka_unit_test(no_character_closes_a_word_and_leaves_one_open),
		cmocka_unit_test(folding_by_table_equals_folding_the_string),
		cmocka_unit_test(long_texts_fold_the_same_whatever_the_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
