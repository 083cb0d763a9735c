/* SPDX-License-Identifier: BSD-2-Clause */
/* articles_check.h - reads fuzzed bytes and aborts where a record is not what article.h promises.
 */
#ifndef TESTS_ARTICLES_CHECK_H
#define TESTS_ARTICLES_CHECK_H

#include <stdlib.h>

#include "text/sound.h"
#include "text/text.h"
#include "text/utf8.h"

static inline void check(bool promised)
{
	if (!promised)
		abort();
}

static inline void check_part(const struct article *a, struct article_part part)
{
	struct span s = article_view(a, part);

	if (part.at == 0)
		return;
	check(part.at >= sizeof *a && (uint64_t)part.at + part.len <= a->size);
	check(utf8_valid(s) == s.len);
	check(s.len == 0 || memchr(s.p, '\0', s.len) == NULL);
}

static inline void check_article(const struct article *a)
{
	const struct article_part *parts = article_paragraphs(a);
	uint32_t at = a->text.at;

	check(a->size % 8 == 0 && (uintptr_t)a % 8 == 0);
	check_part(a, a->id);
	check_part(a, a->site);
	check_part(a, a->url);
	check_part(a, a->canonical);
	check_part(a, a->title);
	check_part(a, a->published);
	check_part(a, a->text);
	check(a->hints_at + a->paragraph_count <= a->size);
	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		check(parts[i].at == at && parts[i].len > 0);
		check(memchr((const char *)a + at, '\n', parts[i].len) == NULL);
		at += parts[i].len;
		check(((const char *)a)[at++] == '\n');
	}
	check(at == a->text.at + a->text.len);
}

static inline void check_reading(struct span bytes, enum text_format format)
{
	struct articles articles = { 0 };
	struct text_input in = { .bytes = bytes, .format = format };
	struct text_problem problem;
	enum status st = text_read(&articles, &in, &problem, NULL, NULL);
	size_t count = 0;

	check(st == STATUS_OK || st == STATUS_MALFORMED);
	check((st == STATUS_OK) == (problem.why[0] == '\0'));
	for (const struct article *a = articles_first(&articles); a != NULL;
	     a = articles_next(&articles, a), count++)
		check_article(a);
	check(count == articles.count);
	check(articles_sound(&articles) && count == articles.count);
	articles_free(&articles);
}

#endif
