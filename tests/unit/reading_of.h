/* SPDX-License-Identifier: BSD-2-Clause */
/* reading_of.h - text_read() for tests: an inline document in, its articles out. */
#ifndef TESTS_READING_OF_H
#define TESTS_READING_OF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "text/text.h"

struct reading_of {
	struct articles articles;
	enum status st;
	struct text_problem problem;
	unsigned told;                 /* how often something was reported */
	struct text_problem last_told; /* and what last */
};

static inline void reading_of_tell(void *ctx, enum status st, const struct text_problem *problem)
{
	struct reading_of *r = ctx;

	(void)st;
	r->told++;
	r->last_told = *problem;
}

/* *r is zeroed at first; it may be used again. The document is copied to memory of exactly its
 * size, so that a sanitizer sees its end. */
static inline void read_bytes(struct reading_of *r, enum text_format format, const char *p,
			      size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	struct text_input in = { .format = format };

	assert_non_null(copy);
	memcpy(copy, p, len);
	in.bytes = span_of(copy, len);
	articles_free(&r->articles);
	*r = (struct reading_of){ 0 };
	r->st = text_read(&r->articles, &in, &r->problem, reading_of_tell, r);
	free(copy);
}

static inline void read_text(struct reading_of *r, enum text_format format, const char *document)
{
	read_bytes(r, format, document, strlen(document));
}

static inline const struct article *nth(const struct reading_of *r, unsigned n)
{
	const struct article *a = articles_first(&r->articles);

	while (a != NULL && --n > 0)
		a = articles_next(&r->articles, a);
	assert_non_null(a);
	return a;
}

static inline void assert_part(const struct article *a, struct article_part part,
			       const char *expected)
{
	struct span s = article_view(a, part);

	if (expected == NULL) {
		assert_null(s.p);
		return;
	}
	assert_non_null(s.p);
	char *text = strndup(s.p, s.len);
	assert_string_equal(text, expected);
	free(text);
}

/* Paragraphs, each followed by '\n'; their places are checked too. */
static inline void assert_text(const struct article *a, const char *expected)
{
	const struct article_part *parts = article_paragraphs(a);
	uint32_t at = a->text.at;

	for (uint32_t i = 0; i < a->paragraph_count; i++) {
		assert_int_equal(parts[i].at, at);
		assert_true(parts[i].len > 0);
		at += parts[i].len;
		assert_int_equal(((const char *)a)[at], '\n');
		at++;
	}
	assert_int_equal(at, a->text.at + a->text.len);
	assert_int_equal((uintptr_t)a % 8, 0);
	assert_int_equal(a->size % 8, 0);
	assert_part(a, a->text, expected);
}

#endif
