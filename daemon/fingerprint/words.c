/* SPDX-License-Identifier: BSD-2-Clause */
#include "fingerprint/words.h"

#include <endian.h>
#include <reprint/article.h>
#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fingerprint/kernel.h"
#include "fingerprint/kernel_table.h"
#include "fingerprint/word_hash.h"
#include "text/fold.h"

/* Small enough that everything about a chunk stays in the first-level cache. */
#define CHUNK 2048u
#define CHUNK_FIRST 256u /* behind what is not ASCII: more of that may follow */
#define BLOCKS (CHUNK / BLOCK_BYTES)
#define HASHES (2 * QUEUE_MAX)
_Static_assert(CHUNK / 2 <= QUEUE_MAX, "every second byte may begin a word");
_Static_assert(FOLD_WORDS <= QUEUE_MAX, "what fold_words() gives fits as well");

struct words {
	const struct kernel *kernel;
	uint16_t *tokens;
	size_t cap, count, characters;
	uint64_t hashes[HASHES]; /* not yet in the digest */
	size_t hashed;
	bool streaming; /* more hashes than HASHES: some are in the digest */
	XXH3_state_t digest;

	/* The paragraphs of the text being read. */
	const struct article_part *paragraphs;
	uint32_t *starts;
	uint32_t paragraph, paragraph_count; /* next to begin, and how many there are */

	size_t chunk_at; /* of the article */
	size_t chunk;    /* bytes to classify at once */
	struct ascii_block blocks[BLOCKS];
	uint16_t edges[CHUNK + EDGES_SLACK]; /* of this run's words, begin and end in turn */
	uint16_t before[BLOCKS];             /* how many of them before each block */
	uint16_t spill[QUEUE_MAX];           /* where tokens go that have no room */
	unsigned char lower[CHUNK + BLOCK_BYTES];
	struct folded folded;
	struct length_queues queues;
};

static void stream_hashes(struct words *w)
{
	if (!w->streaming)
		XXH3_128bits_reset(&w->digest);
	w->streaming = true;
	XXH3_128bits_update(&w->digest, w->hashes, w->hashed * sizeof *w->hashes);
	w->hashed = 0;
}

/* The digest of all hashes. Few of them are hashed at once, which costs a small article less. */
static XXH128_hash_t digest_of(struct words *w)
{
	if (!w->streaming)
		return XXH3_128bits(w->hashes, w->hashed * sizeof *w->hashes);
	stream_hashes(w);
	return XXH3_128bits_digest(&w->digest);
}

/* Room for one run's hashes; their tokens go to the returned place. */
static uint16_t *reserve(struct words *w, size_t count)
{
	if (w->hashed + count > HASHES)
		stream_hashes(w);
	return w->count <= w->cap && w->cap - w->count >= count ? w->tokens + w->count : w->spill;
}

static void advance(struct words *w, size_t count)
{
	for (size_t i = w->hashed; i < w->hashed + count; i++)
		w->hashes[i] = htole64(w->hashes[i]);
	w->hashed += count;
	w->count += count;
}

/* Paragraphs that begin at or before this place of the article begin with the token `at`. */
static void begin_paragraphs(struct words *w, size_t place, size_t token)
{
	while (w->paragraph < w->paragraph_count && w->paragraphs[w->paragraph].at <= place)
		w->starts[w->paragraph++] = (uint32_t)token;
}

/* The first bit at or above `from` in a row of masks, `to` if there is none below it. */
static size_t next_leave(const struct words *w, size_t from, size_t to)
{
	size_t b = from / BLOCK_BYTES;
	uint64_t mask;

	if (from >= to)
		return to;
	mask = w->blocks[b].leave & UINT64_MAX << from % BLOCK_BYTES;
	while (mask == 0) {
		if (++b * BLOCK_BYTES >= to)
			return to;
		mask = w->blocks[b].leave;
	}
	from = b * BLOCK_BYTES + (size_t)__builtin_ctzll(mask);
	return from < to ? from : to;
}

/* Behind the last byte below `to` that is neither in a word nor about to leave; 0 if there is none.
 */
