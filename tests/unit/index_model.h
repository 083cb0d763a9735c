/* SPDX-License-Identifier: BSD-2-Clause */
/* index_model.h - a random history told to the index and to the dumbest correct version of it: an
 * array of postings that every question walks from end to end. */
#ifndef TESTS_INDEX_MODEL_H
#define TESTS_INDEX_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index/index.h"
#include "xorshift.h"

#define MODEL_MAX 200000u
#define MODEL_KEYS 400u /* different keys: small enough that articles share them */

struct model_posting {
	uint64_t key, number;
	bool posted;
};

struct trial {
	struct index *x;
	struct index_options options;
	uint64_t cap;
	uint64_t random, seq, delivery, expired;
	struct model_posting *postings;
	size_t count;
	uint64_t *simhashes; /* by seq */
	size_t simhashes_cap;
};

static inline uint64_t trial_random(struct trial *t)
{
	return xorshift(&t->random);
}

/* Every tenth key is one of five that everybody has; the top ones are near each other. */
static inline uint64_t trial_key(struct trial *t)
{
	uint64_t n =
		trial_random(t) % 10 == 0 ? trial_random(t) % 5 : 5 + trial_random(t) % MODEL_KEYS;

	return n % 3 == 0 ? n : n * UINT64_C(0x9e3779b97f4a7c15);
}

static inline void model_put(struct trial *t, uint64_t key, uint64_t number, bool posted)
{
	for (size_t i = t->count; i-- > 0;)
		if (t->postings[i].key == key && t->postings[i].number == number)
			return;
	assert_true(t->count < MODEL_MAX);
	t->postings[t->count++] = (struct model_posting){ key, number, posted };
}

static inline void trial_open(struct trial *t)
{
	assert_int_equal(index_open(&t->x, &t->options), STATUS_OK);
}

static inline void trial_begin(struct trial *t, uint64_t seed, const struct index_options *o)
{
	*t = (struct trial){ .options = *o, .random = seed * UINT64_C(0x2545f4914f6cdd1d) };
	t->cap = o->postings_cap == 0 ? 64 : o->postings_cap;
	t->postings = malloc(MODEL_MAX * sizeof *t->postings);
	t->simhashes_cap = 100000;
	t->simhashes = malloc(t->simhashes_cap * sizeof *t->simhashes);
	assert_non_null(t->postings);
	assert_non_null(t->simhashes);
	trial_open(t);
}

static inline void trial_end(struct trial *t)
{
	index_close(t->x);
	free(t->postings);
	free(t->simhashes);
}

/* Articles of 1..30 keys, now and then with a delivery under a tagged key (odd, far away). */
static inline void trial_add(struct trial *t, size_t articles)
{
	for (size_t a = 0; a < articles; a++) {
		uint64_t keys[30];
		size_t count = 1 + trial_random(t) % 30;
		uint64_t seq = ++t->seq;

		assert_true(seq < t->simhashes_cap);
		t->simhashes[seq] = trial_random(t) & trial_random(t) & trial_random(t);
		for (size_t i = 0; i < count; i++) {
			keys[i] = trial_key(t);
			model_put(t, keys[i], seq, false);
		}
		assert_int_equal(index_add(t->x, seq, t->simhashes[seq], keys, NULL, count),
				 STATUS_OK);
		if (trial_random(t) % 3 == 0) {
			uint64_t key = UINT64_C(0xdead000000000000) + trial_random(t) % 40;

			t->delivery++;
			model_put(t, key, t->delivery, true);
			assert_int_equal(index_post(t->x, key, t->delivery), STATUS_OK);
		}
	}
}

static inline bool model_live(const struct trial *t, const struct model_posting *p)
{
	return p->posted || p->number > t->expired;
}

static inline int model_newest_first(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a > b ? -1 : a < b;
}

