/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/row_code.h"
#include "store/token_code.h"

/* A packed row: the head; the stamps; how many tokens there are, and how many pairs of bytes; the
 * length of these in their code, 16 bits; the pairs, the tokens. */
struct packed {
	struct span stamps, pairs, tokens; /* the last two in their codes */
	uint32_t token_count, pair_count;
};

bool record_is_packed(struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	return (take_u32(&c) & RECORD_PACKED) != 0;
}

enum status record_pack(struct bytes *out, struct span bytes, const struct row_code *code)
{
	struct record_parts parts;
	size_t start = out->len, at;

	if (record_parts_of(&parts, bytes) != STATUS_OK)
		return STATUS_DAMAGED;
	put_u64(out, 0); /* the head's place */
	put_bytes(out, parts.stamps.p, parts.stamps.len);
	put_varint(out, parts.count);
	put_varint(out, parts.rest.len / 2);
	at = out->len;
	put_u16(out, 0);
	token_code_pack(code->rest, out, parts.rest.p, parts.rest.len / 2);
	if (out->failed || out->len - at - 2 > UINT16_MAX)
		return out->failed ? STATUS_NO_MEMORY : STATUS_TOO_LARGE;
	out->p[at] = (char)(out->len - at - 2);
	out->p[at + 1] = (char)((out->len - at - 2) >> 8);
	token_code_pack(code->tokens, out, parts.tokens.p, parts.count);
	record_seal(out, start, RECORD_PACKED);
	return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Each token and each pair takes a bit or more. */
static bool take_packed(struct packed *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);
	uint64_t tokens, pairs;
	size_t len;

	take_u64(&c);
	out->stamps = span_of(take_bytes(&c, RECORD_STAMP_BYTES), RECORD_STAMP_BYTES);
	tokens = take_varint(&c);
	pairs = take_varint(&c);
	len = take_u16(&c);
	out->pairs = span_of(take_bytes(&c, len), len);
	out->tokens = span_of((const char *)c.p, (size_t)(c.end - c.p));
	out->token_count = (uint32_t)tokens;
	out->pair_count = (uint32_t)pairs;
	return !c.failed && tokens <= 8 * (uint64_t)out->tokens.len && pairs <= 8 * (uint64_t)len;
}

static void put_decoded(struct bytes *b, const struct token_code *code, uint32_t count,
			struct span coded)
{
	if (!token_code_unpack(code, b->p + b->len, count, coded))
		b->failed = true;
	b->len += 2 * (size_t)count;
}

/* As it was put. */
static void put_unpacked(struct bytes *b, const struct packed *p, const struct row_code *code)
{
	put_u64(b, 0);
	put_bytes(b, p->stamps.p, p->stamps.len);
	put_u32(b, p->token_count);
	put_decoded(b, code->tokens, p->token_count, p->tokens);
	put_decoded(b, code->rest, p->pair_count, p->pairs);
	record_seal(b, 0, 0);
}

enum status record_unpack(struct span *out, struct span packed, const struct row_code *code,
			  struct arena *arena)
{
	struct packed p;
	struct bytes b = { 0 };

	if (code == NULL || !record_sound(packed) || !take_packed(&p, packed))
		return STATUS_DAMAGED;
	b.cap = RECORD_HEAD_BYTES + RECORD_STAMP_BYTES + sizeof(uint32_t) +
		2 * ((size_t)p.token_count + p.pair_count); /* and so it does not grow */
	b.p = arena_take(arena, b.cap);
	if (b.p == NULL)
		return STATUS_NO_MEMORY;
	put_unpacked(&b, &p, code);
	*out = bytes_span(&b);
	return b.failed ? STATUS_DAMAGED : STATUS_OK;
}
