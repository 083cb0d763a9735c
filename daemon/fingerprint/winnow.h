/* SPDX-License-Identifier: BSD-2-Clause */
/* winnow.h - robust winnowing (Schleimer, Wilkerson, Aiken 2003, section 3): of every window of w
 * successive shingle hashes the rightmost minimal one is selected.
 *
 * Guarantee: two sequences that share w successive shingles share a selected one. With w = 16 and
 * three-token shingles every shared run of 18 tokens meets (in scripts without spaces, where a
 * shingle is six characters, of 21); about 2 of 17 shingles are selected. Runs of 40 would be
 * promised by w = 38 with half as many, but an excerpt is often a sentence or two. Long shingles
 * with w = 31 promise runs of 80 half words once more, in any mixture of scripts, by keys that few
 * articles have: about 2 of 32. Pure; any thread. */
#ifndef FINGERPRINT_WINNOW_H
#define FINGERPRINT_WINNOW_H

#include <stddef.h>
#include <stdint.h>

#define WINNOW_WINDOW 16u
/* Of long shingles. */
#define WINNOW_LONG_WINDOW 31u

/* Selected hashes in order of place, each re-mixed with the secret, into out[] (room for count).
 * Fewer than w hashes are one window. Returns how many were selected. A second selection of the
 * same place is not written; equal hashes at two places may be. */
size_t winnow(uint64_t *out, const uint64_t *hashes, size_t count, unsigned window,
	      uint64_t secret);
/* The same, and where each of them stood among the hashes. */
size_t winnow_places(uint64_t *out, uint32_t *out_places, const uint64_t *hashes, size_t count,
		     unsigned window, uint64_t secret);

/* One hash mixed with the secret as winnow() does; also for tagged look-ups. */
uint64_t winnow_key(uint64_t hash, uint64_t secret);

#endif
