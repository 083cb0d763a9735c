/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/token_code.h"

#include "base/bytes.h"
#include "base/checksum.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define BITS_MAX 12u  /* of a code: the table that reads it stays in the first cache */
#define SINGLES 1024u /* ranks that have a code each */
#define SPLIT 8u      /* from there on, runs of ranks between powers of two */
#define SYMBOLS (SINGLES + SPLIT * 6u)
#define LONGEST_BITS                                                                \
	27u /* of a code and a place in its run: with their length they fit into 32 \
	     */
#define BITS_MASK ((UINT32_C(1) << LONGEST_BITS) - 1)
_Static_assert(SINGLES << 6 == TOKEN_VALUES, "each token has a rank");
_Static_assert(SYMBOLS <= 1u << (BITS_MAX - 1), "some code is shorter than the longest");

/* What a code says: the first rank of its run. bits: of the code and the place in the run, which
 * follows under the mask; 0: it is no code. */
struct reading {
	uint16_t rank, mask;
	uint8_t len, bits;
};

/* Ranks: tokens seen, the most frequent first, then the others as they stand. */
struct token_code {
	uint32_t seen;
	uint16_t tokens[TOKEN_VALUES]; /* by rank */
	uint8_t lens[SYMBOLS];
	uint32_t codes[TOKEN_VALUES];         /* by token: length << 27 | bits */
	struct reading reads[1u << BITS_MAX]; /* by the next bits */
};

/* ---- symbols -------------------------------------------------------------------------------- */

/* The ranks of a symbol: so many from the first on. */
struct run {
	uint32_t first, width_bits;
};

static struct run run_of(unsigned symbol)
{
	unsigned power = symbol < SINGLES ? 0 : (symbol - SINGLES) / SPLIT;
	unsigned part = symbol < SINGLES ? 0 : (symbol - SINGLES) % SPLIT;
	unsigned width = (SINGLES << power) / SPLIT;

	if (symbol < SINGLES)
		return (struct run){ symbol, 0 };
	return (struct run){ (SINGLES << power) + part * width, (unsigned)__builtin_ctz(width) };
}

/* ---- lengths -------------------------------------------------------------------------------- */

struct weighed {
	uint32_t symbol, weight; /* or a token */
};

static int heaviest_first(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->symbol < y->symbol ? -1 : x->symbol > y->symbol;
}

/* Tokens by rank, and how often each was seen. What was never seen is as frequent, all together, as
 * what was seen once (Good 1953). */
static void rank(struct token_code *c, struct weighed *all, const uint32_t counts[TOKEN_VALUES])
{
	uint32_t once = 0, end = TOKEN_VALUES, unseen;

	for (uint32_t token = TOKEN_VALUES; token-- > 0;) {
		all[counts[token] > 0 ? c->seen++ : --end] =
			(struct weighed){ token, counts[token] };
		once += counts[token] == 1;
	}
	qsort(all, c->seen, sizeof *all, heaviest_first);
	unseen = TOKEN_VALUES - c->seen;
	for (uint32_t i = 0; i < unseen; i++)
		all[c->seen + i].weight = once / unseen + (i < once % unseen);
	for (uint32_t r = 0; r < TOKEN_VALUES; r++)
		c->tokens[r] = (uint16_t)all[r].symbol;
}

/* In place of the tokens, which are at least as many. */
static void weigh_symbols(struct weighed *all)
{
	for (unsigned s = 0; s < SYMBOLS; s++) {
		struct run run = run_of(s);
		uint64_t weight = 0;

		for (uint32_t r = run.first; r < run.first + (1u << run.width_bits); r++)
			weight += all[r].weight;
		weight = weight > 0 ? weight : 1;
		all[s].symbol = s;
		all[s].weight = weight < UINT32_MAX ? (uint32_t)weight : UINT32_MAX;
	}
	qsort(all, SYMBOLS, sizeof *all, heaviest_first);
}

/* Huffman's, of weights in falling order, by two queues (van Leeuwen 1976): leaves from the end
 * of all[], inner nodes in the order they are made. Lengths come out in rising order. */
static void lengths_of(uint8_t lens[SYMBOLS], const struct weighed *all)
{
	uint64_t inner[SYMBOLS];
	uint16_t parent_of_leaf[SYMBOLS], parent[SYMBOLS];
	uint8_t depth[SYMBOLS];
	unsigned leaf = SYMBOLS, next = 0, made = 0;

	for (; made + 1 < SYMBOLS; made++) {
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
	depth[made - 1] = 0;
	for (unsigned i = made - 1; i-- > 0;)
		depth[i] = (uint8_t)(depth[parent[i]] < 254 ? depth[parent[i]] + 1 : 254);
	for (unsigned i = 0; i < SYMBOLS; i++)
		lens[i] = (uint8_t)(depth[parent_of_leaf[i]] + 1);
}

/* What is too long is cut, and what that takes too much of (Kraft's sum) is given back by the
 * rarest codes that can be longer. */
static void limit(uint8_t lens[SYMBOLS])
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < SYMBOLS; i++) {
		if (lens[i] > BITS_MAX)
			lens[i] = BITS_MAX;
		sum += 1u << (BITS_MAX - lens[i]);
	}
	for (unsigned i = SYMBOLS; sum > 1u << BITS_MAX && i-- > 0;)
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

