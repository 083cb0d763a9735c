/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel.h - the hot loops, one table row a variant, one choice at start.
 *
 * kernel_choose() takes the widest variant the CPU has that agrees with the portable one on a
 * self-test; REPRINT_KERNEL=portable|avx2|... forces one. All rows compute the same values. */
#ifndef FINGERPRINT_KERNEL_H
#define FINGERPRINT_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct kernel; /* the row's functions: kernel_table.h, for this room and its tests only */

/* The row in use; chooses on the first call. Any thread. */
const struct kernel *kernel_get(void);
const char *kernel_name(void); /* "avx2" */

/* Where the n-th bit (from 0) stands in some words, from the lowest of the first on; flip 0: of
 * those set, UINT64_MAX: of those not set. SIZE_MAX: there are not so many. */
size_t nth_bit(const uint64_t *words, size_t count, size_t n, uint64_t flip);

/* Numbers i in [0, count) with at most max_bits between hashes[i] and hash, ascending, at most cap;
 * returns how many were written and in *out_next where to go on (count when all were seen). */
size_t hamming_scan(uint32_t *out, size_t cap, size_t *out_next, const uint64_t *hashes,
		    size_t count, uint64_t hash, unsigned max_bits);

#endif
