/* SPDX-License-Identifier: BSD-2-Clause */
/* articles LANGUAGE [FROM:]COUNT [FOLDER] - made-up news of about 2.4 KB each, as JSON Lines on
 * stdout; with a folder as text files in it, one an article, FOLDER/SITE/NUMBER.txt. They are
 * numbered from FROM (0) on.
 *
 * Fifty sites, each with chrome of its own around every text. Of ten articles two are whole copies
 * of an earlier one with some words changed, one is an excerpt of it. Article n is a function of n
 * alone: no memory, and the same bytes everywhere. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SITES 50u
#define VOCABULARY 30000u
#define REACH 20000u /* a copy is of one of that many articles before it */
#define START 1767225600

struct article {
	uint64_t number;
	unsigned site;
	uint64_t source;   /* whose text it has; number: its own */
	unsigned from, to; /* paragraphs of it, the end excluded */
};

/* How a language is written here. */
struct script {
	const char *name, *space, *comma, *stop;
	const char *letters[32]; /* none: syllables of Latin ones */
	unsigned han;            /* so many characters from U+4E00 on instead */
};

static const struct script scripts[] = {
	{ "en", " ", ",", ".", { NULL }, 0 },
	{ "fa",
	  " ",
	  "،",
	  ".",
	  { "ا", "ب", "پ", "ت", "ج", "چ", "خ", "د", "ر", "ز", "س", "ش",
	    "ع", "ف", "ق", "ک", "گ", "ل", "م", "ن", "و", "ه", "ی", NULL },
	  0 },
	{ "zh", "", "，", "。", { NULL }, 3000 },
};

static const struct script *script;
static char words[VOCABULARY][24];

/* splitmix64 of Steele, Lea, Flood 2014. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void make_latin(char *word, unsigned syllables, uint64_t *state)
{
	static const char onsets[] = "bcdfghklmnprstvw", vowels[] = "aeiou", codas[] = "nrstl";

	for (unsigned s = 0; s < syllables; s++) {
		*word++ = onsets[draw(state) % (sizeof onsets - 1)];
		*word++ = vowels[draw(state) % (sizeof vowels - 1)];
		if (draw(state) % 3 == 0)
			*word++ = codas[draw(state) % (sizeof codas - 1)];
	}
}

static void make_letters(char *word, unsigned letters, uint64_t *state)
{
	size_t alphabet = 0;

	while (script->letters[alphabet] != NULL)
		alphabet++;
	for (unsigned l = 0; l < letters; l++)
		strcat(word, script->letters[draw(state) % alphabet]);
}

static void make_han(char *word, unsigned characters, uint64_t *state)
{
	for (unsigned c = 0; c < characters; c++) {
		unsigned code = 0x4e00 + (unsigned)(draw(state) % script->han);

		*word++ = (char)(0xe0 | code >> 12);
		*word++ = (char)(0x80 | (code >> 6 & 0x3f));
		*word++ = (char)(0x80 | (code & 0x3f));
	}
}

/* Words of one to four syllables; what is frequent is short. */
static void make_words(void)
{
	uint64_t state = 1;

	for (unsigned i = 0; i < VOCABULARY; i++) {
		unsigned syllables = i < 100 ? 1 : i < 2000 ? 2 : 2 + (unsigned)(draw(&state) % 3);

		if (script->han > 0)
			make_han(words[i], 1 + syllables / 3, &state);
		else if (script->letters[0] != NULL)
			make_letters(words[i], 2 * syllables, &state);
		else
			make_latin(words[i], syllables, &state);
	}
}

/* Frequent words often: the rank is the cube of a uniform number. */
static const char *pick(uint64_t *state)
{
	double u = (double)(draw(state) >> 11) / 9007199254740992.0;

	return words[(size_t)(u * u * u * VOCABULARY)];
}

