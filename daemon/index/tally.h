/* SPDX-License-Identifier: BSD-2-Clause */
/* tally.h - counts how often each number comes up, and names those that come up most.
 *
 * At most TALLY_MAX different numbers are counted between two clears; later ones are passed over:
 * keys come in no order a sender controls, so what shares many keys is among the first.
 *
 * Thread: one owner. Memory: taken by tally_open(), pages touched as numbers come. */
#ifndef INDEX_TALLY_H
#define INDEX_TALLY_H

#include <reprint/status.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_MAX 65536u

struct candidate;
struct tally; /* opaque */

enum status tally_open(struct tally **out);
void tally_close(struct tally *t); /* accepts NULL */

void tally_add(struct tally *t, uint64_t number);
/* The most frequent, lower numbers first among equals, at most cap; and forgets everything. */
size_t tally_take(struct tally *t, struct candidate *out, size_t cap);

#endif
