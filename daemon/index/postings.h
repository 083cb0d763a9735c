/* SPDX-License-Identifier: BSD-2-Clause */
/* postings.h - the list under one key: what one entry is, and what is kept of a long list.
 *
 * A posting is a number and whether index_add() or index_post() brought it, as one value of 40 bits
 * that sorts by number. A list is ascending and names no number twice. Of more than `cap` postings
 * the `old` oldest and the newest are kept, and one between them: a list of cap + 1 says by its
 * length alone that it was cut, however often lists are put together.
 *
 * Pure; any thread. */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POSTING_BYTES 5u
#define POSTING_NUMBER_MAX ((UINT64_C(1) << 39) - 1)
#define POSTINGS_CAP_MAX 255u
#define POSTINGS_KEEP_MAX (POSTINGS_CAP_MAX + 1)

struct postings_rule {
	uint32_t cap; /* 2..POSTINGS_CAP_MAX */
	uint32_t old; /* of the cap; the others are the newest */
};

static inline uint32_t postings_keep(struct postings_rule rule)
{
	return rule.cap + 1;
}

/* posted: by index_post(). */
static inline uint64_t posting_of(uint64_t number, bool posted)
{
	return number << 1 | posted;
}

static inline uint64_t posting_number(uint64_t posting)
{
	return posting >> 1;
}

static inline bool posting_posted(uint64_t posting)
{
	return (posting & 1) != 0;
}

/* An article's number that expired; of what was posted nobody here knows the age. */
static inline bool posting_expired(uint64_t posting, uint64_t expired)
{
	return !posting_posted(posting) && posting_number(posting) <= expired;
}

/* Any postings in any order, twice or not, become a list: ascending, at most cap + 1, without
 * articles up to `expired`. Linear when they are in order already. Returns the length. */
size_t postings_settle(uint64_t *list, size_t count, struct postings_rule rule, uint64_t expired);
/* A list as it is given out: a cut one loses the one between. Returns the length. */
size_t postings_trim(uint64_t *list, size_t count, struct postings_rule rule);

#endif
