/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/compare.h"

#include "base/arena.h"
#include "detect/align.h"
#include "detect/passages.h"
#include "detect/places.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/shingle.h"

#define RUN_TOKENS 6u /* a shared run at least this long begins a passage; any continues it */
#define WEAK_SHINGLES 3u
#define WEAK_LEAST 0.04 /* resemblance: a tenth of all letters damaged leave more */
#define WEAK_RESEMBLANCE 0.8
#define FRAME_FIGURES 3u

struct probe {
	const struct kept *kept;
	const uint64_t *hashes;
	size_t shingle_count;
	struct places places;
	uint32_t *slots; /* of each shingle there */
	uint8_t *filter; /* turns away most shingles of an unrelated article, without a branch */
	uint32_t filter_shift;
	uint32_t *stamps; /* per slot: the last comparison that met it */
	uint32_t stamp;
	struct places numbers;
	uint32_t *number_stamps;
};

enum status kept_of(struct kept *out, const uint16_t *tokens, uint32_t token_count,
		    const uint32_t *paragraphs, uint32_t paragraph_count,
		    const struct masked *masked, uint32_t masked_count, struct arena *arena)
{
	uint16_t *kept = NULL;
	uint32_t *cuts = NULL, n = 0, at = 0;

	*out = (struct kept){ .tokens = tokens,
			      .count = token_count,
			      .masked = masked,
			      .masked_count = masked_count,
			      .paragraphs = paragraphs,
			      .paragraph_count = paragraph_count };
	if (masked_count > 0) {
		kept = ARENA_ARRAY(arena, uint16_t, (size_t)token_count + 1);
		cuts = ARENA_ARRAY(arena, uint32_t, masked_count);
		if (kept == NULL || cuts == NULL)
			return STATUS_NO_MEMORY;
		for (uint32_t m = 0; m <= masked_count; m++) {
			uint32_t end = m < masked_count ? masked[m].from : token_count;

			memcpy(kept + n, tokens + at, (end - at) * sizeof *kept);
			n += end - at;
			if (m < masked_count)
				cuts[m] = n;
			at = m < masked_count ? end + masked[m].count : end;
		}
		out->tokens = kept;
		out->count = n;
		out->cuts = cuts;
	}
	out->units = tokens_units(out->tokens, out->count);
	return STATUS_OK;
}

#define FILTER_PLACES 16u /* per shingle of the probe */

static enum status filter_init(struct probe *p, struct arena *arena)
{
	uint32_t bits = 6;

	while (((size_t)1 << bits) < FILTER_PLACES * p->shingle_count && bits < 31)
		bits++;
	p->filter_shift = 64 - bits;
	p->filter = arena_take_zeroed(arena, (size_t)1 << bits, sizeof *p->filter);
	if (p->filter == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < p->shingle_count; i++)
		p->filter[p->hashes[i] >> p->filter_shift] = 1;
	return STATUS_OK;
}

/* Which of the other's shingles the probe may have, as indexes; returns how many. */
static uint32_t sift(uint32_t *out, const struct probe *p, const uint64_t *hashes, uint32_t count)
{
	const uint8_t *filter = p->filter;
	uint32_t shift = p->filter_shift, kept = 0;

	for (uint32_t j = 0; j < count; j++) {
		out[kept] = j;
		kept += filter[hashes[j] >> shift];
	}
	return kept;
}

/* Spreads a token over 64 bits, for a table that takes its home slot from the top. */
static uint64_t spread(uint16_t token)
{
	return (uint64_t)token * UINT64_C(0x9e3779b97f4a7c15);
}

static enum status numbers_init(struct probe *p, struct arena *arena)
{
	const struct kept *k = p->kept;
	uint32_t count = 0;
	enum status st;

	for (uint32_t i = 0; i < k->count; i++)
		count += token_is_number(k->tokens[i]);
	st = places_init(&p->numbers, count, arena);
	if (st != STATUS_OK)
		return st;
	for (uint32_t i = 0; i < k->count; i++)
		if (token_is_number(k->tokens[i]))
			places_put(&p->numbers, spread(k->tokens[i]), i);
	p->number_stamps =
		arena_take_zeroed(arena, (size_t)p->numbers.mask + 1, sizeof *p->number_stamps);
	return p->number_stamps == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status probe_of(struct probe **out, const struct kept *k, const uint64_t *hashes,
		     struct arena *arena)
{
	struct probe *p = arena_take_zeroed(arena, 1, sizeof *p);
	enum status st;

