/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/block.h"

#include "fingerprint/kernel.h"

#include <string.h>

#define KEY_SHIFT (64 - BLOCK_KEY_BITS)
#define NONE SIZE_MAX
/* Numbers of 64 bits, keys of BLOCK_KEY_BITS, a bit to start, three of `high` and four rests. */
#define ALWAYS_FIT ((64 * BLOCK_WORDS - 4 * 64) / (64 + BLOCK_KEY_BITS + 1 + 3))

/* ---- bits ----------------------------------------------------------------------------------- */

static size_t words_for(size_t bits)
{
	return (bits + 63) / 64;
}

static unsigned width_of(uint64_t n)
{
	return n == 0 ? 0 : 64 - (unsigned)__builtin_clzll(n);
}

static uint64_t mask_of(unsigned bits)
{
	return bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
}

static uint64_t take(const uint64_t *words, size_t i, unsigned bits)
{
	size_t at = i * bits;
	unsigned shift = at % 64;
	uint64_t n;

	if (bits == 0)
		return 0;
	n = words[at / 64] >> shift;
	if (shift + bits > 64)
		n |= words[at / 64 + 1] << (64 - shift);
	return n & mask_of(bits);
}

/* Into words that are zero. */
static void put(uint64_t *words, size_t i, unsigned bits, uint64_t n)
{
	size_t at = i * bits;
	unsigned shift = at % 64;

	if (bits == 0)
		return;
	words[at / 64] |= n << shift;
	if (shift + bits > 64)
		words[at / 64 + 1] |= n >> (64 - shift);
}

static void set(uint64_t *words, size_t i)
{
	words[i / 64] |= UINT64_C(1) << i % 64;
}

static bool is_set(const uint64_t *words, size_t i)
{
	return (words[i / 64] >> i % 64 & 1) != 0;
}

/* ---- parts ---------------------------------------------------------------------------------- */

struct parts {
	size_t starts, lows, numbers, end; /* words */
};

static struct parts parts_of(size_t high_words, size_t keys, size_t postings, unsigned low_bits,
			     unsigned number_bits)
{
	struct parts p = { .starts = high_words };

	p.lows = p.starts + words_for(postings);
	p.numbers = p.lows + words_for(keys * low_bits);
	p.end = p.numbers + words_for(postings * number_bits);
	return p;
}

static struct parts parts_in(const struct block *b)
{
	return parts_of(b->high_words, b->keys, b->postings, b->low_bits, b->number_bits);
}

