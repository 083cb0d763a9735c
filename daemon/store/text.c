/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/text.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "store/dictionary.h"

#include <stdlib.h>
#include <zstd.h>

#define LEVEL 1 /* without a dictionary: twice as fast as 3 on articles, for 3 % more bytes */
#define MAGIC_BYTES 4u

static const unsigned char magic[MAGIC_BYTES] = { 0x28, 0xb5, 0x2f, 0xfd };
_Static_assert(ZSTD_MAGICNUMBER == 0xfd2fb528, "little-endian");

struct text {
	ZSTD_CCtx *packer;
	ZSTD_DCtx *unpacker;
	struct dictionary *dictionary; /* of the packer */
};

static void set(ZSTD_CCtx *packer)
{
	ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(packer, ZSTD_c_dictIDFlag, 0);
	ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 0);
}

struct text *text_open(void)
{
	struct text *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->packer = ZSTD_createCCtx();
	t->unpacker = ZSTD_createDCtx();
	if (t->packer == NULL || t->unpacker == NULL) {
		text_close(t);
		return NULL;
	}
	set(t->packer);
	return t;
}

void text_close(struct text *t)
{
	if (t == NULL)
		return;
	ZSTD_freeCCtx(t->packer);
	ZSTD_freeDCtx(t->unpacker);
	dictionary_drop(t->dictionary);
	free(t);
}

void text_use(struct text *t, struct dictionary *d)
{
	if (d == t->dictionary)
		return;
	dictionary_drop(t->dictionary);
	t->dictionary = dictionary_keep(d);
	ZSTD_CCtx_refCDict(t->packer, d == NULL ? NULL : dictionary_packer(d));
}

uint64_t text_used(const struct text *t)
{
	return t->dictionary == NULL ? 0 : dictionary_id(t->dictionary);
}

enum status text_pack(struct text *t, struct bytes *out, struct span plain)
{
	size_t bound = ZSTD_compressBound(plain.len), n;
	char *at;

	if (plain.len > TEXT_MAX)
		return STATUS_TOO_LARGE;
	if (!bytes_reserve(out, bound + 1))
		return STATUS_NO_MEMORY;
	at = out->p + out->len;
	n = ZSTD_compress2(t->packer, at, bound, plain.p, plain.len);
	if (ZSTD_isError(n) || n <= MAGIC_BYTES)
		return STATUS_NO_MEMORY;
	*at = t->dictionary == NULL ? TEXT_ALONE : TEXT_SHARED;
	memmove(at + 1, at + MAGIC_BYTES, n - MAGIC_BYTES);
	out->len += 1 + n - MAGIC_BYTES;
	return STATUS_OK;
}

bool text_is_shared(struct span packed)
{
	return packed.len > 0 && packed.p[0] == TEXT_SHARED;
}

/* The frame with its magic number; an absent span when there is no memory. */
static struct span frame_of(struct span packed, struct arena *arena)
{
	size_t rest = packed.len - 1;
	char *frame = arena_take(arena, MAGIC_BYTES + rest);

	if (frame == NULL)
		return span_of(NULL, 0);
	memcpy(frame, magic, MAGIC_BYTES);
	memcpy(frame + MAGIC_BYTES, packed.p + 1, rest);
	return span_of(frame, MAGIC_BYTES + rest);
}

enum status text_unpack(struct text *t, struct span *out, struct span packed,
			const struct dictionary *d, struct arena *arena)
{
	bool shared = text_is_shared(packed);
	unsigned long long size;
	struct span frame;
	char *plain;
	size_t n;

	if (packed.len == 0 || (!shared && packed.p[0] != TEXT_ALONE) || (shared && d == NULL))
		return STATUS_DAMAGED;
	frame = frame_of(packed, arena);
	if (frame.p == NULL)
		return STATUS_NO_MEMORY;
	size = ZSTD_getFrameContentSize(frame.p, frame.len);
	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > TEXT_MAX)
		return STATUS_DAMAGED;
	plain = arena_take(arena, (size_t)size + 1);
	if (plain == NULL)
		return STATUS_NO_MEMORY;
	ZSTD_DCtx_refDDict(t->unpacker, shared ? dictionary_unpacker(d) : NULL);
	n = ZSTD_decompressDCtx(t->unpacker, plain, (size_t)size, frame.p, frame.len);
	if (ZSTD_isError(n) || n != size)
		return STATUS_DAMAGED;
	plain[n] = '\0';
	*out = span_of(plain, n);
	return STATUS_OK;
}
