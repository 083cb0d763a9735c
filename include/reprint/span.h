/* SPDX-License-Identifier: BSD-2-Clause */
/* span.h - a view of bytes that somebody else owns. */
#ifndef REPRINT_SPAN_H
#define REPRINT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Never NUL-terminated by promise. An absent value has p == NULL; an empty one has len == 0. */
struct span {
	const char *p;
	size_t len;
};

static inline struct span span_of(const char *p, size_t len)
{
	return (struct span){ p, len };
}

static inline struct span span_of_text(const char *text)
{
	return (struct span){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

#endif
