/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - plain text, compressed one article at a time. One owner at a time. */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H

#include <reprint/span.h>
#include <reprint/status.h>

struct arena;
struct bytes;
struct text; /* opaque: the compressor's working memory */

#define TEXT_MAX ((size_t)1 << 28) /* of one article, bytes; larger ones are refused */

struct text *text_open(void); /* NULL when out of memory */
void text_close(struct text *t);
/* Appends the compressed form. */
enum status text_pack(struct text *t, struct bytes *out, struct span plain);
enum status text_unpack(struct text *t, struct span *out, struct span packed, struct arena *arena);

#endif
