/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/sites.h"

#include <stdlib.h>

#include "base/bytes.h"

#define PROBES 16u
#define FADED (SITES_ONE / 4) /* a single sighting two half-lives ago */
#define SAVE_FORMAT 3u

/* ---- lines of one site */

static struct seen_line *slot_of(const struct site *s, uint64_t hash, uint32_t probe)
{
	return &s->lines[((uint32_t)(hash >> 20) + probe) & (s->cap - 1)];
}

/* A line is never taken out of its place alone, so a free slot ends the search. */
struct seen_line *site_line(const struct site *s, uint64_t hash)
{
	for (uint32_t i = 0; s->cap > 0 && i < PROBES; i++) {
		struct seen_line *l = slot_of(s, hash, i);

		if (l->hash == hash)
			return l;
		if (l->hash == 0)
			return NULL;
	}
	return NULL;
}

/* Between two half-lives a straight line is near enough to 2^-x. */
uint32_t site_weight(const struct site *s, const struct seen_line *l)
{
	uint32_t age = s->articles - l->last, halves = age / SITES_HALF;
	uint32_t weight = halves < 16 ? (uint32_t)l->weight >> halves : 0;

	return weight - weight * (age % SITES_HALF) / (2 * SITES_HALF);
}

/* A free slot, else the weakest of the neighbourhood. */
static struct seen_line *victim(const struct site *s, uint64_t hash)
{
	struct seen_line *weakest = NULL;
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < PROBES; i++) {
		struct seen_line *l = slot_of(s, hash, i);
		uint32_t weight = l->hash == 0 ? 0 : site_weight(s, l);

		if (l->hash == 0)
			return l;
		if (weight < least) {
			weakest = l;
			least = weight;
		}
	}
	return weakest;
}

static void forget_line(struct sites *all, struct seen_line *l)
{
	if (l->flags & SEEN_TOLD)
		elsewhere_drop(&all->elsewhere, l->hash);
	l->hash = 0;
}

static void forget_faded(struct sites *all, struct site *s)
{
	for (uint32_t i = 0; i < s->cap; i++) {
		if (s->lines[i].hash == 0 || site_weight(s, &s->lines[i]) > FADED)
			continue;
		forget_line(all, &s->lines[i]);
		s->used--;
	}
}

/* The same lines in a table of another size; what finds no place any more is forgotten. */
static enum status rebuild(struct sites *all, struct site *s, uint32_t cap)
{
	struct site next = *s;

	next.lines = calloc(cap, sizeof *next.lines);
	if (next.lines == NULL)
		return STATUS_NO_MEMORY;
	next.cap = cap;
	next.used = 0;
	for (uint32_t i = 0; i < s->cap; i++) {
		struct seen_line *to;

		if (s->lines[i].hash == 0)
			continue;
		to = victim(&next, s->lines[i].hash);
		if (to->hash != 0 && site_weight(s, to) >= site_weight(s, &s->lines[i])) {
			forget_line(all, &s->lines[i]);
			continue;
		}
		if (to->hash != 0)
			forget_line(all, to);
		else
			next.used++;
		*to = s->lines[i];
	}
	all->room = all->room - s->cap + cap;
	free(s->lines);
	*s = next;
	return STATUS_OK;
}

/* Twice the size, unless enough has faded. */
static enum status make_room(struct sites *all, struct site *s)
{
	uint32_t cap = s->cap == 0 ? 16 : s->cap;

	forget_faded(all, s);
	return rebuild(all, s, 4 * s->used > cap ? 2 * cap : cap);
}

struct seen_line *site_add_line(struct sites *all, struct site *s, uint64_t hash)
{
	struct seen_line *l;

	if (2 * s->used >= s->cap && s->cap < SITES_LINES && make_room(all, s) != STATUS_OK)
		return NULL;
	l = victim(s, hash);
	if (l->hash == 0)
		s->used++;
	else
		forget_line(all, l);
	*l = (struct seen_line){ .hash = hash, .first = s->articles, .last = s->articles };
	return l;
}

/* ---- all sites */

