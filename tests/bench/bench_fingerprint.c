/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_fingerprint [FILE.jsonl[.gz] | FILE.txt]... - MB of text a second on one core, stage by
 * stage and whole, beside libfuzzy's ssdeep hash. Rounds are interleaved: each stage once a round,
 * the median of all rounds. Without a file: a text of made-up words. */
#include <fuzzy.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include "../unit/flat_article.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "fingerprint/words.h"

#define ROUNDS 11
#define ARTICLES 65536u
#define TEXT_BYTES (16u << 20)
#define FUZZY_BYTES (2u << 20)

struct corpus {
	struct article *articles[ARTICLES];
	size_t count, bytes, longest;
	uint16_t *tokens;
	size_t token_count;
	uint64_t *hashes, *keys;
	uint32_t *starts;
	struct arena *arena;
};

static volatile uint64_t sink;

static void corpus_add(struct corpus *c, const char *text, size_t len)
{
	if (c->count == ARTICLES || c->bytes + len > TEXT_BYTES || len == 0)
		return;
	c->articles[c->count] = flat_article(text, len);
	if (c->articles[c->count] == NULL)
		exit(1);
	c->count++;
	c->bytes += len;
	c->longest = len > c->longest ? len : c->longest;
}

static void corpus_read(struct corpus *c, const char *path)
{
	static char line[4 << 20];
	gzFile f = gzopen(path, "rb");

	if (f == NULL) {
		fprintf(stderr, "bench_fingerprint: %s: cannot be opened\n", path);
		exit(2);
	}
	while (gzgets(f, line, sizeof line) != NULL) {
		json_t *object = json_loads(line, 0, NULL);
		json_t *text = json_object_get(object, "text");

		if (text != NULL)
			corpus_add(c, json_string_value(text), json_string_length(text));
		else
			corpus_add(c, line, strlen(line));
		json_decref(object);
	}
	gzclose(f);
}

/* Words of 1..12 letters, the short ones often, as English has them; a curly quote now and then. */
static void corpus_make(struct corpus *c)
{
	static char text[4096];
	uint64_t seed = 1;

	while (c->bytes < TEXT_BYTES - sizeof text) {
		size_t len = 0;

		while (len < sizeof text - 32) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
			size_t word = 1 + (seed >> 33) % 5 + (seed >> 40) % 5 * ((seed >> 50) % 2);

			for (size_t i = 0; i < word; i++)
				text[len++] = (char)('a' + (seed >> (8 + 4 * i)) % 26);
			if ((seed >> 56) % 128 == 0) {
				memcpy(text + len, "\xe2\x80\x99s", 4);
				len += 4;
			}
			text[len++] = (seed >> 20) % 50 == 0 ? '\n' : ' ';
		}
		corpus_add(c, text, len);
	}
}

static void stage_words(struct corpus *c)
{
	uint64_t digest[2];
	uint32_t units;

	c->token_count = 0;
	for (size_t i = 0; i < c->count; i++)
		c->token_count += words_of(c->tokens + c->token_count, c->longest + 1, c->starts,
					   digest, &units, c->articles[i]);
	sink += digest[0];
}

static void stage_shingles(struct corpus *c)
{
	shingles_of(c->hashes, c->tokens, c->token_count);
}

static void stage_votes(struct corpus *c)
{
	uint32_t votes[64] = { 0 };

	kernel_get()->votes(votes, c->hashes, shingles_count(c->token_count));
	sink += votes[0];
}

static void stage_winnow(struct corpus *c)
{
	sink += winnow(c->keys, c->hashes, shingles_count(c->token_count), WINNOW_WINDOW, 1);
}

static void stage_whole(struct corpus *c)
{
	struct fingerprint f;

	for (size_t i = 0; i < c->count; i++) {
		if (fingerprint_of(&f, c->articles[i], c->arena) != STATUS_OK)
			exit(1);
		sink += f.simhash;
		arena_clear(c->arena);
	}
}

static void stage_fuzzy(struct corpus *c)
{
	char out[FUZZY_MAX_RESULT];

	for (size_t i = 0, bytes = 0; i < c->count && bytes < FUZZY_BYTES; i++) {
		struct span text = article_view(c->articles[i], c->articles[i]->text);

		fuzzy_hash_buf((const unsigned char *)text.p, (uint32_t)text.len, out);
		sink += (unsigned char)out[0];
		bytes += text.len;
	}
}

static size_t fuzzy_bytes(const struct corpus *c)
{
	size_t bytes = 0;

	for (size_t i = 0; i < c->count && bytes < FUZZY_BYTES; i++)
		bytes += c->articles[i]->text.len;
	return bytes;
}

static const struct {
	const char *name;
	void (*run)(struct corpus *c);
} stages[] = {
	{ "words", stage_words },   { "shingles", stage_shingles }, { "votes", stage_votes },
	{ "winnow", stage_winnow }, { "whole", stage_whole },       { "libfuzzy", stage_fuzzy },
};
#define STAGES (sizeof stages / sizeof *stages)

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Of this thread: what other processes take does not count. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void measure(struct corpus *c, const char *name)
{
	int64_t us[STAGES][ROUNDS];

	for (size_t r = 0; r < ROUNDS; r++)
		for (size_t s = 0; s < STAGES; s++) {
			int64_t before = cpu_us();

			stages[s].run(c);
			us[s][r] = cpu_us() - before;
		}
	printf("%s: %zu articles, %.1f MB, %zu tokens, kernel %s\n", name, c->count,
	       (double)c->bytes / 1e6, c->token_count, kernel_name());
	for (size_t s = 0; s < STAGES; s++) {
		size_t bytes = stages[s].run == stage_fuzzy ? fuzzy_bytes(c) : c->bytes;

		qsort(us[s], ROUNDS, sizeof **us, by_value);
		printf("  %-10s %8.1f MB/s  (%.1f..%.1f)\n", stages[s].name,
		       (double)bytes / (double)(us[s][ROUNDS / 2] + 1),
		       (double)bytes / (double)(us[s][ROUNDS - 1] + 1),
		       (double)bytes / (double)(us[s][0] + 1));
	}
}

static void run(const char *path)
{
	struct corpus *c = calloc(1, sizeof *c);

	if (c == NULL)
		exit(1);
	if (path != NULL)
		corpus_read(c, path);
	else
		corpus_make(c);
	c->tokens = malloc((c->bytes + c->longest + 1) * sizeof *c->tokens);
	c->hashes = malloc((c->bytes + 1) * sizeof *c->hashes);
	c->keys = malloc((c->bytes + 1) * sizeof *c->keys);
	c->starts = malloc((c->longest + 2) * sizeof *c->starts);
	c->arena = arena_open(1 << 20);
	if (c->tokens == NULL || c->hashes == NULL || c->keys == NULL || c->starts == NULL ||
	    c->arena == NULL)
		exit(1);
	measure(c, path != NULL ? path : "made-up words");
	arena_close(c->arena);
	free(c->starts);
	free(c->keys);
	free(c->hashes);
	free(c->tokens);
	for (size_t i = 0; i < c->count; i++)
		free(c->articles[i]);
	free(c);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	if (argc < 2)
		run(NULL);
	return 0;
}
