/* SPDX-License-Identifier: BSD-2-Clause */
/* article.h - one article as one flat record: no pointers, offsets into itself.
 *
 * Memory:  a record is `size` bytes, aligned to 8, and may be copied, sent or mapped as it is.
 * Layout:  this header, then paragraphs[], then hints[], then the bytes that all parts refer to.
 * Text:    valid UTF-8 without NUL; a paragraph has no line break and is never empty. */
#ifndef REPRINT_ARTICLE_H
#define REPRINT_ARTICLE_H

#include <reprint/span.h>
#include <stdint.h>

/* Bytes at record + at; absent when at == 0. */
struct article_part {
	uint32_t at;
	uint32_t len;
};

enum article_flag {
	ARTICLE_OWN_ID = 1u << 0,    /* `id` came from the content, not from the file's name */
	ARTICLE_OWN_SITE = 1u << 1,  /* `site` came from an article object */
	ARTICLE_RECOVERED = 1u << 2, /* the document was not well formed and was mended */
	ARTICLE_LOSSY = 1u << 3,     /* some bytes could not be decoded and became U+FFFD */
	ARTICLE_FROM_HTML = 1u << 4, /* hints[] say something */
	ARTICLE_NUMBERED =
		1u << 5 /* many articles in one file, this one without an id: append "#ordinal" */
};

enum article_hint {
	ARTICLE_HINT_LINKS = 1u << 0,   /* most of the paragraph's characters are link text */
	ARTICLE_HINT_HEADING = 1u << 1, /* h1..h6 */
	ARTICLE_HINT_CAPTION = 1u << 2, /* figcaption */
	ARTICLE_HINT_QUOTE = 1u << 3    /* blockquote */
};

#define ARTICLE_NO_TIME INT64_MIN

struct article {
	uint32_t size;    /* of the whole record, bytes, a multiple of 8 */
	uint32_t flags;   /* enum article_flag */
	uint32_t ordinal; /* 1-based place in its file (line number in JSON Lines) */
	uint32_t paragraph_count;
	uint32_t paragraphs_at; /* struct article_part[paragraph_count], in reading order */
	uint32_t hints_at;      /* uint8_t[paragraph_count], enum article_hint */
	int64_t published_ms;   /* since 1970 UTC, or ARTICLE_NO_TIME */
	struct article_part
		id; /* own id (object id, guid, atom:id, else canonical url), else absent */
	struct article_part site;      /* only with ARTICLE_OWN_SITE */
	struct article_part url;       /* as given, made absolute where a base was given */
	struct article_part canonical; /* `url` in canonical form for comparison, see text/url.h */
	struct article_part title;
	struct article_part published; /* as given */
	struct article_part text;      /* all paragraphs, each followed by one '\n' */
};
_Static_assert(sizeof(struct article) == 88, "stored and sent as it is");

static inline struct span article_view(const struct article *a, struct article_part part)
{
	return part.at == 0 ? (struct span){ NULL, 0 }
			    : (struct span){ (const char *)a + part.at, part.len };
}

static inline const struct article_part *article_paragraphs(const struct article *a)
{
	return (const struct article_part *)(const void *)((const char *)a + a->paragraphs_at);
}

static inline const uint8_t *article_hints(const struct article *a)
{
	return (const uint8_t *)a + a->hints_at;
}

#endif