static size_t last_border(const struct words *w, size_t to, bool leaving)
{
	for (size_t b = (to + BLOCK_BYTES - 1) / BLOCK_BYTES; b-- > 0;) {
		uint64_t border = ~(w->blocks[b].word | (leaving ? w->blocks[b].leave : 0));

		if (to - b * BLOCK_BYTES < BLOCK_BYTES)
			border &= (UINT64_C(1) << (to - b * BLOCK_BYTES)) - 1;
		if (border != 0)
			return b * BLOCK_BYTES + 64 - (size_t)__builtin_clzll(border);
	}
	return 0;
}

/* How many words of the run from `from` on begin before a place that is a break or begins a word.
 */
static size_t begun_before(const struct words *w, size_t from, size_t place)
{
	size_t b = place / BLOCK_BYTES;
	uint64_t below = (UINT64_C(1) << place % BLOCK_BYTES) - 1;
	/* Below such a place every word that begins also ends, and an odd number of edges before
	 * the block means that one goes on into it. */
	uint64_t word = w->blocks[b].word & below;
	uint64_t begins;

	if (b == from / BLOCK_BYTES)
		word &= UINT64_MAX << from % BLOCK_BYTES;
	begins = word & ~(word << 1 | (w->before[b] & 1));
	return (w->before[b] + 1u) / 2 + bits_of(begins);
}

/* The paragraphs that begin inside [from, to) of the chunk, whose words were found. */
static void begin_paragraphs_within(struct words *w, size_t from, size_t to)
{
	while (w->paragraph < w->paragraph_count &&
	       w->paragraphs[w->paragraph].at < w->chunk_at + to) {
		size_t place = w->paragraphs[w->paragraph].at, k = 0;

		if (place > w->chunk_at + from) {
			place -= w->chunk_at;
			k = begun_before(w, from, place);
		}
		w->starts[w->paragraph++] = (uint32_t)(w->count + k);
	}
}

static void add_ascii(struct words *w, size_t from, size_t to)
{
	size_t found = w->kernel->edges(w->edges, w->before, w->blocks, from, to) / 2;
	uint16_t *tokens = reserve(w, found);

	begin_paragraphs_within(w, from, to);
	w->kernel->queue(&w->queues, w->edges, 2, found);
	ascii_hashes(w->hashes + w->hashed, tokens, w->lower, w->edges, &w->queues);
	advance(w, found);
}

/* Whether nearly all words are characters of three bytes. With marks as often as not, as in Thai,
 * a branch would depend on them. */
static bool mostly_characters(const struct folded *f)
{
	return 2 * f->characters > f->count && 2 * f->border[f->count] < 7 * f->count;
}

static size_t add_folded(struct words *w, const char *text, size_t len, size_t place)
{
	const struct folded *f = &w->folded;
	size_t used = fold_words(&w->folded, text, len);
	uint16_t *tokens = reserve(w, f->count);

	begin_paragraphs(w, place, w->count);
	if (mostly_characters(f)) {
		character_hashes(w->hashes + w->hashed, tokens, f);
	} else {
		w->kernel->queue(&w->queues, f->border, 1, f->count);
		folded_hashes(w->hashes + w->hashed, tokens, f, &w->queues);
	}
	w->characters += f->characters;
	advance(w, f->count);
	return used;
}

static void classify(struct words *w, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t whole = len / BLOCK_BYTES, rest = len % BLOCK_BYTES;

	w->kernel->classify(w->blocks, w->lower, p, whole);
	if (rest > 0) {
		unsigned char last[BLOCK_BYTES] = { 0 };

		memcpy(last, p + whole * BLOCK_BYTES, rest);
		w->kernel->classify(w->blocks + whole, w->lower + whole * BLOCK_BYTES, last, 1);
	}
}

/* Commas behind a digit leave, unless an ASCII byte follows that is no digit; whether they group
 * digits is for fold_words() to see. `after`: what is taken for the byte behind the last one. */
