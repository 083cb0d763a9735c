/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/table.h"

#include "index/column.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SEGMENTS 256u
#define SEGMENT_SHIFT 56u
#define FIRST_BITS 4u
#define LAST_BITS 40u
#define LARGE_BYTES (64u << 10)
#define PAGE_MASK ((uintptr_t)4095)
#define SLACK 192u /* slots behind the last home; the very last one is always free */

struct segment {
	struct posting *slots; /* [1 << bits + SLACK]; number 0: free */
	size_t used;           /* 0: the slots have not been touched */
	unsigned bits;
	bool lent; /* the slots are a part of the block */
};

struct table {
	struct segment segments[SEGMENTS];
	struct posting *block; /* for the first slots of all segments; NULL: each has its own */
	size_t block_bytes;
	uint32_t cap;
	struct column column;
};

static size_t slots_of(unsigned bits)
{
	return ((size_t)1 << bits) + SLACK;
}

/* Large ones come from the kernel, which clears a page when it is first written: calloc() may clear
 * a whole table at once, and the lane would wait for it. */
static bool is_large(size_t bytes)
{
	return bytes >= LARGE_BYTES;
}

static void *pages_take(size_t bytes, int more_flags)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | more_flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Of one segment, which is about to be filled: its pages come in one go. A free slot that was read
 * before it is written would fault twice, and interrupt every core for the second time. */
static struct posting *slots_take(unsigned bits)
{
	size_t bytes = slots_of(bits) * sizeof(struct posting);

	return is_large(bytes) ? pages_take(bytes, MAP_POPULATE) : calloc(1, bytes);
}

/* Of the block, the pages that no neighbour shares go at once. */
static void slots_return(struct posting *slots, size_t bytes)
{
	uintptr_t from = ((uintptr_t)slots + PAGE_MASK) & ~PAGE_MASK;
	uintptr_t to = ((uintptr_t)slots + bytes) & ~PAGE_MASK;

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

static void slots_give(const struct segment *g)
{
	size_t bytes = slots_of(g->bits) * sizeof *g->slots;

	if (g->slots == NULL)
		return;
	if (g->lent)
		slots_return(g->slots, bytes);
	else if (is_large(bytes))
		munmap(g->slots, bytes);
	else
		free(g->slots);
}

static size_t home_of(const struct segment *g, uint64_t key)
{
	return (size_t)(key << (64 - SEGMENT_SHIFT) >> (64 - g->bits));
}

static unsigned bits_for(size_t postings)
{
	unsigned bits = FIRST_BITS;

	while (bits < LAST_BITS && ((size_t)SEGMENTS << bits) / 4 * 3 < postings)
		bits++;
	return bits;
}

/* A block for all of them: one call of the kernel, and room for huge pages. */
static bool first_slots(struct table *t, unsigned bits)
{
	size_t slots = slots_of(bits), bytes = SEGMENTS * slots * sizeof *t->block;

	if (is_large(slots * sizeof *t->block)) {
		t->block = pages_take(bytes, 0);
		if (t->block == NULL)
			return false;
		t->block_bytes = bytes;
	}
	for (unsigned i = 0; i < SEGMENTS; i++) {
		struct segment *g = &t->segments[i];

		g->bits = bits;
		g->lent = t->block != NULL;
		g->slots = g->lent ? t->block + i * slots : slots_take(bits);
		if (g->slots == NULL)
			return false;
	}
	return true;
}

enum status table_open(struct table **out, uint32_t cap, size_t postings)
{
	struct table *t = calloc(1, sizeof *t);

	if (t == NULL)
		return STATUS_NO_MEMORY;
	t->cap = cap < TABLE_CAP_MAX ? cap : TABLE_CAP_MAX;
	if (!first_slots(t, bits_for(postings))) {
		table_close(t);
		return STATUS_NO_MEMORY;
	}
	*out = t;
	return STATUS_OK;
}

void table_close(struct table *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < SEGMENTS; i++)
		if (!t->segments[i].lent)
			slots_give(&t->segments[i]);
	if (t->block != NULL)
		munmap(t->block, t->block_bytes);
	column_free(&t->column);
	free(t);
}