static void enter(struct token_code *c, unsigned symbol, unsigned bits)
{
	struct run run = run_of(symbol);
	uint32_t len = c->lens[symbol], both = len + run.width_bits;
	const struct reading r = { (uint16_t)run.first, (uint16_t)((1u << run.width_bits) - 1),
				   (uint8_t)len, (uint8_t)both };

	for (uint32_t i = 0; i < 1u << run.width_bits; i++)
		c->codes[c->tokens[run.first + i]] = both << LONGEST_BITS | i << len | bits;
	for (unsigned next = bits; next < 1u << BITS_MAX; next += 1u << len)
		c->reads[next] = r;
}

/* Canonical: codes follow from the lengths. False when there cannot be such a code. */
static bool assign(struct token_code *c)
{
	unsigned code = 0, done = 0;

	for (unsigned len = 1; len <= BITS_MAX; len++) {
		code <<= 1;
		for (unsigned s = 0; s < SYMBOLS; s++) {
			if (c->lens[s] != len)
				continue;
			if (code >= 1u << len)
				return false;
			enter(c, s, reversed(code++, len));
			done++;
		}
	}
	return done == SYMBOLS;
}

enum status token_code_make(struct token_code **out, const uint32_t counts[TOKEN_VALUES])
{
	struct token_code *c = calloc(1, sizeof *c);
	struct weighed *all = malloc(TOKEN_VALUES * sizeof *all);
	uint8_t lens[SYMBOLS];

	if (c == NULL || all == NULL) {
		free(all);
		free(c);
		return STATUS_NO_MEMORY;
	}
	rank(c, all, counts);
	weigh_symbols(all);
	lengths_of(lens, all);
	limit(lens);
	for (unsigned i = 0; i < SYMBOLS; i++)
		c->lens[all[i].symbol] = lens[i];
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

/* A checksum of what follows; the length of each symbol; the tokens seen, by rank. */
void token_code_put(struct bytes *b, const struct token_code *c)
{
	struct bytes rest = { 0 };

	put_bytes(&rest, c->lens, sizeof c->lens);
	for (uint32_t r = 0; r < c->seen; r++)
		put_u16(&rest, c->tokens[r]);
	put_u64(b, checksum_of(bytes_span(&rest)));
	put_bytes(b, rest.p, rest.len);
	b->failed |= rest.failed;
	bytes_free(&rest);
}

/* Those that are not there come behind, so that each token has a rank. */
static bool take_ranks(struct token_code *c, struct cursor *from)
{
	bool ranked[TOKEN_VALUES] = { false };
	uint32_t r = 0;

	for (; from->p != from->end && !from->failed && r < TOKEN_VALUES; r++) {
		c->tokens[r] = take_u16(from);
		from->failed |= ranked[c->tokens[r]];
		ranked[c->tokens[r]] = true;
	}
	c->seen = r;
	for (uint32_t token = 0; token < TOKEN_VALUES && r < TOKEN_VALUES; token++)
		if (!ranked[token])
			c->tokens[r++] = (uint16_t)token;
	return !from->failed && from->p == from->end;
}

enum status token_code_take(struct token_code **out, struct span bytes)
{
	struct cursor from = cursor_of(bytes);
	uint64_t sum = take_u64(&from);
	struct token_code *c;
	const void *lens;

	if (from.failed ||
	    sum != checksum_of(span_of((const char *)from.p, (size_t)(from.end - from.p))))
		return STATUS_DAMAGED;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return STATUS_NO_MEMORY;
	lens = take_bytes(&from, sizeof c->lens);
	if (lens != NULL)
		memcpy(c->lens, lens, sizeof c->lens);
	if (lens == NULL || !take_ranks(c, &from) || !assign(c)) {
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

/* Bits read; 0: they are no code. Without a branch, for rare tokens come as they like. */
static inline unsigned read_token(const struct token_code *c, char *out, struct source *from)
{
	struct reading r = c->reads[from->bits & ((1u << BITS_MAX) - 1)];
	uint16_t token = htole16(c->tokens[r.rank + (from->bits >> r.len & r.mask)]);

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