	if (p == NULL)
		return STATUS_NO_MEMORY;
	p->kept = k;
	p->hashes = hashes;
	p->shingle_count = shingles_count(k->count);
	st = places_init(&p->places, p->shingle_count, arena);
	if (st == STATUS_OK)
		st = filter_init(p, arena);
	if (st != STATUS_OK)
		return st;
	p->slots = ARENA_ARRAY(arena, uint32_t, p->shingle_count);
	for (size_t i = 0; p->slots != NULL && i < p->shingle_count; i++)
		p->slots[i] = places_put(&p->places, hashes[i], (uint32_t)i);
	p->stamps = arena_take_zeroed(arena, (size_t)p->places.mask + 1, sizeof *p->stamps);
	if (p->slots == NULL || p->stamps == NULL)
		return STATUS_NO_MEMORY;
	*out = p;
	return numbers_init(p, arena);
}

/* The tokens shingle i of k covers. */
static uint32_t reach(const struct kept *k, uint32_t i)
{
	bool long_one = (k->tokens[i] & TOKEN_CLASS) == TOKEN_CHARACTER && k->count - i >= 6;

	return long_one ? 6 : 3;
}

/* The slot of one of the other's shingles. Mostly it goes on where the one before stood: then its
 * place is `next` and nothing is searched for. */
static uint32_t slot_of(const struct probe *p, uint64_t hash, uint32_t next)
{
	return next < p->shingle_count && p->hashes[next] == hash ? p->slots[next]
								  : places_slot(&p->places, hash);
}

/* Walks the other's sifted shingles once: which of the probe's it meets, and the runs on one
 * diagonal. Returns how many different ones it meets; anchors[]: where. */
static uint32_t walk(struct anchor *anchors, uint32_t *out_count, struct passages *ps,
		     struct probe *p, const uint64_t *hashes, const uint32_t *sifted,
		     uint32_t sifted_count)
{
	const struct kept *a = p->kept, *b = ps->there;
	uint32_t met = 0, done = 0, diagonal = 0, anchor_count = 0;

	for (uint32_t s = 0; s < sifted_count; s++) {
		uint32_t j = sifted[s], i, back = 0, count = 0;
		uint32_t slot = slot_of(p, hashes[j], j + diagonal);

		if (slot == PLACES_NONE)
			continue;
		i = p->places.at[slot];
		anchors[anchor_count++] = (struct anchor){ i, j };
		if (p->stamps[slot] != p->stamp) {
			p->stamps[slot] = p->stamp;
			met++;
		}
		if (j + reach(b, j) <= done)
			continue;
		/* A shingle may stand earlier too: prefer the place that goes on where the last run
		 * ended. */
		if (ps->open && j >= ps->last.there_end) {
			uint32_t next = ps->last.here_end + (j - ps->last.there_end);

			if (next < p->shingle_count && p->hashes[next] == hashes[j])
				i = next;
		}
		diagonal = i - j;
		while (i > back && j - back > done &&
		       a->tokens[i - back - 1] == b->tokens[j - back - 1])
			back++;
		while (i + count < a->count && j + count < b->count &&
		       a->tokens[i + count] == b->tokens[j + count])
			count++;
		if (back + count >= RUN_TOKENS || passages_go_on(ps, i - back, j - back)) {
			passages_take(ps, i - back, j - back, back + count);
			done = j + count;
		}
	}
	passages_end(ps);
	*out_count = anchor_count;
	return met;
}

/* The share of the numbers of the side with fewer that the other side has too. */
static double shared_numbers(uint32_t *out_count, struct probe *p, const struct kept *other)
{
	uint32_t theirs = 0, shared = 0, ours = p->numbers.distinct, fewer;

	for (uint32_t j = 0; j < other->count; j++) {
		uint32_t slot;

		if (!token_is_number(other->tokens[j]))
			continue;
		slot = places_slot(&p->numbers, spread(other->tokens[j]));
		if (slot == PLACES_NONE) {
			theirs++;
		} else if (p->number_stamps[slot] != p->stamp) {
			p->number_stamps[slot] = p->stamp;
			theirs++;
			shared++;
		}
	}
	fewer = theirs < ours ? theirs : ours;
	*out_count = fewer;
	return fewer == 0 ? 1.0 : (double)shared / (double)fewer;
}

/* Half words with which both begin. */
static uint32_t opening(const struct kept *a, const struct kept *b)
{
	uint32_t count = 0;

	while (count < a->count && count < b->count && a->tokens[count] == b->tokens[count])
		count++;
	return tokens_units(a->tokens, count);
}

/* ---- the second look */

/* Other figures at most of their places: a frame, whose words agree as well as a copy's. */
static bool is_frame(const struct comparison *c)
{
	return c->figures_replaced >= FRAME_FIGURES && c->figures_replaced > 2 * c->figures_kept;
}

/* Worth it where some shingles are shared, but far from all, by texts of about one length. */
static bool weak(const struct comparison *c, uint32_t met, const struct kept *a,
		 const struct kept *b)
{
	return met >= WEAK_SHINGLES && c->resemblance >= WEAK_LEAST &&
	       c->resemblance < WEAK_RESEMBLANCE && !is_frame(c) &&
	       2 * (uint64_t)a->count <= 3 * (uint64_t)b->count &&
	       2 * (uint64_t)b->count <= 3 * (uint64_t)a->count;
}

static double share_changed(const struct agreement *a)
{
	return a->changed == 0 ? 0 : (double)a->changed / ((double)a->changed + a->kept);
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static enum status look_again(struct comparison *c, const struct probe *p, const struct kept *other,
			      const struct anchor *anchors, uint32_t count, struct arena *arena)
{
	uint32_t longer = p->kept->count > other->count ? p->kept->count : other->count;
	struct alignment a;
	enum status st = align(&a, p->kept, other, anchors, count, arena);

	c->aligned = ((double)a.words.kept + a.numbers.kept) / (double)longer;
	c->aligned_span = smaller((double)a.here / (double)p->kept->count,
				  (double)a.there / (double)other->count);
	c->words_changed = share_changed(&a.words);
	c->numbers_replaced = a.numbers.changed;
	c->numbers_changed = share_changed(&a.numbers);
	return st;
}

enum status compare(struct comparison *out, struct probe *p, const struct kept *other,
		    struct arena *arena)
{
	struct passages ps = { .c = out, .here = p->kept, .there = other };
	uint32_t shingles = (uint32_t)shingles_count(other->count), ours = p->places.distinct;
	uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, (size_t)shingles + 1);
	uint32_t *sifted = ARENA_ARRAY(arena, uint32_t, (size_t)shingles + 1);
	struct anchor *anchors = ARENA_ARRAY(arena, struct anchor, (size_t)shingles + 1);
	uint32_t sifted_count, anchor_count, met, missed;

	*out = (struct comparison){ 0 };
	ps.all = ARENA_ARRAY(arena, struct passage, COMPARE_PASSAGES);
	if (hashes == NULL || sifted == NULL || anchors == NULL || ps.all == NULL)
		return STATUS_NO_MEMORY;
	p->stamp++;
	shingles_of(hashes, other->tokens, other->count);
	sifted_count = sift(sifted, p, hashes, shingles);
	met = walk(anchors, &anchor_count, &ps, p, hashes, sifted, sifted_count);
	missed = shingles - anchor_count;
	out->passages = ps.all;
	if (met > 0) {
		out->resemblance = (double)met / (double)(ours + missed);
		out->containment = (double)met / (double)ours;
		out->contained_by = (double)met / (double)(met + missed);
	}
	if (out->passage_count > 0) {
		const struct stretch *all = &ps.all_over;

		out->span = (double)(all->here_end - all->here) / (double)p->kept->count;
		out->span_there = (double)(all->there_end - all->there) / (double)other->count;
		out->opening_units = opening(p->kept, other);
	}
	out->numbers = out->longest_units > 0 ? shared_numbers(&out->number_count, p, other) : 1.0;
	if (weak(out, met, p->kept, other) &&
	    look_again(out, p, other, anchors, anchor_count, arena) != STATUS_OK)
		return STATUS_NO_MEMORY;
	out->same =
		p->kept->count == other->count &&
		memcmp(p->kept->tokens, other->tokens, other->count * sizeof *other->tokens) == 0;
	return STATUS_OK;
}
