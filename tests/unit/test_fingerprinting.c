/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <reprint/fingerprint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/shingle.h"
#include "flat_article.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open(1 << 16);
	return arena == NULL;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static struct fingerprint print_of(const char *text)
{
	struct article *a = flat_article(text, strlen(text));
	struct fingerprint f;

	assert_non_null(a);
	assert_int_equal(fingerprint_of(&f, a, arena), STATUS_OK);
	free(a);
	return f;
}

static bool alike(const char *a, const char *b)
{
	struct fingerprint f = print_of(a), g = print_of(b);
	bool equal = f.digest[0] == g.digest[0] && f.digest[1] == g.digest[1];

	assert_true(f.token_count > 0);
	assert_int_equal(equal, f.token_count == g.token_count &&
					memcmp(f.tokens, g.tokens, 2 * f.token_count) == 0);
	if (equal) {
		assert_true(f.simhash == g.simhash);
		assert_int_equal(f.units, g.units);
	}
	return equal;
}

/* ---- what must not matter */

static void quotes_and_dashes_do_not_matter(void **state)
{
	(void)state;
	assert_true(
		alike("\"It's over,\" he said - and left.", "“It’s over,” he said — and left."));
	assert_true(alike("\"It's over\"", "«It´s over»"));
	assert_true(alike("\"It's over\"", "&quot;It&#39;s over&quot;"));
	assert_true(alike("\"It's over\"", "&ldquo;It&rsquo;s over&amp;rdquo;"));
	assert_true(alike("end... And", "end… And"));
}

static void blanks_and_invisible_characters_do_not_matter(void **state)
{
	(void)state;
	assert_true(alike("ten million euros", "ten\u00a0million\u202feuros"));
	assert_true(alike("ten million euros", "ten  million\teuros "));
	assert_true(alike("ten million euros", "ten&nbsp;mil&shy;lion eu\u00adros\u200b"));
	assert_true(alike("ten million euros", "\ufefften mil\u200blion euros"));
}

static void composed_and_decomposed_do_not_matter(void **state)
{
	(void)state;
	assert_true(alike("Les élèves de l’été", "Les e\u0301le\u0300ves de l'e\u0301te\u0301"));
	assert_true(alike("Việt Nam", "Vie\u0323\u0302t Nam"));
	assert_true(alike("대한민국 정부",
			  "\u1103\u1162\u1112\u1161\u11ab\u1106\u1175\u11ab\u1100\u116e\u11a8"
			  " \u110c\u1165\u11bc\u1107\u116e"));
	assert_true(alike("ガス", "カ\u3099ス"));
	assert_true(alike("सड़क", "सड\u093cक"));
}

static void case_does_not_matter(void **state)
{
	(void)state;
	assert_true(alike("Prime Minister", "PRIME MINISTER"));
	assert_true(alike("Straße", "STRASSE"));
	assert_true(alike("İstanbul'da ışık", "ISTANBUL'DA IŞIK"));
	assert_true(alike("Ёлка", "ёлка"));
	assert_false(alike("Ёлка", "Елка"));
	assert_false(alike("résumé", "resume"));
}

static void forms_of_letters_and_digits_do_not_matter(void **state)
{
	(void)state;
	assert_true(alike("كتاب‌هاي", "کتاب\u200cهای"));
	assert_true(alike("كتاب", "کتـــاب"));
	assert_true(alike("العَرَبِيَّة", "العربية"));
	assert_true(alike("سال ۱۳۹۹ و ١٩", "سال 1399 و 19"));
	assert_true(alike("ＮＨＫ ２０２１", "nhk 2021"));
	assert_true(alike("ﾆｭｰｽ", "ニュース"));
	assert_true(alike("1,234,567 people", "1234567 people"));
	assert_false(alike("1,234 people", "1,235 people"));
}

