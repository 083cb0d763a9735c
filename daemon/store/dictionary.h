/* SPDX-License-Identifier: BSD-2-Clause */
/* dictionary.h - what the texts of an epoch have in common, for the compressor: made once from its
 * first texts, kept in the epoch, and gone with it.
 *
 * It holds lines that some of those texts share, and pieces of others, word for word, so whoever
 * purges one of them makes another.
 *
 * Thread:  immutable, counted; any thread may keep, use and drop.
 * Errors:  bytes from the disk are hostile: STATUS_DAMAGED. */
#ifndef STORE_DICTIONARY_H
#define STORE_DICTIONARY_H

#include "base/bytes.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct ZSTD_CDict_s;
struct ZSTD_DDict_s;
struct dictionary; /* opaque */

#define DICTIONARY_TEXTS 256u /* one is made from so many */

/* Texts on the way to become one. Zero-initialise. */
struct samples {
	struct bytes texts;
	size_t lens[DICTIONARY_TEXTS], count;
	uint64_t first, last; /* numbers of their articles */
};
void samples_add(struct samples *s, uint64_t seq, struct span text); /* beyond the last: nothing */
void samples_clear(struct samples *s);
void samples_free(struct samples *s);

/* NOT_FOUND: the samples are no help, or not enough. A few milliseconds. */
enum status dictionary_make(struct dictionary **out, const struct samples *s);
/* As it is stored: a checksum, the range of its articles, the content. packs: for a compressor
 * too. */
enum status dictionary_take(struct dictionary **out, struct span bytes, bool packs);
struct span dictionary_bytes(const struct dictionary *d);

struct dictionary *dictionary_keep(struct dictionary *d); /* accepts NULL; returns d */
void dictionary_drop(struct dictionary *d);               /* accepts NULL */

/* Made of the bytes; never 0. */
uint64_t dictionary_id(const struct dictionary *d);
/* The articles it was made from lie between. */
uint64_t dictionary_first(const struct dictionary *d);
uint64_t dictionary_last(const struct dictionary *d);
const struct ZSTD_CDict_s *dictionary_packer(const struct dictionary *d); /* NULL: not asked for */
const struct ZSTD_DDict_s *dictionary_unpacker(const struct dictionary *d);

#endif
