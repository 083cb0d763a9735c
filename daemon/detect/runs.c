/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/runs.h"

#include <stdbool.h>

#include "base/arena.h"
#include "detect/places.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/shingle.h"

#define SEED_TOKENS 6u  /* a run that starts on its own */
#define NEXT_TOKENS 3u  /* a run that continues the one before on nearly its diagonal */
#define LONE_WORDS 48u  /* paragraphs of one word: by then two may be alike by chance */
#define PLACES_TRIED 4u /* of a shingle that stands often */
#define GAP_TOKENS 8u   /* an edit at most this long does not end a run */

struct search {
	const struct fingerprint *f;
	struct places places;
	uint32_t *next; /* by place: where the same shingle stands again */
	uint32_t *last; /* by a shingle's first place: its last so far */
	struct run *runs;
	uint32_t count, cap;
	uint32_t done; /* tokens before this belong to earlier runs */
};

/* Grows a match of tokens i and j in both directions as far as the tokens agree and the source does
 * not run into the run itself: a third copy answers the first, not the second. */
static struct run grow(const struct search *s, uint32_t i, uint32_t j)
{
	const uint16_t *t = s->f->tokens;
	uint32_t n = s->f->token_count, back = 0, ahead = 0;

	while (i - back > s->done && j > back && t[i - back - 1] == t[j - back - 1])
		back++;
	while (i + ahead < n && j + ahead < i - back && t[i + ahead] == t[j + ahead])
		ahead++;
	return (struct run){ i - back, back + ahead, j - back, back + ahead, back + ahead };
}

static bool has_number(const struct search *s, uint32_t from, uint32_t end)
{
	for (uint32_t i = from; i < end; i++)
		if (token_is_number(s->f->tokens[i]))
			return true;
	return false;
}

/* Whether r goes on where the last run ended, a small edit between. Other figures are no edit: they
 * make another row of a table. */
static bool continues(const struct search *s, const struct run *r)
{
	const struct run *last;
	uint32_t end, source_end;

	if (s->count == 0)
		return false;
	last = &s->runs[s->count - 1];
	end = last->at + last->count;
	source_end = last->source + last->source_count;
	return r->at - end <= GAP_TOKENS && r->source >= source_end &&
	       r->source - source_end <= GAP_TOKENS &&
	       !(has_number(s, end, r->at) && has_number(s, source_end, r->source));
}

static void accept(struct search *s, const struct run *r)
{
	if (s->count > 0 && continues(s, r)) {
		struct run *last = &s->runs[s->count - 1];

		last->count = r->at + r->count - last->at;
		last->source_count = r->source + r->source_count - last->source;
		last->equal += r->equal;
	} else if (s->count < s->cap) {
		s->runs[s->count++] = *r;
	}
	s->done = r->at + r->count;
}

/* The run through token i on the last run's diagonal; empty when there is none. */
static struct run along(const struct search *s, uint32_t i)
{
	const struct run *last;
	struct run r = { 0 };
	uint32_t ahead, j;

	if (s->count == 0)
		return r;
	last = &s->runs[s->count - 1];
	ahead = i - (last->at + last->count);
	if (ahead > GAP_TOKENS) /* what went on was met before: no need to grow it in vain */
		return r;
	j = last->source + last->source_count + ahead;
	if (j < i)
		r = grow(s, i, j);
	return r.count >= NEXT_TOKENS && continues(s, &r) ? r : (struct run){ 0 };
}

/* The longest run through token i of those from some places of its shingle, the earliest of equals.
 */
static struct run longest(const struct search *s, uint32_t i, uint32_t first)
{
	struct run best = { 0 };
	uint32_t j = first;

	for (unsigned k = 0; k < PLACES_TRIED && j != PLACES_NONE && j < i; k++, j = s->next[j]) {
		struct run r = grow(s, i, j);

		if (r.count > best.count)
			best = r;
	}
	return best;
}

/* The best run through token i, unless going on is longer. */
static void try_at(struct search *s, uint32_t i, uint32_t first)
{
	struct run on = along(s, i), r = longest(s, i, first);

	if (r.count < SEED_TOKENS && !(r.count >= NEXT_TOKENS && continues(s, &r)))
		r.count = 0;
	if (on.count > r.count)
		accept(s, &on);
	else if (r.count > 0)
		accept(s, &r);
}

static void note_place(struct search *s, uint32_t i, uint32_t first)
{
	s->next[i] = PLACES_NONE;
	s->last[i] = i;
	if (first == PLACES_NONE)
		return;
	s->next[s->last[first]] = i;
	s->last[first] = i;
}

/* The paragraph a token stands in; p is moved on from an earlier answer. */
static uint32_t paragraph_at(const struct fingerprint *f, uint32_t p, uint32_t token)
{
	while (p + 1 < f->paragraph_count && f->paragraphs[p + 1] <= token)
		p++;
	return p;
}

/* Among many words of 14 bits two different ones are alike: a list of words repeats nothing. */
static bool is_word_list(const struct fingerprint *f)
{
	uint32_t lone = 0;

	for (uint32_t p = 0; p < f->paragraph_count; p++)
		lone += f->paragraphs[p + 1] - f->paragraphs[p] == 1;
	return lone > LONE_WORDS;
}

/* The first place of a hash; PLACES_NONE where that is `at`. */
static uint32_t met_at(struct places *p, uint64_t hash, uint32_t at)
{
	uint32_t slot = places_put(p, hash, at);

	return slot == PLACES_NONE || p->at[slot] == at ? PLACES_NONE : p->at[slot];
}

