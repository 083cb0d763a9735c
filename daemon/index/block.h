/* SPDX-License-Identifier: BSD-2-Clause */
/* block.h - a page of postings, packed.
 *
 * Layout:  a head, then words. Keys stand as distances from the page's first one, each once, split
 *          after Elias 1974 and Fano 1971: the upper bits in unary in `high` (the i-th key sets bit
 *          i + upper), the lower ones side by side in `lows`. `starts` has a bit a posting, set
 *          where a key's numbers begin; `numbers` stand above the least of them. All as narrow as
 *          the page's widest allows; each part begins with a word.
 * Keys:    the upper 36 bits of a key count, the others are 0.
 * Trust:   a page whose checksum is right may still say anything: block_sound() first.
 * Pure; any thread. */
#ifndef INDEX_BLOCK_H
#define INDEX_BLOCK_H

#include "index/table.h"

#define PAGE_BYTES 4096u
#define BLOCK_WORDS 508u
#define BLOCK_POSTINGS 1024u /* at most */
#define BLOCK_KEY_BITS 36u

struct block {
	uint64_t checksum;
	uint64_t first_key, least_number;
	uint16_t keys, postings;
	uint8_t low_bits, number_bits;
	uint16_t high_words;
	uint64_t words[BLOCK_WORDS];
};
_Static_assert(sizeof(struct block) == PAGE_BYTES, "stored as it is");

bool block_sound(const struct block *b);
/* Asks for the memory that block_find() will read, from the head, `high` and `starts`. */
void block_look(const struct block *b, uint64_t key);
/* At most cap numbers under a key, ascending. */
size_t block_find(const struct block *b, uint64_t key, uint64_t *out, size_t cap);
/* All of them by key, then number; 0 when it contradicts itself. */
size_t block_unpack(const struct block *b, struct posting out[BLOCK_POSTINGS]);

/* Postings on their way into a page, by key, then number, without doubles. */
struct packer {
	struct posting postings[BLOCK_POSTINGS];
	size_t count, keys;
	uint64_t least, most; /* numbers */
};
/* False: the page is full. */
bool packer_add(struct packer *p, uint64_t key, uint64_t number);
/* Writes what was gathered, at least one posting, and begins anew. */
void packer_end(struct packer *p, struct block *out);

#endif
