/* SPDX-License-Identifier: BSD-2-Clause */
/* page_line.h - the paragraphs of an article as a site's chrome knows them: hashes and lengths.
 * Pure; any thread; memory from the arena. */
#ifndef DETECT_PAGE_LINE_H
#define DETECT_PAGE_LINE_H

#include <reprint/fingerprint.h>
#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>

struct arena;

/* Half words from which on a line is long enough to be text. */
#define PAGE_LINE_TEXT_UNITS 14u
/* A line of at most so many half words may be a date line, whose figures change. */
#define PAGE_LINE_SHAPE_UNITS 24u
/* No headline is longer. */
#define PAGE_LINE_HEADLINE_UNITS 48u
/* Lines of TEXT_UNITS to so many half words have edges, each of so many. */
#define PAGE_LINE_EDGED_UNITS 80u
#define PAGE_LINE_EDGE_UNITS 12u

struct page_line {
	uint64_t hash;     /* tokens_hash(); 0: the paragraph has no words */
	uint64_t shape;    /* the same for all figures; 0: no date line, see page_lines_of() */
	uint64_t edges[2]; /* its first words and its last; 0: too short or too long for edges */
	uint32_t units;    /* half words */
	uint8_t hints;     /* enum article_hint */
	bool title;        /* its words are the article's title */
	bool data;         /* short, and two of at least five words are figures: a row of a table */
};

/* One for each paragraph of f. hints[paragraph_count] or NULL, title or absent: not known. Lines of
 * TEXT_UNITS to SHAPE_UNITS half words have a shape if at least a third of their words are numbers,
 * but not all: "Updated on 12 March 2026 at 12:31". NO_MEMORY. */
enum status page_lines_of(const struct page_line **out, const struct fingerprint *f,
			  const uint8_t *hints, struct span title, struct arena *arena);

#endif
