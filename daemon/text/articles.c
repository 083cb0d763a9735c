/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/articles.h"

#include <stdlib.h>

#define FIRST_BYTES 4096u

void articles_free(struct articles *a)
{
	free(a->bytes);
	for (unsigned i = 0; i < ARTICLES_WORKING; i++)
		bytes_free(&a->working[i]);
	*a = (struct articles){ 0 };
}

void articles_clear(struct articles *a)
{
	a->len = 0;
	a->count = 0;
}

const struct article *articles_first(const struct articles *a)
{
	return a->len == 0 ? NULL : (const struct article *)(const void *)a->bytes;
}

const struct article *articles_next(const struct articles *a, const struct article *one)
{
	const unsigned char *next = (const unsigned char *)one + one->size;

	return next == a->bytes + a->len ? NULL : (const struct article *)(const void *)next;
}

/* Measured; most of an article is what the lane keeps of it until its batch is committed. */
#define ARTICLE_BYTES 2048u
#define PARAGRAPH_BYTES 128u

size_t article_burden(const struct article *a)
{
	return ARTICLE_BYTES + a->size + (size_t)a->paragraph_count * PARAGRAPH_BYTES;
}

unsigned char *articles_append(struct articles *a, size_t size)
{
	size_t cap = a->cap < FIRST_BYTES ? FIRST_BYTES : a->cap;
	unsigned char *at;

	if (size > SIZE_MAX / 4 || a->len > SIZE_MAX / 4)
		return NULL;
	while (cap < a->len + size)
		cap *= 2;
	if (cap != a->cap) {
		unsigned char *bytes = realloc(a->bytes, cap);

		if (bytes == NULL)
			return NULL;
		a->bytes = bytes;
		a->cap = cap;
	}
	at = a->bytes + a->len;
	a->len += size;
	a->count++;
	return at;
}