static void words_do_matter(void **state)
{
	(void)state;
	assert_false(alike("one two", "onetwo"));
	assert_false(alike("one two", "two one"));
	assert_false(alike("one two", "one two two"));
	assert_false(alike("新华社", "新华网"));
}

/* ---- paragraphs, units, sizes */

static void paragraphs_begin_where_their_first_word_does(void **state)
{
	struct fingerprint f = print_of("one two\n***\nthree\n新闻 four\n—\n");

	(void)state;
	assert_int_equal(f.paragraph_count, 5);
	assert_int_equal(f.token_count, 6);
	assert_int_equal(f.paragraphs[0], 0);
	assert_int_equal(f.paragraphs[1], 2);
	assert_int_equal(f.paragraphs[2], 2);
	assert_int_equal(f.paragraphs[3], 3);
	assert_int_equal(f.paragraphs[4], 6);
	assert_int_equal(f.paragraphs[5], 6);
	assert_int_equal(f.units, 2 + 2 + 2 + 1 + 1 + 2);
}

static void an_article_without_words_is_empty(void **state)
{
	static const char *const texts[] = { "", "\n\n", "...", "— “”", "&nbsp;" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct fingerprint f = print_of(texts[i]);

		assert_int_equal(f.token_count, 0);
		assert_int_equal(f.units, 0);
		assert_true(f.simhash == 0);
		assert_int_equal(f.paragraphs[f.paragraph_count], 0);
	}
	assert_true(print_of("").digest[0] == print_of("...").digest[0]);
}

static void tokens_know_their_class(void **state)
{
	struct fingerprint f = print_of("word 12 covid19 新 abcdefghi1 abcdefghijklmnopqr9stuvwxyz "
					"the été از رفته 7th");
	static const unsigned want[] = { TOKEN_WORD,   TOKEN_NUMBER, TOKEN_NUMBER, TOKEN_CHARACTER,
					 TOKEN_NUMBER, TOKEN_NUMBER, TOKEN_SHORT,  TOKEN_SHORT,
					 TOKEN_SHORT,  TOKEN_WORD,   TOKEN_NUMBER };

	(void)state;
	assert_int_equal(f.token_count, sizeof want / sizeof *want);
	for (unsigned i = 0; i < f.token_count; i++)
		assert_int_equal(f.tokens[i] & TOKEN_CLASS, want[i]);
}

/* More tokens than half the bytes: each of these is six characters. */
static void ligatures_of_many_words_have_room(void **state)
{
	char text[3 * 2000 + 1] = "";
	struct fingerprint f;

	(void)state;
	for (int i = 0; i < 2000; i++)
		memcpy(text + 3 * i, "㌖", 4);
	f = print_of(text);
	assert_int_equal(f.token_count, 6 * 2000);
	assert_int_equal(f.tokens[6 * 2000 - 1], f.tokens[5]);
}

static void equal_tokens_hash_equal(void **state)
{
	struct fingerprint f = print_of("one two three one two three four");

	(void)state;
	assert_true(tokens_hash(f.tokens, 3) == tokens_hash(f.tokens + 3, 3));
	assert_true(tokens_hash(f.tokens, 3) != tokens_hash(f.tokens, 4));
	assert_true(tokens_hash(f.tokens, 0) == tokens_hash(f.tokens + 1, 0));
}

/* A change of one of these means a new VERDICT_ALGORITHM. */
static void fingerprints_stay_what_they_are(void **state)
{
	struct fingerprint f = print_of("The council of Exampleton met on 3 May.\n"
					"“We’ll build 1,200 homes,” the mayor said.\n");
	struct fingerprint g = print_of("市议会星期一开会，决定修建一千二百套住房。");

	(void)state;
	assert_int_equal(f.token_count, 16);
	assert_true(f.digest[0] == UINT64_C(0x21399cb7510b4949));
	assert_true(f.digest[1] == UINT64_C(0xb198a248b72de046));
	assert_true(f.simhash == UINT64_C(0x412345cf221b20a1));
	assert_int_equal(f.tokens[0], 51987);
	assert_int_equal(g.token_count, 19);
	assert_true(g.digest[0] == UINT64_C(0xba6505ae8de442d9));
	assert_true(g.simhash == UINT64_C(0x0aaa21b9f2e9f2c9));
}

