/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/clock.h"
#include "store/store.h"

#include <reprint/article.h>

static size_t left(const struct cursor *c)
{
	return c->failed ? 0 : (size_t)(c->end - c->p);
}

/* A number told by how far it is from another. */
static uint32_t take_u32_from(struct cursor *c, int64_t other)
{
	int64_t by = take_zigzag(c);

	if (by < -other || by > UINT32_MAX - other)
		c->failed = true;
	return c->failed ? 0 : (uint32_t)(other + by);
}

static uint32_t take_u32_varint(struct cursor *c)
{
	uint64_t v = take_varint(c);

	if (v > UINT32_MAX)
		c->failed = true;
	return c->failed ? 0 : (uint32_t)v;
}

/* A count of things that take at least `each` bytes: what cannot be there is not allocated. */
static uint32_t take_count(struct cursor *c, size_t each)
{
	uint32_t count = take_u32_varint(c);

	if (count > left(c) / each)
		c->failed = true;
	return c->failed ? 0 : count;
}

static uint32_t take_step(struct cursor *c, uint32_t from)
{
	uint32_t step = take_u32_varint(c);

	if (step > UINT32_MAX - from)
		c->failed = true;
	return c->failed ? 0 : from + step;
}

static double take_share(struct cursor *c)
{
	return take_u16(c) / RECORD_SHARE_ONE;
}

static struct paragraph_range take_range(struct cursor *c)
{
	struct paragraph_range r;

	r.from = take_u32_varint(c);
	r.to = take_step(c, r.from);
	return r;
}

/* A range of this article's own paragraphs, which a reader may walk through. */
static struct paragraph_range take_own_range(struct cursor *c, const struct row *row)
{
	struct paragraph_range r = take_range(c);

	if (r.from == 0 || r.to > row->paragraph_count)
		c->failed = true;
	return r;
}

/* names: where the first of them begins. */
static struct span take_name(struct cursor *c, const unsigned char *names)
{
	const unsigned char *here = c->p;
	uint64_t packed = take_varint(c), place = 0, len = (packed >> 1) - 1;
	const char *p = NULL;

	if (packed >> 1 == 0)
		return span_of(NULL, 0);
	if ((packed & RECORD_NAME_SHARED) == 0) {
		p = take_bytes(c, (size_t)len);
	} else {
		place = take_varint(c);
		if (place > (size_t)(here - names) || len > (size_t)(here - names) - place)
			c->failed = true;
		p = c->failed ? NULL : (const char *)names + place;
	}
	return p == NULL ? span_of(NULL, 0) : span_of(p, (size_t)len);
}

static void take_names(struct row *out, struct cursor *c)
{
	uint64_t len = take_varint(c);
	const unsigned char *names = c->p;
	struct verdict *v = &out->verdict;

	v->url = take_name(c, names);
	v->file = take_name(c, names);
	v->id = take_name(c, names);
	v->source = take_name(c, names);
	v->site = take_name(c, names);
	out->canonical = take_name(c, names);
	v->title = take_span(c);
	v->published = take_span(c);
	if ((uint64_t)(c->p - names) != len)
		c->failed = true;
}

static void take_numbers(struct row *out, struct cursor *c)
{
	struct verdict *v = &out->verdict;
	unsigned kind, flags;

	v->version = take_u32_varint(c);
	v->revises = take_varint(c);
	out->of_seq = take_varint(c);
	v->cluster = take_varint(c);
	kind = take_u8(c);
	flags = take_u8(c);
	if (kind >= KIND_COUNT)
		c->failed = true;
	v->kind = c->failed ? KIND_UNIQUE : (enum kind)kind;
	v->doubled = (flags & RECORD_DOUBLED) != 0;
	v->seen_ms = take_zigzag(c);
	out->published_ms = ARTICLE_NO_TIME;
	if ((flags & RECORD_DATED) != 0)
		c->failed |= !clock_parse(&out->published_ms, v->published);
	else if ((flags & RECORD_PUBLISHED) != 0)
		out->published_ms = take_zigzag(c);
	v->words = take_u32_from(c, out->token_count);
	v->paragraphs = take_u32_varint(c);
	v->chrome = take_u32_varint(c);
	out->units = take_u32_from(c, RECORD_WORD_UNITS * (int64_t)v->words);
	v->ratio = take_share(c);
}

static void take_masked(struct row *out, struct cursor *c, struct arena *arena)
{
	uint32_t count = take_count(c, 2), end = 0;
	struct masked *masked = ARENA_ARRAY(arena, struct masked, count);

	if (masked == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t packed;

		masked[i].from = take_step(c, end);
		packed = take_varint(c);
		if (packed >> 1 > UINT32_MAX - masked[i].from)
			c->failed = true;
		if (c->failed)
			return;
		masked[i].count = (uint32_t)(packed >> 1);
		masked[i].chrome = packed & 1;
		end = masked[i].from + masked[i].count;
	}
	out->masked = masked;
	out->masked_count = count;
}

