/* SPDX-License-Identifier: BSD-2-Clause */
/* flat_article.h - article records for tests: a text's non-empty lines as paragraphs. */
#ifndef TESTS_FLAT_ARTICLE_H
#define TESTS_FLAT_ARTICLE_H

#include <reprint/article.h>
#include <stdlib.h>

/* Paragraphs of the text into parts[], whose bytes begin at text_at; returns how many. */
static inline uint32_t flat_paragraphs(struct article_part *parts, char *out, uint32_t text_at,
				       const char *text, size_t len)
{
	uint32_t count = 0, at = 0;
	size_t from = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '\n')
			continue;
		if (i > from) {
			if (parts != NULL) {
				parts[count] =
					(struct article_part){ text_at + at, (uint32_t)(i - from) };
				memcpy(out + at, text + from, i - from);
				out[at + i - from] = '\n';
			}
			at += (uint32_t)(i - from) + 1;
			count++;
		}
		from = i + 1;
	}
	return count;
}

/* To be freed; NULL when out of memory. */
static inline struct article *flat_article(const char *text, size_t len)
{
	uint32_t count = flat_paragraphs(NULL, NULL, 0, text, len);
	uint32_t text_at = (uint32_t)(sizeof(struct article) + count * sizeof(struct article_part));
	uint32_t size = (text_at + (uint32_t)len + 1 + 7) & ~7u;
	struct article *a = calloc(1, size);

	if (a == NULL)
		return NULL;
	a->size = size;
	a->paragraph_count = count;
	a->paragraphs_at = sizeof *a;
	a->text = (struct article_part){ text_at, (uint32_t)len };
	flat_paragraphs((struct article_part *)(void *)(a + 1), (char *)a + text_at, text_at, text,
			len);
	return a;
}

#endif
