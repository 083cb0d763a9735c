/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/winnow.h"

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/mix.h"

uint64_t winnow_key(uint64_t hash, uint64_t secret)
{
	return mix64(mix64(hash ^ secret) + secret);
}

size_t winnow(uint64_t *out, const uint64_t *hashes, size_t count, unsigned window, uint64_t secret)
{
	size_t selected = kernel_get()->minima(out, hashes, count, window > 0 ? window : 1);

	for (size_t i = 0; i < selected; i++)
		out[i] = winnow_key(out[i], secret);
	return selected;
}
