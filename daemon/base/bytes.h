/* SPDX-License-Identifier: BSD-2-Clause */
/* bytes.h - writing and reading of bytes with one check at the end.
 *
 * Both cursors are sticky: after the first failure every put_ and take_ does nothing and takes
 * return zero; the caller tests `failed` once. Integers are little-endian; varints are LEB128.
 * Thread: one owner at a time. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <reprint/span.h>
#include <stdint.h>

/* A buffer that grows. Zero-initialise; bytes_free() when done. `failed` means out of memory. */
struct bytes {
	char *p;
	size_t len, cap;
	bool failed;
};

void bytes_free(struct bytes *b);
/* The same, and nothing of what was in it stays in memory. */
void bytes_wipe(struct bytes *b);
/* Empty again, memory kept, failure forgotten. */
void bytes_clear(struct bytes *b);
/* Room for `more` further bytes; false (and failed) when there is none. */
bool bytes_reserve(struct bytes *b, size_t more);
struct span bytes_span(const struct bytes *b);

static inline void put_bytes(struct bytes *b, const void *p, size_t len)
{
	if (len == 0 || ((b->failed || b->cap - b->len < len) && !bytes_reserve(b, len)))
		return;
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

static inline void put_u8(struct bytes *b, uint8_t v)
{
	put_bytes(b, &v, 1);
}

void put_u16(struct bytes *b, uint16_t v);
void put_u32(struct bytes *b, uint32_t v);
void put_u64(struct bytes *b, uint64_t v);
void put_varint(struct bytes *b, uint64_t v);
void put_zigzag(struct bytes *b, int64_t v);
/* varint 0 for an absent span, else varint len + 1, then the bytes. */
void put_span(struct bytes *b, struct span s);
/* No length, no NUL. */
static inline void put_text(struct bytes *b, const char *text)
{
	put_bytes(b, text, strlen(text));
}
/* Eight and sixteen hexadecimal digits, small letters. */
void put_hex32(struct bytes *b, uint32_t v);
void put_hex64(struct bytes *b, uint64_t v);
/* Decimal, blanks before it up to `width`. */
void put_decimal(struct bytes *b, uint64_t v, unsigned width);
void put_format(struct bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A reader of somebody else's bytes. `failed` means they ended early or make no sense. */
struct cursor {
	const unsigned char *p, *end;
	bool failed;
};

static inline struct cursor cursor_of(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	return (struct cursor){ p, p + s.len, false };
}

/* The next len bytes in place; NULL when there are fewer. */
static inline const void *take_bytes(struct cursor *c, size_t len)
{
	const unsigned char *p = c->p;

	if (c->failed || (size_t)(c->end - p) < len) {
		c->failed = true;
		return NULL;
	}
	c->p += len;
	return p;
}

static inline uint8_t take_u8(struct cursor *c)
{
	const uint8_t *p = take_bytes(c, 1);

	return p == NULL ? 0 : *p;
}

uint16_t take_u16(struct cursor *c);
uint32_t take_u32(struct cursor *c);
uint64_t take_u64(struct cursor *c);
uint64_t take_long_varint(struct cursor *c);

/* Most are of one byte. */
static inline uint64_t take_varint(struct cursor *c)
{
	return !c->failed && c->p < c->end && *c->p < 0x80 ? *c->p++ : take_long_varint(c);
}

int64_t take_zigzag(struct cursor *c);

static inline struct span take_span(struct cursor *c)
{
	uint64_t len = take_varint(c);
	const char *p = len == 0 ? NULL : take_bytes(c, (size_t)(len - 1));

	return p == NULL ? (struct span){ NULL, 0 } : span_of(p, (size_t)(len - 1));
}

#endif