static void take_paragraphs(struct row *out, struct cursor *c, struct arena *arena)
{
	uint32_t count = take_count(c, 1);
	uint32_t *paragraphs = ARENA_ARRAY(arena, uint32_t, (size_t)count + 1);
	uint8_t *quoted = ARENA_ARRAY(arena, uint8_t, count);

	if (paragraphs == NULL || quoted == NULL)
		return;
	paragraphs[0] = 0;
	for (uint32_t i = 0; i < count && !c->failed; i++) {
		uint64_t packed = take_varint(c);

		if (packed >> 1 > UINT32_MAX - paragraphs[i])
			c->failed = true;
		else
			paragraphs[i + 1] = paragraphs[i] + (uint32_t)(packed >> 1);
		quoted[i] = packed & 1;
	}
	out->paragraphs = paragraphs;
	out->quoted = quoted;
	out->paragraph_count = count;
}

/* In place where the machine can read them so, else copied. */
static void take_tokens(struct row *out, struct cursor *c, struct arena *arena)
{
	uint32_t count = take_u32(c);
	const unsigned char *raw = take_bytes(c, (size_t)count * 2);
	uint16_t *tokens;

	if (raw == NULL)
		return;
	out->token_count = count;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if ((uintptr_t)raw % 2 == 0) {
		out->tokens = (const uint16_t *)(const void *)raw;
		return;
	}
#endif
	tokens = ARENA_ARRAY(arena, uint16_t, count);
	if (tokens == NULL)
		return;
	for (uint32_t i = 0; i < count; i++)
		tokens[i] = (uint16_t)(raw[2 * i] | raw[2 * i + 1] << 8);
	out->tokens = tokens;
}

static void take_blocks(struct row *out, struct cursor *c, struct arena *arena)
{
	uint32_t count = take_count(c, 7);
	struct repeat_block *blocks = ARENA_ARRAY(arena, struct repeat_block, count);

	if (blocks == NULL)
		return;
	for (uint32_t i = 0; i < count && !c->failed; i++) {
		blocks[i].first = take_own_range(c, out);
		blocks[i].again = take_own_range(c, out);
		blocks[i].words = take_u32_varint(c);
		blocks[i].similarity = take_share(c);
	}
	out->verdict.blocks = blocks;
	out->verdict.block_count = count;
}

static void take_passages(struct match *m, const struct row *row, struct cursor *c,
			  struct arena *arena)
{
	uint32_t count = take_count(c, 5);
	struct passage *passages = ARENA_ARRAY(arena, struct passage, count);

	if (passages == NULL)
		return;
	for (uint32_t i = 0; i < count && !c->failed; i++) {
		passages[i].here = take_own_range(c, row);
		passages[i].there = take_range(c);
		passages[i].words = take_u32_varint(c);
	}
	m->passages = passages;
	m->passage_count = count;
}

static void take_match(struct match *m, const struct row *row, struct cursor *c,
		       struct arena *arena)
{
	unsigned kind, relation;

	*m = (struct match){ .seq = take_varint(c) };
	kind = take_u8(c);
	relation = take_u8(c);
	if (kind >= KIND_COUNT || relation >= RELATION_COUNT)
		c->failed = true;
	if (c->failed)
		return;
	m->kind = (enum kind)kind;
	m->relation = (enum relation)relation;
	m->resemblance = take_share(c);
	m->containment = take_share(c);
	m->contained_by = take_share(c);
	take_passages(m, row, c, arena);
}

static void take_matches(struct row *out, struct cursor *c, struct arena *arena)
{
	uint32_t count = take_count(c, 10);
	struct match *matches = ARENA_ARRAY(arena, struct match, count);

	if (matches == NULL)
		return;
	for (uint32_t i = 0; i < count && !c->failed; i++)
		take_match(&matches[i], out, c, arena);
	out->verdict.matches = matches;
	out->verdict.match_count = count;
}

static void take_fingerprint(struct row *out, struct cursor *c, struct arena *arena)
{
	out->verdict.simhash = take_u64(c);
	out->verdict.digest[0] = take_u64(c);
	out->verdict.digest[1] = take_u64(c);
	take_tokens(out, c, arena);
}

/* Masks and paragraphs lie within the tokens. */
static bool consistent(const struct row *r)
{
	const struct masked *last = r->masked_count > 0 ? &r->masked[r->masked_count - 1] : NULL;

	return r->paragraphs[r->paragraph_count] == r->token_count &&
	       (last == NULL || last->from + last->count <= r->token_count);
}

