/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folded_text.h"

static void words_end_at_all_but_letters_marks_and_digits(void **state)
{
	(void)state;
	folds_to("", "");
	folds_to(" \t\n", "");
	folds_to("état-major_x", "[état][major][x]");
	folds_to("“a”—b…c", "[a][b][c]");
	folds_to("a\u00a0b\u2009c\u3000d", "[a][b][c][d]");
	folds_to("\u00a0a", "[a]");
	folds_to("a😀b", "[a][b]");
	folds_to("x86 é covid19", "#x86#[é]#covid19#");
}

static void apostrophes_of_every_shape_split_alike(void **state)
{
	(void)state;
	folds_to("don't", "[don][t]");
	folds_alike("don't", "don’t");
	folds_alike("don't", "donʼt");
	folds_alike("don't", "don´t");
	folds_alike("don't", "don&#8217;t");
	folds_alike("don't", "don&#146;t");
	folds_alike("don't", "don&amp;rsquo;t");
	folds_alike("don't", "don＇t");
}

static void invisible_characters_join(void **state)
{
	(void)state;
	folds_to("co\u00adoperate", "[cooperate]");
	folds_to("co\u200boperate", "[cooperate]");
	folds_to("co\u2060operate", "[cooperate]");
	folds_to("co\ufeffoperate", "[cooperate]");
	folds_to("co&shy;operate", "[cooperate]");
	folds_to("\u200b word", "[word]");
	folds_to("می\u200cرود", "[میرود]");
	folds_to("1\ufe0f\u20e3", "#1#");
}

static void canonical_forms_fold_alike(void **state)
{
	(void)state;
	folds_alike("Élan", "E\u0301lan");
	folds_alike("ệ", "e\u0323\u0302");
	folds_alike("ệ", "e\u0302\u0323");
	folds_alike("ệ", "ê\u0323");
	folds_alike("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8");
	folds_alike("क\u093c", "क़");
	folds_alike("க\u0bca", "க\u0bc6\u0bbe ");
	folds_alike("≠ x", "=\u0338 x");
}

static void compatibility_forms_fold_alike(void **state)
{
	(void)state;
	folds_to("Ｆｕｌｌ", "[full]");
	folds_to("ﬁn", "[fin]");
	folds_alike("ガギ", "ｶﾞｷﾞ");
	folds_to("① ²", "#1##2#");
	folds_to("1½½1", "#1##1##2##1##2##1#");
	folds_to("㍿", "(株)(式)(会)(社)");
	folds_to("Word™ 5℃", "[word]#5#[c]");
	folds_to("𝔸𝟚", "#a2#");
}

static void case_does_not_matter(void **state)
{
	(void)state;
	folds_alike("straße", "STRASSE");
	folds_alike("straße", "STRAẞE");
	folds_alike("σοφός", "ΣΟΦΌΣ");
	folds_alike("ёлка", "ЁЛКА");
	folds_to("ё", "[ё]");
	/* Istanbul with a dot, without, in capitals by Turkish and by English rules. */
	folds_to("İstanbul ISTANBUL istanbul ıstanbul I\u0307stanbul",
		 "[istanbul][istanbul][istanbul][istanbul][istanbul]");
	folds_alike("ị", "İ\u0323");
	folds_alike("ị", "I\u0307\u0323");
}

static void arabic_letters_have_one_form(void **state)
{
	(void)state;
	folds_alike("كتابي", "کتابی");
	folds_alike("اب", "آب");
	folds_alike("اب", "أب");
	folds_alike("اب", "إب");
	folds_alike("اب", "ٱب");
	folds_alike("اب", "ا\u0653ب");
	folds_alike("مدرسه", "مدرسة");
	folds_alike("خانه", "خانۀ");
	/* Harakat and tatweel. */
	folds_alike("كتب", "ك\u064eت\u064eب\u064e");
	folds_alike("كتب", "كــتـب");
	/* A presentation form: lam with alef. */
	folds_alike("لا", "ﻻ");
	/* Hebrew with and without points. */
	folds_alike("שלום", "ש\u05c1\u05b8לו\u05b9ם");
}

static void digits_of_every_script_are_ascii(void **state)
{
	(void)state;
	folds_to("٠٩ ۱۹ १९ ๑๙", "#09##19##19##19#");
	folds_to("１９ 𞥑𞥙", "#19##19#");
}

