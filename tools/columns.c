/* SPDX-License-Identifier: BSD-2-Clause */
#include "columns.h"

#include "base/bytes.h"
#include "print.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LABEL 5u           /* "1234 " */
#define GUTTER 3u          /* " = " */
#define COMPARED_MAX 2000u /* words a side; longer paragraphs are not compared word by word */

struct word {
	struct span text;
	unsigned width;
	bool differs;
};

struct words {
	struct word *list;
	size_t count, cap;
	size_t at; /* printed up to here */
};

unsigned columns_width(unsigned line)
{
	unsigned width = (line - 2 * LABEL - GUTTER) / 2;

	return line < 60 ? 24 : width;
}

/* Code point at p and its length; broken bytes count as one each. */
static uint32_t code_point(const unsigned char *p, size_t left, size_t *out_len)
{
	size_t len = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);

	*out_len = len > left ? 1 : len;
	for (size_t i = 1; i < *out_len; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* Columns on a terminal, near enough: marks take none, CJK two. */
static unsigned width_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x64b && c <= 0x65f) ||
	    (c >= 0x200b && c <= 0x200f))
		return 0;
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
			       (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
			       (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
			       (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd)
		       ? 2
		       : 1;
}

static bool add(struct words *w, struct word word)
{
	if (w->count == w->cap) {
		size_t cap = w->cap == 0 ? 64 : w->cap * 2;
		struct word *list = realloc(w->list, cap * sizeof *list);

		if (list == NULL)
			return false;
		w->list = list;
		w->cap = cap;
	}
	w->list[w->count++] = word;
	return true;
}

/* Splits at blanks, and where a word is wider than a column. */
static bool split(struct words *w, struct span text, unsigned width)
{
	struct word word = { span_of(text.p, 0), 0, false };

	for (size_t i = 0, len; i < text.len; i += len) {
		uint32_t c = code_point((const unsigned char *)text.p + i, text.len - i, &len);
		bool blank = c == ' ' || c == '\t';

		if (word.text.len > 0 && (blank || word.width + width_of(c) > width)) {
			if (!add(w, word))
				return false;
			word = (struct word){ span_of(text.p + i, 0), 0, false };
		}
		if (blank)
			continue;
		if (word.text.len == 0)
			word.text.p = text.p + i;
		word.text.len += len;
		word.width += width_of(c);
	}
	return word.text.len == 0 || add(w, word);
}

/* Marks what is not in a longest common subsequence. table[i][j]: its length from i and j on. */
static bool mark_differing(struct words *a, struct words *b)
{
	size_t stride = b->count + 1;
	uint16_t *table;

	if (a->count > COMPARED_MAX || b->count > COMPARED_MAX)
		return true;
	table = calloc((a->count + 1) * stride, sizeof *table);
	if (table == NULL)
		return false;
	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			uint16_t down = table[(i + 1) * stride + j],
				 right = table[i * stride + j + 1];

			table[i * stride + j] =
				span_equal(a->list[i].text, b->list[j].text)
					? (uint16_t)(table[(i + 1) * stride + j + 1] + 1)
				: down > right ? down
					       : right;
		}
	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		if (i < a->count && j < b->count && span_equal(a->list[i].text, b->list[j].text)) {
			i++;
			j++;
		} else if (j == b->count || (i < a->count && table[(i + 1) * stride + j] >=
								     table[i * stride + j + 1])) {
			a->list[i++].differs = true;
		} else {
			b->list[j++].differs = true;
		}
	}
	free(table);
	return true;
}

/* One line of a column, filled up to its width. */
static void print_side(struct words *w, unsigned width, unsigned label, enum tone plain,
		       enum tone differing)
{
	unsigned used = 0;

	print_tone(TONE_FAINT);
	if (label > 0 && w->at == 0)
		printf("%4u ", label);
	else
		printf("%*s", (int)LABEL, "");
	print_tone(TONE_PLAIN);
	while (w->at < w->count) {
		const struct word *word = &w->list[w->at];

		if (used > 0 && used + 1 + word->width > width)
			break;
		if (used > 0)
			fputc(' ', stdout);
		print_tone(word->differs ? differing : plain);
		print_text(word->text, 0);
		print_tone(TONE_PLAIN);
		used += word->width + (used > 0);
		w->at++;
	}
	printf("%*s", used < width ? (int)(width - used) : 0, "");
}

static void print_rows(struct words *left, struct words *right, unsigned width,
		       enum columns_row kind, unsigned left_label, unsigned right_label)
{
	static const char *const signs[] = { " = ", " ~ ", " | " };
	enum tone left_tone = kind == COLUMNS_APART ? TONE_BAD : TONE_PLAIN;
	enum tone right_tone = kind == COLUMNS_APART ? TONE_GOOD : TONE_PLAIN;

	if (kind == COLUMNS_SAME)
		left_tone = right_tone = TONE_FAINT;
	do {
		print_side(left, width, left_label, left_tone, TONE_BAD);
		fputs(signs[kind], stdout);
		print_side(right, width, right_label, right_tone, TONE_GOOD);
		fputc('\n', stdout);
	} while (left->at < left->count || right->at < right->count);
}

bool columns_print(unsigned width, enum columns_row kind, unsigned left_label, struct span left,
		   unsigned right_label, struct span right)
{
	struct words l = { 0 }, r = { 0 };
	bool fine = (left.p == NULL || split(&l, left, width)) &&
		    (right.p == NULL || split(&r, right, width)) &&
		    (kind != COLUMNS_CHANGED || mark_differing(&l, &r));

	if (fine)
		print_rows(&l, &r, width, kind, left_label, right_label);
	free(l.list);
	free(r.list);
	return fine;
}
