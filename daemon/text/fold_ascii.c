/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/fold_ascii.h"

#include <reprint/fingerprint.h>
#include <stdbool.h>

#include "text/fold.h"

#define WORD_BYTES 32u /* a longer word is nobody's */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Whether the word goes on behind a letter or digit `last` in ways that ASCII does not tell: with a
 * mark, after a character reference, across the comma of a number. */
static bool may_go_on(char last, char next)
{
	return (unsigned char)next >= 0x80 || next == '&' || (next == ',' && is_digit(last));
}

/* What stands between words, up to and with the end of a line. */
static size_t pass_blanks(const char *text, size_t at, size_t len)
{
	while (at < len && (unsigned char)text[at] < 0x80 && text[at] != '&' &&
	       !is_letter(text[at]) && !is_digit(text[at]))
		if (text[at++] == '\n')
			break;
	return at;
}

size_t fold_ascii(struct folded *out, const char *text, size_t len)
{
	size_t at = 0;
	bool number = false;

	for (; at < len && at < WORD_BYTES && (is_letter(text[at]) || is_digit(text[at])); at++) {
		bool digit = is_digit(text[at]);

		number |= digit;
		out->bytes[at] = (char)(text[at] | (digit ? 0 : 0x20));
	}
	if (at == 0 || at == WORD_BYTES || (at < len && may_go_on(text[at - 1], text[at])))
		return fold_words(out, text, len);
	out->count = 1;
	out->characters = 0;
	out->kind[0] = number ? TOKEN_NUMBER : TOKEN_WORD;
	out->border[0] = 0;
	out->border[1] = (uint16_t)at;
	return pass_blanks(text, at, len);
}
