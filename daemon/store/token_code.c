/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/token_code.h"

#include "base/bytes.h"
#include "base/checksum.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define BITS_MAX 12u /* of a code: the table that reads it stays in the first cache */
#define CODED_MAX 2047u
#define SYMBOLS_MAX (CODED_MAX + 1u) /* and the escape */
#define TOKEN_BITS 16u
#define LONGEST_BITS 27u /* of a token with its escape: so both, and a length, fit into 32 */
#define ESCAPE_BITS_MAX (LONGEST_BITS - TOKEN_BITS)
#define BITS_MASK ((UINT32_C(1) << LONGEST_BITS) - 1)
#define ESCAPE UINT32_C(0x10000) /* as a symbol: no token */
#define SEEN_TWICE 2u

/* What a code says: a token, or that one follows. bits: of all that; 0: it is no code. */
struct reading {
	uint16_t token, mask; /* mask of what follows */
	uint8_t len, bits;
};

/* Symbols in order of their codes: by length, then as they stand. */
struct token_code {
	uint32_t symbols[SYMBOLS_MAX];
	uint8_t lens[SYMBOLS_MAX];
	unsigned count;
	uint32_t codes[TOKEN_VALUES];         /* length << 27 | bits, of escaped ones too */
	struct reading reads[1u << BITS_MAX]; /* by the next bits */
};
_Static_assert(SYMBOLS_MAX <= 1u << (BITS_MAX - 1), "some code is shorter than the longest");

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

/* A short enough code for the escape, from a token that is seen more often. */
static void prefer_escape(struct weighed *all, const uint8_t *lens)
{
	unsigned escape = 0, better;

	while (all[escape].symbol != ESCAPE)
		escape++;
	for (better = escape; lens[better] > ESCAPE_BITS_MAX; better--)
		;
	all[escape].symbol = all[better].symbol;
	all[better].symbol = ESCAPE;
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
	uint32_t len = c->lens[i];
	bool escape = c->symbols[i] == ESCAPE;
	const struct reading r = { (uint16_t)c->symbols[i], escape ? UINT16_MAX : 0, (uint8_t)len,
				   (uint8_t)(len + (escape ? TOKEN_BITS : 0)) };

	if (escape)
		for (uint32_t token = 0; token < TOKEN_VALUES; token++)
			c->codes[token] = (len + TOKEN_BITS) << LONGEST_BITS | token << len | bits;
	for (unsigned next = bits; next < 1u << BITS_MAX; next += 1u << len)
		c->reads[next] = r;
}

/* Canonical: codes follow from the lengths. False when there cannot be such a code. */
static bool assign(struct token_code *c)
{
	uint16_t bits[SYMBOLS_MAX];
	unsigned code = 0, len = 0;
	bool escapes = false;

	for (unsigned i = 0; i < c->count; i++) {
		if (c->lens[i] < len || c->lens[i] == 0 || c->lens[i] > BITS_MAX)
			return false;
		code <<= c->lens[i] - len;
		len = c->lens[i];
		if (code >= 1u << len)
			return false;
		bits[i] = (uint16_t)reversed(code++, len);
		enter(c, i, bits[i]);
		escapes = escapes || (c->symbols[i] == ESCAPE && len <= ESCAPE_BITS_MAX);
	}
	for (unsigned i = 0; i < c->count; i++)
		if (c->symbols[i] != ESCAPE)
			c->codes[c->symbols[i]] = (uint32_t)c->lens[i] << LONGEST_BITS | bits[i];
	return escapes;
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
	prefer_escape(all, c->lens);
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

static inline unsigned token_at(const char *tokens, size_t i)
{
	const unsigned char *p = (const unsigned char *)tokens + 2 * i;

	return (unsigned)(p[0] | p[1] << 8);
}

/* Whole words are written, of which the bytes that are not yet full are written again. */
void token_code_pack(const struct token_code *c, struct bytes *b, const char *tokens, size_t count)
{
	uint64_t bits = 0;
	unsigned held = 0;
	char *p;

	if (!bytes_reserve(b, count * 4 + sizeof bits))
		return;
	p = b->p + b->len;
	for (size_t i = 0; i < count; i++) {
		uint32_t code = c->codes[token_at(tokens, i)];
		uint64_t word;

		bits |= (uint64_t)(code & BITS_MASK) << held;
		held += code >> LONGEST_BITS;
		word = htole64(bits);
		memcpy(p, &word, sizeof word);
		p += held / 8;
		bits >>= held / 8 * 8;
		held %= 8;
	}
	if (held > 0)
		*p++ = (char)bits;
	b->len = (size_t)(p - b->p);
}

/* Bits not yet read; past the end there are zeros. */
struct source {
	const char *p;
	size_t left;
	uint64_t bits;
	unsigned held;
};

/* At least 56 bits are held then, enough for two tokens. */
static inline void refill(struct source *from)
{
	uint64_t word = 0;
	size_t want = (63 - from->held) / 8;

	if (from->left >= sizeof word)
		memcpy(&word, from->p, sizeof word);
	else
		memcpy(&word, from->p, from->left);
	from->bits |= le64toh(word) << from->held;
	from->held |= 56;
	want = want < from->left ? want : from->left;
	from->p += want;
	from->left -= want;
}

/* Bits read; 0: they are no code. Without a branch, for escapes come as they like. */
static inline unsigned read_token(const struct token_code *c, char *out, struct source *from)
{
	struct reading r = c->reads[from->bits & ((1u << BITS_MAX) - 1)];
	uint16_t token = (uint16_t)((r.token & ~r.mask) | (from->bits >> r.len & r.mask));

	token = htole16(token);
	memcpy(out, &token, sizeof token);
	from->bits >>= r.bits;
	from->held -= r.bits;
	return r.bits;
}

bool token_code_unpack(const struct token_code *c, char *tokens, size_t count, struct span packed)
{
	struct source from = { packed.p, packed.len, 0, 0 };
	size_t used = 0, end = 8 * packed.len;
	bool wrong = false;

	for (size_t i = 0; i < count; i++) {
		unsigned bits;

		if (i % 2 == 0)
			refill(&from);
		bits = read_token(c, tokens + 2 * i, &from);
		wrong |= bits == 0;
		used += bits;
	}
	return !wrong && used <= end && end - used < 8;
}