/* ---- SimHash */

/* Charikar's formula over all shingles, or over the tokens where there is no shingle. */
static uint64_t simhash_law(const uint16_t *tokens, size_t count)
{
	size_t n = shingles_count(count);
	uint64_t *hashes = malloc((n + 1) * sizeof *hashes), simhash = 0;

	assert_non_null(hashes);
	shingles_of(hashes, tokens, count);
	for (unsigned bit = 0; bit < 64; bit++) {
		long sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += hashes[i] >> bit & 1 ? 1 : -1;
		simhash |= (uint64_t)(sum > 0) << bit;
	}
	free(hashes);
	return simhash;
}

static void simhash_is_the_majority_of_all_shingles(void **state)
{
	static uint16_t tokens[9000];
	uint64_t seed = 5;

	(void)state;
	for (size_t i = 0; i < 9000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		tokens[i] = (uint16_t)((seed >> 40) & 0xfffc) | (uint16_t)(i / 37 % 3);
	}
	for (size_t n = 3; n < 200; n++)
		assert_true(simhash_of(tokens + n, n, arena) == simhash_law(tokens + n, n));
	for (size_t n = 1000; n < 9000; n += 511)
		assert_true(simhash_of(tokens, n, arena) == simhash_law(tokens, n));
	for (size_t n = 1020; n < 1040; n++)
		assert_true(simhash_of(tokens, n, arena) == simhash_law(tokens, n));
}

static void simhash_of_few_tokens_is_of_the_tokens(void **state)
{
	static const uint16_t tokens[] = { 4, 8, 12 };

	(void)state;
	assert_true(simhash_of(tokens, 0, arena) == 0);
	assert_true(simhash_of(tokens, 1, arena) != 0);
	assert_true(simhash_of(tokens, 1, arena) != simhash_of(tokens + 1, 1, arena));
	/* Of two votes only what both say has a majority. */
	assert_true(simhash_of(tokens, 2, arena) ==
		    (simhash_of(tokens, 1, arena) & simhash_of(tokens + 1, 1, arena)));
}

static void a_small_edit_moves_few_bits(void **state)
{
	static uint16_t a[1000], b[1000];
	uint64_t seed = 9;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		a[i] = b[i] = (uint16_t)((seed >> 40) & 0xfffc);
	}
	b[500] ^= 0x100;
	assert_in_range(__builtin_popcountll(simhash_of(a, 1000, arena) ^
					     simhash_of(b, 1000, arena)),
			0, 8);
	assert_in_range(__builtin_popcountll(simhash_of(a, 500, arena) ^
					     simhash_of(a + 500, 500, arena)),
			16, 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_and_dashes_do_not_matter),
		cmocka_unit_test(blanks_and_invisible_characters_do_not_matter),
		cmocka_unit_test(composed_and_decomposed_do_not_matter),
		cmocka_unit_test(case_does_not_matter),
		cmocka_unit_test(forms_of_letters_and_digits_do_not_matter),
		cmocka_unit_test(words_do_matter),
		cmocka_unit_test(paragraphs_begin_where_their_first_word_does),
		cmocka_unit_test(an_article_without_words_is_empty),
		cmocka_unit_test(tokens_know_their_class),
		cmocka_unit_test(ligatures_of_many_words_have_room),
		cmocka_unit_test(equal_tokens_hash_equal),
		cmocka_unit_test(fingerprints_stay_what_they_are),
		cmocka_unit_test(simhash_is_the_majority_of_all_shingles),
		cmocka_unit_test(simhash_of_few_tokens_is_of_the_tokens),
		cmocka_unit_test(a_small_edit_moves_few_bits),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