static enum status verdict_on(const struct cursor *c, const struct arena *arena)
{
	if (c->failed)
		return STATUS_DAMAGED;
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status take_head(struct row *out, struct cursor *c, struct span bytes,
			     struct arena *arena)
{
	enum status st;

	*out = (struct row){ 0 };
	*c = cursor_of(bytes);
	if (take_u32(c) != bytes.len)
		c->failed = true;
	take_u32(c);
	take_fingerprint(out, c, arena);
	take_names(out, c);
	take_numbers(out, c);
	take_masked(out, c, arena);
	take_paragraphs(out, c, arena);
	st = verdict_on(c, arena);
	if (st == STATUS_OK && !consistent(out))
		st = STATUS_DAMAGED;
	return st;
}

enum status record_take_light(struct row *out, struct span bytes, struct arena *arena)
{
	struct cursor c;

	return take_head(out, &c, bytes, arena);
}

enum status record_take_row(struct row *out, struct span bytes, struct arena *arena)
{
	struct cursor c;
	enum status st;

	if (!record_sound(bytes))
		return STATUS_DAMAGED;
	st = take_head(out, &c, bytes, arena);
	if (st != STATUS_OK)
		return st;
	take_blocks(out, &c, arena);
	take_matches(out, &c, arena);
	out->verdict.more = take_u32_varint(&c);
	if (left(&c) > 1 || (left(&c) == 1 && take_u8(&c) != 0))
		c.failed = true;
	return verdict_on(&c, arena);
}

/* What take_names() and take_numbers() take. */
static void pass_words(struct cursor *c)
{
	unsigned flags;

	take_bytes(c, (size_t)take_varint(c));
	for (unsigned i = 0; i < 4; i++)
		take_varint(c);
	take_u8(c);
	flags = take_u8(c);
	take_varint(c);
	if ((flags & (RECORD_PUBLISHED | RECORD_DATED)) == RECORD_PUBLISHED)
		take_varint(c);
	for (unsigned i = 0; i < 4; i++)
		take_varint(c);
	take_u16(c);
}

enum status record_take_glimpse(struct glimpse *out, struct span bytes, struct arena *arena)
{
	struct cursor c = cursor_of(bytes);
	const struct masked *last;
	struct row row;
	enum status st;

	row.masked_count = row.token_count = 0;
	if (take_u32(&c) != bytes.len)
		c.failed = true;
	take_u32(&c);
	take_fingerprint(&row, &c, arena);
	pass_words(&c);
	take_masked(&row, &c, arena);
	st = verdict_on(&c, arena);
	if (st != STATUS_OK)
		return st;
	last = row.masked_count > 0 ? &row.masked[row.masked_count - 1] : NULL;
	if (last != NULL && last->from + last->count > row.token_count)
		return STATUS_DAMAGED;
	*out = (struct glimpse){ row.tokens, row.masked, row.token_count, row.masked_count, bytes };
	return STATUS_OK;
}

enum status record_parts_of(struct record_parts *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	if (take_u32(&c) != bytes.len)
		c.failed = true;
	take_u32(&c);
	out->stamps = span_of(take_bytes(&c, RECORD_STAMP_BYTES), RECORD_STAMP_BYTES);
	out->count = take_u32(&c);
	out->tokens = span_of(take_bytes(&c, (size_t)out->count * 2), (size_t)out->count * 2);
	out->rest = span_of((const char *)c.p, left(&c));
	return c.failed || bytes.len % 2 != 0 ? STATUS_DAMAGED : STATUS_OK;
}

bool record_sound(struct span bytes)
{
	struct cursor c = cursor_of(bytes);
	uint32_t first = take_u32(&c);
	bool packed = (first & RECORD_PACKED) != 0;
	uint32_t sum = packed ? first : take_u32(&c);
	size_t left = (size_t)(c.end - c.p);

	if (c.failed || (!packed && first != bytes.len))
		return false;
	return sum == ((uint32_t)checksum_of(span_of((const char *)c.p, left)) |
		       (packed ? RECORD_PACKED : 0));
}

static enum status whole(const struct cursor *c)
{
	return c->failed || c->p != c->end ? STATUS_DAMAGED : STATUS_OK;
}

enum status record_take_alert(struct alert *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	out->seq = take_varint(&c);
	out->why = take_u32_varint(&c);
	return whole(&c);
}

enum status record_take_delivery(struct delivery *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	out->path = take_span(&c);
	out->size = take_varint(&c);
	out->mtime_ns = take_zigzag(&c);
	out->content[0] = take_u64(&c);
	out->content[1] = take_u64(&c);
	out->again = take_u8(&c) != 0;
	return whole(&c);
}

enum status record_take_rejection(struct rejection *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	out->path = take_span(&c);
	out->why = take_span(&c);
	out->when_ms = take_zigzag(&c);
	return whole(&c);
}
