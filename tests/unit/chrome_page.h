/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome_page.h - pages of a site as the chrome counts see them, for tests. */
#ifndef TESTS_CHROME_PAGE_H
#define TESTS_CHROME_PAGE_H

#include "detect/chrome.h"
#include "detect/page_line.h"
#include "print_of.h"

#define SITE span_of_text("a.example")

struct page {
	struct fingerprint f;
	const struct page_line *lines;
	uint8_t marks[64];
};

/* hints[] for its lines, or NULL; title or NULL. */
static inline void titled_page(struct page *p, const char *title, const char *text,
			       const uint8_t *hints, struct arena *arena)
{
	struct span absent = { NULL, 0 };

	p->f = print_of(text, arena);
	assert_true(p->f.paragraph_count <= 64);
	assert_int_equal(page_lines_of(&p->lines, &p->f, hints,
				       title == NULL ? absent : span_of_text(title), arena),
			 STATUS_OK);
}

static inline void page_of(struct page *p, const char *text, const uint8_t *hints,
			   struct arena *arena)
{
	titled_page(p, NULL, text, hints, arena);
}

/* Lines before and after the `n`-th text of a site; either may be "". */
static inline void page_around(struct page *p, const char *before, unsigned n, const char *after,
			       struct arena *arena)
{
	struct bytes b = { 0 };

	put_text(&b, before);
	put_words(&b, n, 40);
	put_text(&b, "\n");
	put_text(&b, after);
	put_u8(&b, 0);
	page_of(p, b.p, NULL, arena);
	bytes_free(&b);
}

static inline void learn_page(struct chrome *c, struct span site, const struct page *p)
{
	assert_int_equal(chrome_learn(c, site, p->lines, p->f.paragraph_count, NULL), STATUS_OK);
}

static inline uint32_t mark_page(struct chrome *c, struct span site, struct page *p)
{
	return chrome_mark(c, p->marks, site, &p->f, p->lines);
}

#endif
