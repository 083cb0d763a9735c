/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/checksum.h"

#define LANES 4u
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio, odd */

static uint64_t word_at(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* Multiplication carries differences upwards only; the shift brings them down again. Both steps
 * are bijections of the lane, so a single changed word never goes unseen. */
static uint64_t step(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * MULTIPLIER;
	return lane ^ lane >> 29;
}

uint64_t checksum_of(struct span bytes)
{
	uint64_t lane[LANES] = { 1, 2, 3, 4 };
	const char *p = bytes.p;
	size_t left = bytes.len;
	uint64_t sum = mix64((uint64_t)left + 1);

	for (; left >= 8 * LANES; left -= 8 * LANES, p += 8 * LANES)
		for (unsigned i = 0; i < LANES; i++)
			lane[i] = step(lane[i], word_at(p + 8 * i));
	for (; left >= 8; left -= 8, p += 8)
		lane[0] = step(lane[0], word_at(p));
	if (left > 0) {
		char last[8] = { 0 };

		memcpy(last, p, left);
		lane[1] = step(lane[1], word_at(last));
	}
	for (unsigned i = 0; i < LANES; i++)
		sum = mix64(sum ^ lane[i]) + MULTIPLIER;
	return sum;
}
