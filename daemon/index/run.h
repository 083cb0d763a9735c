/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h - sealed postings: one sorted, immutable file.
 *
 * Layout:  pages of 4096 bytes, each beginning with a checksum of the rest and of its place:
 *          header · filter · blocks by key · column of SimHashes by seq · directory.
 *          Blocks are packed (block.h). A column page holds up to 407 articles: a base, then
 *          simhashes[] of 64 bits, then seqs[] of 16 bits above the base. The filter is a blocked
 *          Bloom filter (Bloom 1970; Putze, Sanders, Singler 2007) of 6 bits a key; its line is
 *          chosen by the key's top bits, so it is written and read in the order of keys. The
 *          directory is the first key of each block.
 * Keys:    run_key() of what the caller calls a key.
 * Trust:   the length is checked before mapping; header and directory when opened; every other
 *          page when it is first touched. A page that fails makes the run `damaged`: it answers
 *          nothing any more, and its owner sets it aside.
 * Thread:  one owner opens and closes; any may find; run_read.h reads the same file beside it. */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

#include "base/checksum.h"
#include "index/block.h"

#include <reprint/status.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_FORMAT 5u
#define COLUMN_ARTICLES 407u
#define FILTER_LINES 63u /* in a page, whose first line is its head */
#define LINE_BYTES 64u
#define LINE_WORDS 8u
#define FILTER_BITS 6u /* a key */
#define FILTER_PROBES 5u
#define DIRECTORY_KEYS 510u /* in a page */

struct run_column {
	uint64_t checksum;
	uint64_t base;
	uint32_t count;
	uint32_t zero;
	uint64_t simhashes[COLUMN_ARTICLES];
	uint16_t seqs[COLUMN_ARTICLES];
	uint16_t unused;
};
_Static_assert(sizeof(struct run_column) == PAGE_BYTES, "stored as it is");

/* What the header says. */
struct run_info {
	uint64_t first_seq, last_seq;           /* of its articles; 1, 0: none */
	uint64_t first_delivery, last_delivery; /* of the deliveries committed meanwhile */
	uint64_t postings, articles;
	uint64_t keys; /* each once */
	uint64_t filter_pages, block_pages, column_pages, directory_pages;
};

struct run {
	char *path;
	uint64_t file; /* the number in its name */
	struct run_info info;
	uint32_t level;
	atomic_bool damaged; /* run_damaged() */
	bool unwanted;       /* sound; it goes like a damaged one, and its file with it */
	bool merging; /* the owner's, until it is retired: one will be made of it and others */
	int fd;
	const unsigned char *map;
	size_t bytes;
	_Atomic unsigned char *seen; /* a bit a page: its checksum was right */
	uint64_t *directory;         /* [block_pages] */
	uint32_t *guide;             /* how many blocks begin below i << guide_shift */
	unsigned guide_shift;
	uint64_t blocks_at, column_at; /* pages */
};

/* Set for good by whoever met a broken page first. */
static inline bool run_damaged(const struct run *r)
{
	return atomic_load_explicit(&r->damaged, memory_order_relaxed);
}
static inline void run_set_damaged(struct run *r)
{
	atomic_store_explicit(&r->damaged, true, memory_order_relaxed);
}

/* VERSION: another format. */
enum status run_open(struct run **out, const char *path, uint64_t file);
void run_close(struct run *r); /* accepts NULL */
#define RUN_FIRST_FILTER 1u    /* page; the header is before it */
static inline uint64_t run_pages(const struct run *r)
{
	return r->bytes / PAGE_BYTES;
}
/* Checks pages from .. to - 1 now, so that no look-up has to: for a thread that may wait. */
void run_check(struct run *r, uint64_t from, uint64_t to);
/* The same where they are not in memory: reads them first. What the disk does not give is damage.
 */
void run_warm(struct run *r, uint64_t from, uint64_t to);

/* The bits that a key has in its line of every filter. */
struct run_sign {
	uint64_t words[LINE_WORDS];
};
void run_sign_of(struct run_sign *out, uint64_t key);
/* Sets them in a line. */
void run_sign_line(uint64_t line[LINE_WORDS], uint64_t key);

/* A look-up in steps, each of which asks for the memory that the next one reads: the filter's line,
 * the guide, the directory, the block's head, its entries. Those of many keys and runs are waited
 * for together. */
uint64_t run_look(const struct run *r, uint64_t key); /* which line */
/* Whether the filter rules the key out (false also when damaged: then run_find() says so). */
bool run_lacks(struct run *r, uint64_t key, uint64_t line, const struct run_sign *sign);
void run_ask_directory(const struct run *r, uint64_t key);
/* The block where the key's postings begin, if there are any. */
uint64_t run_block_of(const struct run *r, uint64_t key);
void run_look_in(struct run *r, uint64_t key, uint64_t block);
/* At most cap numbers under a key, ascending. */
size_t run_find(struct run *r, uint64_t key, uint64_t block, uint64_t *out, size_t cap);

/* A page of the column, checked; NULL (and damaged) when it is broken. */
const struct run_column *run_column(struct run *r, uint64_t page);

/* ---- shared with reading and writing --------------------------------------------------------- */

/* Spread evenly, and as short as blocks keep it: beside 10^9 others (13 million articles) a key is
 * mistaken for one of them 15 times in 1,000, which brings a candidate that shares one key, in one
 * of eight cases with a flank. */
static inline uint64_t run_key(uint64_t key)
{
	return mix64(key) & UINT64_MAX << (64 - BLOCK_KEY_BITS);
}

/* The place among `count` of a key, where keys are spread evenly. */
static inline uint64_t run_place(uint64_t count, uint64_t key)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)key * count >> 64);
}

uint64_t run_checksum(const void *page, uint64_t place);
bool run_page_sound(const void *page, uint64_t place);
bool run_column_sound(const struct run_column *c);
/* Where the line of a key stands in the file, in lines: by run_place(), past the pages' heads. */
uint64_t run_line_of(uint64_t filter_pages, uint64_t key);
/* The header as bytes behind the checksum. */
void run_put_info(unsigned char page[PAGE_BYTES], const struct run_info *info);

#endif
