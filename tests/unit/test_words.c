/* SPDX-License-Identifier: BSD-2-Clause */
/* The fast path against the slow one: every paragraph folded from its beginning, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <reprint/fingerprint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "fingerprint/words.h"
#include "flat_article.h"
#include "text/fold.h"
#include "xorshift.h"

#define TEXT_MAX 60000u

struct tokenised {
	uint16_t tokens[TEXT_MAX];
	uint64_t hashes[TEXT_MAX];
	uint32_t starts[TEXT_MAX];
	uint64_t digest[2];
	size_t count;
	uint32_t units;
};

static uint64_t seed;

static uint64_t next_random(void)
{
	return xorshift(&seed);
}

static unsigned letters(const struct folded *f, uint32_t word)
{
	unsigned count = 0;

	for (uint16_t i = f->border[word]; i < f->border[word + 1]; i++)
		count += (f->bytes[i] & 0xc0) != 0x80;
	return count;
}

static void law_paragraph(struct tokenised *out, const char *text, size_t len)
{
	struct folded f;

	while (len > 0) {
		size_t used = fold_words(&f, text, len);

		for (uint32_t i = 0; i < f.count; i++) {
			uint64_t hash = XXH3_64bits(f.bytes + f.border[i],
						    (size_t)(f.border[i + 1] - f.border[i]));

			unsigned kind = f.kind[i];

			if (kind == TOKEN_WORD && letters(&f, i) <= TOKEN_SHORT_LETTERS)
				kind = TOKEN_SHORT;
			out->hashes[out->count] = hash;
			out->units += f.kind[i] == TOKEN_CHARACTER ? 1 : 2;
			out->tokens[out->count++] = (uint16_t)((hash >> 50 << 2) | kind);
		}
		text += used;
		len -= used;
	}
}

static void law(struct tokenised *out, const struct article *a)
{
	XXH128_hash_t digest;

	out->count = out->units = 0;
	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		struct span text = article_view(a, article_paragraphs(a)[i]);

		out->starts[i] = (uint32_t)out->count;
		law_paragraph(out, text.p, text.len);
	}
	digest = XXH3_128bits(out->hashes, out->count * sizeof *out->hashes);
	out->digest[0] = digest.high64;
	out->digest[1] = digest.low64;
}

static void follows_the_law(const struct article *a)
{
	static struct tokenised want, got;

	law(&want, a);
	got.count = words_of(got.tokens, TEXT_MAX, got.starts, got.digest, &got.units, a);
	assert_int_equal(got.count, want.count);
	assert_int_equal(got.units, want.units);
	assert_memory_equal(got.tokens, want.tokens, want.count * sizeof *want.tokens);
	assert_memory_equal(got.starts, want.starts, a->paragraph_count * sizeof *want.starts);
	assert_memory_equal(got.digest, want.digest, sizeof want.digest);
}

/* One paragraph read as a text of its own. */
static void title_follows_the_law(const char *text, size_t len)
{
	static struct tokenised want;
	static uint16_t got[TEXT_MAX];

	want.count = want.units = 0;
	law_paragraph(&want, text, len);
	assert_int_equal(words_of_text(got, TEXT_MAX, span_of(text, len)), want.count);
	assert_memory_equal(got, want.tokens, want.count * sizeof *want.tokens);
}

static void text_follows_the_law(const char *text, size_t len)
{
	struct article *a = flat_article(text, len);

	assert_non_null(a);
	follows_the_law(a);
	title_follows_the_law(text, len);
	free(a);
}

static const char *const pieces[] = {
	"a",
	"Be",
	"the",
	"word",
	"Letters",
	"eighteen",
	"nineteen9",
	"1",
	"12",
	"123",
	"1,234",
	",",
	" ",
	" ",
	" ",
	" ",
	".",
	"-",
	"\n",
	"'",
	"é",
	"’",
	"&",
	"&amp;",
	"&eacute;",
	"新",
	"\u0301",
	"\u00ad",
	"&shy;",
	"1,234,567",
	"sixteen16sixteen",
	"seventeen17sevent",
	"می\u200cرود",
	"می",
	"خانه",
	"ها",
	"اند",
	";",
	"#",
};

static size_t random_text(char *out, size_t len)
{
	size_t all = sizeof pieces / sizeof *pieces, first = next_random() % all;
	size_t span = 1 + next_random() % all, at = 0;

	while (at < len) {
		const char *piece = pieces[(first + next_random() % span) % all];

		memcpy(out + at, piece, strlen(piece));
		at += strlen(piece);
	}
	return at;
}

static void short_texts_follow_the_law(void **state)
{
	char text[400];

	(void)state;
	seed = 23;
	for (size_t i = 0; i < 20000; i++)
		text_follows_the_law(text, random_text(text, i % 200));
}

static void long_texts_follow_the_law(void **state)
{
	static char text[TEXT_MAX];

	(void)state;
	seed = 29;
	for (size_t i = 0; i < 300; i++)
		text_follows_the_law(text, random_text(text, 1 + next_random() % 9000));
}

