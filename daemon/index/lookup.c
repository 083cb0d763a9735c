/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include "base/checksum.h"

#include <stdlib.h>
#include <string.h>

/* Counts by seq: a flat table that is emptied by counting generations. */
struct hits {
	struct hit {
		uint64_t seq;
		uint32_t count, generation;
	} * slots;
	size_t mask; /* slots - 1 */
	uint32_t generation;
	struct candidate *all;
	size_t count, cap;
	uint64_t *keys; /* mixed, sorted, each once */
	size_t keys_cap;
};

#define FIRST_SLOTS 1024u
#define SHORT_LIST 64u /* sorted by insertion */

struct hits *hits_open(void)
{
	struct hits *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->slots = calloc(FIRST_SLOTS, sizeof *h->slots);
	h->cap = FIRST_SLOTS / 2;
	h->all = calloc(h->cap, sizeof *h->all);
	h->mask = FIRST_SLOTS - 1;
	if (h->slots != NULL && h->all != NULL)
		return h;
	hits_close(h);
	return NULL;
}

void hits_close(struct hits *h)
{
	if (h == NULL)
		return;
	free(h->slots);
	free(h->all);
	free(h->keys);
	free(h);
}

/* ---- one key -------------------------------------------------------------------------------- */

static bool room_for_lists(struct index *x)
{
	size_t wanted = (1 + x->sealing_count + x->run_count) * (size_t)TABLE_CAP_MAX;
	uint64_t *found;

	if (wanted <= x->found_cap)
		return true;
	found = realloc(x->found, 2 * wanted * sizeof *found);
	if (found == NULL)
		return false;
	x->found = found;
	x->found_cap = 2 * wanted;
	return true;
}

static int number_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Which of some keys each run may hold: a bit a key. */
static void ask_filters(struct index *x, const uint64_t *keys, size_t count)
{
	for (size_t i = 0; i < x->run_count; i++) {
		struct run *r = x->runs[i];

		x->may[i] = 0;
		for (size_t j = 0; j < count; j++) {
			if (run_lacks(r, keys[j]))
				continue;
			x->may[i] |= (uint32_t)1 << j;
			run_prefetch(r, keys[j]);
		}
	}
}

/* All numbers under the key with this bit into found[], ascending, at most cap. Old places come
 * first, so the list is nearly sorted already. */
static size_t gather(struct index *x, uint64_t key, unsigned bit, bool *out_cut)
{
	size_t n = 0;

	for (size_t i = 0; i < x->run_count; i++) {
		if ((x->may[i] >> bit & 1) == 0)
			continue;
		n += run_find(x->runs[i], key, x->found + n, TABLE_CAP_MAX);
		x->broken |= x->runs[i]->damaged;
	}
	for (size_t i = 0; i < x->sealing_count; i++)
		n += table_find(x->sealing[i]->table, key, x->found + n);
	if (x->active != NULL)
		n += table_find(x->active, key, x->found + n);
	if (n > SHORT_LIST)
		qsort(x->found, n, sizeof *x->found, number_order);
	else
		numbers_sort(x->found, n);
	*out_cut = n >= x->cap;
	return numbers_cap(x->found, n, x->cap);
}

size_t index_find(struct index *x, uint64_t key, uint64_t *out, size_t cap)
{
	uint64_t mixed = mix64(key);
	size_t n = 0;
	bool cut;

	seals_adopt(x);
	if (room_for_lists(x)) {
		ask_filters(x, &mixed, 1);
		n = gather(x, mixed, 0, &cut);
	}
	if (x->broken)
		seals_set_aside(x);
	if (cap > n)
		cap = n;
	for (size_t i = 0; i < cap; i++)
		out[i] = x->found[n - 1 - i];
	return cap;
}

/* ---- many keys ------------------------------------------------------------------------------ */

static struct hit *hit_of(struct hits *h, uint64_t seq)
{
	size_t i = (size_t)mix64(seq) & h->mask;

	while (h->slots[i].generation == h->generation && h->slots[i].seq != seq)
		i = (i + 1) & h->mask;
	return &h->slots[i];
}

