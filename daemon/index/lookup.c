/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include "base/checksum.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER 32u /* keys whose misses of the cache are waited for together */

/* The keys that a run's filter lets through, a bit each, and where they would stand. */
struct leads {
	uint32_t may;
	uint64_t at[TOGETHER]; /* the filter's line, then the block */
};

/* Hits are counted by seq in a flat table that is emptied by counting generations. */
struct index_reader {
	struct hit {
		uint64_t seq;
		uint32_t count, generation;
	} * slots;
	size_t mask; /* slots - 1 */
	uint32_t generation;
	struct candidate *all;
	size_t count, cap;
	uint64_t *keys;   /* spread, sorted, each once; as many again are scratch */
	uint16_t *flanks; /* of each; FLANKS_ANY */
	size_t keys_cap;
	struct leads *leads; /* [leads_cap] of each run */
	size_t leads_cap;
	uint64_t *found; /* room for one list of all places */
	size_t found_cap;
	bool broken; /* a run was found damaged */
};

#define FIRST_SLOTS 1024u
#define STRETCH_BITS 6u
_Static_assert(FLANK_BITS <= 64 - BLOCK_KEY_BITS, "flanks are sorted below their key");
#define FLANKS_ANY 0x100u                 /* they agree with all */
#define FEW_HAVE 2u                       /* a key that so few have is hardly chance */
#define MANY_ARTICLES (UINT64_C(1) << 21) /* where it may be, even if one alone has it */

enum status index_reader_open(struct index_reader **out)
{
	struct index_reader *r = calloc(1, sizeof *r);

	if (r == NULL)
		return STATUS_NO_MEMORY;
	r->slots = calloc(FIRST_SLOTS, sizeof *r->slots);
	r->cap = FIRST_SLOTS / 2;
	r->all = calloc(r->cap, sizeof *r->all);
	r->mask = FIRST_SLOTS - 1;
	if (r->slots == NULL || r->all == NULL) {
		index_reader_close(r);
		return STATUS_NO_MEMORY;
	}
	*out = r;
	return STATUS_OK;
}

void index_reader_close(struct index_reader *r)
{
	if (r == NULL)
		return;
	free(r->slots);
	free(r->all);
	free(r->keys);
	free(r->flanks);
	free(r->leads);
	free(r->found);
	free(r);
}

/* ---- one key -------------------------------------------------------------------------------- */

static bool room_for_lists(struct index_reader *r, const struct index *x)
{
	size_t wanted = (1 + x->sealing_count + x->run_count) * (size_t)TABLE_CAP_MAX;

	if (x->run_count > r->leads_cap) {
		struct leads *leads = realloc(r->leads, 2 * x->run_count * sizeof *leads);

		if (leads == NULL)
			return false;
		r->leads = leads;
		r->leads_cap = 2 * x->run_count;
	}
	if (wanted > r->found_cap) {
		uint64_t *found = realloc(r->found, 2 * wanted * sizeof *found);

		if (found == NULL)
			return false;
		r->found = found;
		r->found_cap = 2 * wanted;
	}
	return true;
}

/* Which of some keys each run may hold, and where: every step reads what the one before it has
 * asked the memory for. */
static void ask_filters(struct index_reader *r, const struct index *x, const uint64_t *keys,
			size_t count)
{
	struct run_sign signs[TOGETHER];

	for (size_t j = 0; j < count; j++)
		run_sign_of(&signs[j], keys[j]);
	for (size_t i = 0; i < x->run_count; i++) {
		struct leads *l = &r->leads[i];

		l->may = 0;
		for (size_t j = 0; j < count; j++)
			l->may |= (uint32_t)!run_lacks(x->runs[i], keys[j], l->at[j], &signs[j])
				  << j;
	}
}

static void ask_guides(const struct index_reader *r, const struct index *x, const uint64_t *keys)
{
	for (size_t i = 0; i < x->run_count; i++)
		for (uint32_t may = r->leads[i].may; may != 0; may &= may - 1)
			run_ask_directory(x->runs[i], keys[__builtin_ctz(may)]);
}

