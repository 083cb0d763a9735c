/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/calibration.h"

#include <math.h>
#include <stddef.h>

enum place { TWO_SITES, ONE_SITE, NO_SITE, ALL_PLACES };

static const struct {
	struct calibration_key key;
	enum place place;
	size_t field;   /* of struct thresholds */
	size_t partner; /* the key that decides with it; itself: none */
} keys[CALIBRATION_KEYS] = {
	{ { "near_resemblance", "of two sites", 1, 0.1, 0.95, 0.05, false },
	  TWO_SITES,
	  offsetof(struct thresholds, near_resemblance),
	  1 },
	{ { "near_containment", "of two sites", 1, 0.1, 0.95, 0.05, false },
	  TWO_SITES,
	  offsetof(struct thresholds, near_containment),
	  0 },
	{ { "same_site_resemblance", "of one site", 1, 0.1, 0.95, 0.05, false },
	  ONE_SITE,
	  offsetof(struct thresholds, same_site_resemblance),
	  3 },
	{ { "same_site_containment", "of one site", 1, 0.1, 0.95, 0.05, false },
	  ONE_SITE,
	  offsetof(struct thresholds, same_site_containment),
	  2 },
	{ { "unknown_site_resemblance", "where a site is not known", 1, 0.1, 0.95, 0.05, false },
	  NO_SITE,
	  offsetof(struct thresholds, unknown_site_resemblance),
	  5 },
	{ { "unknown_site_containment", "where a site is not known", 1, 0.1, 0.95, 0.05, false },
	  NO_SITE,
	  offsetof(struct thresholds, unknown_site_containment),
	  4 },
	{ { "passage_words", "of all", 2, 15, 105, 5, true },
	  ALL_PLACES,
	  offsetof(struct thresholds, passage_shared),
	  6 },
};

const struct calibration_key *calibration_key(size_t i)
{
	return &keys[i].key;
}

double calibration_get(const struct thresholds *t, size_t key)
{
	return *(const double *)(const void *)((const char *)t + keys[key].field) /
	       keys[key].key.scale;
}

void calibration_set(struct thresholds *t, size_t key, double value)
{
	*(double *)(void *)((char *)t + keys[key].field) = value * keys[key].key.scale;
}

/* ---- counting --------------------------------------------------------------------------------
 */

static bool decides(size_t key, const struct labelled *p)
{
	enum place place = !p->known.sites_known                      ? NO_SITE
			   : p->known.relation == RELATION_CROSS_SITE ? TWO_SITES
								      : ONE_SITE;

	return keys[key].place == ALL_PLACES || keys[key].place == place;
}

static bool wanted(size_t key, const struct labelled *p)
{
	return p->truth == TRUTH_COPY || (keys[key].key.parts && p->truth == TRUTH_PART);
}

static bool found(size_t key, const struct labelled *p, const struct thresholds *t)
{
	enum kind kind;

	if (p->too_short && !p->known.same_work)
		return false;
	kind = judge_by(&p->numbers, &p->known, t);
	return keys[key].key.parts ? kind >= KIND_PARTIAL : kind >= KIND_NEAR;
}

struct score calibration_score(const struct labelled *pairs, size_t count,
			       const struct thresholds *t, size_t key)
{
	struct score s = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct labelled *p = &pairs[i];
		bool hit;

		if (!decides(key, p))
			continue;
		hit = found(key, p, t);
		if (wanted(key, p)) {
			s.hits += hit;
			s.misses += !hit;
		} else if (p->truth == TRUTH_OTHER) {
			s.false_hits += hit;
		}
	}
	s.precision = s.hits + s.false_hits > 0 ? (double)s.hits / (s.hits + s.false_hits) : NAN;
	s.recall = s.hits + s.misses > 0 ? (double)s.hits / (s.hits + s.misses) : NAN;
	s.f1 = s.hits + s.false_hits + s.misses > 0
		       ? 2.0 * s.hits / (2.0 * s.hits + s.false_hits + s.misses)
		       : NAN;
	return s;
}

/* ---- advising --------------------------------------------------------------------------------
 */

static uint32_t wrong(const struct score *s)
{
	return s->false_hits + s->misses;
}

static size_t points(size_t key)
{
	const struct calibration_key *k = &keys[key].key;

	return (size_t)((k->high - k->low) / k->step + 1.5);
}

static double point(size_t key, size_t i)
{
	return keys[key].key.low + (double)i * keys[key].key.step;
}

/* The fewest wrong pairs over both keys' grid; among equals the nearest to what is. */
static void search(struct thresholds *best, struct score *score, const struct labelled *pairs,
		   size_t count, size_t key)
{
	const struct thresholds was = *best;
	size_t partner = keys[key].partner;
	double nearest = INFINITY;

	for (size_t i = 0; i < points(key); i++) {
		for (size_t k = 0; k < (partner == key ? 1 : points(partner)); k++) {
			struct thresholds t = was;
			struct score s;
			double way;

			calibration_set(&t, key, point(key, i));
			if (partner != key)
				calibration_set(&t, partner, point(partner, k));
			way = (fabs(calibration_get(&t, key) - calibration_get(&was, key)) +
			       fabs(calibration_get(&t, partner) -
				    calibration_get(&was, partner))) /
			      keys[key].key.step;
			s = calibration_score(pairs, count, &t, key);
			if (wrong(&s) > wrong(score) ||
			    (wrong(&s) == wrong(score) && way >= nearest))
				continue;
			*best = t;
			*score = s;
			nearest = way;
		}
	}
}

static void count_labels(struct advice *a, const struct labelled *pairs, size_t count, size_t key)
{
	for (size_t i = 0; i < count; i++) {
		if (!decides(key, &pairs[i]))
			continue;
		a->wanted += wanted(key, &pairs[i]);
		a->others += pairs[i].truth == TRUTH_OTHER;
	}
	a->enough = a->wanted >= CALIBRATION_ENOUGH && a->others >= CALIBRATION_ENOUGH;
}

void calibration_advise(struct advice *advice, struct thresholds *t, const struct labelled *pairs,
			size_t count)
{
	for (size_t key = 0; key < CALIBRATION_KEYS; key++) {
		struct advice *a = &advice[key];
		struct thresholds best = *t;

		*a = (struct advice){ 0 };
		count_labels(a, pairs, count, key);
		a->before = a->after = calibration_score(pairs, count, t, key);
		if (keys[key].partner < key) { /* was moved with it */
			*a = advice[keys[key].partner];
		} else if (a->enough) {
			search(&best, &a->after, pairs, count, key);
			if (wrong(&a->after) + CALIBRATION_GAIN <= wrong(&a->before))
				*t = best;
			else
				a->after = a->before;
		}
		a->value = calibration_get(t, key);
	}
}
