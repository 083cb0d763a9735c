/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record_pack.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/delta.h"
#include "store/record.h"
#include "store/row_code.h"
#include "store/token_code.h"

#include <endian.h>
#include <stdlib.h>

#define BASE_UNITS (DELTA_BASE_MAX / RECORD_BASES) /* of a base, its first */
#define COUNT_MAX (UINT32_C(1) << 20)              /* tokens; pairs: of what is packed */

/* ---- units ---------------------------------------------------------------------------------- */

/* What a row is made of, in units of 16 bits: its tokens, and the bytes of all else. */
enum stuff { TOKENS, REST, STUFFS };

static size_t count_of(const struct record_parts *parts, enum stuff stuff)
{
	return stuff == TOKENS ? parts->count : parts->rest.len;
}

static void read_units(uint16_t *out, const struct record_parts *parts, enum stuff stuff,
		       size_t count)
{
	const unsigned char *rest = (const unsigned char *)parts->rest.p;

	if (stuff == REST) {
		for (size_t i = 0; i < count; i++)
			out[i] = rest[i];
		return;
	}
	memcpy(out, parts->tokens.p, count * sizeof *out);
	for (size_t i = 0; i < count; i++)
		out[i] = le16toh(out[i]);
}

static void write_tokens(char *out, const uint16_t *units, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint16_t unit = htole16(units[i]);

		memcpy(out + i * sizeof unit, &unit, sizeof unit);
	}
}

static void write_bytes(char *out, const uint16_t *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (char)units[i];
}

/* Symbols of a code that so many literals take: bytes go two at a time, after the last a zero. */
static size_t symbols_of(enum stuff stuff, size_t literals)
{
	return stuff == TOKENS ? literals : (literals + 1) / 2;
}

/* As a code takes them. */
static void write_symbols(char *out, enum stuff stuff, const uint16_t *units, size_t count)
{
	if (stuff == TOKENS) {
		write_tokens(out, units, count);
		return;
	}
	write_bytes(out, units, count);
	if (count % 2 != 0)
		out[count] = 0;
}

/* ---- bases ---------------------------------------------------------------------------------- */

struct base {
	struct record_parts parts[RECORD_BASES];
	bool there[RECORD_BASES];
};

static bool has_bases(const struct record_bases *bases)
{
	return bases->back[RECORD_BASE_SITE] != 0 || bases->back[RECORD_BASE_COPIED] != 0;
}

static enum status take_bases(struct base *out, const struct record_bases *bases)
{
	for (unsigned i = 0; i < RECORD_BASES; i++) {
		out->there[i] = bases->back[i] != 0;
		if (out->there[i] && record_parts_of(&out->parts[i], bases->rows[i]) != STATUS_OK)
			return STATUS_DAMAGED;
	}
	return STATUS_OK;
}

static size_t base_count(const struct base *base, enum stuff stuff, unsigned which)
{
	size_t n = base->there[which] ? count_of(&base->parts[which], stuff) : 0;

	return n < BASE_UNITS ? n : BASE_UNITS;
}

/* One after the other, at most DELTA_BASE_MAX; how many. */
static size_t read_base(uint16_t *out, const struct base *base, enum stuff stuff)
{
	size_t count = 0;

	for (unsigned i = 0; i < RECORD_BASES; i++) {
		size_t n = base_count(base, stuff, i);

		if (n > 0)
			read_units(out + count, &base->parts[i], stuff, n);
		count += n;
	}
	return count;
}

/* ---- packing -------------------------------------------------------------------------------- */

/* What differs of a row. */
struct differing {
	struct bytes copies;
	struct bytes symbols; /* the literals */
	size_t count;         /* of symbols */
};

struct record_packer {
	struct differing stuff[STUFFS];
	struct bytes own, literals; /* units */
	uint16_t base[DELTA_BASE_MAX];
	struct delta_finder finder;
};

