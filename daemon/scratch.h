/* SPDX-License-Identifier: BSD-2-Clause */
/* scratch.h - a directory that lives as long as one run. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <reprint/status.h>

struct scratch {
	char path[256]; /* "" until made */
};

/* Makes one below $TMPDIR, else /tmp; it is also removed when a signal ends the process. */
enum status scratch_make(struct scratch *s);
/* Removes it with everything in it. */
void scratch_remove(struct scratch *s);

#endif
