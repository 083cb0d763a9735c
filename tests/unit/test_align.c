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
#include "detect/align.h"
#include "detect/compare.h"

#define MOST 400u

static uint16_t word(unsigned n)
{
	return (uint16_t)(n % 16384 << 2 | TOKEN_WORD);
}

static uint16_t number(unsigned n)
{
	return (uint16_t)(n % 16384 << 2 | TOKEN_NUMBER);
}

/* Every three tokens of `there` that stand in `here`, at their first place. */
static uint32_t anchors_of(struct anchor *out, const uint16_t *here, uint32_t here_count,
			   const uint16_t *there, uint32_t there_count)
{
	uint32_t count = 0;

	for (uint32_t j = 0; j + 3 <= there_count; j++) {
		for (uint32_t i = 0; i + 3 <= here_count; i++) {
			if (memcmp(here + i, there + j, 3 * sizeof *here) != 0)
				continue;
			out[count++] = (struct anchor){ i, j };
			break;
		}
	}
	return count;
}

static struct alignment aligned(const uint16_t *here, uint32_t here_count, const uint16_t *there,
				uint32_t there_count)
{
	static struct anchor anchors[MOST];
	struct arena *arena = arena_open(1 << 16);
	struct kept a = { .tokens = here, .count = here_count };
	struct kept b = { .tokens = there, .count = there_count };
	uint32_t count = anchors_of(anchors, here, here_count, there, there_count);
	struct alignment out;

	assert_int_equal(align(&out, &a, &b, anchors, count, arena), STATUS_OK);
	arena_close(arena);
	return out;
}

static uint32_t equal(const struct alignment *a)
{
	return a->words.kept + a->numbers.kept;
}

static void equal_texts_agree_everywhere(void **state)
{
	uint16_t t[100];
	struct alignment a;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		t[i] = i % 10 == 9 ? number(i) : word(i);
	a = aligned(t, 100, t, 100);
	assert_int_equal(a.here, 100);
	assert_int_equal(a.there, 100);
	assert_int_equal(a.words.kept, 90);
	assert_int_equal(a.words.changed, 0);
	assert_int_equal(a.numbers.kept, 10);
	assert_int_equal(a.numbers.changed, 0);
}

static void without_an_anchor_nothing_agrees(void **state)
{
	uint16_t a[50], b[50];
	struct alignment got;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		a[i] = word(i);
		b[i] = i % 2 == 0 ? word(i) : word(1000 + i); /* never three in a row */
	}
	got = aligned(a, 50, b, 50);
	assert_int_equal(equal(&got), 0);
	assert_int_equal(got.here, 0);
	got = aligned(a, 0, b, 50);
	assert_int_equal(equal(&got), 0);
}

/* A frame keeps its words and changes its figures. */
static void figures_and_words_are_counted_apart(void **state)
{
	uint16_t a[80], b[80];
	struct alignment got;

	(void)state;
	for (unsigned i = 0; i < 80; i++) {
		bool figure = i % 8 == 4;

		a[i] = figure ? number(i) : word(i);
		b[i] = figure ? number(1000 + i) : word(i);
	}
	got = aligned(a, 80, b, 80);
	assert_int_equal(got.words.kept, 70);
	assert_int_equal(got.words.changed, 0);
	assert_int_equal(got.numbers.kept, 0);
	assert_int_equal(got.numbers.changed, 10);
}

static void words_put_in_and_left_out_are_passed_over(void **state)
{
	uint16_t a[120], b[MOST];
	uint32_t n = 0;
	struct alignment got;

	(void)state;
	for (unsigned i = 0; i < 120; i++) {
		a[i] = word(i);
		if (i % 17 != 5)
			b[n++] = word(i);
		if (i % 13 == 6)
			b[n++] = word(2000 + i);
	}
	got = aligned(a, 120, b, n);
	assert_int_equal(equal(&got), 120 - 7);
	assert_int_equal(got.there, n);
	assert_true(got.words.changed < 7); /* where one was put in beside one left out */
}