/* Characters with marks and without, words of all lengths between them. */
static void texts_of_characters_follow_the_law(void **state)
{
	static const char *const characters[] = { "新", "聞", "か", "ｶﾞ", "ไ", "ที่" };
	static const char *const words[] = { "。",   "\n",  "7",        "2021",
					     "of",   "été", "한국어",   "ﷺ",
					     "é한𐐨", "𐐨𐐨𐐨", "eighteen", "seventeen17letters" };
	static char text[4000];

	(void)state;
	seed = 37;
	for (size_t round = 0; round < 2000; round++) {
		size_t at = 0, end = next_random() % (sizeof text - 32);
		uint64_t often = 1 + next_random() % 30;

		while (at < end) {
			const char *piece =
				next_random() % often == 0
					? words[next_random() % (sizeof words / sizeof *words)]
					: characters[next_random() % 6];

			memcpy(text + at, piece, strlen(piece));
			at += strlen(piece);
		}
		text_follows_the_law(text, at);
	}
}

/* A word, a comma or a reference across every place where a step ends. */
static void borders_of_steps_do_not_matter(void **state)
{
	static const char *const across[] = {
		"word",  "12,345",   "1,2",     "&eacute;t&eacute;",
		"naïve", "e\u0301t", "x\ny",    "seventeen17letters,1",
		"新新",  "نمی رود",  "خانه های"
	};
	static char text[4400];

	(void)state;
	for (size_t i = 0; i < sizeof across / sizeof *across; i++)
		for (size_t at = 0; at<4200; at += at % 64> 40 || at % 64 < 4 ? 1 : 9) {
			memset(text, i % 2 ? ' ' : 'w', sizeof text);
			for (size_t k = 0; k < at; k += 7)
				text[k] = ' ';
			memcpy(text + at, across[i], strlen(across[i]));
			text_follows_the_law(text, at + strlen(across[i]) + (at % 3) * 50);
		}
}

static void words_without_end_are_cut_alike(void **state)
{
	static char text[TEXT_MAX];

	(void)state;
	for (size_t len = 250; len < 20000; len = len * 5 / 4) {
		memset(text, 'x', len);
		text_follows_the_law(text, len);
		text[len / 2] = ',';
		text_follows_the_law(text, len);
		text[len - 1] = '9';
		memcpy(text + len - 20, " \xc3\xa9", 3);
		text_follows_the_law(text, len);
		memset(text, '7', len);
		text_follows_the_law(text, len);
	}
}

static void any_bytes_are_read_without_harm(void **state)
{
	static char text[5000];

	(void)state;
	seed = 31;
	for (size_t round = 0; round < 400; round++) {
		size_t len = next_random() % sizeof text;

		for (size_t i = 0; i < len; i++) {
			uint64_t byte = next_random() >> 20;

			text[i] = (char)(round % 2 ? byte
						   : (byte % 8 == 0 ? byte >> 8 : byte % 96 + 32));
			if (text[i] == '\n' || text[i] == 0)
				text[i] = ' ';
		}
		text_follows_the_law(text, len);
	}
}

/* Paragraphs that do not stand side by side, as no reader of ours lays them. */
static void scattered_paragraphs_follow_the_law(void **state)
{
	static const char text[] = "one two\nthree four five\nsix 1,\n234 seven";
	struct article *a = flat_article(text, strlen(text));
	struct article_part *parts, first;

	(void)state;
	assert_non_null(a);
	parts = (struct article_part *)(void *)(a + 1);
	parts[1].at += 3;
	parts[1].len -= 3;
	follows_the_law(a);
	first = parts[0];
	parts[0] = parts[3];
	parts[3] = first;
	follows_the_law(a);
	parts[2] = parts[1];
	follows_the_law(a);
	free(a);
}

static void what_has_no_room_is_counted(void **state)
{
	static const char text[] = "one two three\nfour five élan six seven eight";
	struct article *a = flat_article(text, strlen(text));
	static struct tokenised want;

	(void)state;
	assert_non_null(a);
	law(&want, a);
	for (size_t cap = 0; cap <= want.count; cap++) {
		uint16_t *tokens = malloc(cap * sizeof *tokens + 1);
		uint32_t starts[2], units;
		uint64_t digest[2];

		assert_non_null(tokens);
		assert_int_equal(words_of(tokens, cap, starts, digest, &units, a), want.count);
		assert_memory_equal(digest, want.digest, sizeof digest);
		assert_int_equal(starts[1], 3);
		if (cap == want.count)
			assert_memory_equal(tokens, want.tokens, cap * sizeof *tokens);
		free(tokens);
	}
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_texts_follow_the_law),
		cmocka_unit_test(long_texts_follow_the_law),
		cmocka_unit_test(texts_of_characters_follow_the_law),
		cmocka_unit_test(borders_of_steps_do_not_matter),
		cmocka_unit_test(words_without_end_are_cut_alike),
		cmocka_unit_test(any_bytes_are_read_without_harm),
		cmocka_unit_test(scattered_paragraphs_follow_the_law),
		cmocka_unit_test(what_has_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
