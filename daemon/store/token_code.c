/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/token_code.h"

#include "base/bytes.h"
#include "base/checksum.h"

#include <stdlib.h>
#include <string.h>

#define BITS_MAX 12u /* of a code: the table that reads it stays in the first cache */
#define CODED_MAX 2047u
#define SYMBOLS_MAX (CODED_MAX + 1u) /* and the escape */
#define TOKEN_BITS 16u
#define ESCAPE UINT32_C(0x10000) /* as a symbol: no token */
#define SEEN_TWICE 2u

/* Symbols in order of their codes: by length, then as they stand. */
struct token_code {
	uint32_t symbols[SYMBOLS_MAX];
	uint8_t lens[SYMBOLS_MAX];
	unsigned count;
	unsigned escape_bits, escape_len;
	uint16_t codes[TOKEN_VALUES];   /* length << 12 | bits; 0: escaped */
	uint32_t reads[1u << BITS_MAX]; /* length << 24 | symbol, by the next bits; 0: none */
};
_Static_assert(BITS_MAX <= 12 && SYMBOLS_MAX <= 1u << BITS_MAX, "a length and a code: 16 bits");

/* ---- lengths -------------------------------------------------------------------------------- */

struct weighed {
	uint32_t symbol, weight;
};

static int heaviest_first(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

/* The most frequent tokens, and the escape with the weight of all others. */
static unsigned choose(struct weighed *all, const uint32_t counts[TOKEN_VALUES])
{
	uint32_t n = 0, rest = 1;

	for (uint32_t token = 0; token < TOKEN_VALUES; token++)
		if (counts[token] >= SEEN_TWICE)
			all[n++] = (struct weighed){ token, counts[token] };
		else
			rest += counts[token];
	qsort(all, n, sizeof *all, heaviest_first);
	for (; n > CODED_MAX; n--)
		rest += all[n - 1].weight;
	all[n] = (struct weighed){ ESCAPE, rest };
	qsort(all, n + 1, sizeof *all, heaviest_first);
	return n + 1;
}

/* Huffman's, of weights in falling order, by two queues (van Leeuwen 1976): leaves from the end
 * of all[], inner nodes in the order they are made. Lengths come out in rising order. */
static void lengths_of(uint8_t *lens, const struct weighed *all, unsigned count)
{
	uint64_t inner[SYMBOLS_MAX];
	uint16_t parent_of_leaf[SYMBOLS_MAX], parent[SYMBOLS_MAX];
	uint8_t depth[SYMBOLS_MAX];
	unsigned leaf = count, next = 0, made = 0;

	for (; made + 1 < count; made++) {
		inner[made] = 0;
		for (unsigned two = 0; two < 2; two++)
			if (leaf > 0 && (next == made || all[leaf - 1].weight <= inner[next])) {
				parent_of_leaf[--leaf] = (uint16_t)made;
				inner[made] += all[leaf].weight;
			} else {
				parent[next] = (uint16_t)made;
				inner[made] += inner[next++];
			}
	}
	if (made == 0) {
		lens[0] = 1;
		return;
	}
	depth[made - 1] = 0;
	for (unsigned i = made - 1; i-- > 0;)
		depth[i] = (uint8_t)(depth[parent[i]] < 254 ? depth[parent[i]] + 1 : 254);
	for (unsigned i = 0; i < count; i++)
		lens[i] = (uint8_t)(depth[parent_of_leaf[i]] + 1);
}

/* What is too long is cut, and what that takes too much of (Kraft's sum) is given back by the
 * rarest codes that can be longer. */
static void limit(uint8_t *lens, unsigned count)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < count; i++) {
		if (lens[i] > BITS_MAX)
			lens[i] = BITS_MAX;
		sum += 1u << (BITS_MAX - lens[i]);
	}
	for (unsigned i = count; sum > 1u << BITS_MAX && i-- > 0;)
		while (lens[i] < BITS_MAX && sum > 1u << BITS_MAX) {
			lens[i]++;
			sum -= 1u << (BITS_MAX - lens[i]);
		}
}

/* ---- codes ---------------------------------------------------------------------------------- */

static unsigned reversed(unsigned bits, unsigned len)
{
	unsigned out = 0;

	for (unsigned i = 0; i < len; i++)
		out |= (bits >> i & 1) << (len - 1 - i);
	return out;
}

static void enter(struct token_code *c, unsigned i, unsigned bits)
{
	uint32_t symbol = c->symbols[i], len = c->lens[i];

	if (symbol == ESCAPE) {
		c->escape_bits = bits;
		c->escape_len = len;
	} else {
		c->codes[symbol] = (uint16_t)(len << 12 | bits);
	}
	for (unsigned next = bits; next < 1u << BITS_MAX; next += 1u << len)
		c->reads[next] = len << 24 | symbol;
}

/* Canonical: codes follow from the lengths. False when there cannot be such a code. */
static bool assign(struct token_code *c)
{
	unsigned code = 0, len = 0;

	for (unsigned i = 0; i < c->count; i++) {
		if (c->lens[i] < len || c->lens[i] == 0 || c->lens[i] > BITS_MAX ||
		    c->symbols[i] > ESCAPE)
			return false;
		code <<= c->lens[i] - len;
		len = c->lens[i];
		if (code >= 1u << len)
			return false;
		enter(c, i, reversed(code++, len));
	}
	return c->escape_len > 0;
}

