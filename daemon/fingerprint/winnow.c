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
	const struct kernel *k = kernel_get();
	size_t selected = k->minima(out, hashes, count, window > 0 ? window : 1);

	k->mix(out, selected, secret);
	return selected;
}

/* From the end: of equal hashes the rightmost is selected, and no window lies between two that were
 * selected, so each is the first of its value that is met. */
size_t winnow_places(uint64_t *out, uint32_t *out_places, const uint64_t *hashes, size_t count,
		     unsigned window, uint64_t secret)
{
	const struct kernel *k = kernel_get();
	size_t selected = k->minima(out, hashes, count, window > 0 ? window : 1), place = count;

	for (size_t i = selected; i-- > 0;) {
		do
			place--;
		while (hashes[place] != out[i]);
		out_places[i] = (uint32_t)place;
	}
	k->mix(out, selected, secret);
	return selected;
}