static void put_sentence(FILE *out, uint64_t *state, uint64_t *edits, unsigned count)
{
	for (unsigned w = 0; w < count; w++) {
		const char *word = pick(state);

		if (edits != NULL && draw(edits) % 50 == 0)
			word = pick(edits);
		fprintf(out, "%s%s%s", w == 0 ? "" : script->space, word,
			w + 1 == count          ? script->stop
			: draw(state) % 12 == 0 ? script->comma
						: "");
	}
}

static unsigned paragraphs_of(uint64_t number)
{
	uint64_t state = number << 8;

	return 4 + (unsigned)(draw(&state) % 5);
}

static struct article article_of(uint64_t number)
{
	uint64_t state = ~number;
	struct article a = { .number = number, .source = number };
	uint64_t lot = draw(&state) % 10;

	a.site = (unsigned)(draw(&state) % SITES);
	if (lot < 3 && number > 0)
		a.source = number - 1 - draw(&state) % (number < REACH ? number : REACH);
	a.to = paragraphs_of(a.source);
	if (lot == 2 && a.source != number) {
		a.from = 1;
		a.to = 1 + a.to / 2;
	}
	return a;
}

static void put_chrome(FILE *out, const struct article *a, const char *end, unsigned from,
		       unsigned to)
{
	for (unsigned line = from; line < to; line++) {
		uint64_t state = UINT64_C(1) << 60 | a->site << 8 | line;

		put_sentence(out, &state, NULL, 4 + (unsigned)(draw(&state) % 8));
		fputs(end, out);
	}
}

/* The sentences of a paragraph follow from the source and the paragraph's number alone. */
static void put_text(FILE *out, const struct article *a, const char *end)
{
	uint64_t edits = a->number ^ UINT64_C(1) << 59;

	put_chrome(out, a, end, 0, 3);
	for (unsigned p = a->from; p < a->to; p++) {
		uint64_t state = a->source << 8 | (p + 1);
		unsigned sentences = 2 + (unsigned)(draw(&state) % 3);

		for (unsigned s = 0; s < sentences; s++) {
			fputs(s == 0 ? "" : script->space, out);
			put_sentence(out, &state, a->source == a->number ? NULL : &edits,
				     10 + (unsigned)(draw(&state) % 16));
		}
		fputs(end, out);
	}
	put_chrome(out, a, end, 3, 6);
}

static void put_line(FILE *out, const struct article *a)
{
	uint64_t title = a->source << 8;
	time_t at = START + (time_t)a->number * 7;
	struct tm tm;

	gmtime_r(&at, &tm);
	fprintf(out,
		"{\"id\":\"n%llu\",\"site\":\"site%u.example\",\"url\":\"https://site%u.example/"
		"%llu\","
		"\"published\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\",\"title\":\"",
		(unsigned long long)a->number, a->site, a->site, (unsigned long long)a->number,
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	put_sentence(out, &title, NULL, 9);
	fputs("\",\"text\":\"", out);
	put_text(out, a, "\\n");
	fputs("\"}\n", out);
}

static void put_file(const char *folder, const struct article *a)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof path, "%s/site%u.example", folder, a->site);
	mkdir(path, 0777);
	snprintf(path, sizeof path, "%s/site%u.example/%llu.txt", folder, a->site,
		 (unsigned long long)a->number);
	out = fopen(path, "w");
	if (out == NULL) {
		perror(path);
		exit(1);
	}
	put_text(out, a, "\n");
	if (fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	uint64_t from = 0, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	const char *colon = argc > 2 ? strchr(argv[2], ':') : NULL;

	if (colon != NULL) {
		from = count;
		count = strtoull(colon + 1, NULL, 10);
	}
	for (size_t i = 0; argc > 2 && i < sizeof scripts / sizeof *scripts; i++)
		if (strcmp(argv[1], scripts[i].name) == 0)
			script = &scripts[i];
	if (script == NULL || count == 0 || argc > 4) {
		fprintf(stderr, "articles: en|fa|zh [FROM:]COUNT [FOLDER]\n");
		return 2;
	}
	make_words();
	for (uint64_t n = from; n < from + count; n++) {
		struct article a = article_of(n);

		if (argc == 4)
			put_file(argv[3], &a);
		else
			put_line(stdout, &a);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