static bool hits_grow(struct hits *h)
{
	size_t old = h->mask + 1;
	struct hit *slots = h->slots;
	struct candidate *all = realloc(h->all, 2 * h->cap * sizeof *all);

	if (all == NULL)
		return false;
	h->all = all;
	h->slots = calloc(2 * old, sizeof *slots);
	if (h->slots == NULL) {
		h->slots = slots;
		return false;
	}
	h->mask = 2 * old - 1;
	h->cap *= 2;
	for (size_t i = 0; i < old; i++)
		if (slots[i].generation == h->generation)
			*hit_of(h, slots[i].seq) = slots[i];
	free(slots);
	return true;
}

static void hits_begin(struct hits *h)
{
	h->count = 0;
	if (++h->generation == 0) {
		memset(h->slots, 0, (h->mask + 1) * sizeof *h->slots);
		h->generation = 1;
	}
}

/* The slot's count is the place in all[], plus one while it is new. */
static void hits_add(struct hits *h, uint64_t seq, bool firm)
{
	struct hit *hit = hit_of(h, seq);

	if (hit->generation == h->generation) {
		h->all[hit->count].hits++;
		h->all[hit->count].firm += firm;
		return;
	}
	if (h->count == h->cap) {
		if (!hits_grow(h))
			return;
		hit = hit_of(h, seq);
	}
	*hit = (struct hit){ seq, (uint32_t)h->count, h->generation };
	h->all[h->count++] = (struct candidate){ seq, 1, firm };
}

static int candidate_order(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hits != y->hits)
		return x->hits > y->hits ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Mixed, sorted (runs are then read forwards) and without doubles; SIZE_MAX: out of memory. */
static size_t prepare(struct hits *h, const uint64_t *keys, size_t count)
{
	size_t kept = 0;

	if (count > h->keys_cap) {
		uint64_t *more = realloc(h->keys, 2 * count * sizeof *more);

		if (more == NULL)
			return SIZE_MAX;
		h->keys = more;
		h->keys_cap = 2 * count;
	}
	for (size_t i = 0; i < count; i++)
		h->keys[i] = mix64(keys[i]);
	if (count > SHORT_LIST)
		qsort(h->keys, count, sizeof *h->keys, number_order);
	else
		numbers_sort(h->keys, count);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || h->keys[kept - 1] != h->keys[i])
			h->keys[kept++] = h->keys[i];
	return kept;
}

#define TOGETHER 32u /* keys: the bits of index.may */

/* Every look-up begins with misses of the cache: those of some keys are waited for together. */
static void look_ahead(struct index *x, const uint64_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < x->run_count; j++)
			run_prefetch_filter(x->runs[j], keys[i]);
		for (size_t j = 0; j < x->sealing_count; j++)
			table_prefetch(x->sealing[j]->table, keys[i]);
		if (x->active != NULL)
			table_prefetch(x->active, keys[i]);
	}
	ask_filters(x, keys, count);
}

size_t index_candidates(struct index *x, const uint64_t *keys, size_t count, struct candidate *out,
			size_t cap, size_t *out_capped)
{
	struct hits *h = x->hits;
	bool cut;

	*out_capped = 0;
	seals_adopt(x);
	count = prepare(h, keys, count);
	if (count == SIZE_MAX || !room_for_lists(x))
		return 0;
	hits_begin(h);
	for (size_t i = 0; i < count; i++) {
		size_t n;

		if (i % TOGETHER == 0)
			look_ahead(x, h->keys + i, count - i < TOGETHER ? count - i : TOGETHER);
		n = gather(x, h->keys[i], i % TOGETHER, &cut);
		*out_capped += cut;
		for (size_t j = 0; j < n; j++)
			if (x->found[j] > x->expired_seq)
				hits_add(h, x->found[j], !cut);
	}
	if (x->broken)
		seals_set_aside(x);
	qsort(h->all, h->count, sizeof *h->all, candidate_order);
	if (cap > h->count)
		cap = h->count;
	if (cap > 0)
		memcpy(out, h->all, cap * sizeof *out);
	return cap;
}