static void ask_directories(struct index_reader *r, const struct index *x, const uint64_t *keys)
{
	for (size_t i = 0; i < x->run_count; i++) {
		struct leads *l = &r->leads[i];

		for (uint32_t may = l->may; may != 0; may &= may - 1) {
			unsigned bit = (unsigned)__builtin_ctz(may);

			l->at[bit] = run_block_of(x->runs[i], keys[bit]);
		}
	}
}

static void ask_blocks(const struct index_reader *r, const struct index *x, const uint64_t *keys)
{
	for (size_t i = 0; i < x->run_count; i++) {
		const struct leads *l = &r->leads[i];

		for (uint32_t may = l->may; may != 0; may &= may - 1) {
			unsigned bit = (unsigned)__builtin_ctz(may);

			run_look_in(x->runs[i], keys[bit], l->at[bit]);
		}
	}
}

/* Every look-up begins with misses of the cache: those of some keys are waited for together. */
static void look_ahead(struct index_reader *r, const struct index *x, const uint64_t *keys,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < x->run_count; j++)
			r->leads[j].at[i] = run_look(x->runs[j], keys[i]);
		for (size_t j = 0; j < x->sealing_count; j++)
			table_prefetch(x->sealing[j]->table, keys[i]);
		if (x->active != NULL)
			table_prefetch(x->active, keys[i]);
	}
	ask_filters(r, x, keys, count);
	ask_guides(r, x, keys);
	ask_directories(r, x, keys);
	ask_blocks(r, x, keys);
}

/* All numbers under the key with this bit into found[], ascending, at most cap. Old places come
 * first, so the list is nearly sorted already. */
static size_t gather(struct index_reader *r, const struct index *x, uint64_t key, unsigned bit,
		     bool *out_cut)
{
	size_t n = 0;

	for (size_t i = 0; i < x->run_count; i++) {
		const struct leads *l = &r->leads[i];

		if ((l->may >> bit & 1) == 0)
			continue;
		n += run_find(x->runs[i], key, l->at[bit], r->found + n, TABLE_CAP_MAX);
		r->broken |= run_damaged(x->runs[i]);
	}
	for (size_t i = 0; i < x->sealing_count; i++)
		n += table_find(x->sealing[i]->table, key, r->found + n);
	if (x->active != NULL)
		n += table_find(x->active, key, r->found + n);
	numbers_sort(r->found, n);
	*out_cut = n >= x->cap;
	return numbers_cap(r->found, n, x->cap);
}

/* Of the owner: what it has met that is damaged goes. */
static void note_broken(struct index *x)
{
	if (x->reader->broken || x->broken)
		seals_set_aside(x);
	x->reader->broken = false;
}

size_t index_find(struct index *x, uint64_t key, uint64_t *out, size_t cap)
{
	struct index_reader *r = x->reader;
	uint64_t spread = run_key(key);
	size_t n = 0, found;
	bool cut;

	seals_adopt(x);
	if (room_for_lists(r, x)) {
		look_ahead(r, x, &spread, 1);
		n = gather(r, x, spread, 0, &cut);
	}
	note_broken(x);
	found = 0;
	for (size_t i = n; i-- > 0 && found < cap;)
		if (found == 0 || out[found - 1] != number_plain(r->found[i]))
			out[found++] = number_plain(r->found[i]);
	return found;
}

/* ---- many keys ------------------------------------------------------------------------------ */

static struct hit *hit_of(struct index_reader *r, uint64_t seq)
{
	size_t i = (size_t)mix64(seq) & r->mask;

	while (r->slots[i].generation == r->generation && r->slots[i].seq != seq)
		i = (i + 1) & r->mask;
	return &r->slots[i];
}

static bool hits_grow(struct index_reader *r)
{
	size_t old = r->mask + 1;
	struct hit *slots = r->slots;
	struct candidate *all = realloc(r->all, 2 * r->cap * sizeof *all);

	if (all == NULL)
		return false;
	r->all = all;
	r->slots = calloc(2 * old, sizeof *slots);
	if (r->slots == NULL) {
		r->slots = slots;
		return false;
	}
	r->mask = 2 * old - 1;
	r->cap *= 2;
	for (size_t i = 0; i < old; i++)
		if (slots[i].generation == r->generation)
			*hit_of(r, slots[i].seq) = slots[i];
	free(slots);
	return true;
}

