/* SPDX-License-Identifier: BSD-2-Clause */
/* The same words in other encodings, digits, letters and forms get the same fingerprint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <reprint/fingerprint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/bytes.h"
#include "fingerprint/fingerprinting.h"
#include "one_arena.h"
#include "script_texts.h"
#include "text/text.h"
#include "text/utf8.h"

static struct fingerprint print_as(enum text_format format, struct span bytes, const char *charset)
{
	struct text_input in = {
		.bytes = bytes, .format = format, .charset = span_of_text(charset), .first_line = 1
	};
	struct articles articles = { 0 };
	struct text_problem problem;
	struct fingerprint f;

	assert_int_equal(text_read(&articles, &in, &problem, NULL, NULL), STATUS_OK);
	assert_int_equal(articles.count, 1);
	assert_int_equal(fingerprint_of(&f, articles_first(&articles), arena), STATUS_OK);
	articles_free(&articles);
	return f;
}

static struct fingerprint print(const char *text)
{
	return print_as(TEXT_PLAIN, span_of_text(text), NULL);
}

static void assert_same(const struct fingerprint *f, const struct fingerprint *g, const char *what)
{
	if (f->digest[0] != g->digest[0] || f->digest[1] != g->digest[1])
		fail_msg("%s: another digest", what);
	assert_int_equal(f->units, g->units);
	assert_true(f->simhash == g->simhash);
	assert_int_equal(f->token_count, g->token_count);
	assert_memory_equal(f->tokens, g->tokens, f->token_count * sizeof *f->tokens);
}

static void same(const char *a, const char *b)
{
	struct fingerprint f = print(a), g = print(b);

	assert_true(f.token_count > 0);
	assert_same(&f, &g, b);
}

static void differ(const char *a, const char *b)
{
	struct fingerprint f = print(a), g = print(b);

	assert_true(f.digest[0] != g.digest[0] || f.digest[1] != g.digest[1]);
}

/* A script's text as it is, against the same made otherwise. */
static void assert_text_is(const struct script_text *s, enum text_format format,
			   const struct bytes *made)
{
	struct fingerprint f = print(s->text), g = print_as(format, bytes_span(made), NULL);

	assert_false(made->failed);
	assert_same(&f, &g, s->language);
}

/* ---- encodings */

static size_t length_at(const char *p)
{
	return (size_t)utf8proc_utf8class[(unsigned char)*p];
}

/* One character in a charset, as a numeric reference where it has none. */
static void put_encoded(struct bytes *out, iconv_t cd, const char *text)
{
	char room[16], *from = (char *)(uintptr_t)text, *to = room;
	size_t left = length_at(text), free_bytes = sizeof room;
	utf8proc_int32_t c;

	if (iconv(cd, &from, &left, &to, &free_bytes) == (size_t)-1) {
		utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
		put_format(out, "&#%d;", c);
	}
	iconv(cd, NULL, NULL, &to, &free_bytes); /* back to ASCII, where that is a state */
	put_bytes(out, room, sizeof room - free_bytes);
}

/* A page in a charset that it declares. */
static void put_page(struct bytes *out, const char *text, const char *charset, const char *known_as)
{
	iconv_t cd = iconv_open(known_as, "UTF-8");

	assert_true(cd != (iconv_t)-1);
	put_format(out,
		   "<html><head><meta charset=\"%s\"><title>t</title></head><body><article><p>",
		   charset);
	for (const char *p = text; *p != '\0'; p += length_at(p)) {
		if (*p == '\n')
			put_text(out, "</p>\n<p>");
		else
			put_encoded(out, cd, p);
	}
	put_text(out, "</p></article></body></html>");
	iconv_close(cd);
}

static void every_charset_that_a_page_declares_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++) {
		const struct script_text *s = &script_texts[i];

		for (size_t k = 0; k < SCRIPT_CHARSETS && s->charsets[k] != NULL; k++) {
			const char *charset = s->charsets[k];
			struct bytes page = { 0 };

			put_page(&page, s->text, charset,
				 strcmp(charset, "x-cp1256") == 0 ? "CP1256" : charset);
			assert_text_is(s, TEXT_HTML, &page);
			bytes_free(&page);
		}
	}
}

static void references_alone_are_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++) {
		struct bytes page = { 0 };

		put_page(&page, script_texts[i].text, "us-ascii", "US-ASCII");
		assert_text_is(&script_texts[i], TEXT_HTML, &page);
		bytes_free(&page);
	}
}

static void a_declaration_left_behind_does_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++) {
		struct bytes page = { 0 };

		if (script_texts[i].charsets[0] == NULL)
			continue;
		put_page(&page, script_texts[i].text, script_texts[i].charsets[0], "UTF-8");
		assert_text_is(&script_texts[i], TEXT_HTML, &page);
		bytes_free(&page);
	}
}

