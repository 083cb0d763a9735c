/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs against what they claim: random texts of few words, whole passages put in again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "detect/runs.h"
#include "fingerprint/fingerprinting.h"
#include "one_arena.h"
#include "xorshift.h"

#define MOST 3000u
#define PARAGRAPHS_MAX 400u
#define ALONE (RUN_ALONE_UNITS / 2) /* words */

static struct page {
	uint16_t tokens[MOST];
	uint32_t paragraphs[PARAGRAPHS_MAX + 1];
	struct fingerprint f;
} page;

static uint64_t seed = 1;

static uint32_t below(uint32_t n)
{
	return (uint32_t)(xorshift(&seed) % n);
}

static uint16_t word(uint32_t n)
{
	return (uint16_t)(n << 2 | TOKEN_WORD);
}

static void begin(void)
{
	page.f = (struct fingerprint){ .tokens = page.tokens, .paragraphs = page.paragraphs };
}

/* A paragraph of some words more. */
static void put(const uint16_t *words, uint32_t count)
{
	assert_true(page.f.token_count + count <= MOST);
	assert_true(page.f.paragraph_count < PARAGRAPHS_MAX);
	memmove(page.tokens + page.f.token_count, words, count * sizeof *words);
	page.f.token_count += count;
	page.paragraphs[++page.f.paragraph_count] = page.f.token_count;
}

static void put_random(uint32_t count, uint32_t vocabulary)
{
	uint16_t words[MOST];

	for (uint32_t i = 0; i < count; i++)
		words[i] = word(below(vocabulary));
	put(words, count);
}

/* The words have never been seen before. */
static void put_new(uint32_t count, uint32_t *next)
{
	uint16_t words[MOST];

	for (uint32_t i = 0; i < count; i++)
		words[i] = word((*next)++);
	put(words, count);
}

static uint32_t find(const struct run **out)
{
	uint32_t count;

	assert_int_equal(runs_find(out, &count, &page.f, arena), STATUS_OK);
	return count;
}

/* What runs.h says of every run. */
static void check_run(const struct run *r, uint32_t end)
{
	assert_true(r->at >= end);
	assert_true(r->count > 0 && r->at + r->count <= page.f.token_count);
	assert_true(r->source < r->at && r->source + r->source_count <= r->at + r->count);
	assert_true(r->equal <= r->count && r->equal <= r->source_count);
	if (r->equal < r->count || r->equal < r->source_count)
		return;
	assert_true(r->source + r->source_count <= r->at);
	assert_memory_equal(page.tokens + r->at, page.tokens + r->source,
			    r->count * sizeof *page.tokens);
}

static void every_run_stands_already_where_it_says(void **state)
{
	uint32_t runs_seen = 0, joined = 0;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct arena_mark mark = arena_mark(arena);
		uint32_t vocabulary = 2 + below(60), end = 0, count;
		const struct run *runs;

		begin();
		for (uint32_t p = 1 + below(30); p > 0; p--) {
			uint32_t length = below(50), from = below(page.f.token_count + 1);

			if (below(3) > 0 || from + length > page.f.token_count)
				put_random(length, vocabulary);
			else
				put(page.tokens + from, length);
		}
		count = find(&runs);
		for (uint32_t i = 0; i < count; i++) {
			check_run(&runs[i], end);
			end = runs[i].at + runs[i].count;
			joined += runs[i].equal < runs[i].count;
		}
		runs_seen += count;
		arena_rewind(arena, mark);
	}
	assert_true(runs_seen > 1000);
	assert_true(joined > 100);
}

static void a_text_that_says_nothing_twice_has_none(void **state)
{
	const struct run *runs;
	uint32_t next = 0;

	(void)state;
	begin();
	for (unsigned p = 0; p < 40; p++)
		put_new(p + 1, &next);
	assert_int_equal(find(&runs), 0);
}

static void a_long_passage_is_found_whole_wherever_it_stands(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct arena_mark mark = arena_mark(arena);
		uint32_t next = 0, from, length = ALONE + below(100), before = below(60);
		uint16_t words[MOST];
		const struct run *runs;

		begin();
		put_new(length + below(60), &next);
		from = below(page.f.token_count - length + 1);
		put_new(1 + below(200), &next);
		for (uint32_t i = 0; i < before; i++)
			words[i] = word(next++);
		memcpy(words + before, page.tokens + from, length * sizeof *words);
		words[before + length] = word(next++);
		put(words, before + length + 1);
		assert_int_equal(find(&runs), 1);
		assert_int_equal(runs[0].source, from);
		assert_int_equal(runs[0].count, length);
		assert_int_equal(runs[0].at, page.f.token_count - 1 - length);
		assert_int_equal(runs[0].equal, length);
		arena_rewind(arena, mark);
	}
}

static void a_small_edit_joins_what_stands_around_it(void **state)
{
	const struct run *runs;
	uint16_t words[100];
	uint32_t next = 0;

	(void)state;
	begin();
	put_new(100, &next);
	memcpy(words, page.tokens, sizeof words);
	words[50] = word(next++);
	put(words, 100);
	assert_int_equal(find(&runs), 1);
	assert_int_equal(runs[0].count, 100);
	assert_int_equal(runs[0].equal, 99);
}

static void other_figures_make_another_row(void **state)
{
	const struct run *runs;
	uint16_t words[100];
	uint32_t next = 0;

	(void)state;
	begin();
	put_new(100, &next);
	page.tokens[50] = (uint16_t)(1 << 2 | TOKEN_NUMBER);
	memcpy(words, page.tokens, sizeof words);
	words[50] = (uint16_t)(2 << 2 | TOKEN_NUMBER);
	put(words, 100);
	assert_int_equal(find(&runs), 2);
	assert_int_equal(runs[0].count, 50);
	assert_int_equal(runs[1].count, 49);
}

static void a_third_copy_answers_the_first(void **state)
{
	const struct run *runs;
	uint32_t next = 0;

	(void)state;
	begin();
	put_new(40, &next);
	put(page.tokens, 40);
	put(page.tokens, 40);
	assert_int_equal(find(&runs), 2);
	assert_int_equal(runs[0].at, 40);
	assert_int_equal(runs[1].at, 80);
	assert_int_equal(runs[1].source, 0);
	assert_int_equal(runs[1].count, 40);
}

static void a_label_that_stands_again_is_one_and_a_few_words_within_a_sentence_are_not(void **state)
{
	const struct run *runs;
	uint32_t next = 10;
	uint16_t label[] = { word(1), word(2) }, sentence[30];

	(void)state;
	begin();
	put(label, 2);
	put_new(30, &next);
	memcpy(sentence, page.tokens + 2, sizeof sentence);
	put(label, 2);
	for (unsigned i = 8; i < 30; i++)
		sentence[i] = word(next++);
	put(sentence, 30);
	assert_int_equal(find(&runs), 1);
	assert_int_equal(runs[0].at, 32);
	assert_int_equal(runs[0].count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_run_stands_already_where_it_says),
		cmocka_unit_test(a_text_that_says_nothing_twice_has_none),
		cmocka_unit_test(a_long_passage_is_found_whole_wherever_it_stands),
		cmocka_unit_test(a_small_edit_joins_what_stands_around_it),
		cmocka_unit_test(other_figures_make_another_row),
		cmocka_unit_test(a_third_copy_answers_the_first),
		cmocka_unit_test(
			a_label_that_stands_again_is_one_and_a_few_words_within_a_sentence_are_not),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
