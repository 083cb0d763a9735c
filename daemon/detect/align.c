/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/align.h"

#include <stdbool.h>

#include "base/arena.h"
#include "detect/compare.h"
#include "fingerprint/fingerprinting.h"

#define ANCHOR_TOKENS 3u /* that agree at least from an anchor on */
#define NOBODY UINT32_MAX

/* The longest chain of anchors that rises on both sides (Schensted 1961, by bisection), last one
 * first, into chain[]; returns its length. */
static uint32_t chain_of(uint32_t *chain, const struct anchor *anchors, uint32_t count,
			 struct arena *arena)
{
	uint32_t *ends = ARENA_ARRAY(arena, uint32_t, count); /* of a chain of each length */
	uint32_t *before = ARENA_ARRAY(arena, uint32_t, count);
	uint32_t length = 0;

	if (ends == NULL || before == NULL)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		bool last = length > 0 && anchors[ends[length - 1]].here < anchors[i].here;
		uint32_t low = last ? length : 0, high = length;

		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (anchors[ends[middle]].here < anchors[i].here)
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low > 0 ? ends[low - 1] : NOBODY;
		ends[low] = i;
		length += low == length;
	}
	for (uint32_t k = length, i = length > 0 ? ends[length - 1] : NOBODY; k-- > 0;
	     i = before[i])
		chain[k] = i;
	return length;
}

/* Tokens of a text by class. */
struct classes {
	uint32_t words, numbers;
};

static void count(struct classes *c, uint16_t token)
{
	bool number = token_is_number(token);

	c->numbers += number;
	c->words += !number;
}

static struct classes counted(const uint16_t *tokens, uint32_t n)
{
	struct classes c = { 0, 0 };

	for (uint32_t i = 0; i < n; i++)
		count(&c, tokens[i]);
	return c;
}

/* here and there: of what stands on either side; kept: of what agrees. */
static void add(struct agreement *a, uint32_t here, uint32_t there, uint32_t kept)
{
	a->kept += kept;
	a->changed += (here < there ? here : there) - kept;
}

/* Where a token of `here` lengthens the longest common subsequence: bit k of longer[i] is set where
 * that of here[i..] and the last k + 1 of `there` is longer than that of here[i + 1..] and them. */
struct gap {
	uint32_t longer[ALIGN_GAP];
};
#define LANES 16u
_Static_assert(ALIGN_GAP == 2 * LANES, "a row is one number");

/* Where a token stands among some; the compiler makes vectors of it. */
static uint32_t lanes_of(uint16_t token, const uint16_t *some)
{
	static const uint16_t bits[LANES] = {
		1u << 0, 1u << 1, 1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,
		1u << 8, 1u << 9, 1u << 10, 1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15,
	};
	uint16_t lanes = 0;

	for (uint32_t i = 0; i < LANES; i++)
		lanes = (uint16_t)(lanes | (some[i] == token ? bits[i] : 0));
	return lanes;
}

/* A row at a time (Hyyro 2004): a carry is a step of the row, and a zero that it leaves a length.
 */
static void fill(struct gap *g, const uint16_t *here, uint32_t here_count, const uint16_t *there,
		 uint32_t there_count)
{
	uint16_t back[ALIGN_GAP] = { 0 }; /* `there` from its end on */
	uint32_t row = UINT32_MAX;

	for (uint32_t j = 0; j < there_count; j++)
		back[j] = there[there_count - 1 - j];
	for (uint32_t i = here_count; i-- > 0;) {
		uint32_t met =
			row & (lanes_of(here[i], back) | lanes_of(here[i], back + LANES) << LANES);
		uint64_t sum = (uint64_t)row + met;

		g->longer[i] = (uint32_t)((sum ^ row ^ met) >> 1);
		row = (uint32_t)sum | (row - met);
	}
}

static struct classes common(const uint16_t *here, uint32_t here_count, const uint16_t *there,
			     uint32_t there_count)
{
	struct classes kept = { 0, 0 };
	struct gap g;
	uint32_t i = 0, j = 0;

	fill(&g, here, here_count, there, there_count);
	while (i < here_count && j < there_count) {
		if (here[i] == there[j]) {
			count(&kept, here[i]);
			i++;
			j++;
		} else if ((g.longer[i] >> (there_count - 1 - j) & 1) == 0) {
			i++;
		} else {
			j++;
		}
	}
	return kept;
}

static void align_gap(struct alignment *a, const uint16_t *here, uint32_t here_count,
		      const uint16_t *there, uint32_t there_count)
{
	struct classes left, right, kept;

	if (here_count == 0 || there_count == 0 || here_count > ALIGN_GAP ||
	    there_count > ALIGN_GAP)
		return;
	left = counted(here, here_count);
	right = counted(there, there_count);
	kept = common(here, here_count, there, there_count);
	add(&a->words, left.words, right.words, kept.words);
	add(&a->numbers, left.numbers, right.numbers, kept.numbers);
}

/* Moves an anchor past what was covered up to i and j; false when nothing of it is left. */
static bool beyond(struct anchor *at, uint32_t i, uint32_t j)
{
	if (at->here >= i && at->there >= j)
		return true;
	if (at->here + ANCHOR_TOKENS <= i || at->there + ANCHOR_TOKENS <= j ||
	    i - at->here != j - at->there)
		return false;
	*at = (struct anchor){ i, j };
	return true;
}

enum status align(struct alignment *out, const struct kept *here, const struct kept *there,
		  const struct anchor *anchors, uint32_t count, struct arena *arena)
{
	uint32_t *chain = ARENA_ARRAY(arena, uint32_t, (size_t)count + 1);
	uint32_t length = chain == NULL ? 0 : chain_of(chain, anchors, count, arena);
	uint32_t i = 0, j = 0;
	struct anchor first = { 0, 0 };
	struct classes run;

	*out = (struct alignment){ 0 };
	for (uint32_t k = 0; k < length; k++) {
		struct anchor at = anchors[chain[k]];

		if (k == 0)
			first = at;
		else if (!beyond(&at, i, j))
			continue;
		else
			align_gap(out, here->tokens + i, at.here - i, there->tokens + j,
				  at.there - j);
		for (i = at.here, j = at.there;
		     i < here->count && j < there->count && here->tokens[i] == there->tokens[j];
		     i++, j++)
			;
		run = counted(here->tokens + at.here, i - at.here);
		out->words.kept += run.words;
		out->numbers.kept += run.numbers;
	}
	out->here = i - first.here;
	out->there = j - first.there;
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}
