/* SPDX-License-Identifier: BSD-2-Clause */
/* page.h - a web page as lines of text, each with its place in the tree.
 *
 * Thread:  one owner at a time.
 * Memory:  lines, places and texts live in the arena; the tree must outlive the page, and its
 *          elements' _private points to their places. */
#ifndef TEXT_PAGE_H
#define TEXT_PAGE_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct _xmlNode; /* libxml2 */
struct arena;    /* base/arena.h */

/* A block-level element. Sums are over the lines below it that are not away. */
struct place {
	struct _xmlNode *element;
	struct place *up;       /* the next one around it, NULL for the root */
	uint32_t ink, link_ink; /* bytes of text without blanks; those of them in links */
	uint32_t good;          /* ink of the lines that read like running text */
	uint32_t own_good;      /* of the good lines that it holds, see page_holder() */
	uint32_t bare_good;     /* of the good lines that its children hold, in no paragraph */
	uint32_t links;         /* lines that are mostly link */
	uint32_t pictures;
	uint32_t tags;     /* enum tag */
	uint32_t likeness; /* hash of its name and classes: made by the same template */
	uint8_t cues;      /* enum cue */
	bool away;         /* it, or one around it, is no part of the article */
	bool within;       /* it, or one around it, was chosen as the article */
	bool teaser;       /* it, or one around it, is about another article */
	bool lead;         /* the page's lead stands in it */
	bool headline;     /* an h1 stands in it */
	bool titled;       /* a heading that is the page's title stands in it */
};

struct page_line {
	struct span text; /* white space not yet collapsed */
	uint32_t ink, link_ink;
	struct place *place; /* the innermost around it */
	uint8_t hints;       /* enum article_hint */
	bool good;           /* reads like running text */
	bool title;          /* a heading that is the page's title */
	bool stamp;          /* mostly a moment in time */
	bool keep;
};

struct page {
	struct arena *arena;
	struct place *places; /* in document order: one stands before those inside of it */
	size_t place_count;
	struct page_line *lines;
	size_t line_count, line_cap;
	struct span title;
	struct place *lead; /* of the first running text, see away.h; NULL when there is none */
	bool hides;         /* something on it is hidden */
	bool bare;          /* and yet it was read */
};

/* Collects the lines below root (which must be an element), with `bare` the hidden ones too. The
 * title may be absent. NO_MEMORY. */
enum status page_read(struct page *p, struct arena *arena, struct _xmlNode *root, struct span title,
		      bool bare);

/* The place that a line shares with its neighbours: the one around its paragraph, list or table,
 * but never one around the article once that is chosen. */
struct place *page_holder(const struct page_line *line);

/* A line in no paragraph, item or quotation. */
bool page_is_bare(const struct page_line *line);

/* Sums lines up the tree, leaving out what is away. */
void page_sum(struct page *p);

#endif
