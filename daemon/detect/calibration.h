/* SPDX-License-Identifier: BSD-2-Clause */
/* calibration.h - the judge against pairs that somebody has labelled: precision and recall by
 * threshold, and the thresholds that would have served best. Pure; any thread; no allocation. */
#ifndef DETECT_CALIBRATION_H
#define DETECT_CALIBRATION_H

#include "detect/compare.h"
#include "detect/judge.h"

enum truth { TRUTH_OTHER, TRUTH_PART, TRUTH_COPY };

struct labelled {
	struct comparison numbers;
	struct acquaintance known;
	bool too_short; /* not judged at all */
	enum truth truth;
};

/* A key of the configuration that calibration can move. */
struct calibration_key {
	const char *name;
	const char *pairs;      /* of which pairs it decides: "of two sites" */
	double scale;           /* threshold = scale * value of the key */
	double low, high, step; /* of the key */
	bool parts;             /* it decides what is told at all, else what is a copy */
};
#define CALIBRATION_KEYS 7u

/* The keys; a sweep's points are low, low + step, ... up to high. */
const struct calibration_key *calibration_key(size_t i);
/* The value of a key in thresholds, and setting it. */
double calibration_get(const struct thresholds *t, size_t key);
void calibration_set(struct thresholds *t, size_t key, double value);

struct score {
	uint32_t hits, false_hits, misses;
	double precision, recall, f1; /* NAN where nothing was found, or nothing is to be found */
};

/* Counts the pairs that the key decides of. A partial match of a copy is no hit of a copy, and a
 * part that is called a copy counts neither way; where parts are sought copies are parts too. */
struct score calibration_score(const struct labelled *pairs, size_t count,
			       const struct thresholds *t, size_t key);

/* What is advised for one key and the one that works with it. */
struct advice {
	uint32_t wanted, others; /* labelled pairs that it decides of */
	bool enough;             /* of both, to say anything */
	double value;            /* advised; that of `t` where nothing better was found */
	struct score before, after;
};

/* Moves *t to what serves best: each key with its partner over the grid of both. A change needs
 * CALIBRATION_GAIN pairs more that are judged right. advice[CALIBRATION_KEYS]. */
#define CALIBRATION_ENOUGH 10u
#define CALIBRATION_GAIN 3u
void calibration_advise(struct advice *advice, struct thresholds *t, const struct labelled *pairs,
			size_t count);

#endif