/* Whether nothing has outgrown the block. */
static bool is_whole(const struct table *t)
{
	for (unsigned i = 0; i < SEGMENTS; i++)
		if (!t->segments[i].lent)
			return false;
	return true;
}

/* Keys jump: on small pages every look would miss the TLB. Huge ones may have to be made first,
 * which takes its time. */
static void touch(struct table *t)
{
	if (t->block == NULL)
		return;
	madvise(t->block, t->block_bytes, MADV_HUGEPAGE);
	memset(t->block, 0, t->block_bytes);
}

struct table *table_again(struct table *t, uint32_t cap, size_t postings)
{
	if (t != NULL && is_whole(t) && t->segments[0].bits == bits_for(postings)) {
		for (unsigned i = 0; i < SEGMENTS; i++)
			t->segments[i].used = 0;
		t->column.count = 0;
		t->column.unsorted = false;
	} else {
		table_close(t);
		t = NULL;
		if (table_open(&t, cap, postings) != STATUS_OK)
			return NULL;
	}
	touch(t);
	return t;
}

/* The first free slot from the key's home on, or the last slot, which must stay free. */
static size_t free_slot(const struct segment *g, uint64_t key)
{
	size_t i = home_of(g, key), last = slots_of(g->bits) - 1;

	while (i < last && g->slots[i].number != 0)
		i++;
	return i;
}

/* Doubled, and again while a crowd at the end does not fit. The sweep keeps the order of slots,
 * so those of one key stay in the order of their adding. */
static enum status grow(struct segment *g)
{
	struct segment next = { NULL, g->used, g->bits, false };
	size_t i = 0, end = slots_of(g->bits);

	do {
		slots_give(&next);
		if (++next.bits > LAST_BITS)
			return STATUS_TOO_LARGE;
		next.slots = slots_take(next.bits);
		if (next.slots == NULL)
			return STATUS_NO_MEMORY;
		for (i = 0; i < end; i++) {
			size_t to;

			if (g->slots[i].number == 0)
				continue;
			to = free_slot(&next, g->slots[i].key);
			if (to == slots_of(next.bits) - 1)
				break;
			next.slots[to] = g->slots[i];
		}
	} while (i < end);
	slots_give(g);
	*g = next;
	return STATUS_OK;
}

/* In place (Shell 1959, with the gaps of Ciura 2001). */
void numbers_sort(uint64_t *numbers, size_t count)
{
	static const size_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };

	for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++) {
		for (size_t i = gaps[g]; i < count; i++) {
			uint64_t n = numbers[i];
			size_t j = i;

			for (; j >= gaps[g] && numbers[j - gaps[g]] > n; j -= gaps[g])
				numbers[j] = numbers[j - gaps[g]];
			numbers[j] = n;
		}
	}
}

/* A full list: of its numbers and the new one, the one in the middle goes. */
static void replace_middle(struct table *t, struct segment *g, uint64_t key, uint64_t number)
{
	uint64_t numbers[TABLE_CAP_MAX + 1];
	size_t count = table_find(t, key, numbers);
	uint64_t victim;

	numbers[count++] = number;
	numbers_sort(numbers, count);
	victim = numbers[t->cap / 2];
	for (size_t i = home_of(g, key); g->slots[i].number != 0; i++)
		if (g->slots[i].key == key && g->slots[i].number == victim)
			__atomic_store_n(&g->slots[i].number, number, __ATOMIC_RELEASE);
}

/* Readers look at the key of a slot that has a number. */
static uint64_t number_of(const struct posting *slot)
{
	return __atomic_load_n(&slot->number, __ATOMIC_ACQUIRE);
}

static void fill(struct posting *slot, uint64_t key, uint64_t number)
{
	slot->key = key;
	__atomic_store_n(&slot->number, number, __ATOMIC_RELEASE);
}

static bool is_touched(const struct segment *g)
{
	return __atomic_load_n(&g->used, __ATOMIC_RELAXED) > 0;
}

