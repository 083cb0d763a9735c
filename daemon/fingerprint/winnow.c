/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/winnow.h"

#include "fingerprint/mix.h"

uint64_t winnow_key(uint64_t hash, uint64_t secret)
{
	return mix64(mix64(hash ^ secret) + secret);
}

/* Place of the rightmost smallest hash in [from, to]. */
static size_t smallest(const uint64_t *hashes, size_t from, size_t to)
{
	size_t best = to;

	for (size_t i = to; i > from; i--)
		if (hashes[i - 1] < hashes[best])
			best = i - 1;
	return best;
}

size_t winnow(uint64_t *out, const uint64_t *hashes, size_t count, unsigned window, uint64_t secret)
{
	size_t selected = 0, best;

	if (count == 0)
		return 0;
	if (window == 0)
		window = 1;
	best = smallest(hashes, 0, (count < window ? count : window) - 1);
	out[selected++] = winnow_key(hashes[best], secret);
	for (size_t last = window; last < count; last++) {
		if (hashes[last] <= hashes[best])
			best = last;
		else if (best + window <= last)
			best = smallest(hashes, last + 1 - window, last);
		else
			continue;
		out[selected++] = winnow_key(hashes[best], secret);
	}
	return selected;
}