static void hits_begin(struct index_reader *r)
{
	r->count = 0;
	if (++r->generation == 0) {
		memset(r->slots, 0, (r->mask + 1) * sizeof *r->slots);
		r->generation = 1;
	}
}

/* The slot's count is the place in all[], plus one while it is new. */
static void hits_add(struct index_reader *r, uint64_t seq, bool firm, bool backed)
{
	struct hit *hit = hit_of(r, seq);

	if (hit->generation == r->generation) {
		r->all[hit->count].hits++;
		r->all[hit->count].firm += firm;
		r->all[hit->count].backed += backed;
		return;
	}
	if (r->count == r->cap) {
		if (!hits_grow(r))
			return;
		hit = hit_of(r, seq);
	}
	*hit = (struct hit){ seq, (uint32_t)r->count, r->generation };
	r->all[r->count++] = (struct candidate){ seq, 1, firm, backed };
}

static bool goes_before(const struct candidate *a, const struct candidate *b)
{
	return a->hits != b->hits ? a->hits > b->hits : a->seq < b->seq;
}

/* In place and without a call per comparison (Shell 1959, with the gaps of Ciura 2001). */
static void sort_candidates(struct candidate *all, size_t count)
{
	static const size_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };

	for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++) {
		for (size_t i = gaps[g]; i < count; i++) {
			struct candidate one = all[i];
			size_t to = i;

			for (; to >= gaps[g] && goes_before(&one, &all[to - gaps[g]]);
			     to -= gaps[g])
				all[to] = all[to - gaps[g]];
			all[to] = one;
		}
	}
}

/* Keys that are spread evenly are almost in order once each has gone to its stretch. */
static void keys_sort(uint64_t *keys, uint64_t *scratch, size_t count)
{
	size_t ends[1 << STRETCH_BITS] = { 0 };

	for (size_t i = 0; i < count; i++)
		ends[keys[i] >> (64 - STRETCH_BITS)]++;
	for (size_t i = 1; i < 1 << STRETCH_BITS; i++)
		ends[i] += ends[i - 1];
	for (size_t i = 0; i < count; i++)
		scratch[--ends[keys[i] >> (64 - STRETCH_BITS)]] = keys[i];
	for (size_t i = 0; i < count; i++) {
		size_t to = i;

		for (; to > 0 && keys[to - 1] > scratch[i]; to--)
			keys[to] = keys[to - 1];
		keys[to] = scratch[i];
	}
}

static bool room_for_keys(struct index_reader *r, size_t count)
{
	uint64_t *keys;
	uint16_t *flanks;

	if (2 * count <= r->keys_cap)
		return true;
	keys = realloc(r->keys, 4 * count * sizeof *keys);
	if (keys == NULL)
		return false;
	r->keys = keys;
	flanks = realloc(r->flanks, 2 * count * sizeof *flanks);
	if (flanks == NULL)
		return false;
	r->flanks = flanks;
	r->keys_cap = 4 * count;
	return true;
}

/* Spread, sorted (runs are then read forwards) and without doubles; SIZE_MAX: out of memory. The
 * flanks are sorted in the bits that a spread key leaves free. */
static size_t prepare(struct index_reader *r, const uint64_t *keys, const uint8_t *flanks,
		      size_t count)
{
	const uint64_t mask = (UINT64_C(1) << FLANK_BITS) - 1;
	size_t kept = 0;

	if (!room_for_keys(r, count))
		return SIZE_MAX;
	for (size_t i = 0; i < count; i++)
		r->keys[i] = run_key(keys[i]) | (flanks == NULL ? 0 : flanks[i]);
	keys_sort(r->keys, r->keys + count, count);
	for (size_t i = 0; i < count; i++) {
		uint64_t key = r->keys[i] & ~mask;
		uint16_t own = flanks == NULL ? FLANKS_ANY : (uint16_t)(r->keys[i] & mask);

		if (kept == 0 || r->keys[kept - 1] != key) {
			r->flanks[kept] = own;
			r->keys[kept++] = key;
		} else if (r->flanks[kept - 1] != own) {
			r->flanks[kept - 1] = FLANKS_ANY;
		}
	}
	return kept;
}

