/* SPDX-License-Identifier: BSD-2-Clause */
/* A dictionary and a text packed with it, from a hostile disk. The first byte says how long the
 * dictionary is, in 64ths of what there is; its checksum is put right. */
#include "base/arena.h"
#include "base/checksum.h"
#include "store/dictionary.h"
#include "store/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* keeps the reads */

static void unpack(struct text *t, struct span packed, const struct dictionary *d)
{
	struct arena *arena = arena_open(1 << 16);
	struct span plain;

	if (arena == NULL)
		abort();
	if (text_unpack(t, &plain, packed, d, arena) == STATUS_OK)
		for (size_t i = 0; i < plain.len; i++)
			seen += (unsigned char)plain.p[i];
	arena_close(arena);
}

static struct dictionary *take(struct span bytes)
{
	struct dictionary *d = NULL;
	char *copy = malloc(bytes.len);
	uint64_t sum;

	if (bytes.len < 8 || copy == NULL) {
		free(copy);
		return NULL;
	}
	memcpy(copy, bytes.p, bytes.len);
	sum = checksum_of(span_of(copy + 8, bytes.len - 8));
	for (unsigned i = 0; i < 8; i++)
		copy[i] = (char)(sum >> 8 * i);
	dictionary_take(&d, span_of(copy, bytes.len), true);
	free(copy);
	return d;
}

/* What is packed comes back. */
static void round_trip(struct text *t, struct dictionary *d, struct span plain)
{
	struct arena *arena = arena_open(1 << 16);
	struct bytes packed = { 0 };
	struct span back;

	if (arena == NULL)
		abort();
	text_use(t, d);
	if (text_pack(t, &packed, plain) != STATUS_OK ||
	    text_unpack(t, &back, bytes_span(&packed), d, arena) != STATUS_OK ||
	    !span_equal(back, plain))
		abort();
	bytes_free(&packed);
	arena_close(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text *t = text_open();
	struct dictionary *d;
	struct span packed;
	size_t len;

	if (t == NULL)
		abort();
	if (size > 0) {
		len = (size - 1) * (data[0] % 64) / 64;
		packed = span_of((const char *)data + 1 + len, size - 1 - len);
		d = take(span_of((const char *)data + 1, len));
		unpack(t, packed, NULL);
		unpack(t, packed, d);
		round_trip(t, d, packed);
		dictionary_drop(d);
	}
	text_close(t);
	return 0;
}
