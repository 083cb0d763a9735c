/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/token_code.h"

/* A packed row: the head; the length of what stands before the count of tokens, the count, the
 * length of what follows the tokens; these two; the tokens in their code. */
struct parts {
	struct span before, after, coded;
	uint32_t count;
};

bool record_is_packed(struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	return (take_u32(&c) & RECORD_PACKED) != 0;
}

enum status record_pack(struct bytes *out, struct span bytes, const struct token_code *code)
{
	size_t start = out->len;
	struct record_tokens t;

	if (record_find_tokens(&t, bytes) != STATUS_OK)
		return STATUS_DAMAGED;
	put_u64(out, 0); /* the head's place */
	put_varint(out, t.count_at - RECORD_HEAD_BYTES);
	put_varint(out, t.count);
	put_varint(out, bytes.len - t.to);
	put_bytes(out, bytes.p + RECORD_HEAD_BYTES, t.count_at - RECORD_HEAD_BYTES);
	put_bytes(out, bytes.p + t.to, bytes.len - t.to);
	token_code_pack(code, out, bytes.p + t.from, t.count);
	record_seal(out, start, RECORD_PACKED);
	return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

static bool take_parts(struct parts *out, struct span packed)
{
	struct cursor c = cursor_of(packed);
	uint64_t before, count, after;

	take_u64(&c);
	before = take_varint(&c);
	count = take_varint(&c);
	after = take_varint(&c);
	if (before > packed.len || after > packed.len || count > UINT32_MAX / 2)
		c.failed = true;
	out->before = span_of(take_bytes(&c, (size_t)before), (size_t)before);
	out->after = span_of(take_bytes(&c, (size_t)after), (size_t)after);
	out->coded = span_of((const char *)c.p, (size_t)(c.end - c.p));
	out->count = (uint32_t)count;
	return !c.failed && count <= 8 * (uint64_t)out->coded.len; /* each takes a bit or more */
}

/* As it was put: an even number of bytes stands before the tokens. */
static void put_parts(struct bytes *b, const struct parts *p, const struct token_code *code)
{
	put_u64(b, 0);
	put_bytes(b, p->before.p, p->before.len);
	put_varint(b, p->count);
	if (b->len % 2 != 0)
		put_u8(b, 0);
	if (!token_code_unpack(code, b->p + b->len, p->count, p->coded))
		b->failed = true;
	b->len += 2 * (size_t)p->count;
	put_bytes(b, p->after.p, p->after.len);
	record_seal(b, 0, 0);
}

enum status record_unpack(struct span *out, struct span packed, const struct token_code *code,
			  struct arena *arena)
{
	struct parts parts;
	struct bytes b = { 0 };

	if (code == NULL || !record_sound(packed) || !take_parts(&parts, packed))
		return STATUS_DAMAGED;
	b.cap = RECORD_HEAD_BYTES + parts.before.len + 12 + 2 * (size_t)parts.count +
		parts.after.len;
	b.p = arena_take(arena, b.cap); /* and so it does not grow */
	if (b.p == NULL)
		return STATUS_NO_MEMORY;
	put_parts(&b, &parts, code);
	*out = bytes_span(&b);
	return b.failed ? STATUS_DAMAGED : STATUS_OK;
}
