/* SPDX-License-Identifier: BSD-2-Clause */
/* title.h - how many words two titles have in common. Pure; any thread; no allocation. */
#ifndef DETECT_TITLE_H
#define DETECT_TITLE_H

#include <reprint/span.h>
#include <stdbool.h>
#include <stdint.h>

#define TITLE_WORDS 64u /* more are not looked at */

/* The hashes of the folded words, ascending, each once. */
struct title {
	uint64_t words[TITLE_WORDS];
	uint32_t count;
};

/* An absent title has no words. */
void title_of(struct title *out, struct span text);

/* The share of the shorter title's words that the other has too. False: one of them has fewer than
 * two words and says nothing. */
bool title_share(double *out, const struct title *a, const struct title *b);

#endif
