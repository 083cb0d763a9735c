/* SPDX-License-Identifier: BSD-2-Clause */
/* tag.h - what an HTML element's name says about the text in it. Pure; any thread. */
#ifndef TEXT_TAG_H
#define TEXT_TAG_H

#include <stdbool.h>

struct _xmlNode; /* libxml2 */

enum tag {
	TAG_BLOCK = 1u << 0,   /* its text is a paragraph of its own, or several */
	TAG_SKIP = 1u << 1,    /* nothing in it is text of the page */
	TAG_HEADING = 1u << 2, /* h1..h6 */
	TAG_QUOTE = 1u << 3,
	TAG_CAPTION = 1u << 4,
	TAG_LINK = 1u << 5,
	TAG_BREAK = 1u << 6,
	TAG_PRE = 1u << 7,    /* line breaks count */
	TAG_ASIDE = 1u << 8,  /* by its name beside the article: nav, aside, footer, ... */
	TAG_TEXT = 1u << 9,   /* usually running text: p, pre, blockquote */
	TAG_ITEM = 1u << 10,  /* li, dt, dd, td, th */
	TAG_MAIN = 1u << 11,  /* article, main */
	TAG_LIST = 1u << 12,  /* ul, ol, dl */
	TAG_TABLE = 1u << 13, /* table and its rows */
	TAG_FIGURE = 1u << 14,
	TAG_HEADLINE = 1u << 15, /* h1 */
	TAG_STAMP = 1u << 16,    /* time */
	TAG_FORM = 1u << 17      /* around a whole page, or a box to fill in */
};

/* The enum tag bits of an element; 0 for one that is unknown, and so inline. */
unsigned tag_of(const struct _xmlNode *element);

/* The same by name. */
unsigned tag_named(const char *name);

/* True when the element has this name, given in lower case. */
bool tag_is(const struct _xmlNode *element, const char *name);

#endif
