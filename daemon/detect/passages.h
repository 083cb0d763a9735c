/* SPDX-License-Identifier: BSD-2-Clause */
/* passages.h - the passages of a comparison while they are found, run after run; for compare.c.
 * Thread: any. No memory of its own. */
#ifndef DETECT_PASSAGES_H
#define DETECT_PASSAGES_H

#include <reprint/fingerprint.h>
#include <stdbool.h>
#include <stdint.h>

struct comparison; /* detect/compare.h */
struct kept;
struct passage; /* <reprint/verdict.h> */

/* A passage while it grows; indexes of kept tokens. */
struct stretch {
	uint32_t here, here_end, there, there_end;
	uint32_t units;
};

struct passages {
	struct passage *all; /* [COMPARE_PASSAGES] */
	struct stretch last;
	bool open;
	struct stretch all_over; /* from the first passage to the last, on either side */
	struct comparison *c;
	const struct kept *here, *there;
};

/* Whether a run goes on where the open passage ends, a small edit between. */
bool passages_go_on(const struct passages *ps, uint32_t here, uint32_t there);
/* Takes a run of agreeing tokens into the open passage or a new one; runs rise in `there`. */
void passages_take(struct passages *ps, uint32_t here, uint32_t there, uint32_t count);
/* After the last run: the passages in order of `here`, their extent and lengths in *ps->c. */
void passages_end(struct passages *ps);

#endif
