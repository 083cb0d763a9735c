/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - plain text, compressed one article at a time. One owner at a time.
 *
 * Packed:  a byte, TEXT_ALONE or TEXT_SHARED: whether its epoch's dictionary is needed to read it;
 *          then a zstd frame without the magic number that all have. */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct bytes;
struct dictionary;
struct text; /* opaque: the compressor's working memory */

#define TEXT_MAX ((size_t)1 << 28) /* of one article, bytes; larger ones are refused */
enum text_packing { TEXT_ALONE, TEXT_SHARED };

struct text *text_open(void); /* NULL when out of memory */
void text_close(struct text *t);
/* Packs with this from now on, and keeps it; NULL: with none. */
void text_use(struct text *t, struct dictionary *d);
/* dictionary_id() of the one in use; 0: none. */
uint64_t text_used(const struct text *t);
/* Appends the compressed form. */
enum status text_pack(struct text *t, struct bytes *out, struct span plain);
/* Whether it can be read only with a dictionary. */
bool text_is_shared(struct span packed);
/* d: the dictionary of its epoch, NULL where there is none; a text that needs it is DAMAGED then.
 */
enum status text_unpack(struct text *t, struct span *out, struct span packed,
			const struct dictionary *d, struct arena *arena);

#endif