enum status record_packer_open(struct record_packer **out)
{
	*out = calloc(1, sizeof **out);
	return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void record_packer_clear(struct record_packer *p)
{
	for (unsigned i = 0; i < STUFFS; i++) {
		bytes_wipe(&p->stuff[i].copies);
		bytes_wipe(&p->stuff[i].symbols);
	}
	bytes_wipe(&p->own);
	bytes_wipe(&p->literals);
	memset(p->base, 0, sizeof p->base);
}

void record_packer_close(struct record_packer *p)
{
	if (p == NULL)
		return;
	record_packer_clear(p);
	free(p);
}

static uint16_t *room_for(struct bytes *b, size_t units)
{
	bytes_clear(b);
	return bytes_reserve(b, units * sizeof(uint16_t) + 1) ? (uint16_t *)(void *)b->p : NULL;
}

static enum status differ(struct record_packer *p, const struct record_parts *parts,
			  const struct base *base, enum stuff stuff)
{
	struct differing *d = &p->stuff[stuff];
	size_t count = count_of(parts, stuff), literals;
	uint16_t *own = room_for(&p->own, count), *rest = room_for(&p->literals, count);
	char *symbols = (char *)room_for(&d->symbols, count);

	bytes_clear(&d->copies);
	if (own == NULL || rest == NULL || symbols == NULL)
		return STATUS_NO_MEMORY;
	read_units(own, parts, stuff, count);
	literals = delta_make(&p->finder, &d->copies, rest, own, count, p->base,
			      read_base(p->base, base, stuff));
	d->count = symbols_of(stuff, literals);
	write_symbols(symbols, stuff, rest, literals);
	return d->copies.failed ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status differ_all(struct record_packer *p, struct record_parts *parts, struct span row,
			      const struct record_bases *bases)
{
	struct base base;
	enum status st = record_parts_of(parts, row);

	if (st == STATUS_OK)
		st = take_bases(&base, bases);
	for (unsigned i = 0; i < STUFFS && st == STATUS_OK; i++)
		st = differ(p, parts, &base, (enum stuff)i);
	return st;
}

/* Behind their length, in 16 bits. */
static enum status put_pairs(struct bytes *out, const struct differing *d,
			     const struct token_code *code)
{
	size_t at = out->len, len;

	put_u16(out, 0);
	token_code_pack(code, out, d->symbols.p, d->count);
	if (out->failed)
		return STATUS_NO_MEMORY;
	len = out->len - at - sizeof(uint16_t);
	out->p[at] = (char)len;
	out->p[at + 1] = (char)(len >> 8);
	return len > UINT16_MAX ? STATUS_TOO_LARGE : STATUS_OK;
}

static void put_copies(struct bytes *out, const struct record_packer *p)
{
	for (unsigned i = 0; i < STUFFS; i++)
		put_varint(out, p->stuff[i].copies.len);
	for (unsigned i = 0; i < STUFFS; i++)
		put_bytes(out, p->stuff[i].copies.p, p->stuff[i].copies.len);
}

enum status record_pack(struct record_packer *p, struct bytes *out, struct span row,
			const struct row_code *code, const struct record_bases *bases)
{
	struct record_parts parts;
	size_t start = out->len;
	enum status st = differ_all(p, &parts, row, bases);

	if (st != STATUS_OK)
		return st;
	if (parts.count > COUNT_MAX || parts.rest.len / 2 > COUNT_MAX)
		return STATUS_TOO_LARGE;
	put_u32(out, 0); /* the head's place */
	put_bytes(out, parts.stamps.p, parts.stamps.len);
	put_varint(out, parts.count);
	put_varint(out, parts.rest.len / 2);
	for (unsigned i = 0; i < RECORD_BASES; i++)
		put_varint(out, bases->back[i]);
	if (has_bases(bases))
		put_copies(out, p);
	st = put_pairs(out, &p->stuff[REST], code->rest);
	if (st != STATUS_OK)
		return st;
	token_code_pack(code->tokens, out, p->stuff[TOKENS].symbols.p, p->stuff[TOKENS].count);
	record_seal(out, start, true);
	return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status record_pack_count(struct record_packer *p, struct row_counts *counts, struct span row,
			      const struct record_bases *bases)
{
	struct record_parts parts;
	enum status st = differ_all(p, &parts, row, bases);

	if (st != STATUS_OK)
		return st;
	row_counts_add(counts, span_of(p->stuff[TOKENS].symbols.p, 2 * p->stuff[TOKENS].count),
		       span_of(p->stuff[REST].symbols.p, 2 * p->stuff[REST].count));
	return STATUS_OK;
}

/* ---- unpacking ------------------------------------------------------------------------------ */

struct packed {
	struct span stamps, copies[STUFFS], coded[STUFFS];
	size_t count[STUFFS]; /* of units */
	struct record_bases bases;
};

bool record_is_packed(struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	return (take_u32(&c) & RECORD_PACKED) != 0;
}

static struct span take_span_of(struct cursor *c, uint64_t len)
{
	const void *p = take_bytes(c, (size_t)len);

	return p == NULL ? span_of(NULL, 0) : span_of(p, (size_t)len);
}

static bool take_packed(struct packed *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);
	uint64_t tokens, pairs, copies[STUFFS] = { 0 };

	take_u32(&c);
	out->stamps = take_span_of(&c, RECORD_STAMP_BYTES);
	tokens = take_varint(&c);
	pairs = take_varint(&c);
	for (unsigned i = 0; i < RECORD_BASES; i++)
		out->bases.back[i] = take_varint(&c);
	for (unsigned i = 0; i < STUFFS && has_bases(&out->bases); i++)
		copies[i] = take_varint(&c);
	for (unsigned i = 0; i < STUFFS; i++)
		out->copies[i] = take_span_of(&c, copies[i]);
	out->coded[REST] = take_span_of(&c, take_u16(&c));
	out->coded[TOKENS] = take_span_of(&c, (uint64_t)(c.end - c.p));
	out->count[TOKENS] = (size_t)tokens;
	out->count[REST] = 2 * (size_t)pairs;
	return !c.failed && tokens <= COUNT_MAX && pairs <= COUNT_MAX;
}

enum status record_bases_of(struct record_bases *bases, struct span packed)
{
	struct packed p;

	if (!take_packed(&p, packed))
		return STATUS_DAMAGED;
	memcpy(bases->back, p.bases.back, sizeof bases->back);
	return STATUS_OK;
}

/* Each symbol takes a bit or more. */
static bool decode(char *out, const struct token_code *code, size_t count, struct span coded)
{
	return count <= 8 * (uint64_t)coded.len && token_code_unpack(code, out, count, coded);
}

/* Without bases all units are literals. */
static enum status unpack_whole(char *out, const struct packed *p, const struct row_code *code,
				enum stuff stuff)
{
	const struct token_code *own = stuff == TOKENS ? code->tokens : code->rest;

	return decode(out, own, symbols_of(stuff, p->count[stuff]), p->coded[stuff])
		       ? STATUS_OK
		       : STATUS_DAMAGED;
}

/* The arena is left as it was. */
static enum status unpack_delta(char *out, const struct packed *p, const struct row_code *code,
				const struct base *base, enum stuff stuff, struct arena *arena)
{
	const struct token_code *own = stuff == TOKENS ? code->tokens : code->rest;
	size_t base_units = base_count(base, stuff, RECORD_BASE_SITE) +
			    base_count(base, stuff, RECORD_BASE_COPIED);
	uint16_t *from = ARENA_ARRAY(arena, uint16_t, base_units);
	size_t count = p->count[stuff], literals, symbols;
	struct record_parts parts = { .count = 0 };
	uint16_t *units, *rest;
	char *coded;

	if (from == NULL)
		return STATUS_NO_MEMORY;
	literals = delta_literals(p->copies[stuff], count, read_base(from, base, stuff));
	if (literals == SIZE_MAX || literals > 16 * (uint64_t)p->coded[stuff].len)
		return STATUS_DAMAGED;
	symbols = symbols_of(stuff, literals);
	coded = arena_take(arena, 2 * symbols);
	rest = ARENA_ARRAY(arena, uint16_t, literals);
	units = ARENA_ARRAY(arena, uint16_t, count);
	if (coded == NULL || rest == NULL || units == NULL)
		return STATUS_NO_MEMORY;
	if (!decode(coded, own, symbols, p->coded[stuff]))
		return STATUS_DAMAGED;
	parts.tokens = parts.rest = span_of(coded, 2 * symbols);
	read_units(rest, &parts, stuff, literals);
	delta_apply(units, count, p->copies[stuff], rest, from);
	if (stuff == TOKENS)
		write_tokens(out, units, count);
	else
		write_bytes(out, units, count);
	return STATUS_OK;
}

static enum status unpack_stuff(struct bytes *b, const struct packed *p,
				const struct row_code *code, const struct base *base,
				enum stuff stuff, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	enum status st = has_bases(&p->bases)
				 ? unpack_delta(b->p + b->len, p, code, base, stuff, arena)
				 : unpack_whole(b->p + b->len, p, code, stuff);

	b->len += stuff == TOKENS ? 2 * p->count[TOKENS] : p->count[REST];
	arena_rewind(arena, mark);
	return st;
}

enum status record_unpack(struct span *out, struct span packed, const struct row_code *code,
			  const struct record_bases *bases, struct arena *arena)
{
	struct bytes b = { 0 };
	struct packed p;
	struct base base;
	enum status st;

	if (code == NULL || !record_sound(packed) || !take_packed(&p, packed) ||
	    take_bases(&base, bases) != STATUS_OK)
		return STATUS_DAMAGED;
	b.cap = RECORD_HEAD_BYTES + RECORD_STAMP_BYTES + sizeof(uint32_t) + 2 * p.count[TOKENS] +
		p.count[REST]; /* and so it does not grow */
	b.p = arena_take(arena, b.cap);
	if (b.p == NULL)
		return STATUS_NO_MEMORY;
	put_u64(&b, 0);
	put_bytes(&b, p.stamps.p, p.stamps.len);
	put_u32(&b, (uint32_t)p.count[TOKENS]);
	st = unpack_stuff(&b, &p, code, &base, TOKENS, arena);
	if (st == STATUS_OK)
		st = unpack_stuff(&b, &p, code, &base, REST, arena);
	if (st != STATUS_OK)
		return st;
	record_seal(&b, 0, false);
	*out = bytes_span(&b);
	return STATUS_OK;
}