enum status table_add(struct table *t, uint64_t key, uint64_t number)
{
	struct segment *g = &t->segments[key >> SEGMENT_SHIFT];
	size_t i = home_of(g, key), last = slots_of(g->bits) - 1;
	size_t same = 0, own = 0;

	for (; g->used > 0 && g->slots[i].number != 0; i++) {
		if (g->slots[i].key != key)
			continue;
		own += number_plain(g->slots[i].number) == number_plain(number);
		if (g->slots[i].number == number || own == FLANKS_MAX)
			return STATUS_OK;
		same++;
	}
	if (same >= t->cap) {
		replace_middle(t, g, key, number);
		return STATUS_OK;
	}
	if (i == last || (g->used + 1) * 4 > (size_t)3 << g->bits)
		return STATUS_TOO_SMALL;
	fill(&g->slots[i], key, number);
	__atomic_store_n(&g->used, g->used + 1, __ATOMIC_RELAXED);
	return STATUS_OK;
}

enum status table_grow(struct table *t, uint64_t key)
{
	return grow(&t->segments[key >> SEGMENT_SHIFT]);
}

size_t table_find(const struct table *t, uint64_t key, uint64_t *out)
{
	const struct segment *g = &t->segments[key >> SEGMENT_SHIFT];
	size_t count = 0;
	uint64_t number;

	if (!is_touched(g))
		return 0;
	for (size_t i = home_of(g, key); (number = number_of(&g->slots[i])) != 0; i++)
		if (g->slots[i].key == key)
			out[count++] = number;
	return count;
}

void table_prefetch(const struct table *t, uint64_t key)
{
	const struct segment *g = &t->segments[key >> SEGMENT_SHIFT];

	__builtin_prefetch(&g->slots[home_of(g, key)]);
}

size_t table_postings(const struct table *t)
{
	size_t count = 0;

	for (unsigned i = 0; i < SEGMENTS; i++)
		count += t->segments[i].used;
	return count;
}

struct column *table_column(struct table *t)
{
	return &t->column;
}

/* ---- sweep ---------------------------------------------------------------------------------- */

void sweep_begin(struct sweep *s, const struct table *t)
{
	*s = (struct sweep){ .table = t };
}

static bool goes_before(const struct posting *a, const struct posting *b)
{
	return a->key != b->key ? a->key < b->key : a->number < b->number;
}

/* By insertion: slots are nearly in order. */
static void cluster_sort(struct posting *cluster, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct posting one = cluster[i];
		size_t to = i;

		for (; to > 0 && goes_before(&one, &cluster[to - 1]); to--)
			cluster[to] = cluster[to - 1];
		cluster[to] = one;
	}
}

static bool keep(struct sweep *s, const struct posting *p)
{
	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 256 : 2 * s->cap;
		struct posting *cluster = realloc(s->cluster, cap * sizeof *cluster);

		if (cluster == NULL) {
			s->failed = true;
			return false;
		}
		s->cluster = cluster;
		s->cap = cap;
	}
	s->cluster[s->count++] = *p;
	return true;
}

/* The next crowd between two free slots: all its homes lie within it, so sorting it alone puts
 * it into its place among all. */
static bool next_cluster(struct sweep *s)
{
	s->at = s->count = 0;
	for (; s->segment < SEGMENTS; s->segment++, s->slot = 0) {
		const struct segment *g = &s->table->segments[s->segment];
		size_t end = slots_of(g->bits);

		if (g->used == 0)
			continue;
		while (s->slot < end && g->slots[s->slot].number == 0)
			s->slot++;
		for (; s->slot < end && g->slots[s->slot].number != 0; s->slot++)
			if (!keep(s, &g->slots[s->slot]))
				return false;
		if (s->count > 0) {
			cluster_sort(s->cluster, s->count);
			return true;
		}
	}
	return false;
}

bool sweep_next(struct sweep *s, struct posting *out)
{
	if (s->at == s->count && !next_cluster(s))
		return false;
	*out = s->cluster[s->at++];
	return true;
}

void sweep_end(struct sweep *s)
{
	free(s->cluster);
	s->cluster = NULL;
}
