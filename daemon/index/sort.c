/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/sort.h"

#include <string.h>

#define FEW 48u

void sort_few(uint64_t *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t v = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > v; at--)
			values[at] = values[at - 1];
		values[at] = v;
	}
}

static void pass(uint64_t *to, const uint64_t *from, size_t count, unsigned shift)
{
	size_t start[257] = { 0 };

	for (size_t i = 0; i < count; i++)
		start[(from[i] >> shift & 255) + 1]++;
	for (size_t b = 1; b < 256; b++)
		start[b] += start[b - 1];
	for (size_t i = 0; i < count; i++)
		to[start[from[i] >> shift & 255]++] = from[i];
}

void sort_many(uint64_t *values, uint64_t *scratch, size_t count)
{
	uint64_t *from = values, *to = scratch, *swap;
	uint64_t differ = 0;

	if (count <= FEW) {
		sort_few(values, count);
		return;
	}
	for (size_t i = 1; i < count; i++)
		differ |= values[i] ^ values[0];
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if ((differ >> shift & 255) == 0)
			continue;
		pass(to, from, count, shift);
		swap = from;
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, count * sizeof *values);
}
