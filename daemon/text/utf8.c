/* SPDX-License-Identifier: BSD-2-Clause */
#include "text/utf8.h"

#include "base/bytes.h"

#include <endian.h>
#include <string.h>

/* Length of the valid character at p, 0 if there is none; *out_bad is then the length of the
 * maximal invalid part (Unicode 15, section 3.9). */
static size_t character_len(const unsigned char *p, size_t room, size_t *out_bad)
{
	unsigned char c = p[0], low = 0x80, high = 0xBF;
	size_t want = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

	*out_bad = 1;
	if (c < 0x80)
		return 1;
	if (c < 0xC2 || c > 0xF4)
		return 0;
	if (c == 0xE0)
		low = 0xA0;
	else if (c == 0xED)
		high = 0x9F;
	else if (c == 0xF0)
		low = 0x90;
	else if (c == 0xF4)
		high = 0x8F;
	for (size_t i = 1; i < want; i++, low = 0x80, high = 0xBF) {
		if (i == room || p[i] < low || p[i] > high) {
			*out_bad = i;
			return 0;
		}
	}
	return want;
}

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define STEP 64u

/* Whether STEP bytes are ASCII, in registers of whatever machine. */
static bool is_ascii(const unsigned char *p)
{
	typedef uint64_t pair __attribute__((vector_size(16), aligned(1), may_alias));
	const pair *at = (const pair *)p;
	pair all = at[0] | at[1] | at[2] | at[3];

	return ((all[0] | all[1]) & HIGH_BITS) == 0;
}

/* The first byte at or after i that is not ASCII. */
static size_t skip_ascii(const unsigned char *p, size_t i, size_t len)
{
	uint64_t eight;

	while (len - i >= STEP && is_ascii(p + i))
		i += STEP;
	for (; len - i >= sizeof eight; i += sizeof eight) {
		memcpy(&eight, p + i, sizeof eight);
		eight = le64toh(eight) & HIGH_BITS;
		if (eight != 0)
			return i + (size_t)__builtin_ctzll(eight) / 8;
	}
	while (i < len && p[i] < 0x80)
		i++;
	return i;
}

static bool is_inner(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t utf8_valid(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0, bad;

	while (i < s.len) {
		size_t left = s.len - i, n;

		/* Most of what is not ASCII is Latin, Cyrillic, Arabic or CJK. */
		if (p[i] < 0x80)
			i = skip_ascii(p, i, s.len);
		else if (p[i] >= 0xC2 && p[i] <= 0xDF && left > 1 && is_inner(p[i + 1]))
			i += 2;
		else if (p[i] > 0xE0 && p[i] < 0xED && left > 2 && is_inner(p[i + 1]) &&
			 is_inner(p[i + 2]))
			i += 3;
		else if ((n = character_len(p + i, left, &bad)) > 0)
			i += n;
		else
			return i;
	}
	return s.len;
}

static void put_spelled_byte(struct bytes *out, char c)
{
	put_format(out, "\\x%02x", (unsigned char)c);
}

bool utf8_is_spelled(struct span name)
{
	return utf8_valid(name) == name.len && memmem(name.p, name.len, "\\x", 2) == NULL;
}

void utf8_spell(struct bytes *out, struct span name)
{
	for (size_t i = 0; i < name.len;) {
		size_t valid = utf8_valid(span_of(name.p + i, name.len - i));

		for (size_t end = i + valid; i < end; i++) {
			if (name.p[i] == '\\' && i + 1 < end && name.p[i + 1] == 'x')
				put_spelled_byte(out, '\\');
			else
				put_bytes(out, name.p + i, 1);
		}
		if (i < name.len)
			put_spelled_byte(out, name.p[i++]);
	}
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void utf8_unspell(struct bytes *out, struct span spelled)
{
	for (size_t i = 0; i < spelled.len; i++) {
		const char *p = spelled.p + i;

		if (spelled.len - i < 4 || p[0] != '\\' || p[1] != 'x' || digit_of(p[2]) < 0 ||
		    digit_of(p[3]) < 0) {
			put_bytes(out, p, 1);
			continue;
		}
		put_u8(out, (uint8_t)(digit_of(p[2]) << 4 | digit_of(p[3])));
		i += 3;
	}
}

size_t utf8_repair(struct bytes *out, struct span s)
{
	size_t repaired = 0;

	while (s.len > 0) {
		size_t good = utf8_valid(s), bad = 0;

		put_bytes(out, s.p, good);
		s = span_of(s.p + good, s.len - good);
		if (s.len == 0)
			break;
		character_len((const unsigned char *)s.p, s.len, &bad);
		put_text(out, UTF8_REPLACEMENT);
		repaired++;
		s = span_of(s.p + bad, s.len - bad);
	}
	return repaired;
}

bool utf8_likely(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0, bad, wide = 0, broken = 0;

	while ((i = skip_ascii(p, i, s.len)) < s.len) {
		size_t n = character_len(p + i, s.len - i, &bad);

		/* A character cut by the end of the input says nothing against UTF-8. */
		if (n == 0 && i + bad == s.len && bad > 1)
			wide++;
		else if (n == 0)
			broken++;
		else
			wide++;
		i += n == 0 ? bad : n;
	}
	return wide > broken;
}

struct span utf8_cut(struct span s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
		max--;
	return span_of(s.p, max);
}

size_t utf8_encode(char out[4], uint32_t c)
{
	if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

void utf8_put(struct bytes *out, uint32_t c)
{
	char b[4];

	put_bytes(out, b, utf8_encode(b, c));
}