/* Whether the same stands on one side of a key here and there. */
static bool backs(unsigned here, uint64_t there)
{
	unsigned unlike = (here ^ (unsigned)there) & 0xff;

	return here == FLANKS_ANY || (unlike & 0x0f) == 0 || (unlike & 0xf0) == 0;
}

/* How many may have a key that needs no flank: the more articles are sealed, the fewer. */
static size_t few_have(const struct index *x)
{
	uint64_t articles = 0;

	for (size_t i = 0; i < x->run_count; i++)
		articles += x->runs[i]->info.articles;
	return articles <= MANY_ARTICLES / FEW_HAVE ? FEW_HAVE : MANY_ARTICLES / articles;
}

/* Whether a list is of so few articles. */
static bool is_of_few(const uint64_t *numbers, size_t count, size_t few)
{
	size_t articles = 0;

	for (size_t i = 0; i < count && articles <= few; i++)
		articles += i == 0 || number_plain(numbers[i]) != number_plain(numbers[i - 1]);
	return articles <= few;
}

/* The articles of one list: those of each stand together, one for every place of the key. */
static void hits_add_list(struct index_reader *r, const struct index *x, size_t count,
			  unsigned flanks, bool firm)
{
	for (size_t i = 0; i < count;) {
		uint64_t seq = number_plain(r->found[i]);
		bool backed = false;

		for (; i < count && number_plain(r->found[i]) == seq; i++)
			backed |= backs(flanks, r->found[i]);
		if (seq > x->expired_seq)
			hits_add(r, seq, firm, backed);
	}
}

/* SIZE_MAX: out of memory. */
static size_t candidates(struct index_reader *r, const struct index *x, const uint64_t *keys,
			 const uint8_t *flanks, size_t count, struct candidate *out, size_t cap,
			 size_t *out_capped)
{
	size_t few = few_have(x);
	bool cut;

	*out_capped = 0;
	count = prepare(r, keys, flanks, count);
	if (count == SIZE_MAX || !room_for_lists(r, x))
		return SIZE_MAX;
	hits_begin(r);
	for (size_t i = 0; i < count; i++) {
		size_t n;

		if (i % TOGETHER == 0)
			look_ahead(r, x, r->keys + i, count - i < TOGETHER ? count - i : TOGETHER);
		n = gather(r, x, r->keys[i], i % TOGETHER, &cut);
		*out_capped += cut;
		hits_add_list(r, x, n, is_of_few(r->found, n, few) ? FLANKS_ANY : r->flanks[i],
			      !cut);
	}
	sort_candidates(r->all, r->count);
	if (cap > r->count)
		cap = r->count;
	if (cap > 0)
		memcpy(out, r->all, cap * sizeof *out);
	return cap;
}

size_t index_reader_candidates(struct index_reader *r, struct index *x, const uint64_t *keys,
			       const uint8_t *flanks, size_t count, struct candidate *out,
			       size_t cap, size_t *out_capped, struct index_mark *out_mark)
{
	pthread_rwlock_rdlock(&x->places);
	*out_mark = (struct index_mark){ x->additions, x->adopted };
	cap = candidates(r, x, keys, flanks, count, out, cap, out_capped);
	pthread_rwlock_unlock(&x->places);
	if (cap != SIZE_MAX)
		return cap;
	out_mark->adopted = UINT64_MAX; /* nothing is known to be the same as this */
	return 0;
}

size_t index_candidates(struct index *x, const uint64_t *keys, const uint8_t *flanks, size_t count,
			struct candidate *out, size_t cap, size_t *out_capped)
{
	seals_adopt(x);
	cap = candidates(x->reader, x, keys, flanks, count, out, cap, out_capped);
	note_broken(x);
	return cap == SIZE_MAX ? 0 : cap;
}
