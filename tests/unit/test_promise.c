/* SPDX-License-Identifier: BSD-2-Clause */
/* The promise: a shared run of 40 kept words (80 half words) between two articles, wherever it
 * stands, is found. Random articles, a run put into both, and what must follow.
 * REPRINT_PLACEMENTS: how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/compare.h"
#include "detect/judge.h"
#include "fingerprint/fingerprinting.h"
#include "index/index.h"
#include "ingest/keys.h"

#include "common_flank.h"
#include "one_arena.h"
#include "xorshift.h"

#define PLACEMENTS 300000ul
#define PROMISED_UNITS 80u
#define TOKENS_MAX 2048u
#define MASKED_MAX 8u
#define SECRET UINT64_C(0x123456789abcdef)

static uint64_t seed;

static uint64_t next_random(void)
{
	return xorshift(&seed);
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(next_random() % n);
}

/* ---- words */

/* What a pair of articles is written in. */
enum language { NEWS, EVERY_WORD, FEW_WORDS, STAMMER, HAN, FEW_CHARACTERS, MIXED, LANGUAGES };

static uint32_t few; /* words, where there are few */

static uint16_t token(uint32_t rank, enum token_class class)
{
	return (uint16_t)((rank * 2654435761u >> 18) << 2 | class);
}

/* A rank by Zipf's law, among as many as the language has. */
static uint32_t zipf(uint32_t ranks)
{
	double u = (double)(next_random() >> 11) * 0x1p-53;

	return (uint32_t)exp(u * log(ranks));
}

static uint16_t next_token(enum language l, uint16_t last)
{
	switch (l) {
	case NEWS:
		return token(zipf(50000), below(30) == 0 ? TOKEN_NUMBER : TOKEN_WORD);
	case EVERY_WORD:
		return token(below(16384), TOKEN_WORD);
	case FEW_WORDS:
		return token(below(few), TOKEN_WORD);
	case STAMMER:
		return below(3) == 0 ? token(zipf(5000), TOKEN_WORD) : last;
	case HAN:
		return token(zipf(4000), TOKEN_CHARACTER);
	case FEW_CHARACTERS:
		return token(below(few), TOKEN_CHARACTER);
	case MIXED:
	default:
		return below(4) == 0 ? token(zipf(9000), TOKEN_WORD)
				     : token(zipf(4000), TOKEN_CHARACTER);
	}
}

static uint32_t write_words(uint16_t *out, uint32_t count, enum language l)
{
	uint16_t last = token(1, TOKEN_WORD);

	for (uint32_t i = 0; i < count; i++)
		out[i] = last = next_token(l, last);
	return count;
}

/* A run of at least that many half words, and no token more than that takes. */
static uint32_t write_run(uint16_t *out, uint32_t units, enum language l)
{
	uint32_t count = 0;

	while (tokens_units(out, count) < units)
		count += write_words(out + count, 1, l);
	return count;
}

/* ---- articles */

struct written {
	uint16_t tokens[TOKENS_MAX];
	uint32_t paragraphs[TOKENS_MAX];
	struct masked masked[MASKED_MAX];
	uint32_t count, paragraph_count, masked_count;
	struct kept kept;
	struct keys keys;
};

static void put_filler(struct written *w, uint32_t count, enum language l)
{
	w->count += write_words(w->tokens + w->count, count, l);
}

/* Sometimes something that comparison leaves out. */
static void put_masked(struct written *w, enum language l)
{
	uint32_t count = 1 + below(30);

	if (below(3) > 0)
		return;
	w->masked[w->masked_count++] = (struct masked){ w->count, count, below(2) };
	put_filler(w, count, l);
}

static uint32_t filler_length(void)
{
	return below(4) == 0 ? 0 : below(below(4) == 0 ? 600 : 150);
}

/* An article with the run in it, at its start, at its end, or anywhere, whole or around something
 * that is left out. */
static void write_article(struct written *w, const uint16_t *run, uint32_t run_count,
			  enum language l)
{
	uint32_t first = below(3) == 0 ? below(run_count + 1) : run_count;

	w->count = w->masked_count = w->paragraph_count = 0;
	put_masked(w, l);
	put_filler(w, filler_length(), l);
	put_masked(w, l);
	memcpy(w->tokens + w->count, run, first * sizeof *run);
	w->count += first;
	if (first < run_count)
		put_masked(w, l);
	memcpy(w->tokens + w->count, run + first, (run_count - first) * sizeof *run);
	w->count += run_count - first;
	put_masked(w, l);
	put_filler(w, filler_length(), l);
	put_masked(w, l);
	for (uint32_t at = 0; at < w->count; at += 1 + below(80))
		w->paragraphs[w->paragraph_count++] = at;
	w->paragraphs[w->paragraph_count] = w->count;
}

static void keep(struct written *w)
{
	assert_int_equal(kept_of(&w->kept, w->tokens, w->count, w->paragraphs, w->paragraph_count,
				 w->masked, w->masked_count, arena),
			 STATUS_OK);
	assert_int_equal(keys_of(&w->keys, &w->kept, SECRET, arena), STATUS_OK);
}

