/* SPDX-License-Identifier: BSD-2-Clause */
/* draft.h - an article while it is being read; finished, it becomes one flat record.
 *
 * Thread:  one owner at a time.
 * Memory:  four buffers that grow and are kept for the next article; whose draft it is frees them.
 * Text:    every span given must be valid UTF-8; blanks, breaks and NUL are dealt with here.
 * Errors:  sticky; draft_finish() tells. */
#ifndef TEXT_DRAFT_H
#define TEXT_DRAFT_H

#include "base/bytes.h"

#include <reprint/article.h>
#include <reprint/status.h>

struct articles; /* text/text.h */

/* A longer title is cut on a character's border, other fields that are longer count as absent. */
#define DRAFT_FIELD_BYTES 4096

enum draft_field { DRAFT_ID, DRAFT_SITE, DRAFT_URL, DRAFT_TITLE, DRAFT_PUBLISHED, DRAFT_FIELDS };

struct draft {
	uint32_t flags; /* enum article_flag, set by whoever knows */
	uint32_t ordinal;
	bool many;          /* one of many in its file: without an id it is ARTICLE_NUMBERED */
	struct bytes text;  /* paragraphs, each followed by '\n' */
	struct bytes parts; /* struct article_part each, relative to text */
	struct bytes hints; /* uint8_t each */
	struct bytes fields;
	struct article_part field[DRAFT_FIELDS]; /* relative to fields; len 0: absent */
};

/* Empty again for the article at this place of its file; flags and many cleared. */
void draft_begin(struct draft *d, uint32_t ordinal);

/* Sets a field, in one line and bounded; an absent or blank value leaves it as it was. */
void draft_set(struct draft *d, enum draft_field field, struct span value);
/* The field so far; absent when not set. Valid until the next draft_set(). */
struct span draft_get(const struct draft *d, enum draft_field field);

/* Appends every line of the text that is not blank as a paragraph. */
void draft_text(struct draft *d, struct span text, uint8_t hints);
/* Appends the text as one paragraph, its breaks as blanks; nothing if it is blank. */
void draft_paragraph(struct draft *d, struct span text, uint8_t hints);

/* Appends s to out in one line: runs of white space as one blank, none at the ends, NUL as
 * U+FFFD. */
void draft_line(struct bytes *out, struct span s);

/* Appends the record to *out. NO_MEMORY, or TOO_LARGE for more than 4 GiB. */
enum status draft_finish(struct draft *d, struct articles *out);

#endif
