/* SPDX-License-Identifier: BSD-2-Clause */
/* print_of.h - fingerprints of literal texts, for tests. */
#ifndef TESTS_PRINT_OF_H
#define TESTS_PRINT_OF_H

#include "base/arena.h"
#include "base/bytes.h"
#include "fingerprint/fingerprinting.h"
#include "text/text.h"

/* A paragraph a line. Everything of the arena. */
static inline struct fingerprint print_of(const char *text, struct arena *arena)
{
	struct articles articles = { 0 };
	struct text_problem problem;
	struct text_input in = { .bytes = span_of_text(text),
				 .format = TEXT_PLAIN,
				 .first_line = 1 };
	struct fingerprint f;

	assert_int_equal(text_read(&articles, &in, &problem, NULL, NULL), STATUS_OK);
	assert_int_equal(fingerprint_of(&f, articles_first(&articles), arena), STATUS_OK);
	articles_free(&articles);
	return f;
}

/* A sentence of `count` words that no other seed gives. */
static inline void put_words(struct bytes *b, unsigned seed, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned v = (seed * 2654435761u + i) * 2246822519u;

		for (unsigned k = 0; k < 4; k++, v /= 26)
			put_u8(b, (uint8_t)('a' + v % 26));
		put_u8(b, ' ');
	}
}

#endif
