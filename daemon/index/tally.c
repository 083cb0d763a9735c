/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "index/index.h"
#include "index/postings.h"
#include "index/sort.h"

#define SLOTS (2 * TALLY_MAX)
#define NUMBER_BITS 39u
#define HITS_MAX ((UINT64_C(1) << (64 - NUMBER_BITS)) - 1)

_Static_assert(POSTING_NUMBER_MAX >> NUMBER_BITS == 0, "a number and its hits share one value");

struct tally {
	uint32_t *slots; /* place in the arrays + 1; 0: free */
	uint64_t *numbers;
	uint64_t *hits;
	uint64_t *scratch;
	uint32_t *slot_of; /* for clearing only what was used */
	uint32_t count;
};

void tally_add(struct tally *t, uint64_t number)
{
	uint32_t slot = (uint32_t)mix64(number) % SLOTS;

	while (t->slots[slot] != 0 && t->numbers[t->slots[slot] - 1] != number)
		slot = (slot + 1) % SLOTS;
	if (t->slots[slot] != 0) {
		uint64_t *hits = &t->hits[t->slots[slot] - 1];

		*hits += *hits < HITS_MAX;
		return;
	}
	if (t->count == TALLY_MAX)
		return;
	t->numbers[t->count] = number;
	t->hits[t->count] = 1;
	t->slot_of[t->count] = slot;
	t->slots[slot] = ++t->count;
}

/* Values that sort most hits first, then by number; kinder than a comparison of two fields. */
size_t tally_take(struct tally *t, struct candidate *out, size_t cap)
{
	size_t count = t->count < cap ? t->count : cap;

	for (uint32_t i = 0; i < t->count; i++) {
		t->slots[t->slot_of[i]] = 0;
		t->hits[i] = (HITS_MAX - t->hits[i]) << NUMBER_BITS | t->numbers[i];
	}
	sort_many(t->hits, t->scratch, t->count);
	for (size_t i = 0; i < count; i++)
		out[i] = (struct candidate){
			.seq = t->hits[i] & POSTING_NUMBER_MAX,
			.hits = (uint32_t)(HITS_MAX - (t->hits[i] >> NUMBER_BITS)),
		};
	t->count = 0;
	return count;
}

enum status tally_open(struct tally **out)
{
	struct tally *t = calloc(1, sizeof *t);

	if (t == NULL)
		return STATUS_NO_MEMORY;
	t->slots = calloc(SLOTS, sizeof *t->slots);
	t->numbers = malloc(TALLY_MAX * sizeof *t->numbers);
	t->hits = malloc(TALLY_MAX * sizeof *t->hits);
	t->scratch = malloc(TALLY_MAX * sizeof *t->scratch);
	t->slot_of = malloc(TALLY_MAX * sizeof *t->slot_of);
	if (t->slots == NULL || t->numbers == NULL || t->hits == NULL || t->scratch == NULL ||
	    t->slot_of == NULL) {
		tally_close(t);
		return STATUS_NO_MEMORY;
	}
	*out = t;
	return STATUS_OK;
}

void tally_close(struct tally *t)
{
	if (t == NULL)
		return;
	free(t->slots);
	free(t->numbers);
	free(t->hits);
	free(t->scratch);
	free(t->slot_of);
	free(t);
}
