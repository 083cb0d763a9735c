/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/word_hash.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fingerprint/kernel_table.h"
#include "text/fold.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
/* Of ASCII letters and digits only letters have this bit. */
#define LETTER_BIT 0x40u
#define LETTER_BITS EACH(LETTER_BIT)

_Static_assert(TOKEN_SHORT_LETTERS == 3, "the words of the tiny queue");

/* Inlined, so that a loop knows which lengths it meets. */
#define INLINED static inline __attribute__((always_inline))

INLINED uint64_t load(const unsigned char *p, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, p, len);
	return le64toh(v);
}

/* What a token is, from its bytes or from the kind that folding gave it; for the words of one queue
 * each. */
typedef enum token_class (*class_fn)(const unsigned char *p, size_t len, uint8_t kind);

INLINED enum token_class ascii_tiny(const unsigned char *p, size_t len, uint8_t kind)
{
	(void)kind;
	return p[0] & p[len >> 1] & p[len - 1] & LETTER_BIT ? TOKEN_SHORT : TOKEN_NUMBER;
}

INLINED enum token_class ascii_small(const unsigned char *p, size_t len, uint8_t kind)
{
	uint64_t letters = load(p, 4) & load(p + len - 4, 4);

	(void)kind;
	return ~letters & LETTER_BITS & UINT32_MAX ? TOKEN_NUMBER : TOKEN_WORD;
}

INLINED enum token_class ascii_large(const unsigned char *p, size_t len, uint8_t kind)
{
	uint64_t letters = load(p, 8) & load(p + len - 8, 8);

	(void)kind;
	for (size_t i = 8; i + 8 < len; i += 8)
		letters &= load(p + i, 8);
	return ~letters & LETTER_BITS ? TOKEN_NUMBER : TOKEN_WORD;
}

/* Of each byte its lowest bit: whether it goes on with a letter, in UTF-8. */
INLINED uint64_t going_on(uint64_t bytes)
{
	return bytes >> 7 & ~bytes >> 6 & EACH(1);
}

/* Without a branch: how many letters a word has follows no pattern. */
INLINED enum token_class with_letters(uint8_t kind, size_t len, uint64_t inner)
{
	unsigned is_short = len - (inner * EACH(1) >> 56) <= TOKEN_SHORT_LETTERS;

	return kind | ((is_short & (kind == TOKEN_WORD)) * TOKEN_SHORT);
}

INLINED enum token_class folded_tiny(const unsigned char *p, size_t len, uint8_t kind)
{
	(void)p;
	(void)len;
	return kind == TOKEN_WORD ? TOKEN_SHORT : kind;
}

INLINED enum token_class folded_small(const unsigned char *p, size_t len, uint8_t kind)
{
	return with_letters(kind, len, going_on(load(p, 8) << (64 - 8 * len)));
}

INLINED enum token_class folded_large(const unsigned char *p, size_t len, uint8_t kind)
{
	if (len > 16)
		return kind;
	return with_letters(
		kind, len, going_on(load(p, 8)) + going_on(load(p + len - 8, 8) >> 8 * (16 - len)));
}

/* Words by number: each from border[stride * i] to border[stride * i + 1]. */
struct row {
	const unsigned char *bytes;
	const uint16_t *border;
	size_t stride;
	const uint8_t *kind; /* NULL where the bytes tell */
};

/* Rare, and no reason for a fourth queue. */
static uint64_t hash_longer(const unsigned char *p, size_t len)
{
	return XXH3_64bits(p, len);
}

/* Of `least` to `most` bytes: lengths for which XXH3 has a formula of its own. */
INLINED void hash_word(uint64_t *hashes, uint16_t *tokens, const struct row *row, size_t i,
		       size_t least, size_t most, class_fn class_of)
{
	size_t from = row->border[row->stride * i], len = row->border[row->stride * i + 1] - from;
	const unsigned char *p = row->bytes + from;
	enum token_class class;
	uint64_t hash;

	if (len < least || len > most)
		__builtin_unreachable();
	if (len > FOLD_WORD_BYTES)
		len = FOLD_WORD_BYTES;
	class = class_of(p, len, row->kind == NULL ? 0 : row->kind[i]);
	hash = len > 16 ? hash_longer(p, len) : XXH3_64bits(p, len);
	hashes[i] = hash;
	tokens[i] = token_of(hash, class);
}

#define TINY 1, 3
#define SMALL 4, 8
#define LARGE 9, UINT16_MAX

INLINED void hash_queue(uint64_t *hashes, uint16_t *tokens, const struct row *row,
			const uint16_t *queue, size_t count, size_t least, size_t most,
			class_fn class_of)
{
	for (size_t k = 0; k < count; k++)
		hash_word(hashes, tokens, row, queue[k], least, most, class_of);
}

void ascii_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		  const uint16_t *edges, const struct length_queues *q)
{
	const struct row row = { bytes, edges, 2, NULL };

	hash_queue(hashes, tokens, &row, q->tiny, q->tinies, TINY, ascii_tiny);
	hash_queue(hashes, tokens, &row, q->small, q->smalls, SMALL, ascii_small);
	hash_queue(hashes, tokens, &row, q->large, q->larges, LARGE, ascii_large);
}

void folded_hashes(uint64_t *hashes, uint16_t *tokens, const struct folded *f,
		   const struct length_queues *q)
{
	const struct row row = { (const unsigned char *)f->bytes, f->border, 1, f->kind };

	hash_queue(hashes, tokens, &row, q->tiny, q->tinies, TINY, folded_tiny);
	hash_queue(hashes, tokens, &row, q->small, q->smalls, SMALL, folded_small);
	hash_queue(hashes, tokens, &row, q->large, q->larges, LARGE, folded_large);
}

void character_hashes(uint64_t *hashes, uint16_t *tokens, const struct folded *f)
{
	const struct row row = { (const unsigned char *)f->bytes, f->border, 1, f->kind };

	for (size_t i = 0; i < f->count; i++) {
		unsigned len = (unsigned)(f->border[i + 1] - f->border[i]);

		if (len == 3)
			hash_word(hashes, tokens, &row, i, 3, 3, folded_tiny);
		else if (len < 3)
			hash_word(hashes, tokens, &row, i, TINY, folded_tiny);
		else if (len <= 8)
			hash_word(hashes, tokens, &row, i, SMALL, folded_small);
		else
			hash_word(hashes, tokens, &row, i, LARGE, folded_large);
	}
}
