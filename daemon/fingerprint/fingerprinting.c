/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/fingerprinting.h"

#include <endian.h>
#include <xxhash.h>

#include "base/arena.h"
#include "fingerprint/words.h"

static size_t text_bytes(const struct article *a)
{
	const struct article_part *paragraphs = article_paragraphs(a);
	size_t bytes = 0;

	for (uint32_t i = 0; i < a->paragraph_count; i++)
		bytes += paragraphs[i].len;
	return bytes;
}

enum status fingerprint_of(struct fingerprint *out, const struct article *a, struct arena *arena)
{
	struct arena_mark before = arena_mark(arena);
	/* Nearly every text has fewer tokens than half its bytes; one of square ligatures has more
	 * and is read twice. */
	size_t cap = text_bytes(a) / 2 + a->paragraph_count, count;
	uint32_t *starts;
	uint16_t *tokens;

	for (;;) {
		starts = ARENA_ARRAY(arena, uint32_t, (size_t)a->paragraph_count + 1);
		tokens = ARENA_ARRAY(arena, uint16_t, cap);
		if (starts == NULL || tokens == NULL)
			return STATUS_NO_MEMORY;
		count = words_of(tokens, cap, starts, out->digest, &out->units, a);
		if (count <= cap)
			break;
		arena_rewind(arena, before);
		cap = count;
	}
	starts[a->paragraph_count] = (uint32_t)count;
	out->paragraphs = starts;
	out->paragraph_count = a->paragraph_count;
	out->tokens = tokens;
	out->token_count = (uint32_t)count;
	out->simhash = simhash_of(tokens, count, arena);
	return arena_failed(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}

uint64_t tokens_hash(const uint16_t *tokens, size_t count)
{
	return XXH3_64bits(tokens, count * sizeof *tokens);
}

static uint32_t characters_of(const uint16_t *tokens, size_t count)
{
	uint16_t characters = 0;

	for (size_t i = 0; i < count; i++)
		characters =
			(uint16_t)(characters + ((tokens[i] & TOKEN_CLASS) == TOKEN_CHARACTER));
	return characters;
}

#define AT_ONCE 64u /* a length that the compiler knows becomes vectors */

uint32_t tokens_units(const uint16_t *tokens, size_t count)
{
	uint32_t characters = 0;
	size_t i = 0;

	for (; count - i >= AT_ONCE; i += AT_ONCE)
		characters += characters_of(tokens + i, AT_ONCE);
	characters += characters_of(tokens + i, count - i);
	return (uint32_t)(2 * count) - characters;
}
