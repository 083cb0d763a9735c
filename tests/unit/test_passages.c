/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <reprint/fingerprint.h>
#include <reprint/verdict.h>

#include "detect/compare.h"
#include "detect/passages.h"

#define TOKENS 200u

/* Two articles of 200 words in four paragraphs of 50. */
struct pair {
	uint16_t here[TOKENS], there[TOKENS];
	uint8_t quoted[4];
	struct kept a, b;
	struct passage all[COMPARE_PASSAGES];
	struct comparison c;
	struct passages ps;
};

static const uint32_t paragraphs[] = { 0, 50, 100, 150, 200 };

static void begin(struct pair *p)
{
	*p = (struct pair){ 0 };
	for (unsigned i = 0; i < TOKENS; i++)
		p->here[i] = p->there[i] = (uint16_t)(i << 2 | TOKEN_WORD);
	p->a = (struct kept){ .tokens = p->here,
			      .count = TOKENS,
			      .paragraphs = paragraphs,
			      .paragraph_count = 4,
			      .quoted = p->quoted };
	p->b = p->a;
	p->b.tokens = p->there;
	p->ps = (struct passages){ .all = p->all, .c = &p->c, .here = &p->a, .there = &p->b };
}

static void expect_passage(const struct pair *p, uint32_t i, uint32_t from, uint32_t to,
			   uint32_t there_from, uint32_t there_to)
{
	assert_true(i < p->c.passage_count);
	assert_int_equal(p->all[i].here.from, from);
	assert_int_equal(p->all[i].here.to, to);
	assert_int_equal(p->all[i].there.from, there_from);
	assert_int_equal(p->all[i].there.to, there_to);
}

static void a_small_edit_does_not_end_a_passage(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	passages_take(&p.ps, 0, 50, 30);
	assert_true(passages_go_on(&p.ps, 40, 90));
	passages_take(&p.ps, 40, 90, 30);
	passages_end(&p.ps);
	assert_int_equal(p.c.passage_count, 1);
	expect_passage(&p, 0, 1, 2, 2, 3);
	assert_int_equal(p.c.shared_units, 120);
	assert_int_equal(p.c.longest_units, 60);
}

static void a_large_one_does(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	passages_take(&p.ps, 100, 0, 30);
	assert_false(passages_go_on(&p.ps, 141, 41));
	passages_take(&p.ps, 0, 60, 40);
	passages_end(&p.ps);
	assert_int_equal(p.c.passage_count, 2);
	expect_passage(&p, 0, 1, 1, 2, 2);
	expect_passage(&p, 1, 3, 3, 1, 1);
	assert_int_equal(p.ps.all_over.here, 0);
	assert_int_equal(p.ps.all_over.here_end, 130);
	assert_int_equal(p.ps.all_over.there_end, 100);
}

static void a_few_words_are_no_passage(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	passages_take(&p.ps, 0, 0, 7);
	passages_end(&p.ps);
	assert_int_equal(p.c.passage_count, 0);
	assert_int_equal(p.c.shared_units, 0);
	assert_int_equal(p.c.longest_units, 14);
}

static void a_quotation_on_either_side_is_counted_apart(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	p.quoted[1] = 1;
	passages_take(&p.ps, 0, 50, 50);
	passages_end(&p.ps);
	assert_int_equal(p.c.passage_count, 1);
	assert_int_equal(p.c.shared_units, 0);
	assert_int_equal(p.c.quoted_units, 100);
	assert_int_equal(p.c.whole_units, 0);
}

static void whole_paragraphs_on_both_sides_are_told_from_parts(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	passages_take(&p.ps, 0, 25, 50);
	passages_end(&p.ps);
	assert_int_equal(p.c.whole_units, 0);
	begin(&p);
	passages_take(&p.ps, 0, 50, 45);
	passages_end(&p.ps);
	assert_int_equal(p.c.whole_units, 90);
}

static void figures_that_were_replaced_are_counted(void **state)
{
	struct pair p;

	(void)state;
	begin(&p);
	p.here[20] = 1 << 2 | TOKEN_NUMBER;
	p.there[20] = 2 << 2 | TOKEN_NUMBER;
	p.here[30] = p.there[30] = 3 << 2 | TOKEN_NUMBER;
	passages_take(&p.ps, 0, 0, 20);
	passages_take(&p.ps, 21, 21, 29);
	passages_end(&p.ps);
	assert_int_equal(p.c.figures_kept, 1);
	assert_int_equal(p.c.figures_replaced, 1);
}

static void what_was_left_out_moves_the_paragraphs(void **state)
{
	const struct masked masked = { .from = 0, .count = 50 };
	const uint32_t cut = 0;
	struct pair p;

	(void)state;
	begin(&p);
	p.a.masked = &masked;
	p.a.cuts = &cut;
	p.a.masked_count = 1;
	passages_take(&p.ps, 0, 0, 40);
	passages_end(&p.ps);
	expect_passage(&p, 0, 2, 2, 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_edit_does_not_end_a_passage),
		cmocka_unit_test(a_large_one_does),
		cmocka_unit_test(a_few_words_are_no_passage),
		cmocka_unit_test(a_quotation_on_either_side_is_counted_apart),
		cmocka_unit_test(whole_paragraphs_on_both_sides_are_told_from_parts),
		cmocka_unit_test(figures_that_were_replaced_are_counted),
		cmocka_unit_test(what_was_left_out_moves_the_paragraphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
