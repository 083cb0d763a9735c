/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/bytes.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ 0 };
}

void bytes_wipe(struct bytes *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	bytes_free(b);
}

void bytes_clear(struct bytes *b)
{
	b->len = 0;
	b->failed = false;
}

bool bytes_reserve(struct bytes *b, size_t more)
{
	size_t cap = b->cap < 256 ? 256 : b->cap;
	char *p;

	if (b->failed)
		return false;
	if (b->cap - b->len >= more)
		return true;
	if (more > SIZE_MAX / 4 || b->len > SIZE_MAX / 4) {
		b->failed = true;
		return false;
	}
	while (cap < b->len + more)
		cap *= 2;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

struct span bytes_span(const struct bytes *b)
{
	return span_of(b->p == NULL ? "" : b->p, b->len);
}

static void put_little_endian(struct bytes *b, uint64_t v, size_t len)
{
	unsigned char out[8];

	for (size_t i = 0; i < len; i++)
		out[i] = (unsigned char)(v >> (8 * i));
	put_bytes(b, out, len);
}

void put_u16(struct bytes *b, uint16_t v)
{
	put_little_endian(b, v, 2);
}

void put_u32(struct bytes *b, uint32_t v)
{
	put_little_endian(b, v, 4);
}

void put_u64(struct bytes *b, uint64_t v)
{
	put_little_endian(b, v, 8);
}

void put_varint(struct bytes *b, uint64_t v)
{
	unsigned char out[10];
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (unsigned char)v;
	put_bytes(b, out, n);
}

void put_zigzag(struct bytes *b, int64_t v)
{
	put_varint(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void put_span(struct bytes *b, struct span s)
{
	put_varint(b, s.p == NULL ? 0 : (uint64_t)s.len + 1);
	put_bytes(b, s.p, s.len);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight hexadecimal digits in the bytes of a number, the first one lowest. */
static uint64_t hex_of(uint32_t v)
{
	uint64_t x = __builtin_bswap32(v), above_nine;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x >> 4 | x << 8) & EACH(0x0f);
	above_nine = (x + EACH(6)) >> 4 & EACH(1);
	return x + EACH('0') + above_nine * ('a' - '0' - 10);
}

void put_hex32(struct bytes *b, uint32_t v)
{
	uint64_t text = htole64(hex_of(v));

	put_bytes(b, &text, sizeof text);
}

void put_hex64(struct bytes *b, uint64_t v)
{
	uint64_t text[2] = { htole64(hex_of((uint32_t)(v >> 32))), htole64(hex_of((uint32_t)v)) };

	put_bytes(b, text, sizeof text);
}

#define DECIMAL_BYTES 20u /* of the largest number */

void put_decimal(struct bytes *b, uint64_t v, unsigned width)
{
	char text[DECIMAL_BYTES];
	size_t at = sizeof text;

	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	for (size_t len = sizeof text - at; len < width; len++)
		put_u8(b, ' ');
	put_bytes(b, text + at, sizeof text - at);
}

void put_format(struct bytes *b, const char *format, ...)
{
	va_list args;
	int len;

	if (!bytes_reserve(b, 256))
		return;
	va_start(args, format);
	len = vsnprintf(b->p + b->len, b->cap - b->len, format, args);
	va_end(args);
	if (len < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)len >= b->cap - b->len) {
		if (!bytes_reserve(b, (size_t)len + 1))
			return;
		va_start(args, format);
		len = vsnprintf(b->p + b->len, b->cap - b->len, format, args);
		va_end(args);
	}
	b->len += (size_t)len;
}

uint16_t take_u16(struct cursor *c)
{
	const void *p = take_bytes(c, sizeof(uint16_t));
	uint16_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return le16toh(v);
}

uint32_t take_u32(struct cursor *c)
{
	const void *p = take_bytes(c, sizeof(uint32_t));
	uint32_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return le32toh(v);
}

uint64_t take_u64(struct cursor *c)
{
	const void *p = take_bytes(c, sizeof(uint64_t));
	uint64_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return le64toh(v);
}

uint64_t take_long_varint(struct cursor *c)
{
	const unsigned char *p = c->p;
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && p < c->end && !c->failed; shift += 7) {
		v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p++ < 0x80) {
			c->p = p;
			return v;
		}
	}
	c->failed = true;
	return 0;
}

int64_t take_zigzag(struct cursor *c)
{
	uint64_t v = take_varint(c);

	return (int64_t)((v >> 1) ^ ((v & 1) ? UINT64_MAX : 0));
}