/* Whole paragraphs too short for a run of their own: a label, a one-line refrain. */
static enum status short_paragraphs(struct search *s, struct arena *arena)
{
	const struct fingerprint *f = s->f;
	uint32_t least = is_word_list(f) ? 2 : 1;
	struct places seen;
	enum status st = places_init(&seen, f->paragraph_count, arena);

	for (uint32_t p = 0; st == STATUS_OK && p < f->paragraph_count; p++) {
		uint32_t at = f->paragraphs[p], count = f->paragraphs[p + 1] - at, first;

		if (count < least || count >= SEED_TOKENS)
			continue;
		first = met_at(&seen, tokens_hash(f->tokens + at, count), p);
		if (first == PLACES_NONE || s->count == s->cap)
			continue;
		s->runs[s->count++] = (struct run){ at, count, f->paragraphs[first], count, count };
	}
	return st;
}

/* Long enough to count alone, or most of every paragraph it touches. */
static bool means_something(const struct fingerprint *f, const struct run *r, uint32_t p)
{
	uint32_t end = r->at + r->count, from, to;

	if (tokens_units(f->tokens + r->at, r->count) >= RUN_ALONE_UNITS)
		return true;
	from = f->paragraphs[p];
	to = f->paragraphs[paragraph_at(f, p, end - 1) + 1];
	return 5 * (uint64_t)r->count >= 3 * (uint64_t)(to - from);
}

/* Half a paragraph or more, or long enough alone. */
static bool is_part(const struct fingerprint *f, uint32_t p, uint32_t from, uint32_t end)
{
	uint32_t tokens = f->paragraphs[p + 1] - f->paragraphs[p];

	return 5 * (uint64_t)(end - from) >= 3 * (uint64_t)tokens ||
	       tokens_units(f->tokens + from, end - from) >= RUN_ALONE_UNITS;
}

/* r without some tokens at one of its ends, on both sides. */
static struct run shortened(struct run r, uint32_t tokens, bool at_start)
{
	uint32_t source = tokens < r.source_count ? tokens : r.source_count;

	r.count -= tokens;
	r.source_count -= source;
	r.equal -= tokens < r.equal ? tokens : r.equal;
	if (at_start) {
		r.at += tokens;
		r.source += source;
	}
	return r;
}

/* The last words of one paragraph may be those of another by chance: what a run has of a paragraph
 * at its ends is cut off where that is little. p is where it begins. */
static struct run trimmed(const struct fingerprint *f, struct run r, uint32_t p)
{
	uint32_t end = r.at + r.count, last = paragraph_at(f, p, end - 1);

	if (last == p)
		return r;
	if (!is_part(f, last, f->paragraphs[last], end))
		r = shortened(r, end - f->paragraphs[last], false);
	if (!is_part(f, p, r.at, f->paragraphs[p + 1]))
		r = shortened(r, f->paragraphs[p + 1] - r.at, true);
	return r;
}

static int merge_order(const struct run *a, const struct run *b)
{
	return a->at < b->at ? -1 : a->at > b->at;
}

/* Merges the two ascending halves runs[0..middle) and runs[middle..count), drops what overlaps or
 * means nothing, and returns what is left in a new array. */
static uint32_t settle(struct run *out, const struct search *s, uint32_t middle)
{
	uint32_t a = 0, b = middle, kept = 0, end = 0, p = 0;

	while (a < middle || b < s->count) {
		bool left =
			b == s->count || (a < middle && merge_order(&s->runs[a], &s->runs[b]) <= 0);
		struct run r = left ? s->runs[a++] : s->runs[b++];

		if (r.at < end)
			continue;
		p = paragraph_at(s->f, p, r.at);
		r = trimmed(s->f, r, p);
		if (r.count == 0 || !means_something(s->f, &r, paragraph_at(s->f, p, r.at)))
			continue;
		out[kept++] = r;
		end = r.at + r.count;
	}
	return kept;
}

uint32_t runs_most(const struct fingerprint *f)
{
	return f->token_count / NEXT_TOKENS + f->paragraph_count + 1;
}

enum status runs_find(const struct run **out, uint32_t *out_count, const struct fingerprint *f,
		      struct arena *arena)
{
	size_t shingles = shingles_count(f->token_count);
	uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, shingles + 1);
	struct search s = { .f = f };
	struct run *settled;
	uint32_t middle;
	enum status st;

	*out = NULL;
	*out_count = 0;
	s.cap = runs_most(f);
	s.runs = ARENA_ARRAY(arena, struct run, s.cap);
	s.next = ARENA_ARRAY(arena, uint32_t, shingles + 1);
	s.last = ARENA_ARRAY(arena, uint32_t, shingles + 1);
	settled = ARENA_ARRAY(arena, struct run, s.cap);
	if (hashes == NULL || s.runs == NULL || settled == NULL || s.next == NULL || s.last == NULL)
		return STATUS_NO_MEMORY;
	st = places_init(&s.places, shingles, arena);
	if (st != STATUS_OK)
		return st;
	shingles_of(hashes, f->tokens, f->token_count);
	for (uint32_t i = 0; i < shingles; i++) {
		uint32_t first = met_at(&s.places, hashes[i], i);

		note_place(&s, i, first);
		if (i >= s.done)
			try_at(&s, i, first);
	}
	middle = s.count;
	st = short_paragraphs(&s, arena);
	if (st != STATUS_OK)
		return st;
	*out_count = settle(settled, &s, middle);
	*out = settled;
	return STATUS_OK;
}
