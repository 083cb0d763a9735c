/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "ingest/clustering.h"

#include <reprint/verdict.h>
#include <string.h>

#define MOST 8u

static struct arena *arena;
static double nearness;  /* of every centre that is not among the matches */
static unsigned askings; /* how often that was asked */

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open(4096);
	return arena == NULL;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(arena);
	return 0;
}

static double near_centre(void *ctx, uint64_t cluster)
{
	(void)ctx;
	(void)cluster;
	askings++;
	return nearness;
}

static uint64_t cluster_of(const struct match *matches, const uint64_t *clusters, size_t count)
{
	const struct ties t = { matches, clusters, count, 400, 20 };

	askings = 0;
	return clustering_of(&t, near_centre, NULL, arena);
}

static void without_a_match_an_article_is_alone(void **state)
{
	(void)state;
	assert_int_equal(cluster_of(NULL, NULL, 0), 0);
}

static void a_copy_joins_the_cluster_of_its_strongest_copy(void **state)
{
	const struct match matches[] = { { .seq = 9, .kind = KIND_EXACT },
					 { .seq = 5, .kind = KIND_NEAR, .containment = 1 },
					 { .seq = 4, .kind = KIND_EXCERPT } };
	const uint64_t clusters[] = { 4, 5, 4 };

	(void)state;
	nearness = 0;
	assert_int_equal(cluster_of(matches, clusters, 3), 4);
	assert_int_equal(askings, 0); /* the centre is among the matches */
}

static void a_copy_of_a_member_joins_only_what_resembles_the_centre(void **state)
{
	const struct match matches[] = { { .seq = 9, .kind = KIND_NEAR, .containment = 0.9 } };
	const uint64_t clusters[] = { 4 };

	(void)state;
	nearness = 0.3;
	assert_int_equal(cluster_of(matches, clusters, 1), 4);
	nearness = 0.2;
	assert_int_equal(cluster_of(matches, clusters, 1), 0);
	assert_int_equal(askings, 1);
}

static void a_copy_that_is_gone_counts_for_nothing(void **state)
{
	const struct match matches[] = { { .seq = 9, .kind = KIND_EXACT } };
	const uint64_t clusters[] = { 0 };

	(void)state;
	nearness = 1;
	assert_int_equal(cluster_of(matches, clusters, 1), 0);
}

static void a_round_up_joins_none_of_its_stories(void **state)
{
	const struct passage first = { .here = { 1, 4 }, .words = 180 };
	struct passage second = { .here = { 5, 6 }, .words = 60 };
	struct match matches[] = {
		{ .seq = 5, .kind = KIND_NEAR, .containment = 0.45, .passages = &first },
		{ .seq = 7, .kind = KIND_CONTAINS, .containment = 0.2, .passages = &second },
	};
	const uint64_t clusters[] = { 5, 7 };

	(void)state;
	matches[0].passage_count = matches[1].passage_count = 1;
	assert_int_equal(cluster_of(matches, clusters, 2), 0);
	second.words = 39; /* of 400 */
	assert_int_equal(cluster_of(matches, clusters, 2), 5);
	second.words = 60;
	second.here.from = 4; /* which the copy has too */
	assert_int_equal(cluster_of(matches, clusters, 2), 5);
	second.here.from = 5;
	matches[0].containment = 0.5;
	assert_int_equal(cluster_of(matches, clusters, 2), 5);
}

