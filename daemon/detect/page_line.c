/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/page_line.h"

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/words.h"

/* Keep the hashes of shapes, first words and last words apart from others. */
#define DATA_WORDS 5u
#define DATA_FIGURES 2u
#define SHAPE UINT64_C(0x73686170652e2e2e)
#define HEAD UINT64_C(0x686561642e2e2e2e)
#define TAIL UINT64_C(0x7461696c2e2e2e2e)

/* 0: not the shape of a date line. */
static uint64_t shape_of(const uint16_t *tokens, uint32_t count, uint32_t units)
{
	uint16_t shape[PAGE_LINE_SHAPE_UNITS];
	uint32_t numbers = 0;

	if (units < PAGE_LINE_TEXT_UNITS || units > PAGE_LINE_SHAPE_UNITS)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		bool number = token_is_number(tokens[i]);

		shape[i] = number ? TOKEN_NUMBER : tokens[i];
		numbers += number;
	}
	return 3 * numbers < count || numbers == count ? 0 : tokens_hash(shape, count) ^ SHAPE;
}

/* Of EDGE_UNITS half words, from the first token on or, step -1, from the last one back. */
static uint32_t edge_length(const uint16_t *token, int step)
{
	uint32_t length = 0;

	for (uint32_t units = 0; units < PAGE_LINE_EDGE_UNITS; token += step, length++)
		units += tokens_units(token, 1);
	return length;
}

static void set_edges(struct page_line *line, const uint16_t *tokens, uint32_t count)
{
	uint32_t first, last;

	if (line->units < PAGE_LINE_TEXT_UNITS || line->units > PAGE_LINE_EDGED_UNITS)
		return;
	first = edge_length(tokens, 1);
	last = edge_length(tokens + count - 1, -1);
	line->edges[0] = tokens_hash(tokens, first) ^ HEAD;
	line->edges[1] = tokens_hash(tokens + count - last, last) ^ TAIL;
}

/* 0: absent, without a word, or longer than a headline. */
static uint64_t title_hash(struct span title)
{
	uint16_t tokens[PAGE_LINE_HEADLINE_UNITS];
	size_t count = words_of_text(tokens, PAGE_LINE_HEADLINE_UNITS, title);

	if (count == 0 || count > PAGE_LINE_HEADLINE_UNITS ||
	    tokens_units(tokens, (uint32_t)count) > PAGE_LINE_HEADLINE_UNITS)
		return 0;
	return tokens_hash(tokens, count);
}

static bool is_data(const uint16_t *tokens, uint32_t count)
{
	uint32_t figures = 0;
	bool number = false, before;

	for (uint32_t i = 0; i < count; i++) {
		before = number;
		number = token_is_number(tokens[i]);
		figures += number && !before; /* 12:31 is one */
	}
	return count >= DATA_WORDS && figures >= DATA_FIGURES;
}

enum status page_lines_of(const struct page_line **out, const struct fingerprint *f,
			  const uint8_t *hints, struct span title, struct arena *arena)
{
	struct page_line *lines =
		ARENA_ARRAY(arena, struct page_line, (size_t)f->paragraph_count + 1);
	uint64_t own = title_hash(title);

	if (lines == NULL)
		return STATUS_NO_MEMORY;
	for (uint32_t p = 0; p < f->paragraph_count; p++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[p];
		uint32_t count = f->paragraphs[p + 1] - f->paragraphs[p];
		uint32_t units = tokens_units(tokens, count);

		lines[p] = (struct page_line){
			.hash = count == 0 ? 0 : tokens_hash(tokens, count),
			.shape = shape_of(tokens, count, units),
			.units = units,
			.hints = hints == NULL ? 0 : hints[p],
		};
		lines[p].data = units < PAGE_LINE_TEXT_UNITS && is_data(tokens, count);
		lines[p].title = own != 0 && lines[p].hash == own;
		set_edges(&lines[p], tokens, count);
	}
	*out = lines;
	return STATUS_OK;
}
