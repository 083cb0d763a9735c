/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/word_hash.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fingerprint/kernel_table.h"
#include "text/fold.h"

/* Of letters and digits only letters have this bit. */
#define LETTER_BIT 0x40u
#define LETTER_BITS UINT64_C(0x4040404040404040)

/* Inlined, so that a loop knows which lengths and which stride it meets. */
_Static_assert(TOKEN_SHORT_LETTERS == 3, "the words of hash_1_to_3()");

#define INLINED static inline __attribute__((always_inline))

INLINED uint64_t load(const unsigned char *p, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, p, len);
	return v;
}

INLINED void put(uint64_t *hash, uint16_t *token, uint64_t h, bool digit, enum token_class other)
{
	*hash = h;
	*token = token_of(h, digit ? TOKEN_NUMBER : other);
}

typedef void (*hash_fn)(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len);

/* The lengths for which XXH3 has a formula of its own: each in a loop of its own, so that no branch
 * depends on a word. */
INLINED void hash_1_to_3(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	if (len < 1 || len > 3)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), !(p[0] & p[len >> 1] & p[len - 1] & LETTER_BIT),
	    TOKEN_SHORT);
}

INLINED void hash_4_to_8(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters = load(p, 4) & load(p + len - 4, 4);

	if (len < 4 || len > 8)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS & UINT32_MAX, TOKEN_WORD);
}

INLINED void hash_9_to_16(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters = load(p, 8) & load(p + len - 8, 8);

	if (len < 9 || len > 16)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS, TOKEN_WORD);
}

/* Longer than 16: rare, and no reason for a fourth queue. */
static void hash_longer(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters;

	if (len > FOLD_WORD_BYTES)
		len = FOLD_WORD_BYTES;
	letters = load(p + len - 8, 8);
	for (size_t i = 0; i + 8 <= len; i += 8)
		letters &= load(p + i, 8);
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS, TOKEN_WORD);
}

INLINED void hash_9_and_more(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	if (len <= 16)
		hash_9_to_16(hash, token, p, len);
	else
		hash_longer(hash, token, p, len);
}

INLINED void hash_queue(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
			const uint16_t *border, size_t stride, const uint16_t *queue, size_t count,
			hash_fn hash_one)
{
	for (size_t k = 0; k < count; k++) {
		size_t i = queue[k], from = border[stride * i], to = border[stride * i + 1];

		hash_one(hashes + i, tokens + i, bytes + from, to - from);
	}
}

INLINED void hash_all(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		      const uint16_t *border, size_t stride, const struct length_queues *q)
{
	hash_queue(hashes, tokens, bytes, border, stride, q->tiny, q->tinies, hash_1_to_3);
	hash_queue(hashes, tokens, bytes, border, stride, q->small, q->smalls, hash_4_to_8);
	hash_queue(hashes, tokens, bytes, border, stride, q->large, q->larges, hash_9_and_more);
}

void word_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		 const uint16_t *border, size_t stride, const struct length_queues *queues)
{
	if (stride == 1)
		hash_all(hashes, tokens, bytes, border, 1, queues);
	else
		hash_all(hashes, tokens, bytes, border, 2, queues);
}