static void leave_with_commas(struct words *w, size_t len, uint64_t after)
{
	size_t count = (len + BLOCK_BYTES - 1) / BLOCK_BYTES;
	uint64_t digit_before = 0;

	for (size_t b = 0; b < count; b++) {
		struct ascii_block *block = w->blocks + b;
		uint64_t behind = block->digit << 1 | digit_before;
		uint64_t next = b + 1 < count ? (block[1].digit | block[1].leave) & 1 : after;
		uint64_t ahead = (block->digit | block->leave) >> 1 | next << 63;

		block->leave |= block->comma & behind & ahead;
		digit_before = block->digit >> 63;
	}
}

/* Reads text at a word's border, some of it; returns how much. */
static size_t add_chunk(struct words *w, const char *text, size_t len)
{
	size_t read = len < w->chunk ? len : w->chunk, at = 0, to = read;

	w->chunk = w->chunk < CHUNK ? 2 * w->chunk : CHUNK;
	classify(w, text, read);
	leave_with_commas(w, read, read < len);
	if (read < len) {
		/* The last word may go on in the next chunk; one without end is not for here. */
		to = last_border(w, read, true);
		if (to == 0)
			return add_folded(w, text, len, w->chunk_at);
	}
	while (at < to) {
		size_t leave = next_leave(w, at, to), border = to;

		if (leave < to)
			border = last_border(w, leave, false);
		if (border < at)
			border = at;
		add_ascii(w, at, border);
		if (leave == to)
			return to;
		at = border + add_folded(w, text + border, len - border, w->chunk_at + border);
	}
	return at;
}

static void add_text(struct words *w, const char *text, size_t len)
{
	while (len > 0) {
		size_t read;

		if ((unsigned char)*text < 0x80) {
			read = add_chunk(w, text, len);
		} else {
			read = add_folded(w, text, len, w->chunk_at);
			w->chunk = CHUNK_FIRST;
		}
		text += read;
		len -= read;
		w->chunk_at += read;
	}
}

/* How many paragraphs from this one on stand side by side with one line break between them. */
static uint32_t together(const struct article *a, const struct article_part *paragraphs,
			 uint32_t from)
{
	uint32_t i = from;

	while (i + 1 < a->paragraph_count &&
	       paragraphs[i + 1].at == (uint64_t)paragraphs[i].at + paragraphs[i].len + 1 &&
	       ((const char *)a)[paragraphs[i + 1].at - 1] == '\n')
		i++;
	return i + 1 - from;
}

static void begin(struct words *w, uint16_t *tokens, size_t cap)
{
	w->kernel = kernel_get();
	w->tokens = tokens;
	w->cap = cap;
	w->count = w->characters = w->hashed = 0;
	w->streaming = false;
	w->paragraph = w->paragraph_count = 0;
	w->chunk_at = 0;
	w->chunk = CHUNK;
}

size_t words_of(uint16_t *tokens, size_t cap, uint32_t *starts, uint64_t digest[2],
		uint32_t *out_units, const struct article *a)
{
	struct words w;
	XXH128_hash_t hash;
	uint32_t count;

	begin(&w, tokens, cap);
	w.paragraphs = article_paragraphs(a);
	w.starts = starts;
	for (uint32_t i = 0; i < a->paragraph_count; i += count) {
		const struct article_part *first = w.paragraphs + i, *last;

		count = together(a, w.paragraphs, i);
		last = first + count - 1;
		w.paragraph = i;
		w.paragraph_count = i + count;
		w.chunk_at = first->at;
		add_text(&w, (const char *)a + first->at, last->at + last->len - first->at);
		begin_paragraphs(&w, SIZE_MAX, w.count);
	}
	hash = digest_of(&w);
	digest[0] = hash.high64;
	digest[1] = hash.low64;
	*out_units = (uint32_t)(2 * w.count - w.characters);
	return w.count;
}

size_t words_of_text(uint16_t *tokens, size_t cap, struct span text)
{
	struct words w;

	begin(&w, tokens, cap);
	if (text.p != NULL)
		add_text(&w, text.p, text.len);
	return w.count;
}