/* Two articles that share a run of these half words; returns them. */
static void write_pair(struct written *a, struct written *b, uint32_t units, enum language l)
{
	static uint16_t run[TOKENS_MAX];
	uint32_t count;

	few = 2 + below(8);
	count = write_run(run, units, l);
	write_article(a, run, count, l);
	write_article(b, run, count, l);
	keep(a);
	keep(b);
}

/* In a key and one of its flanks at least: a key alone is not followed where many have it. */
static bool meet(const struct keys *a, const struct keys *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (a->all[i] == b->all[k] && common_flank(a, i, b, k))
				return true;
	return false;
}

static unsigned long placements(void)
{
	const char *wanted = getenv("REPRINT_PLACEMENTS");

	return wanted == NULL ? PLACEMENTS : strtoul(wanted, NULL, 10);
}

static void a_shared_run_of_the_promised_length_meets_in_the_index(void **state)
{
	static struct written a, b;
	unsigned long count = placements();

	(void)state;
	seed = 20210722;
	for (unsigned long i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(arena);
		enum language l = (enum language)(i % LANGUAGES);

		write_pair(&a, &b, PROMISED_UNITS + below(41), l);
		if (!meet(&a.keys, &b.keys))
			fail_msg("placement %lu of language %d", i, l);
		arena_rewind(arena, mark);
	}
}

/* ---- in a crowd */

#define CROWD 300u /* more than a list of the index tells */

/* An article in which every three words of the run stand, but no four. */
static void write_phrases(struct written *w, const uint16_t *run, uint32_t run_count)
{
	w->count = w->masked_count = w->paragraph_count = 0;
	for (uint32_t i = 0; i + 3 <= run_count; i++) {
		memcpy(w->tokens + w->count, run + i, 3 * sizeof *run);
		w->count += 3;
		put_filler(w, 2, EVERY_WORD);
	}
	w->paragraphs[w->paragraph_count++] = 0;
	w->paragraphs[w->paragraph_count] = w->count;
}

static void add(struct index *x, uint64_t seq, struct written *w)
{
	keep(w);
	assert_int_equal(index_add(x, seq, seq, w->keys.all, w->keys.flanks, w->keys.count),
			 STATUS_OK);
}

/* Whether the index leads to this article by a key that not everybody has. */
static bool leads_to(struct index *x, const struct keys *keys, uint64_t seq)
{
	static struct candidate found[2 * CROWD];
	size_t capped, n = index_candidates(x, keys->all, keys->flanks, keys->count, found,
					    2 * CROWD, &capped);

	for (size_t i = 0; i < n; i++)
		if (found[i].seq == seq)
			return found[i].firm > 0 && found[i].backed > 0;
	return false;
}

static void a_run_of_figures_of_speech_is_found_among_many(void **state)
{
	static struct written a, b, other;
	static uint16_t run[TOKENS_MAX];

	(void)state;
	seed = 17;
	for (int round = 0; round < 20; round++) {
		struct arena_mark mark = arena_mark(arena);
		uint32_t count = write_run(run, PROMISED_UNITS, NEWS);
		struct index_options options = { 0 };
		struct index *x;

		assert_int_equal(index_open(&x, &options), STATUS_OK);
		for (uint64_t seq = 1; seq <= 2 * CROWD; seq++) {
			write_phrases(&other, run, count);
			if (seq == CROWD)
				write_article(&a, run, count, EVERY_WORD);
			add(x, seq, seq == CROWD ? &a : &other);
		}
		write_article(&b, run, count, EVERY_WORD);
		keep(&b);
		assert_true(leads_to(x, &b.keys, CROWD));
		index_close(x);
		arena_rewind(arena, mark);
	}
}

/* ---- and what is said of it */

static enum kind kind_of(struct comparison *c, const struct written *a, const struct written *b)
{
	struct acquaintance known = { .relation = RELATION_CROSS_SITE,
				      .sites_known = true,
				      .here_units = a->kept.units,
				      .there_units = b->kept.units };
	struct probe *probe;

	assert_int_equal(probe_of(&probe, &a->kept, a->keys.shingles, arena), STATUS_OK);
	assert_int_equal(compare(c, probe, &b->kept, arena), STATUS_OK);
	return judge_kind(c, &known);
}

/* In texts that do not say the same again and again: those are masked before. */
static void a_shared_run_that_is_long_enough_to_be_told_is_told(void **state)
{
	static const enum language languages[] = { NEWS, EVERY_WORD, HAN, MIXED };
	static struct written a, b;
	unsigned long count = placements() / 3;
	uint32_t least = (uint32_t)judge_defaults()->passage_shared;

	(void)state;
	seed = 13;
	for (unsigned long i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(arena);
		uint32_t units = least + below(41);
		struct comparison c;

		write_pair(&a, &b, units, languages[i % 4]);
		if (kind_of(&c, &a, &b) < KIND_PARTIAL || c.longest_units < units)
			fail_msg("placement %lu of language %d", i, languages[i % 4]);
		arena_rewind(arena, mark);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_run_of_the_promised_length_meets_in_the_index),
		cmocka_unit_test(a_run_of_figures_of_speech_is_found_among_many),
		cmocka_unit_test(a_shared_run_that_is_long_enough_to_be_told_is_told),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
