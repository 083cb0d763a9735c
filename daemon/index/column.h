/* SPDX-License-Identifier: BSD-2-Clause */
/* column.h - one SimHash for each article of a table, in order of seq. One owner at a time. */
#ifndef INDEX_COLUMN_H
#define INDEX_COLUMN_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct column {
	uint64_t *seqs, *simhashes;
	size_t count, cap;
	bool unsorted; /* something was added out of order */
};
enum status column_add(struct column *c, uint64_t seq, uint64_t simhash);
/* By seq; of equal ones the last added stays. */
enum status column_sort(struct column *c);
void column_free(struct column *c);

#endif
