/* SPDX-License-Identifier: BSD-2-Clause */
/* finding.h - what a check of stored files says, file by file. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <stdint.h>

/* What helps, from the least to the most. */
enum remedy {
	REMEDY_NONE,
	REMEDY_INDEX,    /* derived: made again from the articles */
	REMEDY_SET_ASIDE /* what is in it is lost but for a backup; the rest serves */
};

struct finding {
	const char *file;    /* below the state directory */
	const char *problem; /* NULL: it was looked at and is sound */
	enum remedy remedy;
	uint64_t records; /* looked at; of a sound one */
	uint64_t bytes;
};

typedef void (*finding_fn)(void *ctx, const struct finding *f);

#endif
