/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/repeats.h"

#include "base/arena.h"
#include "detect/paragraph.h"
#include "detect/runs.h"
#include "fingerprint/fingerprinting.h"

/* What the runs say of one paragraph as a later occurrence. */
struct again {
	uint32_t matched, equal;         /* tokens */
	uint32_t source_from, source_to; /* tokens of the earlier occurrence, inclusive */
	bool long_run;
};

/* Cuts the runs at the borders of paragraphs and sums up per paragraph. */
static void sum_up(struct again *again, const struct fingerprint *f, const struct run *runs,
		   uint32_t count)
{
	uint32_t p = 0;

	for (uint32_t r = 0; r < count; r++) {
		uint32_t end = runs[r].at + runs[r].count;

		for (uint32_t at = runs[r].at, next; at < end; at = next) {
			uint32_t into, last;

			while (f->paragraphs[p + 1] <= at)
				p++;
			next = f->paragraphs[p + 1] < end ? f->paragraphs[p + 1] : end;
			/* An edited run is mapped in proportion; an exact one exactly. */
			into = (uint32_t)((uint64_t)(at - runs[r].at) * runs[r].source_count /
					  runs[r].count);
			last = (uint32_t)((uint64_t)(next - 1 - runs[r].at) * runs[r].source_count /
					  runs[r].count);
			if (again[p].matched == 0)
				again[p].source_from = runs[r].source + into;
			again[p].source_to = runs[r].source + last;
			again[p].matched += next - at;
			again[p].equal +=
				(uint32_t)((uint64_t)(next - at) * runs[r].equal / runs[r].count);
			if (tokens_units(f->tokens + at, next - at) >= RUN_ALONE_UNITS)
				again[p].long_run = true;
		}
	}
}

/* Whether from follows to with nothing but wordless paragraphs between (0-based). */
static bool follows(const struct fingerprint *f, uint32_t to, uint32_t from)
{
	return from > to && f->paragraphs[to + 1] == f->paragraphs[from];
}

struct open_block {
	struct paragraph_range first, again; /* 0-based */
	uint32_t units, equal, tokens;
};

static struct repeat_block close_block(const struct open_block *b)
{
	return (struct repeat_block){
		.first = { b->first.from + 1, b->first.to + 1 },
		.again = { b->again.from + 1, b->again.to + 1 },
		.words = fingerprint_words(b->units),
		.similarity = b->tokens == 0 ? 0.0 : (double)b->equal / (double)b->tokens,
	};
}

static bool extends(const struct fingerprint *f, const struct open_block *b, uint32_t p,
		    struct paragraph_range source)
{
	return follows(f, b->again.to, p) && p > b->first.to &&
	       (source.from == b->first.to || follows(f, b->first.to, source.from));
}

static uint32_t blocks_of(struct repeat_block *blocks, const struct again *again,
			  const struct fingerprint *f)
{
	struct open_block b = { { 0, 0 }, { 0, 0 }, 0, 0, 0 };
	uint32_t count = 0;
	bool open = false;

	for (uint32_t p = 0; p < f->paragraph_count; p++) {
		uint32_t tokens = f->paragraphs[p + 1] - f->paragraphs[p];
		struct paragraph_range source;

		if (tokens == 0 ||
		    (5 * (uint64_t)again[p].matched < 3 * (uint64_t)tokens && !again[p].long_run))
			continue;
		source.from = paragraph_of(f->paragraphs, f->paragraph_count, again[p].source_from);
		source.to = paragraph_of(f->paragraphs, f->paragraph_count, again[p].source_to);
		if (source.to < source.from)
			source.to = source.from;
		if (!open || !extends(f, &b, p, source)) {
			if (open)
				blocks[count++] = close_block(&b);
			b = (struct open_block){ source, { p, p }, 0, 0, 0 };
			open = true;
		}
		b.again.to = p;
		if (source.to > b.first.to)
			b.first.to = source.to;
		b.units += (uint32_t)((uint64_t)tokens_units(f->tokens + f->paragraphs[p], tokens) *
				      again[p].matched / tokens);
		b.equal += again[p].equal;
		b.tokens += tokens;
	}
	if (open)
		blocks[count++] = close_block(&b);
	return count;
}

/* Half words that stand again, each counted once and none that is itself a later occurrence. */
static uint32_t source_units(const struct fingerprint *f, const struct run *runs, uint32_t count,
			     struct arena *arena)
{
	uint8_t *is = arena_take_zeroed(arena, f->token_count, 1);
	uint32_t units = 0;

	for (uint32_t r = 0; is != NULL && r < count; r++)
		memset(is + runs[r].source, 1, runs[r].source_count);
	for (uint32_t r = 0; is != NULL && r < count; r++)
		memset(is + runs[r].at, 0, runs[r].count);
	for (uint32_t i = 0; is != NULL && i < f->token_count; i++)
		if (is[i])
			units += tokens_units(f->tokens + i, 1);
	return units;
}

static enum status find(struct repeats *out, struct repeat_block *blocks, struct masked *masked,
			const struct fingerprint *f, struct arena *arena)
{
	const struct run *runs;
	struct again *again;
	uint32_t count;
	enum status st = runs_find(&runs, &count, f, arena);

	if (st != STATUS_OK || count == 0)
		return st;
	again = arena_take_zeroed(arena, f->paragraph_count, sizeof *again);
	if (again == NULL)
		return STATUS_NO_MEMORY;
	sum_up(again, f, runs, count);
	for (uint32_t r = 0; r < count; r++) {
		masked[r] = (struct masked){ runs[r].at, runs[r].count, 0 };
		out->later_units += tokens_units(f->tokens + runs[r].at, runs[r].count);
	}
	out->source_units = source_units(f, runs, count, arena);
	out->block_count = blocks_of(blocks, again, f);
	out->blocks = blocks;
	out->masked = masked;
	out->masked_count = count;
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}

/* What the search needs is given back; most articles repeat nothing, and keep nothing. */
enum status repeats_find(struct repeats *out, const struct fingerprint *f, struct arena *arena)
{
	struct arena_mark before = arena_mark(arena), found;
	struct repeat_block *blocks = ARENA_ARRAY(arena, struct repeat_block, f->paragraph_count);
	struct masked *masked = ARENA_ARRAY(arena, struct masked, runs_most(f));
	enum status st;

	*out = (struct repeats){ 0 };
	if (blocks == NULL || masked == NULL)
		return STATUS_NO_MEMORY;
	found = arena_mark(arena);
	st = find(out, blocks, masked, f, arena);
	if (st == STATUS_OK)
		arena_rewind(arena, out->masked_count > 0 ? found : before);
	return st;
}

double repeats_ratio(const struct repeats *r, const struct fingerprint *f)
{
	return f->units == 0 ? 0.0 : (double)r->later_units / (double)f->units;
}

bool repeats_doubled(const struct repeats *r, const struct fingerprint *f, uint32_t chrome_units)
{
	uint32_t apart = r->later_units + chrome_units;
	uint32_t body = f->units > apart ? f->units - apart : 0;

	return r->later_units > 0 && 5 * (uint64_t)r->source_units >= 4 * (uint64_t)body;
}
