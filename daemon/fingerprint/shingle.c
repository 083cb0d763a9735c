/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/shingle.h"

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"

void shingles_of(uint64_t *out, const uint16_t *tokens, size_t token_count)
{
	kernel_get()->shingles(out, tokens, token_count);
}