bool block_sound(const struct block *b)
{
	return b->keys > 0 && b->keys <= b->postings && b->postings <= BLOCK_POSTINGS &&
	       b->low_bits <= BLOCK_KEY_BITS && b->number_bits <= 64 &&
	       parts_in(b).end <= BLOCK_WORDS;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Where in `high` the keys with these upper bits begin, if there are any; NONE: there are not. */
static size_t upper_at(const struct block *b, uint64_t upper)
{
	size_t bit;

	if (upper == 0)
		return 0;
	if (upper > 64 * (uint64_t)b->high_words)
		return NONE;
	bit = nth_bit(b->words, b->high_words, (size_t)upper - 1, UINT64_MAX);
	return bit == NONE ? NONE : bit + 1;
}

/* Which of the block's keys this distance is; NONE: it is not there. */
static size_t key_at(const struct block *b, const struct parts *p, uint64_t distance)
{
	uint64_t upper = distance >> b->low_bits, low = distance & mask_of(b->low_bits);
	size_t bit = upper_at(b, upper);

	if (bit == NONE)
		return NONE;
	for (; bit < 64 * (size_t)b->high_words && is_set(b->words, bit); bit++) {
		size_t i = bit - (size_t)upper;
		uint64_t here;

		if (i >= b->keys)
			return NONE;
		here = take(b->words + p->lows, i, b->low_bits);
		if (here >= low)
			return here == low ? i : NONE;
	}
	return NONE;
}

/* Lists are about equally long, which tells about where the numbers are. */
void block_look(const struct block *b, uint64_t key)
{
	struct parts p = parts_in(b);
	uint64_t upper = (key - b->first_key) >> KEY_SHIFT >> b->low_bits;
	size_t bit = key < b->first_key ? NONE : upper_at(b, upper), i;

	if (bit == NONE || bit - (size_t)upper >= b->keys)
		return;
	i = bit - (size_t)upper;
	__builtin_prefetch(b->words + p.lows + i * b->low_bits / 64);
	__builtin_prefetch(b->words + p.numbers + i * b->postings / b->keys * b->number_bits / 64);
}

size_t block_find(const struct block *b, uint64_t key, uint64_t *out, size_t cap)
{
	struct parts p = parts_in(b);
	const uint64_t *starts = b->words + p.starts;
	size_t i, at, found = 0;

	if (key < b->first_key)
		return 0;
	i = key_at(b, &p, (key - b->first_key) >> KEY_SHIFT);
	if (i == NONE)
		return 0;
	at = b->keys == b->postings ? i : nth_bit(starts, p.lows - p.starts, i, 0);
	if (at == NONE || at >= b->postings)
		return 0;
	do {
		if (found == cap)
			break;
		out[found++] = b->least_number + take(b->words + p.numbers, at, b->number_bits);
	} while (++at < b->postings && !is_set(starts, at));
	return found;
}

/* Ones from the lowest on. */
struct ones {
	const uint64_t *words;
	size_t word, count;
	uint64_t bits; /* left of this word */
};

static size_t next_one(struct ones *o)
{
	size_t bit;

	while (o->bits == 0) {
		if (++o->word >= o->count)
			return NONE;
		o->bits = o->words[o->word];
	}
	bit = 64 * o->word + (size_t)__builtin_ctzll(o->bits);
	o->bits &= o->bits - 1;
	return bit;
}

/* The keys in order, each as often as it has numbers. */
static bool unpack_keys(const struct block *b, const struct parts *p, struct posting *out)
{
	const uint64_t *starts = b->words + p->starts;
	struct ones high = { b->words, 0, b->high_words, b->high_words > 0 ? b->words[0] : 0 };
	size_t at = 0;

	for (size_t key = 0; key < b->keys; key++) {
		size_t bit = next_one(&high);
		uint64_t distance;

		if (bit == NONE || at == b->postings || !is_set(starts, at))
			return false;
		distance = (uint64_t)(bit - key) << b->low_bits |
			   take(b->words + p->lows, key, b->low_bits);
		do
			out[at++].key = b->first_key + (distance << KEY_SHIFT);
		while (at < b->postings && !is_set(starts, at));
	}
	return at == b->postings;
}

size_t block_unpack(const struct block *b, struct posting out[BLOCK_POSTINGS])
{
	struct parts p = parts_in(b);

	if (!unpack_keys(b, &p, out))
		return 0;
	for (size_t i = 0; i < b->postings; i++) {
		if (i > 0 && out[i].key < out[i - 1].key)
			return 0;
		out[i].number = b->least_number + take(b->words + p.numbers, i, b->number_bits);
	}
	return b->postings;
}

/* ---- writing -------------------------------------------------------------------------------- */

static uint64_t distance_of(const struct packer *p, uint64_t key)
{
	return (key - p->postings[0].key) >> KEY_SHIFT;
}

/* The unary part takes a bit a key and one for each step of the upper bits: as many steps as keys,
 * within a factor of two, cost least. */
static unsigned low_bits_for(uint64_t distance, size_t keys)
{
	unsigned wide = width_of(distance), many = width_of(keys);

	return wide > many ? wide - many : 0;
}

static size_t high_words_for(uint64_t distance, size_t keys)
{
	return words_for((size_t)(distance >> low_bits_for(distance, keys)) + keys);
}

/* Whether a page holds so much. */
static bool fits(size_t postings, size_t keys, uint64_t distance, uint64_t numbers)
{
	struct parts parts;

	if (postings <= ALWAYS_FIT)
		return true;
	parts = parts_of(high_words_for(distance, keys), keys, postings,
			 low_bits_for(distance, keys), width_of(numbers));
	return postings <= BLOCK_POSTINGS && parts.end <= BLOCK_WORDS;
}

bool packer_add(struct packer *p, uint64_t key, uint64_t number)
{
	size_t keys = p->keys + (p->count == 0 || p->postings[p->count - 1].key != key);
	uint64_t least = p->count == 0 || number < p->least ? number : p->least;
	uint64_t most = p->count == 0 || number > p->most ? number : p->most;
	uint64_t distance = p->count == 0 ? 0 : distance_of(p, key);

	if (!fits(p->count + 1, keys, distance, most - least))
		return false;
	p->postings[p->count++] = (struct posting){ key, number };
	p->keys = keys;
	p->least = least;
	p->most = most;
	return true;
}

void packer_end(struct packer *p, struct block *out)
{
	uint64_t last = distance_of(p, p->postings[p->count - 1].key);
	struct parts parts;
	size_t key = 0;

	memset(out, 0, sizeof *out);
	out->first_key = p->postings[0].key;
	out->least_number = p->least;
	out->keys = (uint16_t)p->keys;
	out->postings = (uint16_t)p->count;
	out->low_bits = (uint8_t)low_bits_for(last, p->keys);
	out->number_bits = (uint8_t)width_of(p->most - p->least);
	out->high_words = (uint16_t)high_words_for(last, p->keys);
	parts = parts_in(out);
	for (size_t i = 0; i < p->count; i++) {
		uint64_t distance = distance_of(p, p->postings[i].key);

		put(out->words + parts.numbers, i, out->number_bits,
		    p->postings[i].number - p->least);
		if (i > 0 && p->postings[i].key == p->postings[i - 1].key)
			continue;
		set(out->words + parts.starts, i);
		set(out->words, (size_t)(distance >> out->low_bits) + key);
		put(out->words + parts.lows, key++, out->low_bits,
		    distance & mask_of(out->low_bits));
	}
	p->count = p->keys = 0;
}