/* The common subsequence of whole texts, by the book. */
static uint32_t law(const uint16_t *a, uint32_t n, const uint16_t *b, uint32_t m)
{
	static uint32_t length[MOST + 1][MOST + 1];

	memset(length, 0, sizeof length);
	for (uint32_t i = n; i-- > 0;)
		for (uint32_t j = m; j-- > 0;)
			length[i][j] = a[i] == b[j] ? length[i + 1][j + 1] + 1
				       : length[i + 1][j] > length[i][j + 1] ? length[i + 1][j]
									     : length[i][j + 1];
	return length[0][0];
}

/* Never more than the law, and nearly as much where texts are one another's damaged copies: only
 * what lies before the first anchor, behind the last and in long gaps is not looked at. */
static void damaged_copies_agree_nearly_as_much_as_they_can(void **state)
{
	(void)state;
	srand(9);
	for (unsigned round = 0; round < 200; round++) {
		unsigned percent = (unsigned)rand() % 45;
		uint16_t a[300], b[300];
		uint32_t best;
		struct alignment got;

		for (unsigned i = 0; i < 300; i++) {
			a[i] = word((unsigned)rand() % 3000);
			b[i] = (unsigned)rand() % 100 < percent
				       ? word(4000 + (unsigned)rand() % 9000)
				       : a[i];
		}
		got = aligned(a, 300, b, 300);
		best = law(a, 300, b, 300);
		assert_true(equal(&got) <= best);
		assert_true(equal(&got) + 60 >= best);
		assert_true(equal(&got) + got.words.changed <= got.here);
	}
}

static uint32_t fill_gap(uint16_t *out, uint16_t first)
{
	uint32_t count = 1 + (uint32_t)rand() % ALIGN_GAP;

	for (uint32_t i = 0; i < count; i++)
		out[i] = (unsigned)rand() % 4 == 0 ? number((unsigned)rand() % 2)
						   : word((unsigned)rand() % 6);
	out[0] = first; /* so that no run goes on into the gap */
	return count;
}

static void a_gap_agrees_as_much_as_it_can(void **state)
{
	(void)state;
	srand(10);
	for (unsigned round = 0; round < 2000; round++) {
		struct arena *arena = arena_open(1 << 16);
		uint16_t a[6 + ALIGN_GAP], b[6 + ALIGN_GAP];
		struct kept here = { .tokens = a }, there = { .tokens = b };
		uint32_t n = fill_gap(a + 3, word(100)), m = fill_gap(b + 3, word(101));
		struct anchor anchors[2] = { { 0, 0 }, { 3 + n, 3 + m } };
		struct alignment got;

		for (unsigned i = 0; i < 3; i++) {
			a[i] = b[i] = word(200 + i);
			a[3 + n + i] = b[3 + m + i] = word(300 + i);
		}
		here.count = 6 + n;
		there.count = 6 + m;
		assert_int_equal(align(&got, &here, &there, anchors, 2, arena), STATUS_OK);
		assert_int_equal(equal(&got), 6 + law(a + 3, n, b + 3, m));
		arena_close(arena);
	}
}

static void texts_of_one_word_end_soon(void **state)
{
	static uint16_t a[20000];
	struct anchor *anchors = calloc(20000, sizeof *anchors);
	struct arena *arena = arena_open(1 << 16);
	struct kept k = { .tokens = a, .count = 20000 };
	struct alignment got;

	(void)state;
	assert_non_null(anchors);
	for (unsigned i = 0; i < 20000; i++)
		a[i] = word(1);
	for (uint32_t j = 0; j + 3 <= 20000; j++)
		anchors[j] = (struct anchor){ 0, j };
	assert_int_equal(align(&got, &k, &k, anchors, 19998, arena), STATUS_OK);
	assert_true(equal(&got) <= 20000);
	arena_close(arena);
	free(anchors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_agree_everywhere),
		cmocka_unit_test(without_an_anchor_nothing_agrees),
		cmocka_unit_test(figures_and_words_are_counted_apart),
		cmocka_unit_test(words_put_in_and_left_out_are_passed_over),
		cmocka_unit_test(damaged_copies_agree_nearly_as_much_as_they_can),
		cmocka_unit_test(a_gap_agrees_as_much_as_it_can),
		cmocka_unit_test(texts_of_one_word_end_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
