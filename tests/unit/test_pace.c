/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/pace.h"

static bool articles_wait(void *ctx)
{
	return *(bool *)ctx;
}

static void nobody_rests_while_no_article_waits(void **state)
{
	bool wait = false;
	struct pace p = { .busy = articles_wait, .ctx = &wait };

	(void)state;
	pace_spend(&p, 1000, 900000);
	assert_false(pace_over(&p, 900000));
	wait = true;
	assert_true(pace_over(&p, 900000));
}

static void peers_have_a_tenth_of_the_time(void **state)
{
	bool wait = true;
	struct pace p = { .busy = articles_wait, .ctx = &wait };
	int64_t now_us = 1000000, spent_us = 0;

	(void)state;
	while (now_us < 11000000) {
		if (pace_over(&p, now_us)) {
			now_us += 7;
			continue;
		}
		pace_spend(&p, now_us, now_us + 37);
		now_us += 37;
		spent_us += 37;
	}
	assert_in_range(spent_us, 990000, 1010000);
}

static void neither_credit_nor_debt_is_kept_for_long(void **state)
{
	const int64_t day_us = INT64_C(86400000000);
	bool wait = true;
	struct pace p = { .busy = articles_wait, .ctx = &wait };

	(void)state;
	/* A day without a peer, then 3 ms for one. */
	assert_false(pace_over(&p, day_us));
	pace_spend(&p, day_us, day_us + 3000);
	assert_true(pace_over(&p, day_us + 3000));
	/* Ten seconds for one: then no more than 0.2 s of rest. */
	pace_spend(&p, day_us + 3000, day_us + 10003000);
	assert_true(pace_over(&p, day_us + 10003000));
	assert_false(pace_over(&p, day_us + 10204000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_rests_while_no_article_waits),
		cmocka_unit_test(peers_have_a_tenth_of_the_time),
		cmocka_unit_test(neither_credit_nor_debt_is_kept_for_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
