/* SPDX-License-Identifier: BSD-2-Clause */
/* elsewhere.h - at how many sites a line, or the edge of one, is chrome: a notice that many share
 * needs no learning at the next.
 *
 * Thread:  one owner. Memory: one table that grows to ELSEWHERE_LINES slots; then the lines of a
 * single site are forgotten, which only means that they are learned again. */
#ifndef DETECT_ELSEWHERE_H
#define DETECT_ELSEWHERE_H

#include <stdint.h>

#define ELSEWHERE_LINES (1u << 17) /* slots at most, a power of two */

struct elsewhere_line {
	uint64_t hash;  /* 0: free */
	uint32_t sites; /* 0: forgotten when the table is made anew */
};

/* Zero-initialise. */
struct elsewhere {
	struct elsewhere_line *lines;
	uint32_t used, cap;
};

void elsewhere_free(struct elsewhere *e);

/* One more site, or one fewer, has this line as chrome. Without memory nothing is noted. */
void elsewhere_add(struct elsewhere *e, uint64_t hash);
void elsewhere_drop(struct elsewhere *e, uint64_t hash);

uint32_t elsewhere_sites(const struct elsewhere *e, uint64_t hash);

#endif
