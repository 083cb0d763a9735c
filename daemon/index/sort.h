/* SPDX-License-Identifier: BSD-2-Clause */
/* sort.h - ascending order of 64-bit numbers. Pure; any thread. */
#ifndef INDEX_SORT_H
#define INDEX_SORT_H

#include <stddef.h>
#include <stdint.h>

/* In place, by insertion: linear when nearly in order, for lists of a few hundred. */
void sort_few(uint64_t *values, size_t count);
/* By bytes, passing over those that are the same in all; scratch has room for count. */
void sort_many(uint64_t *values, uint64_t *scratch, size_t count);

#endif
