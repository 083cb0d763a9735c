/* SPDX-License-Identifier: BSD-2-Clause */
/* repeats.h - what an article says twice: repeated runs of tokens, reported as blocks of
 * paragraphs.
 *
 * A run is found where shingles of the text stand again, grown as far as the tokens agree, and runs
 * on nearly the same diagonal are joined across small edits. So doubled, tripled, half-doubled and
 * interleaved bodies, abridged leads and repeats inside one paragraph are one case.
 * Thread: any; all memory from the arena. Cost: linear in the tokens, whatever they are. */
#ifndef DETECT_REPEATS_H
#define DETECT_REPEATS_H

#include <reprint/fingerprint.h>
#include <reprint/status.h>
#include <reprint/verdict.h>

struct arena;

struct repeats {
	const struct repeat_block *blocks; /* in order of `again` */
	uint32_t block_count;
	const struct masked *masked; /* the later occurrences, sorted, disjoint */
	uint32_t masked_count;
	uint32_t later_units;  /* half words in later occurrences */
	uint32_t source_units; /* half words that stand again, each counted once */
};

/* NO_MEMORY is the only failure. */
enum status repeats_find(struct repeats *out, const struct fingerprint *f, struct arena *arena);

/* Later occurrences as a share of all words. */
double repeats_ratio(const struct repeats *r, const struct fingerprint *f);

/* At least 80 % of the body's words, counted once, stand in it again. chrome_units: half words that
 * are no part of the body. */
bool repeats_doubled(const struct repeats *r, const struct fingerprint *f, uint32_t chrome_units);

#endif
