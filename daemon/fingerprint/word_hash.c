/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/word_hash.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "text/fold.h"

/* Of letters and digits only letters have this bit. */
#define LETTER_BIT 0x40u
#define LETTER_BITS UINT64_C(0x4040404040404040)

static uint64_t load(const unsigned char *p, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, p, len);
	return v;
}

static void put(uint64_t *hash, uint16_t *token, uint64_t h, bool digit)
{
	*hash = h;
	*token = token_of(h, digit ? TOKEN_NUMBER : TOKEN_WORD);
}

typedef void (*hash_fn)(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len);

/* The lengths for which XXH3 has a formula of its own: each in a loop of its own, so that no branch
 * depends on a word. */
static void hash_1_to_3(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	if (len < 1 || len > 3)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), !(p[0] & p[len >> 1] & p[len - 1] & LETTER_BIT));
}

static void hash_4_to_8(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters = load(p, 4) & load(p + len - 4, 4);

	if (len < 4 || len > 8)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS & UINT32_MAX);
}

static void hash_9_to_16(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters = load(p, 8) & load(p + len - 8, 8);

	if (len < 9 || len > 16)
		__builtin_unreachable();
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS);
}

static void hash_longer(uint64_t *hash, uint16_t *token, const unsigned char *p, size_t len)
{
	uint64_t letters;

	if (len > FOLD_WORD_BYTES)
		len = FOLD_WORD_BYTES;
	letters = load(p + len - 8, 8);
	for (size_t i = 0; i + 8 <= len; i += 8)
		letters &= load(p + i, 8);
	put(hash, token, XXH3_64bits(p, len), ~letters & LETTER_BITS);
}

/* Inlined, so that a loop knows which lengths and which stride it meets. */
#define INLINED static inline __attribute__((always_inline))

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
		      const uint16_t *border, size_t stride, size_t count)
{
	uint16_t tiny[WORD_HASHES_MAX], small[WORD_HASHES_MAX], large[WORD_HASHES_MAX];
	uint16_t longer[WORD_HASHES_MAX];
	size_t tinies = 0, smalls = 0, larges = 0, longers = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned len = (unsigned)(border[stride * i + 1] - border[stride * i]);

		tiny[tinies] = small[smalls] = large[larges] = longer[longers] = (uint16_t)i;
		tinies += len <= 3;
		smalls += len - 4 <= 8 - 4;
		larges += len - 9 <= 16 - 9;
		longers += len > 16;
	}
	hash_queue(hashes, tokens, bytes, border, stride, tiny, tinies, hash_1_to_3);
	hash_queue(hashes, tokens, bytes, border, stride, small, smalls, hash_4_to_8);
	hash_queue(hashes, tokens, bytes, border, stride, large, larges, hash_9_to_16);
	hash_queue(hashes, tokens, bytes, border, stride, longer, longers, hash_longer);
}

void word_hashes(uint64_t *hashes, uint16_t *tokens, const unsigned char *bytes,
		 const uint16_t *border, size_t stride, size_t count)
{
	if (stride == 1)
		hash_all(hashes, tokens, bytes, border, 1, count);
	else
		hash_all(hashes, tokens, bytes, border, 2, count);
}
