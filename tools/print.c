/* SPDX-License-Identifier: BSD-2-Clause */
#include "print.h"

#include "base/bytes.h"
#include "wire/value.h"

static bool colored;

void print_colored(bool yes)
{
	colored = yes;
}

void print_tone(enum tone tone)
{
	static const char *const codes[] = { "\033[0m",  "\033[1m",  "\033[2m", "\033[32m",
					     "\033[33m", "\033[31m", "\033[36m" };

	if (colored)
		fputs(codes[tone], stdout);
}

enum tone print_kind_tone(struct span kind)
{
	static const struct {
		const char *kind;
		enum tone tone;
	} rows[] = { { "exact", TONE_BAD },     { "near", TONE_BAD },     { "excerpt", TONE_WARM },
		     { "contains", TONE_WARM }, { "partial", TONE_WARM }, { "revision", TONE_COOL },
		     { "unique", TONE_GOOD } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_equal(kind, span_of_text(rows[i].kind)))
			return rows[i].tone;
	return TONE_FAINT;
}

/* Bytes of the character at p. The text is UTF-8 as it came through the wire; a control character
 * (C0, DEL, C1) is not to be printed. */
static size_t character(const char *p, size_t left, bool *out_control)
{
	unsigned char c = (unsigned char)p[0];
	size_t len = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (len > left)
		len = left;
	*out_control = c < 0x20 || c == 0x7f ||
		       (c == 0xc2 && len == 2 && (unsigned char)p[1] < 0xa0) ||
		       (c >= 0x80 && c < 0xc0);
	return len;
}

/* Returns the number of characters printed. */
static size_t put(struct span text, size_t max)
{
	size_t count = 0;
	bool control;

	if (text.p == NULL)
		text = span_of("-", 1);
	for (size_t i = 0, len; i < text.len; i += len, count++) {
		len = character(text.p + i, text.len - i, &control);
		if (max > 0 && count + 3 >= max && text.len - i > 3 * 4) {
			fputs("...", stdout);
			return count + 3;
		}
		if (control)
			fputc('?', stdout);
		else
			fwrite(text.p + i, 1, len, stdout);
	}
	return count;
}

void print_text(struct span text, size_t max)
{
	put(text, max);
}

void print_into(struct bytes *out, struct span text)
{
	bool control;

	for (size_t i = 0, len; i < text.len; i += len) {
		len = character(text.p + i, text.len - i, &control);
		if (control && text.p[i] != '\n')
			put_u8(out, '?');
		else
			put_bytes(out, text.p + i, len);
	}
}

void print_column(struct span text, size_t width)
{
	for (size_t n = put(text, 0); n < width; n++)
		fputc(' ', stdout);
}

void print_member(const struct value *object, const char *key, size_t max)
{
	print_text(value_text_of(object, key), max);
}

void print_share(double share)
{
	printf("%.0f %%", share * 100);
}

void print_range(const struct value *pair)
{
	uint64_t from = 0, to = 0;

	value_number(value_at(pair, 0), &from);
	value_number(value_at(pair, 1), &to);
	printf("%llu", (unsigned long long)from);
	if (to != from)
		printf("..%llu", (unsigned long long)to);
}

static void print_kind(struct span kind)
{
	print_tone(print_kind_tone(kind));
	print_column(kind, 8);
	print_tone(TONE_PLAIN);
}

/* ---- verdicts */

static void print_repetition_short(const struct value *verdict)
{
	const struct value *r = value_of(verdict, "repetition");
	double ratio = value_share(value_of(r, "ratio"));

	if (ratio <= 0)
		return;
	print_tone(value_flag(value_of(r, "doubled")) ? TONE_BAD : TONE_WARM);
	printf("  [%s", value_flag(value_of(r, "doubled")) ? "doubled, " : "");
	print_share(ratio);
	printf(" said again]");
	print_tone(TONE_PLAIN);
}

void print_verdict_line(const struct value *verdict)
{
	const struct value *match = value_at(value_of(verdict, "matches"), 0);

	print_kind(value_text_of(verdict, "verdict"));
	fputc(' ', stdout);
	print_member(verdict, "id", 0);
	if (match != NULL) {
		printf("  = ");
		print_member(match, "id", 0);
		printf(" (");
		print_share(value_share(value_of(match, "resemblance")));
		fputc(')', stdout);
	}
	print_repetition_short(verdict);
	fputc('\n', stdout);
}

void print_match(const struct value *match)
{
	const struct value *passages = value_of(match, "paragraphs");

	printf("  ");
	print_kind(value_text_of(match, "kind"));
	fputc(' ', stdout);
	print_member(match, "id", 0);
	printf("  (");
	print_member(match, "relation", 0);
	printf(": alike ");
	print_share(value_share(value_of(match, "resemblance")));
	printf(", of this ");
	print_share(value_share(value_of(match, "containment")));
	printf(", of that ");
	print_share(value_share(value_of(match, "contained_by")));
	printf(")\n");
	for (size_t i = 0; i < value_count(passages); i++) {
		const struct value *p = value_at(passages, i);

		printf("           paragraph ");
		print_range(value_of(p, "here"));
		printf(" here, ");
		print_range(value_of(p, "there"));
		printf(" there, %llu words\n", (unsigned long long)value_number_of(p, "words", 0));
	}
}

void print_blocks(const struct value *repetition)
{
	const struct value *blocks = value_of(repetition, "blocks");

	for (size_t i = 0; i < value_count(blocks); i++) {
		const struct value *b = value_at(blocks, i);

		printf("  paragraph ");
		print_range(value_of(b, "again"));
		printf(" says ");
		print_range(value_of(b, "first"));
		printf(" again (%llu words, ", (unsigned long long)value_number_of(b, "words", 0));
		print_share(value_share(value_of(b, "similarity")));
		printf(" alike)\n");
	}
}

static void print_fact(const struct value *verdict, const char *label, const char *key)
{
	struct span text = value_text_of(verdict, key);

	if (text.p == NULL)
		return;
	print_tone(TONE_FAINT);
	printf("  %-10s", label);
	print_tone(TONE_PLAIN);
	print_text(text, 0);
	fputc('\n', stdout);
}

void print_verdict(const struct value *verdict)
{
	static const char *const facts[][2] = {
		{ "title", "title" },     { "site", "site" },           { "file", "file" },
		{ "url", "url" },         { "published", "published" }, { "seen", "seen" },
		{ "simhash", "simhash" }, { "digest", "digest" },       { "cluster", "cluster" },
		{ "first was", "of" },
	};
	const struct value *matches = value_of(verdict, "matches");
	uint64_t more = value_number_of(verdict, "more", 0);

	print_verdict_line(verdict);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		print_fact(verdict, facts[i][0], facts[i][1]);
	print_tone(TONE_FAINT);
	printf("  %-10s", "size");
	print_tone(TONE_PLAIN);
	printf("%llu words in %llu paragraphs, %llu of them the site's own\n",
	       (unsigned long long)value_number_of(verdict, "words", 0),
	       (unsigned long long)value_number_of(verdict, "paragraphs", 0),
	       (unsigned long long)value_number_of(verdict, "chrome", 0));
	print_blocks(value_of(verdict, "repetition"));
	for (size_t i = 0; i < value_count(matches); i++)
		print_match(value_at(matches, i));
	if (more > 0)
		printf("  and %llu more\n", (unsigned long long)more);
}
