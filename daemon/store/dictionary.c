/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/dictionary.h"

#include "base/checksum.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <zdict.h>
#include <zstd.h>

#define LEVEL 2 /* 2 % shorter than 1, in as many instructions; 3 takes a third longer */
#define CONTENT_BYTES ((size_t)112 << 10)  /* of texts; with 64 KiB up to 3 % longer */
#define REPEATED_BYTES (CONTENT_BYTES / 2) /* of them lines that some texts share, at most */
#define HEADER_BYTES ((size_t)1 << 10)     /* of a dictionary, at most about */
#define SAMPLE_BYTES ((size_t)16 << 10)    /* of one text: a long one is not all there is */
#define STORED_BYTES_MAX ((size_t)1 << 20) /* more is no dictionary of ours */
#define HEAD_BYTES (3 * sizeof(uint64_t))  /* checksum of what follows, first, last */

struct dictionary {
	atomic_uint holders;
	uint64_t id, first, last;
	struct bytes stored;
	ZSTD_CDict *packer;
	ZSTD_DDict *unpacker;
};

/* ---- samples -------------------------------------------------------------------------------- */

void samples_add(struct samples *s, uint64_t seq, struct span text)
{
	size_t len = text.len < SAMPLE_BYTES ? text.len : SAMPLE_BYTES;

	if (s->count == DICTIONARY_TEXTS || !bytes_reserve(&s->texts, len))
		return;
	put_bytes(&s->texts, text.p, len);
	s->first = s->count == 0 ? seq : s->first;
	s->last = seq;
	s->lens[s->count++] = len;
}

void samples_clear(struct samples *s)
{
	bytes_clear(&s->texts);
	s->count = 0;
}

void samples_free(struct samples *s)
{
	bytes_free(&s->texts);
	*s = (struct samples){ 0 };
}

/* ---- making and reading --------------------------------------------------------------------- */

struct line {
	uint64_t hash;
	struct span text; /* its end included */
};

static int by_hash(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->text.p < y->text.p ? -1 : x->text.p > y->text.p;
}

static size_t add_lines(struct line *lines, struct span text)
{
	size_t count = 0;

	while (text.len > 0) {
		const char *stop = memchr(text.p, '\n', text.len);
		size_t len = stop == NULL ? text.len : (size_t)(stop - text.p) + 1;

		lines[count].text = span_of(text.p, len);
		lines[count++].hash = checksum_of(span_of(text.p, len - (stop != NULL)));
		text = span_of(text.p + len, text.len - len);
	}
	return count;
}

/* In order of their hashes; NULL: no memory. The caller frees. */
static struct line *lines_of(size_t *out_count, const struct samples *s)
{
	const char *p = s->texts.p;
	size_t count = s->count;
	struct line *lines;

	for (size_t i = 0; i < s->texts.len; i++)
		count += p[i] == '\n';
	lines = malloc(count * sizeof *lines);
	*out_count = 0;
	for (size_t i = 0; lines != NULL && i < s->count; p += s->lens[i++])
		*out_count += add_lines(lines + *out_count, span_of(p, s->lens[i]));
	if (lines != NULL)
		qsort(lines, *out_count, sizeof *lines, by_hash);
	return lines;
}

/* Each line that stands there twice or more, once: what sites put around all their articles. */
static enum status put_repeated(struct bytes *out, const struct samples *s)
{
	size_t count, times;
	struct line *lines = lines_of(&count, s);

	if (lines == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < count; i += times) {
		for (times = 1; i + times < count && lines[i + times].hash == lines[i].hash;)
			times++;
		if (times > 1 && out->len + lines[i].text.len <= REPEATED_BYTES)
			put_bytes(out, lines[i].text.p, lines[i].text.len);
	}
	free(lines);
	return out->failed ? STATUS_NO_MEMORY : STATUS_OK;
}

/* The end of the samples as they are, then what they repeat, and statistics of all: a twentieth of
 * what choosing the best pieces costs (ZDICT_trainFromBuffer), and shorter at this level. */
static enum status write_content(struct bytes *out, const struct samples *s)
{
	struct bytes content = { 0 }, repeated = { 0 };
	size_t cap = CONTENT_BYTES + HEADER_BYTES, len, n = 0;
	const ZDICT_params_t params = { .compressionLevel = LEVEL };
	enum status st = put_repeated(&repeated, s);

