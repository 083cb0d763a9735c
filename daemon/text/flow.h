/* SPDX-License-Identifier: BSD-2-Clause */
/* flow.h - the text of a tree as paragraphs, in reading order.
 *
 * A block-level element's text is a paragraph, and so is what a <br> cuts off; inline elements
 * change nothing. Thread: one owner at a time. Memory: one line buffer; flow_close() at the end. */
#ifndef TEXT_FLOW_H
#define TEXT_FLOW_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct _xmlNode; /* libxml2 */
struct draft;    /* text/draft.h */

/* A paragraph that is about to be added. */
struct flow_line {
	struct span text;             /* white space not yet collapsed */
	size_t ink, link_ink;         /* bytes that are not blank; those of them in links */
	size_t stamp_ink;             /* and in time stamps */
	uint8_t hints;                /* enum article_hint */
	const struct _xmlNode *block; /* the innermost block around it */
};

struct flow {
	struct draft *draft;
	/* May refuse a paragraph; NULL takes all. */
	bool (*keep)(void *ctx, const struct flow_line *line);
	/* May refuse an element with all that stands in it; NULL takes all. */
	bool (*enter)(void *ctx, struct _xmlNode *element);
	/* Which elements are blocks, constant over the walk; NULL: as TAG_BLOCK says. */
	bool (*is_block)(const struct _xmlNode *element);
	bool bare; /* what is hidden is read too */
	void *ctx;
	struct bytes line;
	size_t ink, link_ink, stamp_ink;
	unsigned links, headings, captions, quotes, pres, stamps; /* how deep inside of each */
	const struct _xmlNode *block, *root;
};

/* Appends the paragraphs below (and with) root to f->draft. Zero-initialise *f but for draft and
 * the callbacks; out of memory shows in f->line.failed and in the draft. */
void flow_read(struct flow *f, struct _xmlNode *root);
void flow_close(struct flow *f);

/* True for an element that its page does not show: hidden, display:none. Never for <html> and
 * <body>, which a script shows when all is loaded. */
bool flow_hidden(const struct _xmlNode *element);

/* Appends all text below root to out, a blank between blocks; nothing that TAG_SKIP says. */
void flow_line(struct bytes *out, struct _xmlNode *root);

#endif