enum status token_code_make(struct token_code **out, const uint32_t counts[TOKEN_VALUES])
{
	struct token_code *c = calloc(1, sizeof *c);
	struct weighed *all = malloc((TOKEN_VALUES + 1) * sizeof *all);

	if (c == NULL || all == NULL) {
		free(all);
		free(c);
		return STATUS_NO_MEMORY;
	}
	c->count = choose(all, counts);
	lengths_of(c->lens, all, c->count);
	limit(c->lens, c->count);
	for (unsigned i = 0; i < c->count; i++)
		c->symbols[i] = all[i].symbol;
	free(all);
	if (!assign(c)) {
		free(c);
		return STATUS_DAMAGED;
	}
	*out = c;
	return STATUS_OK;
}

void token_code_close(struct token_code *c)
{
	free(c);
}

/* ---- stored --------------------------------------------------------------------------------- */

/* A checksum of what follows; the number of codes, and which one is the escape; a length and 16
 * bits of symbol for each. */
void token_code_put(struct bytes *b, const struct token_code *c)
{
	struct bytes rest = { 0 };
	unsigned escape = 0;

	while (c->symbols[escape] != ESCAPE)
		escape++;
	put_varint(&rest, c->count);
	put_varint(&rest, escape);
	for (unsigned i = 0; i < c->count; i++) {
		put_u8(&rest, c->lens[i]);
		put_u16(&rest, (uint16_t)c->symbols[i]);
	}
	b->failed = b->failed || rest.failed;
	put_u64(b, checksum_of(bytes_span(&rest)));
	put_bytes(b, rest.p, rest.len);
	bytes_free(&rest);
}

enum status token_code_take(struct token_code **out, struct span bytes)
{
	struct token_code *c = calloc(1, sizeof *c);
	struct cursor from = cursor_of(bytes);
	uint64_t sum = take_u64(&from), count, escape;

	if (c == NULL)
		return STATUS_NO_MEMORY;
	if (from.failed || sum != checksum_of(span_of(bytes.p + 8, bytes.len - 8)))
		from.failed = true;
	count = take_varint(&from);
	escape = take_varint(&from);
	if (count > SYMBOLS_MAX || escape >= count)
		from.failed = true;
	c->count = from.failed ? 0 : (unsigned)count;
	for (unsigned i = 0; i < c->count; i++) {
		c->lens[i] = take_u8(&from);
		c->symbols[i] = take_u16(&from);
	}
	if (c->count > 0)
		c->symbols[escape] = ESCAPE;
	if (from.failed || from.p != from.end || !assign(c)) {
		free(c);
		return STATUS_DAMAGED;
	}
	*out = c;
	return STATUS_OK;
}

/* ---- tokens --------------------------------------------------------------------------------- */

/* At most an escape and a token for each: 28 bits. */
void token_code_pack(const struct token_code *c, struct bytes *b, const uint16_t *tokens,
		     size_t count)
{
	uint64_t bits = 0;
	unsigned held = 0;
	unsigned char *p;

	if (!bytes_reserve(b, count * 4 + 8))
		return;
	p = (unsigned char *)b->p + b->len;
	for (size_t i = 0; i < count; i++) {
		unsigned code = c->codes[tokens[i]], len = code >> 12;

		if (code != 0) {
			bits |= (uint64_t)(code & 0xfff) << held;
			held += len;
		} else {
			bits |= (c->escape_bits | (uint64_t)tokens[i] << c->escape_len) << held;
			held += c->escape_len + TOKEN_BITS;
		}
		for (; held >= 8; held -= 8, bits >>= 8)
			*p++ = (unsigned char)bits;
	}
	if (held > 0)
		*p++ = (unsigned char)bits;
	b->len = (size_t)((char *)p - b->p);
}

/* The next bits, as many as there are, up to 57. */
static uint64_t bits_at(struct span packed, size_t bit)
{
	const unsigned char *p = (const unsigned char *)packed.p + bit / 8;
	size_t left = packed.len - bit / 8, n = left < 8 ? left : 8;
	uint64_t bits = 0;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (n == 8) {
		memcpy(&bits, p, 8);
		return bits >> bit % 8;
	}
#endif
	for (size_t i = 0; i < n; i++)
		bits |= (uint64_t)p[i] << (8 * i);
	return bits >> bit % 8;
}

bool token_code_unpack(const struct token_code *c, uint16_t *tokens, size_t count,
		       struct span packed)
{
	size_t bit = 0, end = packed.len * 8;

	for (size_t i = 0; i < count; i++) {
		uint64_t bits;
		uint32_t read;

		if (bit >= end)
			return false;
		bits = bits_at(packed, bit);
		read = c->reads[bits & ((1u << BITS_MAX) - 1)];
		if (read == 0)
			return false;
		bit += read >> 24;
		if ((read & ESCAPE) != 0) {
			read = (uint32_t)(bits >> (read >> 24));
			bit += TOKEN_BITS;
		}
		tokens[i] = (uint16_t)read;
	}
	return bit <= end && end - bit < 8;
}