/* The list of a key, newest first, cut as promised; *cut tells whether it was. */
static inline size_t model_find(const struct trial *t, uint64_t key, uint64_t *out, bool *cut)
{
	size_t count = 0, old = t->cap / 2;

	for (size_t i = 0; i < t->count; i++)
		if (t->postings[i].key == key && model_live(t, &t->postings[i]))
			out[count++] = t->postings[i].number;
	qsort(out, count, sizeof *out, model_newest_first);
	*cut = count > t->cap;
	if (!*cut)
		return count;
	memmove(out + (t->cap - old), out + count - old, old * sizeof *out);
	return t->cap;
}

static inline void compare_find(struct trial *t, uint64_t key, uint64_t *want, uint64_t *got)
{
	bool cut;
	size_t wanted = model_find(t, key, want, &cut);
	size_t found = index_find(t->x, key, got, MODEL_MAX);

	assert_int_equal(found, wanted);
	assert_memory_equal(got, want, wanted * sizeof *want);
}

static inline void compare_candidates(struct trial *t, uint64_t *list)
{
	uint32_t *hits = calloc(t->simhashes_cap, sizeof *hits);
	struct candidate found[64];
	uint64_t keys[12];
	size_t capped = 0, got_capped, count, rank = 0;
	bool cut;

	assert_non_null(hits);
	for (size_t i = 0; i < 12; i++) {
		bool before = false;
		size_t length;

		keys[i] = trial_key(t);
		for (size_t j = 0; j < i; j++)
			before = before || keys[j] == keys[i];
		if (before)
			continue;
		length = model_find(t, keys[i], list, &cut);
		capped += cut;
		for (size_t j = 0; j < length; j++)
			hits[list[j]]++;
	}
	count = index_candidates(t->x, keys, NULL, 12, found, 64, &got_capped);
	assert_int_equal(got_capped, capped);
	for (uint32_t n = 12; n > 0; n--)
		for (uint64_t seq = 1; seq <= t->seq && rank < 64; seq++)
			if (hits[seq] == n) {
				assert_true(rank < count);
				assert_int_equal(found[rank].hits, n);
				assert_int_equal(found[rank++].seq, seq);
			}
	assert_int_equal(count, rank);
	free(hits);
}

struct near_walk {
	const struct trial *t;
	uint64_t simhash, next;
	unsigned max_bits;
};

static inline bool model_near(const struct near_walk *w)
{
	return w->next > w->t->expired &&
	       (unsigned)__builtin_popcountll(w->t->simhashes[w->next] ^ w->simhash) <= w->max_bits;
}

static inline bool compare_near_one(void *ctx, uint64_t seq, unsigned bits)
{
	struct near_walk *w = ctx;

	while (w->next <= w->t->seq && !model_near(w))
		w->next++;
	assert_int_equal(seq, w->next);
	assert_int_equal(bits, __builtin_popcountll(w->t->simhashes[seq] ^ w->simhash));
	w->next++;
	return true;
}

static inline void compare_near(struct trial *t, unsigned max_bits)
{
	struct near_walk w = { t, trial_random(t) & trial_random(t), 1, max_bits };

	index_near(t->x, w.simhash, max_bits, compare_near_one, &w);
	while (w.next <= t->seq && !model_near(&w))
		w.next++;
	assert_int_equal(w.next, t->seq + 1);
}

/* All questions, for some keys that exist and some that do not. */
static inline void trial_compare(struct trial *t)
{
	uint64_t *want = malloc(MODEL_MAX * sizeof *want), *got = malloc(MODEL_MAX * sizeof *got);

	assert_non_null(want);
	assert_non_null(got);
	for (unsigned i = 0; i < 60; i++)
		compare_find(t, trial_key(t), want, got);
	for (uint64_t i = 0; i < 45; i++)
		compare_find(t, UINT64_C(0xdead000000000000) + i, want, got);
	for (unsigned i = 0; i < 5; i++)
		compare_candidates(t, want);
	compare_near(t, 3);
	compare_near(t, 14);
	compare_near(t, 64);
	free(want);
	free(got);
}

#endif