/* FNV-1a is enough to tell names apart. */
uint64_t sites_name(struct span site)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < site.len; i++)
		h = (h ^ (unsigned char)site.p[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h | 1;
}

enum status sites_init(struct sites *all)
{
	*all = (struct sites){ .mask = 63 };
	all->slots = calloc((size_t)all->mask + 1, sizeof *all->slots);
	return all->slots == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void sites_free(struct sites *all)
{
	for (uint32_t i = 0; all->slots != NULL && i <= all->mask; i++)
		free(all->slots[i].lines);
	free(all->slots);
	elsewhere_free(&all->elsewhere);
	*all = (struct sites){ 0 };
}

static uint32_t home_of(const struct sites *all, uint64_t name)
{
	return (uint32_t)(name >> 32) & all->mask;
}

static struct site *site_slot(const struct sites *all, uint64_t name)
{
	uint32_t i = home_of(all, name);

	while (all->slots[i].name != 0 && all->slots[i].name != name)
		i = (i + 1) & all->mask;
	return &all->slots[i];
}

const struct site *sites_find(const struct sites *all, uint64_t name)
{
	const struct site *s = site_slot(all, name);

	return s->name == 0 ? NULL : s;
}

static enum status grow(struct sites *all)
{
	struct sites next = *all;

	next.mask = all->mask * 2 + 1;
	next.slots = calloc((size_t)next.mask + 1, sizeof *next.slots);
	if (next.slots == NULL)
		return STATUS_NO_MEMORY;
	for (uint32_t i = 0; i <= all->mask; i++)
		if (all->slots[i].name != 0)
			*site_slot(&next, all->slots[i].name) = all->slots[i];
	free(all->slots);
	next.hand = 0;
	*all = next;
	return STATUS_OK;
}

/* What was pushed behind the freed slot moves up (Knuth, TAOCP 3, 6.4, algorithm R). */
static void forget_site(struct sites *all, uint32_t at)
{
	struct site *s = &all->slots[at];

	for (uint32_t i = 0; i < s->cap; i++)
		if (s->lines[i].hash != 0)
			forget_line(all, &s->lines[i]);
	all->room -= s->cap;
	all->count--;
	free(s->lines);
	for (uint32_t i = (at + 1) & all->mask; all->slots[i].name != 0; i = (i + 1) & all->mask) {
		uint32_t home = home_of(all, all->slots[i].name);

		if (((i - home) & all->mask) < ((i - at) & all->mask))
			continue;
		all->slots[at] = all->slots[i];
		at = i;
	}
	all->slots[at] = (struct site){ 0 };
}

/* The hand of a clock (Corbato 1968): who did not come again since it came by is forgotten; the
 * others are spared, but halved where they have more than half of a fair share. */
static void move_hand(struct sites *all)
{
	struct site *s = &all->slots[all->hand];

	if (s->name != 0 && !s->fed) {
		forget_site(all, all->hand);
		return;
	}
	s->fed = false;
	if (s->cap > 16 && s->cap > SITES_ROOM / 2 / all->count)
		rebuild(all, s, s->cap / 2);
	all->hand = (all->hand + 1) & all->mask;
}

struct site *sites_take(struct sites *all, uint64_t name)
{
	struct site *s;

	while (all->room + SITES_LINES > SITES_ROOM)
		move_hand(all);
	s = site_slot(all, name);
	s->fed = s->name != 0;
	if (!s->fed) {
		while (all->count == SITES_MAX)
			move_hand(all);
		if (2 * all->count > all->mask && grow(all) != STATUS_OK)
			return NULL;
		s = site_slot(all, name);
		s->name = name;
		all->count++;
	}
	return s;
}

/* ---- the snapshot */

void sites_save(const struct sites *all, struct bytes *out)
{
	put_varint(out, SAVE_FORMAT);
	put_varint(out, all->count);
	for (uint32_t i = 0; i <= all->mask; i++) {
		const struct site *s = &all->slots[i];

		if (s->name == 0)
			continue;
		put_u64(out, s->name);
		put_varint(out, s->articles);
		put_varint(out, s->used);
		for (uint32_t l = 0; l < s->cap; l++) {
			if (s->lines[l].hash == 0)
				continue;
			put_u64(out, s->lines[l].hash);
			put_varint(out, s->lines[l].articles);
			put_varint(out, s->articles - s->lines[l].first);
			put_varint(out, s->articles - s->lines[l].last);
			put_varint(out, s->lines[l].weight);
			put_u8(out, (uint8_t)s->lines[l].flags);
		}
	}
}

static enum status load_line(struct sites *all, struct site *s, struct cursor *in)
{
	uint64_t hash = take_u64(in), articles = take_varint(in);
	uint64_t first = take_varint(in), last = take_varint(in), weight = take_varint(in);
	uint8_t flags = take_u8(in);
	struct seen_line *l;

	if (in->failed || hash == 0 || articles > s->articles || first > s->articles ||
	    last > first || weight > SITES_WEIGHT_MAX || flags >= SEEN_EDGE << 1)
		return STATUS_MALFORMED;
	l = site_add_line(all, s, hash);
	if (l == NULL)
		return STATUS_NO_MEMORY;
	*l = (struct seen_line){ .hash = hash,
				 .articles = (uint32_t)articles,
				 .first = s->articles - (uint32_t)first,
				 .last = s->articles - (uint32_t)last,
				 .weight = (uint16_t)weight,
				 .flags = flags };
	if (flags & SEEN_TOLD)
		elsewhere_add(&all->elsewhere, hash);
	return STATUS_OK;
}

static enum status load_site(struct sites *all, struct cursor *in)
{
	struct site *s = sites_take(all, take_u64(in) | 1);
	uint64_t articles = take_varint(in), lines = take_varint(in);
	enum status st = STATUS_OK;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	if (in->failed || articles > UINT32_MAX || lines > SITES_LINES || s->articles != 0)
		return STATUS_MALFORMED;
	s->articles = (uint32_t)articles;
	s->fed = articles > 1;
	while (lines-- > 0 && st == STATUS_OK)
		st = load_line(all, s, in);
	return st;
}

enum status sites_load(struct sites *all, struct span saved)
{
	struct cursor in = cursor_of(saved);
	uint64_t format = take_varint(&in), sites = take_varint(&in);
	enum status st = in.failed               ? STATUS_MALFORMED
			 : format != SAVE_FORMAT ? STATUS_VERSION
						 : STATUS_OK;

	while (st == STATUS_OK && sites-- > 0)
		st = load_site(all, &in);
	return st;
}
