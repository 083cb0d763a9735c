/* SPDX-License-Identifier: BSD-2-Clause */
/* runs.h - the runs of tokens that stand again in one text, near ones joined; for repeats.c. */
#ifndef DETECT_RUNS_H
#define DETECT_RUNS_H

#include <reprint/fingerprint.h>
#include <reprint/status.h>

struct arena;

#define RUN_ALONE_UNITS 60u /* half words: a run this long counts wherever it stands */

/* tokens[at .. at + count) stand already at tokens[source .. source + count). A joined run carries
 * small edits: then count tokens here answer source_count there, and `equal` of them agree. */
struct run {
	uint32_t at, count;
	uint32_t source, source_count;
	uint32_t equal;
};

/* How many of a text there are at most. */
uint32_t runs_most(const struct fingerprint *f);

/* In order of `at`, disjoint. Runs too short to mean anything are not among them. */
enum status runs_find(const struct run **out, uint32_t *out_count, const struct fingerprint *f,
		      struct arena *arena);

#endif
