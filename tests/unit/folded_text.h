/* SPDX-License-Identifier: BSD-2-Clause */
/* folded_text.h - what fold_words() makes of a text, to be read by a person; after cmocka.h. */
#ifndef TESTS_FOLDED_TEXT_H
#define TESTS_FOLDED_TEXT_H

#include <reprint/fingerprint.h>
#include <stdio.h>
#include <string.h>

#include "text/fold.h"

#define SHOWN (1u << 20)

/* Words as "[word]", numbers as "#word#", characters as "(c)". */
static inline void show(char *out, const char *text, size_t len)
{
	static const char *const left = "[#(", *const right = "]#)";
	struct folded f;
	size_t at = 0;

	while (len > 0) {
		size_t used = fold_words(&f, text, len);

		assert_true(used > 0 && used <= len);
		assert_true(f.count <= FOLD_WORDS);
		for (uint32_t i = 0; i < f.count; i++) {
			int bytes = f.border[i + 1] - f.border[i];

			assert_in_range(bytes, 1, FOLD_WORD_BYTES);
			assert_true(at + FOLD_WORD_BYTES + 3 < SHOWN);
			at += (size_t)sprintf(out + at, "%c%.*s%c", left[f.kind[i]], bytes,
					      f.bytes + f.border[i], right[f.kind[i]]);
		}
		text += used;
		len -= used;
	}
	out[at] = '\0';
}

static inline void folds_to(const char *text, const char *want)
{
	static char got[SHOWN];

	show(got, text, strlen(text));
	assert_string_equal(got, want);
}

static inline void folds_alike(const char *a, const char *b)
{
	static char want[SHOWN];

	show(want, a, strlen(a));
	assert_true(want[0] != '\0');
	folds_to(b, want);
}

#endif
