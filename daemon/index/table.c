/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/table.h"

#include <stdlib.h>
#include <string.h>

#define BITS_MAX 40u
#define TAIL 256u /* slots behind the last home, so that probing never wraps round */
#define COLUMN_START 64u

struct table {
	struct postings_rule rule;
	unsigned bits;
	size_t room;    /* slots, tail included; keys[room] is never used: probing stops there */
	size_t used;    /* slots */
	uint64_t *keys; /* 0: free */
	unsigned char *postings; /* POSTING_BYTES a slot */
	uint64_t *seqs, *simhashes;
	size_t articles, column_cap;
};

static size_t home_of(const struct table *t, uint64_t key)
{
	return (size_t)(key >> (64 - t->bits));
}

static uint64_t posting_at(const struct table *t, size_t slot)
{
	const unsigned char *p = t->postings + slot * POSTING_BYTES;
	uint32_t low;

	memcpy(&low, p, sizeof low);
	return (uint64_t)p[4] << 32 | low;
}

static void put_posting(struct table *t, size_t slot, uint64_t posting)
{
	unsigned char *p = t->postings + slot * POSTING_BYTES;
	uint32_t low = (uint32_t)posting;

	memcpy(p, &low, sizeof low);
	p[4] = (unsigned char)(posting >> 32);
}

/* ---- slots ------------------------------------------------------------------------------------
 */

static enum status take_slots(struct table *t, unsigned bits)
{
	size_t room = ((size_t)1 << bits) + TAIL;
	uint64_t *keys = calloc(room + 1, sizeof *keys);
	unsigned char *postings = calloc(room + 1, POSTING_BYTES);

	if (keys == NULL || postings == NULL) {
		free(keys);
		free(postings);
		return STATUS_NO_MEMORY;
	}
	t->bits = bits;
	t->room = room;
	t->used = 0;
	t->keys = keys;
	t->postings = postings;
	return STATUS_OK;
}

/* Moves everything into a table of 2^bits slots; false when a cluster runs over its end. Sweeping
 * in order of slots keeps the postings of a key in order, and both tables are walked once. */
static bool move_slots(struct table *to, const struct table *from)
{
	for (size_t i = 0; i < from->room; i++) {
		size_t at;

		if (from->keys[i] == 0)
			continue;
		for (at = home_of(to, from->keys[i]); to->keys[at] != 0; at++)
			;
		if (at == to->room)
			return false;
		to->keys[at] = from->keys[i];
		put_posting(to, at, posting_at(from, i));
		to->used++;
	}
	return true;
}

static enum status grow(struct table *t)
{
	struct table next = *t;
	bool moved = false;

	for (unsigned bits = t->bits + 1; !moved; bits++) {
		if (bits > BITS_MAX || take_slots(&next, bits) != STATUS_OK)
			return STATUS_NO_MEMORY;
		moved = move_slots(&next, t);
		if (moved)
			break;
		free(next.keys);
		free(next.postings);
	}
	free(t->keys);
	free(t->postings);
	*t = next;
	return STATUS_OK;
}

/* ---- postings ---------------------------------------------------------------------------------
 */

/* The list stands in the slots place[0..count), the last of them free or given up; the posting goes
 * where its order wants it, the later ones move up. */
static void put_in_order(struct table *t, const size_t *place, size_t count, uint64_t posting)
{
	size_t i = count - 1;

	for (; i > 0 && posting_at(t, place[i - 1]) > posting; i--)
		put_posting(t, place[i], posting_at(t, place[i - 1]));
	put_posting(t, place[i], posting);
}

enum status table_post(struct table *t, uint64_t key, uint64_t posting)
{
	size_t keep = postings_keep(t->rule);
	size_t place[POSTINGS_KEEP_MAX];
	size_t count, at;

	for (;;) {
		count = 0;
		for (at = home_of(t, key); t->keys[at] != 0; at++) {
			if (t->keys[at] != key)
				continue;
			if (posting_number(posting_at(t, at)) == posting_number(posting))
				return STATUS_OK;
			place[count++] = at;
		}
		if (count == keep || (at < t->room && t->used < ((size_t)3 << t->bits) / 4))
			break;
		if (grow(t) != STATUS_OK)
			return STATUS_NO_MEMORY;
	}
	if (count == keep) { /* the one between makes room */
		for (size_t i = t->rule.old; i + 1 < count; i++)
			put_posting(t, place[i], posting_at(t, place[i + 1]));
	} else {
		t->keys[at] = key;
		t->used++;
		place[count++] = at;
	}
	put_in_order(t, place, count, posting);
	return STATUS_OK;
}

