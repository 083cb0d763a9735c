/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/fold.h"
#include "text/fold_ascii.h"

#define TEXT_BYTES 1024u
#define ROUNDS 20000u

typedef size_t (*fold_fn)(struct folded *out, const char *text, size_t len);

static const char *const pieces[] = {
	"word",
	"Word",
	"A",
	"x86",
	"12",
	"1,234",
	"1,23",
	",",
	".",
	"'",
	"_",
	"&",
	"&amp;",
	"&shy;",
	"&#49;",
	" ",
	" ",
	" ",
	"\n",
	"\t",
	"\x7f",
	"\u00ad",
	"é",
	"e\u0301",
	"\u0301",
	"\u200b",
	"\u2019",
	"中",
	"کتاب",
	"ها",
	"می",
	"\xff",
	"\xc3",
	"abcdefghijklmnopqrstuvwxyzabcde",
	"abcdefghijklmnopqrstuvwxyzabcdef",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
};

static size_t any_text(char *out)
{
	size_t len = 0;

	for (int i = rand() % 24; i >= 0; i--) {
		const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];

		memcpy(out + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return len;
}

/* Every word behind its kind, with a bar between. A line break is the end of what is folded. */
static size_t fold_all(char *out, fold_fn fold, const char *text, size_t len)
{
	struct folded f;
	size_t at = 0, n = 0;

	while (at < len) {
		size_t used = fold(&f, text + at, len - at);

		assert_in_range(used, 1, len - at);
		assert_null(memchr(text + at, '\n', used - 1));
		at += used;
		for (uint32_t i = 0; i < f.count; i++) {
			size_t bytes = (size_t)(f.border[i + 1] - f.border[i]);

			out[n++] = (char)('0' + f.kind[i]);
			memcpy(out + n, f.bytes + f.border[i], bytes);
			n += bytes;
			out[n++] = '|';
		}
	}
	return n;
}

static void the_words_are_those_of_the_law(void **state)
{
	char text[TEXT_BYTES], words[8 * TEXT_BYTES], law[8 * TEXT_BYTES];

	(void)state;
	srand(11);
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t len = any_text(text), count = fold_all(law, fold_words, text, len);

		assert_int_equal(fold_all(words, fold_ascii, text, len), count);
		assert_memory_equal(words, law, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_are_those_of_the_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
