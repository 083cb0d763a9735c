/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome_state.h - the chrome counts from inside; for chrome.c and chrome_mark.c. */
#ifndef DETECT_CHROME_STATE_H
#define DETECT_CHROME_STATE_H

#include "detect/chrome.h"
#include "detect/sites.h"

#include <pthread.h>

#define CHROME_HEADLINE_TOKENS 4u /* no headline is shorter */
#define CHROME_EDGE_STEP 8u /* half words by which the lengths of edged lines are told apart */

struct chrome {
	pthread_rwlock_t
		marking; /* held by who reads the sites beside the owner, and to change them */
	struct sites sites;
};

/* What stands for all lines with this edge whose lengths in half words are of this step. */
static inline uint64_t chrome_edge(uint64_t edge, uint32_t step)
{
	return edge + step * UINT64_C(0x9e3779b97f4a7c15);
}

/* Whether a line of so many half words was seen often enough, lately. A caption takes fewer. */
bool chrome_is_known(const struct site *s, const struct seen_line *l, uint32_t units, bool caption);

#endif
