/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/winnow.h"

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"

uint64_t winnow_key(uint64_t hash, uint64_t secret)
{
	return mix_with(hash, secret);
}

size_t winnow(uint64_t *out, const uint64_t *hashes, size_t count, unsigned window, uint64_t secret)
{
	return kernel_get()->minima(out, hashes, count, window > 0 ? window : 1, secret);
}