	len = CONTENT_BYTES - repeated.len;
	len = s->texts.len < len ? s->texts.len : len;
	put_bytes(&content, s->texts.p + s->texts.len - len, len);
	put_bytes(&content, repeated.p, repeated.len);
	if (st == STATUS_OK && (content.failed || !bytes_reserve(out, cap)))
		st = STATUS_NO_MEMORY;
	if (st == STATUS_OK)
		n = ZDICT_finalizeDictionary(out->p + out->len, cap, content.p, content.len,
					     s->texts.p, s->lens, (unsigned)s->count, params);
	bytes_free(&content);
	bytes_free(&repeated);
	if (st != STATUS_OK || ZDICT_isError(n))
		return st != STATUS_OK ? st : STATUS_NOT_FOUND;
	out->len += n;
	return STATUS_OK;
}

enum status dictionary_make(struct dictionary **out, const struct samples *s)
{
	struct bytes content = { 0 }, stored = { 0 };
	enum status st = s->count < DICTIONARY_TEXTS ? STATUS_NOT_FOUND : STATUS_OK;

	if (st != STATUS_OK)
		return st;
	put_u64(&content, s->first);
	put_u64(&content, s->last);
	st = write_content(&content, s);
	put_u64(&stored, checksum_of(bytes_span(&content)));
	put_bytes(&stored, content.p, content.len);
	if (st == STATUS_OK && stored.failed)
		st = STATUS_NO_MEMORY;
	if (st == STATUS_OK)
		st = dictionary_take(out, bytes_span(&stored), true);
	bytes_free(&stored);
	bytes_free(&content);
	return st;
}

static bool sound(struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	return bytes.len > HEAD_BYTES && bytes.len <= STORED_BYTES_MAX &&
	       take_u64(&c) == checksum_of(span_of(bytes.p + 8, bytes.len - 8));
}

enum status dictionary_take(struct dictionary **out, struct span bytes, bool packs)
{
	struct dictionary *d;
	struct cursor c = cursor_of(bytes);
	struct span content;

	if (!sound(bytes))
		return STATUS_DAMAGED;
	d = calloc(1, sizeof *d);
	if (d == NULL)
		return STATUS_NO_MEMORY;
	atomic_init(&d->holders, 1);
	d->id = take_u64(&c) | 1;
	d->first = take_u64(&c);
	d->last = take_u64(&c);
	content = span_of(bytes.p + HEAD_BYTES, bytes.len - HEAD_BYTES);
	put_bytes(&d->stored, bytes.p, bytes.len);
	d->unpacker = ZSTD_createDDict(content.p, content.len);
	if (packs)
		d->packer = ZSTD_createCDict(content.p, content.len, LEVEL);
	if (d->stored.failed || d->unpacker == NULL || (packs && d->packer == NULL)) {
		dictionary_drop(d);
		return STATUS_NO_MEMORY;
	}
	*out = d;
	return STATUS_OK;
}

struct span dictionary_bytes(const struct dictionary *d)
{
	return bytes_span(&d->stored);
}

struct dictionary *dictionary_keep(struct dictionary *d)
{
	if (d != NULL)
		atomic_fetch_add_explicit(&d->holders, 1, memory_order_relaxed);
	return d;
}

void dictionary_drop(struct dictionary *d)
{
	if (d == NULL || atomic_fetch_sub_explicit(&d->holders, 1, memory_order_acq_rel) > 1)
		return;
	ZSTD_freeCDict(d->packer);
	ZSTD_freeDDict(d->unpacker);
	bytes_free(&d->stored);
	free(d);
}

uint64_t dictionary_id(const struct dictionary *d)
{
	return d->id;
}

uint64_t dictionary_first(const struct dictionary *d)
{
	return d->first;
}

uint64_t dictionary_last(const struct dictionary *d)
{
	return d->last;
}

const struct ZSTD_CDict_s *dictionary_packer(const struct dictionary *d)
{
	return d->packer;
}

const struct ZSTD_DDict_s *dictionary_unpacker(const struct dictionary *d)
{
	return d->unpacker;
}