static void a_rewrite_joins_what_nearly_all_its_matches_tell_of(void **state)
{
	struct match matches[5];
	uint64_t clusters[] = { 3, 3, 3, 3, 8 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		matches[i] = (struct match){
			.seq = 3 + i, .kind = KIND_PARTIAL, .containment = 0.3, .contained_by = 0.3
		};
	assert_int_equal(cluster_of(matches, clusters, 5), 3);
	assert_int_equal(cluster_of(matches, clusters, 1), 0); /* seen in one article only */
	clusters[3] = 8;
	assert_int_equal(cluster_of(matches, clusters, 5), 0); /* a form many fill in */
	matches[0].contained_by = 0.2;
	assert_int_equal(cluster_of(matches, clusters, 3), 0); /* the centre is another text */
}

/* ---- the dumbest version --------------------------------------------------------------------- */

static uint64_t state_of_dice = 1;

static uint64_t draw(uint64_t below)
{
	state_of_dice = state_of_dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (state_of_dice >> 33) % below;
}

struct story {
	struct match matches[MOST];
	uint64_t clusters[MOST];
	struct passage passages[MOST][2];
	size_t count;
};

static void invent(struct story *s)
{
	s->count = draw(MOST + 1);
	for (size_t i = 0; i < s->count; i++) {
		enum kind last = i > 0 ? s->matches[i - 1].kind : KIND_EXACT;
		enum kind kind = draw(3) > 0 ? last : (enum kind)(KIND_PARTIAL + draw(6));

		s->clusters[i] = draw(4);
		s->matches[i] = (struct match){ .seq = draw(2) ? s->clusters[i] : 10 + i,
						.kind = kind < last ? kind : last,
						.relation = RELATION_CROSS_SITE,
						.containment = (double)draw(10) / 10,
						.contained_by = (double)draw(10) / 10,
						.passages = s->passages[i],
						.passage_count = (uint32_t)draw(3) };
		for (unsigned p = 0; p < 2; p++) {
			uint32_t from = 1 + (uint32_t)draw(19);

			s->passages[i][p].here =
				(struct paragraph_range){ from, from + (uint32_t)draw(2) };
			s->passages[i][p].words = 10 + (uint32_t)draw(30);
		}
	}
	nearness = draw(2) ? 0.3 : 0.2;
}

static bool shared(const struct passage *a, const struct passage *b)
{
	return a->here.from <= b->here.to && b->here.from <= a->here.to;
}

/* Whether an own passage or an earlier foreign one has paragraphs of passage p of match i. */
static bool has_been_taken(const struct story *s, uint64_t cluster, size_t i, uint32_t p)
{
	for (size_t k = 0; k < s->count; k++)
		for (uint32_t q = 0; q < s->matches[k].passage_count; q++)
			if ((s->clusters[k] == cluster || k < i || (k == i && q < p)) &&
			    shared(&s->passages[i][p], &s->passages[k][q]))
				return true;
	return false;
}

static bool is_round_up(const struct story *s, size_t copy)
{
	uint32_t words = 0;

	for (size_t i = 0; i < s->count; i++)
		for (uint32_t p = 0; p < s->matches[i].passage_count; p++)
			if (s->clusters[i] != s->clusters[copy] &&
			    !has_been_taken(s, s->clusters[copy], i, p))
				words += s->passages[i][p].words;
	return s->matches[copy].kind == KIND_NEAR && s->matches[copy].containment < 0.5 &&
	       words >= 40;
}

static bool names_centre(const struct story *s, uint64_t cluster, bool as_rewrite)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->matches[i].seq == cluster &&
		    (!as_rewrite ||
		     (s->matches[i].kind == KIND_PARTIAL && s->matches[i].containment >= 0.25 &&
		      s->matches[i].contained_by >= 0.25)))
			return true;
	return false;
}

static uint64_t model(const struct story *s)
{
	bool refused[4] = { true };

	for (size_t i = 0; i < s->count && s->matches[i].kind >= KIND_NEAR; i++) {
		uint64_t c = s->clusters[i];

		if (!refused[c] && !is_round_up(s, i) &&
		    (names_centre(s, c, false) || nearness >= 0.25))
			return c;
		refused[c] = true;
	}
	for (uint64_t c = 1; c < 4; c++) {
		size_t inside = 0, alike = 0;

		for (size_t i = 0; i < s->count; i++) {
			inside += s->clusters[i] == c;
			alike += s->clusters[i] == c && s->matches[i].kind == KIND_PARTIAL &&
				 s->matches[i].containment >= 0.25 &&
				 s->matches[i].contained_by >= 0.25;
		}
		if (s->matches[0].kind < KIND_NEAR && names_centre(s, c, true) && alike >= 2 &&
		    inside * 5 >= s->count * 4)
			return c;
	}
	return 0;
}

static void the_rule_is_its_plainest_version(void **state)
{
	unsigned joined = 0, alone = 0;
	struct story s;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		uint64_t want, got;

		invent(&s);
		want = model(&s);
		got = cluster_of(s.matches, s.clusters, s.count);
		assert_int_equal(got, want);
		assert_true(askings <= 4);
		joined += got != 0;
		alone += got == 0 && s.count > 0;
	}
	assert_true(joined > 1000 && alone > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_match_an_article_is_alone),
		cmocka_unit_test(a_copy_joins_the_cluster_of_its_strongest_copy),
		cmocka_unit_test(a_copy_of_a_member_joins_only_what_resembles_the_centre),
		cmocka_unit_test(a_copy_that_is_gone_counts_for_nothing),
		cmocka_unit_test(a_round_up_joins_none_of_its_stories),
		cmocka_unit_test(a_rewrite_joins_what_nearly_all_its_matches_tell_of),
		cmocka_unit_test(the_rule_is_its_plainest_version),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