static void utf16_and_utf32_with_a_mark_are_read(void **state)
{
	static const char *const charsets[] = { "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE" };

	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++)
		for (size_t k = 0; k < 4; k++) {
			iconv_t cd = iconv_open(charsets[k], "UTF-8");
			struct bytes text = { 0 };

			assert_true(cd != (iconv_t)-1);
			put_encoded(&text, cd, "\ufeff");
			for (const char *p = script_texts[i].text; *p != '\0'; p += length_at(p))
				put_encoded(&text, cd, p);
			assert_text_is(&script_texts[i], TEXT_PLAIN, &text);
			bytes_free(&text);
			iconv_close(cd);
		}
}

/* ---- forms and digits */

static void every_normal_form_is_the_same(void **state)
{
	static utf8proc_uint8_t *(*const forms[])(const utf8proc_uint8_t *) = {
		utf8proc_NFC, utf8proc_NFD, utf8proc_NFKC, utf8proc_NFKD
	};

	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++)
		for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
			utf8proc_uint8_t *form =
				forms[k]((const utf8proc_uint8_t *)script_texts[i].text);

			assert_non_null(form);
			same(script_texts[i].text, (const char *)form);
			free(form);
		}
}

static void digits_of_every_script_are_the_same(void **state)
{
	/* Arabic-Indic, extended, Devanagari, Thai, Lao, Burmese, Khmer, full width. */
	static const uint32_t zeros[] = {
		0x660, 0x6f0, 0x966, 0xe50, 0xed0, 0x1040, 0x17e0, 0xff10
	};

	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++)
		for (size_t k = 0; k < sizeof zeros / sizeof *zeros; k++) {
			struct bytes text = { 0 };

			for (const char *p = script_texts[i].text; *p != '\0'; p++) {
				if (*p >= '0' && *p <= '9')
					utf8_put(&text, zeros[k] + (uint32_t)(*p - '0'));
				else
					put_bytes(&text, p, 1);
			}
			assert_text_is(&script_texts[i], TEXT_PLAIN, &text);
			bytes_free(&text);
		}
}

/* ---- letters */

/* Every `from` in a language's text as `to`: the same words. */
static void replacing(const char *language, const char *from, const char *to)
{
	struct bytes text = { 0 };
	size_t i = 0, replaced = 0;

	while (i < SCRIPT_TEXTS && strcmp(script_texts[i].language, language) != 0)
		i++;
	assert_true(i < SCRIPT_TEXTS);
	for (const char *p = script_texts[i].text; *p != '\0';) {
		bool here = strncmp(p, from, strlen(from)) == 0;

		put_bytes(&text, here ? to : p, here ? strlen(to) : 1);
		p += here ? strlen(from) : 1;
		replaced += here;
	}
	assert_true(replaced > 0);
	assert_text_is(&script_texts[i], TEXT_PLAIN, &text);
	bytes_free(&text);
}

static void arabic_letters_of_every_keyboard_are_the_same(void **state)
{
	(void)state;
	replacing("persian", "ی", "ي");
	replacing("persian", "ی", "ى");
	replacing("persian", "ک", "ك");
	replacing("persian", "هٔ", "ۀ");
	replacing("persian", "هٔ", "ه");
	replacing("persian", "هٔ", "ة");
	replacing("persian", "1٬250", "1,250");
	replacing("arabic", "أ", "ا");
	replacing("arabic", "إ", "ا");
	replacing("arabic", "إ", "ا\u0655");
	replacing("persian", "آ", "ا\u0653");
	replacing("arabic", "ة", "ه");
	replacing("arabic", "ي", "ی");
	replacing("arabic", "ك", "ک");
	replacing("arabic", "ؤ", "و\u0654");
	same("مسائل", "مساي\u0654ل");
	replacing("arabic", "لا", "ﻻ");
	replacing("arabic", "ت", "ﺗ");
	replacing("arabic", "،", ",");
}

static void tatweel_and_harakat_are_nothing(void **state)
{
	(void)state;
	replacing("arabic", "ال", "الـــ");
	replacing("arabic", "م", "مَ");
	replacing("arabic", "ل", "لّْ");
	replacing("arabic", " ", " \u200f");
	replacing("persian", "ب", "بِ");
	replacing("persian", " ", "\u202b \u202c");
}

/* See text/affix.h: with a joiner, with nothing, and with a blank. */
static void persian_affixes_are_one_word_however_joined(void **state)
{
	(void)state;
	replacing("persian", "\u200c", "");
	replacing("persian", "\u200c", "\u200d");
	replacing("persian", "\u200c", " ");
	replacing("persian", "\u200c", "\u00a0");
	replacing("persian", "\u200c", " \u200c");
	replacing("persian", "\u200c", "&zwnj;");
	same("نمی\u200cدانم", "نمي دانم");
	same("خانه\u200cهایشان", "خانه هايشان");
	same("خانه\u200cای", "خانه اي");
	same("خانه\u200cای", "خانه &#1575;ی");
	same("رفته\u200cاند", "رفته اﻧد");
	same("کتابهای", "کتاب هَای");
	same("می\u200cخواهم", "ﻣﻰ خواهم");
}

