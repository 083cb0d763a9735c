/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/passages.h"

#include "detect/compare.h"
#include "detect/paragraph.h"
#include "fingerprint/fingerprinting.h"

#define GAP_TOKENS 10u       /* an edit at most this long does not end a passage */
#define PASSAGE_UNITS 16u    /* half words: shorter passages are not told */
#define QUOTATION_TOKENS 80u /* a longer one is a passage like any other */

/* Where a kept token stands among all tokens. */
static uint32_t place_of(const struct kept *k, uint32_t i)
{
	uint32_t low = 0, high = k->masked_count;
	const struct masked *last;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (k->cuts[middle] <= i)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return i;
	last = &k->masked[low - 1];
	return i - k->cuts[low - 1] + last->from + last->count;
}

/* 1-based paragraphs of kept tokens [from, end). */
static struct paragraph_range range_of(const struct kept *k, uint32_t from, uint32_t end)
{
	const uint32_t *starts = k->paragraphs;

	return (struct paragraph_range){
		paragraph_of(starts, k->paragraph_count, place_of(k, from)) + 1,
		paragraph_of(starts, k->paragraph_count, place_of(k, end - 1)) + 1,
	};
}

static uint32_t tokens_in(const struct kept *k, struct paragraph_range range)
{
	return k->paragraphs[range.to] - k->paragraphs[range.from - 1];
}

/* Whether so many kept tokens are at least four fifths of the paragraphs they stand in. */
static bool is_whole(const struct kept *k, struct paragraph_range range, uint32_t count)
{
	return 5 * (uint64_t)count >= 4 * (uint64_t)tokens_in(k, range);
}

static bool is_quotation(const struct kept *k, struct paragraph_range range)
{
	return k->quoted != NULL && range.from == range.to && k->quoted[range.from - 1] &&
	       tokens_in(k, range) <= QUOTATION_TOKENS;
}

/* Takes the place of a passage into the extent of all. */
static void extend(struct stretch *all, const struct stretch *s)
{
	bool first = all->here_end == 0;

	if (first || s->here < all->here)
		all->here = s->here;
	if (first || s->there < all->there)
		all->there = s->there;
	if (s->here_end > all->here_end)
		all->here_end = s->here_end;
	if (s->there_end > all->there_end)
		all->there_end = s->there_end;
}

static void close_passage(struct passages *ps)
{
	const struct stretch *s = &ps->last;
	struct passage p;
	bool quotation;

	if (!ps->open)
		return;
	ps->open = false;
	if (s->units < PASSAGE_UNITS)
		return;
	extend(&ps->all_over, s);
	p.here = range_of(ps->here, s->here, s->here_end);
	p.there = range_of(ps->there, s->there, s->there_end);
	p.words = fingerprint_words(s->units);
	quotation = is_quotation(ps->here, p.here) || is_quotation(ps->there, p.there);
	*(quotation ? &ps->c->quoted_units : &ps->c->shared_units) += s->units;
	if (!quotation && s->units > ps->c->whole_units &&
	    is_whole(ps->here, p.here, s->here_end - s->here) &&
	    is_whole(ps->there, p.there, s->there_end - s->there))
		ps->c->whole_units = s->units;
	if (ps->c->passage_count < COMPARE_PASSAGES)
		ps->all[ps->c->passage_count++] = p;
}

bool passages_go_on(const struct passages *ps, uint32_t here, uint32_t there)
{
	const struct stretch *s = &ps->last;

	return ps->open && here >= s->here_end && here - s->here_end <= GAP_TOKENS &&
	       there - s->there_end <= GAP_TOKENS;
}

static uint32_t numbers_in(const struct kept *k, uint32_t from, uint32_t end)
{
	uint32_t count = 0;

	for (uint32_t i = from; i < end; i++)
		count += token_is_number(k->tokens[i]);
	return count;
}

void passages_take(struct passages *ps, uint32_t here, uint32_t there, uint32_t count)
{
	uint32_t units = tokens_units(ps->there->tokens + there, count);
	struct stretch *s = &ps->last;

	if (units > ps->c->longest_units)
		ps->c->longest_units = units;
	ps->c->figures_kept += numbers_in(ps->there, there, there + count);
	if (passages_go_on(ps, here, there)) {
		ps->c->figures_replaced += numbers_in(ps->here, s->here_end, here) > 0 &&
					   numbers_in(ps->there, s->there_end, there) > 0;
		s->here_end = here + count;
		s->there_end = there + count;
		s->units += units;
		return;
	}
	close_passage(ps);
	ps->open = true;
	*s = (struct stretch){ here, here + count, there, there + count, units };
}

static int by_here(const struct passage *a, const struct passage *b)
{
	return a->here.from < b->here.from ? -1 : a->here.from > b->here.from;
}

/* Insertion sort: at most COMPARE_PASSAGES, nearly in order already. */
static void sort_passages(struct passage *all, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct passage one = all[i];
		uint32_t j = i;

		for (; j > 0 && by_here(&all[j - 1], &one) > 0; j--)
			all[j] = all[j - 1];
		all[j] = one;
	}
}

void passages_end(struct passages *ps)
{
	close_passage(ps);
	sort_passages(ps->all, ps->c->passage_count);
}