static void a_comma_groups_exactly_three_digits(void **state)
{
	(void)state;
	folds_to("1,234", "#1234#");
	folds_to("1,234,567 12,3 1,2345 ,123 1,23a", "#1234567##12##3##1##2345##123##1##23a#");
	folds_to("۱٬۲۳۴", "#1234#");
	folds_to("۱,۲۳۴", "#1234#");
	folds_to("１，２３４", "#1234#");
	folds_to("1,&#50;34", "#1234#");
	folds_to("a,234 1, 234", "[a]#234##1##234#");
}

static void scripts_without_spaces_give_characters(void **state)
{
	(void)state;
	folds_to("新iPhone15年", "(新)#iphone15#(年)");
	folds_to("か\u3099ー", "(が)(ー)");
	folds_to("ท\u0e35\u0e48", "(ที่)");
	folds_to("ក\u17b6", "(កា)");
	folds_to("한국 어", "[한국][어]");
	folds_to("𠀀", "(𠀀)");
}

static void references_mean_their_characters(void **state)
{
	(void)state;
	folds_to("caf&eacute; caf&#233; caf&#xE9; caf&amp;eacute; caf&amp;amp;eacute;",
		 "[café][café][café][café][café]");
	folds_to("cafe&#x301;", "[café]");
	folds_to("a&nbsp;b&quot;c&amp;quot;d", "[a][b][c][d]");
	folds_to("AT&T AT&amp;T &foo; &#; &#x; &", "[at][t][at][t][foo][x]");
	folds_to("x&#0;y&#55296;z&#99999999999;w", "[x][y][z][w]");
}

static void what_is_not_utf8_ends_a_word(void **state)
{
	(void)state;
	folds_to("a\xff"
		 "b\x80"
		 "c\xc3",
		 "[a][b][c]");
	folds_to("a\xe2\x80", "[a]");
	folds_to("a\xf4\xbf\xbf\xbf"
		 "b",
		 "[a][b]");
	folds_to("a\xed\xa0\x80"
		 "b",
		 "[a][b]");
}

static void a_word_is_bounded_and_its_canonical_forms_still_agree(void **state)
{
	char composed[2 * 300 + 8] = "", decomposed[3 * 300 + 8] = "";
	static char want[SHOWN];

	(void)state;
	for (int i = 0; i < 300; i++) {
		strcat(composed, "é");
		strcat(decomposed, "e\u0301");
	}
	strcat(composed, " x");
	strcat(decomposed, " x");
	show(want, composed, strlen(composed));
	assert_int_equal(strlen(want), FOLD_WORD_BYTES + 2 + 3);
	folds_to(decomposed, want);
	memmove(composed + 1, composed, strlen(composed) + 1);
	memmove(decomposed + 1, decomposed, strlen(decomposed) + 1);
	composed[0] = decomposed[0] = 'x';
	show(want, composed, strlen(composed));
	assert_int_equal(strlen(want), FOLD_WORD_BYTES - 1 + 2 + 3);
	folds_to(decomposed, want);
}

static void a_thousand_marks_do_no_harm(void **state)
{
	char text[2048] = "e";
	static char got[SHOWN];

	(void)state;
	for (int i = 0; i < 1000; i++)
		memcpy(text + 1 + 2 * i, i % 2 ? "\u0301" : "\u0323", 2);
	show(got, text, 2001);
	assert_true(strlen(got) < FOLD_WORD_BYTES + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_end_at_all_but_letters_marks_and_digits),
		cmocka_unit_test(apostrophes_of_every_shape_split_alike),
		cmocka_unit_test(invisible_characters_join),
		cmocka_unit_test(canonical_forms_fold_alike),
		cmocka_unit_test(compatibility_forms_fold_alike),
		cmocka_unit_test(case_does_not_matter),
		cmocka_unit_test(arabic_letters_have_one_form),
		cmocka_unit_test(digits_of_every_script_are_ascii),
		cmocka_unit_test(a_comma_groups_exactly_three_digits),
		cmocka_unit_test(scripts_without_spaces_give_characters),
		cmocka_unit_test(references_mean_their_characters),
		cmocka_unit_test(what_is_not_utf8_ends_a_word),
		cmocka_unit_test(a_word_is_bounded_and_its_canonical_forms_still_agree),
		cmocka_unit_test(a_thousand_marks_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