static void a_blank_beside_other_words_stays_one(void **state)
{
	(void)state;
	differ("کار ایم", "کارایم"); /* an ending of words in heh only */
	differ("ها کتاب", "هاکتاب");
	differ("کتاب، ها", "کتابها");
	differ("کتاب 5 ها", "کتاب 5ها");
	differ("کتاب\nها", "کتابها");
	differ("می\nرود", "میرود");
	differ("می x", "میx");
	differ("میز ما", "میزما");
	differ("کتاب هادی", "کتابهادی");
	differ("می می می", "میمیمی");
}

static void kana_of_either_width_are_the_same(void **state)
{
	(void)state;
	replacing("japanese", "ガーデン", "ｶﾞｰﾃﾞﾝ");
	replacing("japanese", "イベント", "ｲﾍﾞﾝﾄ");
	replacing("japanese", "ベンチ", "ヘ\u3099ンチ");
	replacing("japanese", "、", "､");
	replacing("japanese", "「", "｢");
	same("パーティー", "ﾊﾟｰﾃｨｰ");
	/* Of one sound, but other letters. */
	differ("ガーデン", "がーでん");
}

static void devanagari_with_and_without_points_is_the_same(void **state)
{
	(void)state;
	replacing("hindi", "ज\u093c", "\u095b");
	replacing("hindi", "ज\u093c", "ज");
	replacing("hindi", "ग\u093c", "\u095a");
	replacing("hindi", "ड\u093c", "\u095c");
	replacing("hindi", "ँ", "ं");
	replacing("hindi", "।", ".");
	replacing("hindi", "\u094d", "\u094d\u200d");
	differ("कल", "कला");
}

static void tone_marks_in_any_order_are_the_same(void **state)
{
	(void)state;
	replacing("yoruba", "ẹ̀", "e\u0300\u0323");
	replacing("yoruba", "ẹ̀", "è\u0323");
	replacing("yoruba", "ọ", "o\u0323");
	replacing("yoruba", "ọ", "o\u0329");
	replacing("igbo", "ụ", "u\u0323");
	replacing("igbo", "'", "’");
	replacing("hausa", "ɗ", "Ɗ");
	/* Tones tell words apart. */
	differ("ọkọ", "ọkọ́");
	differ("oko", "ọkọ");
}

static void ethiopic_words_end_at_its_own_space_and_stops(void **state)
{
	(void)state;
	replacing("amharic", " ", "፡");
	replacing("amharic", " ", " ፡ ");
	replacing("amharic", "።", "፡፡");
	replacing("amharic", "።", "::");
	replacing("amharic", "፣", ",");
}

static void thai_and_lao_vowels_of_two_parts_are_the_same(void **state)
{
	(void)state;
	replacing("thai", "ำ", "\u0e4d\u0e32");
	replacing("thai", "และ", "\u200bและ\u200b");
	replacing("thai", " ", "");
	replacing("lao", "ຳ", "\u0ecd\u0eb2");
	replacing("lao", "ໝ", "ຫມ");
}

static void cyrillic_short_i_may_be_two_characters(void **state)
{
	(void)state;
	replacing("russian", "й", "и\u0306");
	differ("все", "всё"); /* all people, and all things */
}

static void simplified_and_traditional_are_different_texts(void **state)
{
	(void)state;
	differ("图书馆", "圖書館");
	replacing("chinese", "，", ", ");
	replacing("chinese", "，", "，\u3000");
}

/* ---- words and characters */

static void scripts_without_spaces_are_counted_by_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCRIPT_TEXTS; i++) {
		struct fingerprint f = print(script_texts[i].text);
		size_t characters = 0;

		for (size_t k = 0; k < f.token_count; k++)
			characters += (f.tokens[k] & TOKEN_CLASS) == TOKEN_CHARACTER;
		if (script_texts[i].unspaced)
			assert_true(characters > f.token_count * 9 / 10);
		else
			assert_int_equal(characters, 0);
	}
}

static int set_up(void **state)
{
	text_start();
	return open_arena(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_charset_that_a_page_declares_is_read),
		cmocka_unit_test(references_alone_are_enough),
		cmocka_unit_test(a_declaration_left_behind_does_no_harm),
		cmocka_unit_test(utf16_and_utf32_with_a_mark_are_read),
		cmocka_unit_test(every_normal_form_is_the_same),
		cmocka_unit_test(digits_of_every_script_are_the_same),
		cmocka_unit_test(arabic_letters_of_every_keyboard_are_the_same),
		cmocka_unit_test(tatweel_and_harakat_are_nothing),
		cmocka_unit_test(persian_affixes_are_one_word_however_joined),
		cmocka_unit_test(a_blank_beside_other_words_stays_one),
		cmocka_unit_test(kana_of_either_width_are_the_same),
		cmocka_unit_test(devanagari_with_and_without_points_is_the_same),
		cmocka_unit_test(tone_marks_in_any_order_are_the_same),
		cmocka_unit_test(ethiopic_words_end_at_its_own_space_and_stops),
		cmocka_unit_test(thai_and_lao_vowels_of_two_parts_are_the_same),
		cmocka_unit_test(cyrillic_short_i_may_be_two_characters),
		cmocka_unit_test(simplified_and_traditional_are_different_texts),
		cmocka_unit_test(scripts_without_spaces_are_counted_by_characters),
	};

	return cmocka_run_group_tests(tests, set_up, close_arena);
}
