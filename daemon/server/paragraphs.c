/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/paragraphs.h"

#include <reprint/fingerprint.h>

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "store/store.h"
#include "wire/part.h"

bool paragraph_is_chrome(const struct row *row, uint32_t i)
{
	uint32_t from = row->paragraphs[i], to = row->paragraphs[i + 1], covered = 0;

	for (uint32_t k = 0; k < row->masked_count; k++) {
		const struct masked *m = &row->masked[k];
		uint32_t low = m->from > from ? m->from : from;
		uint32_t high = m->from + m->count < to ? m->from + m->count : to;

		if (m->chrome != 0 && high > low)
			covered += high - low;
	}
	return covered * 2 > to - from;
}

void paragraph_describe(struct part *out, const struct row *row, uint32_t i, struct arena *arena)
{
	const uint16_t *tokens = row->tokens + row->paragraphs[i];
	size_t count = row->paragraphs[i + 1] - row->paragraphs[i];
	struct arena_mark mark = arena_mark(arena);

	*out = (struct part){
		.number = i + 1,
		.words = fingerprint_words(tokens_units(tokens, count)),
		.simhash = simhash_of(tokens, count, arena),
		.digest = tokens_hash(tokens, count),
		.chrome = paragraph_is_chrome(row, i),
		.repeat_of = part_repeat_of(row->verdict.blocks, row->verdict.block_count, i + 1),
		.matches = row->verdict.matches,
		.match_count = row->verdict.match_count,
	};
	arena_rewind(arena, mark);
}

struct span text_next_line(struct span *text)
{
	const char *end;
	struct span line;

	if (text->p == NULL || text->len == 0)
		return (struct span){ NULL, 0 };
	end = memchr(text->p, '\n', text->len);
	line = span_of(text->p, end == NULL ? text->len : (size_t)(end - text->p));
	*text = end == NULL ? span_of(text->p + text->len, 0)
			    : span_of(end + 1, text->len - line.len - 1);
	return line;
}
