/* SPDX-License-Identifier: BSD-2-Clause */
/* The law of flanks: of two keys that are the same one side, or both, must be. */
#ifndef COMMON_FLANK_H
#define COMMON_FLANK_H

#include <stdbool.h>
#include <stddef.h>

#include "ingest/keys.h"

static inline bool common_flank(const struct keys *a, size_t i, const struct keys *b, size_t j)
{
	unsigned unlike = a->flanks[i] ^ b->flanks[j];

	return (unlike & 0x0f) == 0 || (unlike & 0xf0) == 0;
}

#endif
