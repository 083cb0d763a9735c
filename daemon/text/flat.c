/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/flat.h"

#include "base/bytes.h"
#include "text/utf8.h"

/* An integer of up to 18 digits fits jansson's 64 bits. */
#define DIGITS 18u

struct scan {
	const char *p, *end;
	char *out; /* what is unescaped goes here: never longer than it was, so there is room */
};

static void skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

static bool take(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* The first quote, backslash or control character from p on, eight bytes at a time: a byte x is
 * zero where (x - 01) & ~x & 80, and below 20 where (x - 20) & ~x & 80 (Hacker's Delight, 6-1). */
static const char *plain_end(const char *p, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;

	while (end - p >= 8) {
		uint64_t x, quote, slash;

		memcpy(&x, p, 8);
		quote = x ^ (ones * '"');
		slash = x ^ (ones * '\\');
		if (((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
		      ((slash - ones) & ~slash)) &
		     high) != 0)
			break;
		p += 8;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

/* The value of four hexadecimal digits at p, above 0xFFFF if they are not. */
static uint32_t hex4(const char *p)
{
	static const signed char digit['f' + 1] = {
		['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
		['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
		['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
		['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};
	uint32_t v = 0, bad = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];
		int d = c <= 'f' ? digit[c] - 1 : -1;

		bad |= (uint32_t)(d < 0);
		v = v << 4 | ((uint32_t)d & 0xF);
	}
	return v | bad << 16;
}

/* After "\u". Lone surrogates are jansson's business. */
static bool take_unicode(struct scan *s)
{
	uint32_t c, low;

	if (s->end - s->p < 4 || (c = hex4(s->p)) > 0xFFFF)
		return false;
	s->p += 4;
	if (c >= 0xD800 && c <= 0xDFFF) {
		if (c > 0xDBFF || s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
			return false;
		low = hex4(s->p + 2);
		if (low < 0xDC00 || low > 0xDFFF)
			return false;
		s->p += 6;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	s->out += utf8_encode(s->out, c);
	return true;
}

/* After the backslash. */
static bool take_escape(struct scan *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (s->p == s->end)
		return false;
	c = *s->p++;
	if (c == 'u')
		return take_unicode(s);
	found = c == '\0' ? NULL : strchr(from, c);
	if (found == NULL)
		return false;
	*s->out++ = to[found - from];
	return true;
}

/* After the opening quote: a view of the input, or of what was unescaped. */
static bool take_string(struct scan *s, struct span *value)
{
	const char *from = s->p;
	char *out = s->out;

	for (;;) {
		s->p = plain_end(s->p, s->end);
		if (s->p == s->end || (unsigned char)*s->p < 0x20)
			return false;
		if (*s->p == '"' && s->out == out) {
			*value = span_of(from, (size_t)(s->p++ - from));
			return true;
		}
		memcpy(s->out, from, (size_t)(s->p - from));
		s->out += s->p - from;
		if (*s->p++ == '"') {
			*value = span_of(out, (size_t)(s->out - out));
			return true;
		}
		if (!take_escape(s))
			return false;
		from = s->p;
	}
}

/* -?(0|[1-9][0-9]*) of up to 18 digits; no fraction, no exponent. */
static bool take_integer(struct scan *s, struct span *out)
{
	const char *from = s->p, *digits;

	if (*s->p == '-')
		s->p++;
	digits = s->p;
	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	if (s->p == digits || (size_t)(s->p - digits) > DIGITS ||
	    (*digits == '0' && (s->p - digits > 1 || *from == '-')))
		return false;
	if (s->p < s->end && (*s->p == '.' || *s->p == 'e' || *s->p == 'E'))
		return false;
	*out = span_of(from, (size_t)(s->p - from));
	return true;
}

static bool take_literal(struct scan *s)
{
	static const char *const literals[] = { "null", "true", "false" };

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(literals[i]);

		if ((size_t)(s->end - s->p) >= len && memcmp(s->p, literals[i], len) == 0) {
			s->p += len;
			return s->p == s->end ||
			       !((*s->p >= 'a' && *s->p <= 'z') || (*s->p >= 'A' && *s->p <= 'Z'));
		}
	}
	return false;
}

static struct span *field_of(struct flat *f, struct span key)
{
	const struct {
		const char *name;
		struct span *field;
	} fields[] = {
		{ "id", &f->id },       { "site", &f->site }, { "url", &f->url },
		{ "title", &f->title }, { "text", &f->text }, { "published", &f->published },
		{ "html", &f->html },
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (span_equal(key, span_of_text(fields[i].name)))
			return fields[i].field;
	return NULL;
}

/* One "key": value. An escape in a key is left to jansson. */
static bool take_member(struct scan *s, struct flat *f)
{
	struct span key, value = { NULL, 0 };
	struct span *field;
	const char *out = s->out;
	bool integer = false;

	if (!take(s, '"') || !take_string(s, &key) || s->out != out || !take(s, ':'))
		return false;
	skip_blanks(s);
	if (s->p == s->end)
		return false;
	if (*s->p == '"') {
		s->p++;
		if (!take_string(s, &value))
			return false;
	} else if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) {
		integer = true;
		if (!take_integer(s, &value))
			return false;
	} else if (!take_literal(s)) {
		return false;
	}
	field = field_of(f, key);
	if (field != NULL)
		*field = integer && field != &f->id ? (struct span){ NULL, 0 } : value;
	return true;
}

bool flat_read(struct flat *out, struct bytes *scratch, struct span json)
{
	struct scan s = { json.p, json.p + json.len, NULL };

	*out = (struct flat){ 0 };
	bytes_clear(scratch);
	if (!bytes_reserve(scratch, json.len))
		return false;
	s.out = scratch->p;
	if (!take(&s, '{'))
		return false;
	do {
		if (!take_member(&s, out))
			return false;
	} while (take(&s, ','));
	if (!take(&s, '}'))
		return false;
	skip_blanks(&s);
	return s.p == s.end;
}
