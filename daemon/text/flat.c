/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/flat.h"

#include "base/bytes.h"
#include "text/utf8.h"

/* An integer of up to 18 digits fits jansson's 64 bits. */
#define DIGITS 18u

struct scan {
	const char *p, *end;
	struct bytes *scratch;
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

static bool take_hex(struct scan *s, uint32_t *out)
{
	uint32_t v = 0;

	if (s->end - s->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = *s->p++;
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return false;
		v = v << 4 | (uint32_t)digit;
	}
	*out = v;
	return true;
}

/* After "\u". Lone surrogates are jansson's business. */
static bool take_unicode(struct scan *s)
{
	uint32_t c, low;

	if (!take_hex(s, &c))
		return false;
	if (c >= 0xD800 && c <= 0xDFFF) {
		if (c > 0xDBFF || s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
			return false;
		s->p += 2;
		if (!take_hex(s, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	utf8_put(s->scratch, c);
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
	put_u8(s->scratch, (uint8_t)to[found - from]);
	return true;
}

/* After the opening quote. *out_at: where the value begins in scratch, for a span that is made
 * once scratch has stopped moving. */
static bool take_string(struct scan *s, struct span *out, size_t *out_at)
{
	const char *from = s->p;
	size_t at = s->scratch->len;

	*out_at = SIZE_MAX;
	for (;;) {
		s->p = plain_end(s->p, s->end);
		if (s->p == s->end || (unsigned char)*s->p < 0x20)
			return false;
		if (*s->p == '"' && *out_at == SIZE_MAX) {
			*out = span_of(from, (size_t)(s->p++ - from));
			return true;
		}
		put_bytes(s->scratch, from, (size_t)(s->p - from));
		*out_at = at;
		if (*s->p++ == '"') {
			*out = span_of("", s->scratch->len - at);
			return !s->scratch->failed;
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

/* One "key": value; at[] remembers which values stand in scratch. */
static bool take_member(struct scan *s, struct flat *f, size_t at[])
{
	struct span key, value = { NULL, 0 };
	struct span *field;
	size_t key_at, value_at = SIZE_MAX;
	bool integer = false;

	if (!take(s, '"') || !take_string(s, &key, &key_at) || key_at != SIZE_MAX || !take(s, ':'))
		return false;
	skip_blanks(s);
	if (s->p == s->end)
		return false;
	if (*s->p == '"') {
		s->p++;
		if (!take_string(s, &value, &value_at))
			return false;
	} else if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) {
		integer = true;
		if (!take_integer(s, &value))
			return false;
	} else if (!take_literal(s)) {
		return false;
	}
	field = field_of(f, key);
	if (field == NULL)
		return true;
	*field = integer && field != &f->id ? (struct span){ NULL, 0 } : value;
	at[field - &f->id] = value_at;
	return true;
}

bool flat_read(struct flat *out, struct bytes *scratch, struct span json)
{
	struct scan s = { json.p, json.p + json.len, scratch };
	struct span *fields = &out->id;
	size_t at[sizeof *out / sizeof *fields];

	*out = (struct flat){ 0 };
	bytes_clear(scratch);
	if (!take(&s, '{'))
		return false;
	do {
		if (!take_member(&s, out, at))
			return false;
	} while (take(&s, ','));
	if (!take(&s, '}'))
		return false;
	skip_blanks(&s);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		if (fields[i].p != NULL && at[i] != SIZE_MAX)
			fields[i].p = scratch->p + at[i];
	return s.p == s.end;
}