void table_prefetch(const struct table *t, uint64_t key)
{
	size_t home = home_of(t, key);

	__builtin_prefetch(t->keys + home);
	__builtin_prefetch(t->postings + home * POSTING_BYTES);
}

size_t table_find(const struct table *t, uint64_t key, uint64_t *out)
{
	size_t count = 0;

	for (size_t at = home_of(t, key); t->keys[at] != 0; at++)
		if (t->keys[at] == key)
			out[count++] = posting_at(t, at);
	return count;
}

/* ---- the column -------------------------------------------------------------------------------
 */

static enum status reserve_row(struct table *t)
{
	size_t cap = t->column_cap == 0 ? COLUMN_START : t->column_cap * 2;
	uint64_t *grown;

	if (t->articles < t->column_cap)
		return STATUS_OK;
	grown = realloc(t->seqs, cap * sizeof *grown);
	if (grown == NULL)
		return STATUS_NO_MEMORY;
	t->seqs = grown;
	grown = realloc(t->simhashes, cap * sizeof *grown);
	if (grown == NULL)
		return STATUS_NO_MEMORY;
	t->simhashes = grown;
	t->column_cap = cap;
	return STATUS_OK;
}

/* The first row whose seq is not below; nearly always the end. */
static size_t row_of(const struct table *t, uint64_t seq)
{
	size_t low = 0, high = t->articles;

	if (high == 0 || t->seqs[high - 1] < seq)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->seqs[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status table_article(struct table *t, uint64_t seq, uint64_t simhash)
{
	size_t at = row_of(t, seq);
	size_t behind = t->articles - at;

	if (behind > 0 && t->seqs[at] == seq) {
		t->simhashes[at] = simhash;
		return STATUS_OK;
	}
	if (reserve_row(t) != STATUS_OK)
		return STATUS_NO_MEMORY;
	memmove(t->seqs + at + 1, t->seqs + at, behind * sizeof *t->seqs);
	memmove(t->simhashes + at + 1, t->simhashes + at, behind * sizeof *t->simhashes);
	t->seqs[at] = seq;
	t->simhashes[at] = simhash;
	t->articles++;
	return STATUS_OK;
}

/* ---- the sweep --------------------------------------------------------------------------------
 */

/* By key; stable, so that the postings of a key stay in order. Clusters are short but for the lists
 * of hot keys, which stand nearly in order. */
static void sort_cluster(struct entry *e, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct entry moved = e[i];
		size_t at = i;

		for (; at > 0 && e[at - 1].key > moved.key; at--)
			e[at] = e[at - 1];
		e[at] = moved;
	}
}

enum status table_sweep(const struct table *t, size_t *at, struct entry **entries, size_t *cap,
			size_t *count)
{
	size_t i = *at;

	*count = 0;
	while (i < t->room && t->keys[i] == 0)
		i++;
	for (; i < t->room && t->keys[i] != 0; i++) {
		if (*count == *cap) {
			size_t more = *cap == 0 ? 1024 : *cap * 2;
			struct entry *grown = realloc(*entries, more * sizeof *grown);

			if (grown == NULL)
				return STATUS_NO_MEMORY;
			*entries = grown;
			*cap = more;
		}
		(*entries)[(*count)++] = (struct entry){ t->keys[i], posting_at(t, i) };
	}
	*at = i;
	sort_cluster(*entries, *count);
	return STATUS_OK;
}

/* ---- life -------------------------------------------------------------------------------------
 */

size_t table_postings(const struct table *t)
{
	return t->used;
}

unsigned table_bits(const struct table *t)
{
	return t->bits;
}

size_t table_articles(const struct table *t)
{
	return t->articles;
}

const uint64_t *table_seqs(const struct table *t)
{
	return t->seqs;
}

const uint64_t *table_simhashes(const struct table *t)
{
	return t->simhashes;
}

enum status table_open(struct table **out, unsigned bits, struct postings_rule rule)
{
	struct table *t = calloc(1, sizeof *t);

	if (t == NULL)
		return STATUS_NO_MEMORY;
	t->rule = rule;
	if (take_slots(t, bits) != STATUS_OK) {
		free(t);
		return STATUS_NO_MEMORY;
	}
	*out = t;
	return STATUS_OK;
}

void table_close(struct table *t)
{
	if (t == NULL)
		return;
	free(t->keys);
	free(t->postings);
	free(t->seqs);
	free(t->simhashes);
	free(t);
}
