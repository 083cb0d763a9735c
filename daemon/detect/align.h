/* SPDX-License-Identifier: BSD-2-Clause */
/* align.h - how many words two texts have in common in the same order, whatever stands between
 * them: the second look at texts whose words are damaged or changed one by one.
 *
 * Shared shingles in the same order on both sides are anchors; what lies between two of them is
 * aligned by its longest common subsequence (Hirschberg 1975).
 * Thread:  any; memory from the arena.
 * Cost:    O(n log n) for n anchors, and ALIGN_GAP squared a gap at most. */
#ifndef DETECT_ALIGN_H
#define DETECT_ALIGN_H

#include <reprint/status.h>
#include <stdint.h>

struct arena;
struct kept; /* detect/compare.h */

#define ALIGN_GAP 32u /* tokens: in a longer gap nothing is aligned */

/* A shingle that stands at `here` in one text and at `there` in the other. */
struct anchor {
	uint32_t here, there;
};

/* How many tokens of one class agree, and how many stand where the other text has others. What one
 * text has between two anchors and the other has not is neither. */
struct agreement {
	uint32_t kept, changed;
};

struct alignment {
	uint32_t here, there;   /* tokens from the first anchor to the last */
	struct agreement words; /* all that are no numbers */
	struct agreement numbers;
};

/* anchors[] rises in `there`. NO_MEMORY. */
enum status align(struct alignment *out, const struct kept *here, const struct kept *there,
		  const struct anchor *anchors, uint32_t count, struct arena *arena);

#endif
