/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/bytes.h"
#include "detect/sites.h"

static uint64_t nth(uint64_t n)
{
	return (n + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* An article of a site with these lines, each weighing one sighting. */
static void feed(struct sites *all, uint64_t name, uint64_t from, uint64_t to)
{
	struct site *s = sites_take(all, name);
	uint32_t weight;

	assert_non_null(s);
	s->articles++;
	for (uint64_t n = from; n < to; n++) {
		struct seen_line *l = site_line(s, nth(n));

		if (l == NULL)
			l = site_add_line(all, s, nth(n));
		assert_non_null(l);
		weight = site_weight(s, l) + SITES_ONE;
		l->weight = (uint16_t)(weight < SITES_WEIGHT_MAX ? weight : SITES_WEIGHT_MAX);
		l->last = s->articles;
		l->articles++;
	}
}

static uint32_t room_of(const struct sites *all)
{
	uint32_t room = 0;

	for (uint32_t i = 0; i <= all->mask; i++)
		room += all->slots[i].cap;
	return room;
}

static void a_weight_halves_with_the_articles_of_its_site(void **state)
{
	struct site s = { 0 };
	struct seen_line l = { .weight = 10 * SITES_ONE };

	(void)state;
	for (; s.articles < 40 * SITES_HALF; s.articles += 7) {
		double law = 10.0 * SITES_ONE * exp2(-(double)s.articles / SITES_HALF);

		/* The chord lies at most 6.2 % above the curve. */
		assert_true(site_weight(&s, &l) <= law * 1.062 + 1);
		assert_true(site_weight(&s, &l) + 2 >= law);
	}
	assert_int_equal(site_weight(&s, &l), 0);
}

static void one_site_keeps_what_is_seen_again_within_its_bound(void **state)
{
	struct sites all;
	const struct site *s;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	for (uint64_t n = 0; n < 3000; n++) {
		feed(&all, 7, 0, 10);
		feed(&all, 7, 1000 + 30 * n, 1030 + 30 * n);
	}
	s = sites_find(&all, 7);
	assert_true(s->cap <= SITES_LINES);
	assert_int_equal(all.room, room_of(&all));
	for (uint64_t n = 0; n < 10; n++) {
		assert_non_null(site_line(s, nth(n)));
		assert_int_equal(site_line(s, nth(n))->articles, 3000);
	}
	sites_free(&all);
}

static void every_site_remembers_its_own_lines(void **state)
{
	enum { SITES = 20, LINES = 300 };
	static uint32_t articles[SITES], seen[SITES][LINES], last[SITES][LINES];
	struct sites all;
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	for (unsigned step = 0; step < 10000; step++) {
		uint32_t name, from;

		seed = seed * 1664525 + 1013904223;
		name = (seed >> 8) % SITES;
		from = (seed >> 16) % (LINES - 9);
		feed(&all, nth(name), from, from + 9);
		articles[name]++;
		for (uint32_t n = from; n < from + 9; n++) {
			seen[name][n]++;
			last[name][n] = articles[name];
		}
	}
	assert_int_equal(all.count, SITES);
	for (uint32_t name = 0; name < SITES; name++) {
		const struct site *s = sites_find(&all, nth(name));

		assert_int_equal(s->articles, articles[name]);
		for (uint32_t n = 0; n < LINES; n++) {
			const struct seen_line *l = site_line(s, nth(n));

			assert_int_equal(l == NULL ? 0 : l->articles, seen[name][n]);
			assert_int_equal(l == NULL ? 0 : l->last, last[name][n]);
		}
	}
	sites_free(&all);
}

static void what_has_faded_makes_room(void **state)
{
	struct sites all;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	feed(&all, 7, 0, 600);
	for (unsigned n = 0; n < 4 * SITES_HALF; n++)
		feed(&all, 7, 0, 0);
	for (uint64_t n = 0; n < 20; n++)
		feed(&all, 7, 10000 + 100 * n, 10100 + 100 * n);
	assert_null(site_line(sites_find(&all, 7), nth(3)));
	sites_free(&all);
}

static void all_sites_together_are_bounded_and_the_silent_go_first(void **state)
{
	struct sites all;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	for (uint64_t site = 0; site < 3000; site++) {
		feed(&all, nth(site), 0, 2000);
		feed(&all, 5, 0, 10);
		assert_true(all.room <= SITES_ROOM);
	}
	assert_int_equal(all.room, room_of(&all));
	assert_non_null(sites_find(&all, 5));
	assert_int_equal(sites_find(&all, 5)->articles, 3000);
	assert_non_null(sites_find(&all, nth(2999)));
	assert_null(sites_find(&all, nth(0)));
	sites_free(&all);
}

static void more_sites_than_there_is_room_for_push_out_the_silent(void **state)
{
	struct sites all;
	uint32_t kept = 0;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	for (uint64_t site = 0; site < 3 * SITES_MAX; site++) {
		feed(&all, nth(site), 0, 2);
		if (site % 1000 == 0)
			feed(&all, 5, 0, 2);
	}
	assert_true(all.count <= SITES_MAX);
	assert_int_equal(sites_find(&all, 5)->articles, 3 * SITES_MAX / 1000 + 1);
	/* Every site that is counted is found where it is looked for. */
	for (uint64_t site = 0; site < 3 * SITES_MAX; site++)
		kept += sites_find(&all, nth(site)) != NULL;
	assert_int_equal(kept + 1, all.count);
	sites_free(&all);
}

static void a_forgotten_line_is_told_elsewhere(void **state)
{
	struct sites all;
	struct site *s;

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	feed(&all, 7, 0, 1);
	s = sites_take(&all, 7);
	site_line(s, nth(0))->flags |= SEEN_TOLD;
	elsewhere_add(&all.elsewhere, nth(0));
	for (unsigned n = 0; n < 4 * SITES_HALF; n++)
		feed(&all, 7, 0, 0);
	for (uint64_t n = 0; n < 20; n++)
		feed(&all, 7, 10000 + 100 * n, 10100 + 100 * n);
	assert_null(site_line(sites_find(&all, 7), nth(0)));
	assert_int_equal(elsewhere_sites(&all.elsewhere, nth(0)), 0);
	sites_free(&all);
}

static void what_was_saved_comes_back(void **state)
{
	struct sites all, again;
	struct bytes saved = { 0 };

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	assert_int_equal(sites_init(&again), STATUS_OK);
	for (uint64_t site = 1; site < 200; site++)
		for (uint64_t n = 0; n < 5; n++)
			feed(&all, nth(site), n, n + site % 7);
	sites_save(&all, &saved);
	assert_int_equal(sites_load(&again, bytes_span(&saved)), STATUS_OK);
	assert_int_equal(again.count, all.count);
	for (uint64_t site = 1; site < 200; site++) {
		const struct site *a = sites_find(&all, nth(site)),
				  *b = sites_find(&again, nth(site));

		assert_int_equal(a->articles, b->articles);
		assert_int_equal(a->used, b->used);
		for (uint32_t i = 0; i < a->cap; i++)
			if (a->lines[i].hash != 0)
				assert_memory_equal(&a->lines[i], site_line(b, a->lines[i].hash),
						    sizeof a->lines[i]);
	}
	bytes_free(&saved);
	sites_free(&all);
	sites_free(&again);
}

static void broken_snapshots_are_refused(void **state)
{
	struct sites all;
	struct bytes saved = { 0 };

	(void)state;
	assert_int_equal(sites_init(&all), STATUS_OK);
	feed(&all, 7, 0, 3);
	feed(&all, 9, 0, 3);
	sites_save(&all, &saved);
	for (size_t at = 0; at < saved.len; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct sites hurt;
			enum status st;

			saved.p[at] = (char)(saved.p[at] ^ (1 << bit));
			assert_int_equal(sites_init(&hurt), STATUS_OK);
			st = sites_load(&hurt, bytes_span(&saved));
			assert_true(st == STATUS_OK || st == STATUS_MALFORMED ||
				    st == STATUS_VERSION);
			assert_int_equal(hurt.room, room_of(&hurt));
			sites_free(&hurt);
			saved.p[at] = (char)(saved.p[at] ^ (1 << bit));
		}
	}
	bytes_free(&saved);
	sites_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weight_halves_with_the_articles_of_its_site),
		cmocka_unit_test(one_site_keeps_what_is_seen_again_within_its_bound),
		cmocka_unit_test(every_site_remembers_its_own_lines),
		cmocka_unit_test(what_has_faded_makes_room),
		cmocka_unit_test(all_sites_together_are_bounded_and_the_silent_go_first),
		cmocka_unit_test(more_sites_than_there_is_room_for_push_out_the_silent),
		cmocka_unit_test(a_forgotten_line_is_told_elsewhere),
		cmocka_unit_test(what_was_saved_comes_back),
		cmocka_unit_test(broken_snapshots_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
