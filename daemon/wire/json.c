/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/json.h"

#include "base/bytes.h"
#include "base/clock.h"

#include <math.h>

static const char hex_digits[] = "0123456789abcdef";

static void before_value(struct json *j)
{
	if (j->comma)
		put_bytes(j->out, ",", 1);
	j->comma = true;
}

void json_open(struct json *j, char bracket)
{
	before_value(j);
	put_bytes(j->out, &bracket, 1);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	put_bytes(j->out, &bracket, 1);
	j->comma = true;
}

void json_key(struct json *j, const char *key)
{
	before_value(j);
	put_bytes(j->out, "\"", 1);
	put_text(j->out, key);
	put_bytes(j->out, "\":", 2);
	j->comma = false;
}

/* Length of the well-formed multi-byte sequence at p, 0 if there is none; then *out_broken bytes
 * are the maximal broken part (Unicode 15, table 3-7). */
static size_t sequence_length(const unsigned char *p, size_t room, size_t *out_broken)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	*out_broken = 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < len; i++, low = 0x80, high = 0xbf) {
		if (i >= room || p[i] < low || p[i] > high) {
			*out_broken = i;
			return 0;
		}
	}
	return len;
}

/* Of a well-formed sequence. */
static bool is_c1(const unsigned char *p)
{
	return p[0] == 0xc2 && p[1] < 0xa0;
}

static void put_escaped(struct bytes *out, unsigned char c)
{
	char text[6] = { '\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15] };
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(plain, c);

	if (at == NULL) {
		put_bytes(out, text, 6);
		return;
	}
	text[1] = letters[at - plain];
	put_bytes(out, text, 2);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether none of eight bytes is a control, a quote, a backslash or beyond ASCII (Lamport 1975: the
 * top bit of a byte tells, and what borrows from the next is of these itself). */
static bool plain_eight(const unsigned char *p)
{
	uint64_t v, quote, slash;

	memcpy(&v, p, sizeof v);
	quote = v ^ EACH('"');
	slash = v ^ EACH('\\');
	return ((v | (v - EACH(0x20)) | (quote - EACH(1)) | (slash - EACH(1))) & EACH(0x80)) == 0;
}

/* How many bytes at p can be copied as they are: printable ASCII and well-formed sequences, but for
 * the control characters of C1, which a terminal obeys as it does those of ASCII. */
static size_t clean_run(const unsigned char *p, size_t len, size_t *out_broken)
{
	size_t i = 0;

	*out_broken = 0;
	while (i < len) {
		size_t step = 1;

		if (len - i >= 8 && plain_eight(p + i)) {
			i += 8;
			continue;
		}
		if (p[i] < 0x20 || p[i] == '"' || p[i] == '\\')
			break;
		if (p[i] >= 0x80) {
			step = sequence_length(p + i, len - i, out_broken);
			if (step == 0)
				break;
			if (is_c1(p + i)) {
				*out_broken = 2;
				break;
			}
		}
		i += step;
	}
	return i;
}

void json_text(struct json *j, struct span text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t left = text.len, run, broken;

	if (p == NULL) {
		json_null(j);
		return;
	}
	before_value(j);
	put_bytes(j->out, "\"", 1);
	while (left > 0) {
		run = clean_run(p, left, &broken);
		put_bytes(j->out, p, run);
		p += run;
		left -= run;
		if (left == 0)
			break;
		if (*p < 0x80) {
			put_escaped(j->out, *p);
			broken = 1;
		} else if (broken == 2 && is_c1(p)) {
			put_escaped(j->out, p[1]);
		} else {
			put_bytes(j->out, "\xef\xbf\xbd", 3);
		}
		p += broken;
		left -= broken;
	}
	put_bytes(j->out, "\"", 1);
}

void json_word(struct json *j, const char *word)
{
	before_value(j);
	put_bytes(j->out, "\"", 1);
	put_text(j->out, word);
	put_bytes(j->out, "\"", 1);
}

void json_number(struct json *j, uint64_t n)
{
	before_value(j);
	put_decimal(j->out, n, 0);
}

void json_signed(struct json *j, int64_t n)
{
	before_value(j);
	if (n < 0)
		put_bytes(j->out, "-", 1);
	put_decimal(j->out, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 0);
}

void json_share(struct json *j, double share)
{
	/* NaN fails every comparison and is written as 0.0. */
	uint64_t scaled = share > 0 ? (uint64_t)llround(fmin(share, 1e9) * 10000) : 0;
	char digits[4];
	size_t len = 4;

	before_value(j);
	put_decimal(j->out, scaled / 10000, 0);
	scaled %= 10000;
	for (size_t i = 4; i-- > 0; scaled /= 10)
		digits[i] = (char)('0' + scaled % 10);
	while (len > 1 && digits[len - 1] == '0')
		len--;
	put_bytes(j->out, ".", 1);
	put_bytes(j->out, digits, len);
}

void json_flag(struct json *j, bool flag)
{
	before_value(j);
	put_text(j->out, flag ? "true" : "false");
}

void json_null(struct json *j)
{
	before_value(j);
	put_bytes(j->out, "null", 4);
}

void json_hex(struct json *j, const uint64_t *words, size_t count)
{
	before_value(j);
	put_bytes(j->out, "\"", 1);
	for (size_t i = 0; i < count; i++)
		put_hex64(j->out, words[i]);
	put_bytes(j->out, "\"", 1);
}

void json_moment(struct json *j, int64_t ms)
{
	char text[CLOCK_TEXT_BYTES];

	json_word(j, clock_text(text, ms));
}

void json_raw(struct json *j, struct span value)
{
	before_value(j);
	put_bytes(j->out, value.p, value.len);
}

void json_put_text(struct json *j, const char *key, struct span text)
{
	json_key(j, key);
	json_text(j, text);
}

void json_put_word(struct json *j, const char *key, const char *word)
{
	json_key(j, key);
	json_word(j, word);
}

void json_put_number(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_number(j, n);
}

void json_put_share(struct json *j, const char *key, double share)
{
	json_key(j, key);
	json_share(j, share);
}

void json_put_flag(struct json *j, const char *key, bool flag)
{
	json_key(j, key);
	json_flag(j, flag);
}

void json_put_hex(struct json *j, const char *key, uint64_t word)
{
	json_key(j, key);
	json_hex(j, &word, 1);
}
