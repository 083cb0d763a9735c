/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/record.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/clock.h"
#include "store/store.h"

#include <reprint/article.h>

#include <assert.h>

#define NAMES_SHORT 16000u /* with the lengths of eight names still below 2^14 */
#define NAME_SHARED_MIN 4u /* a place takes two bytes or three */

static void put_share(struct bytes *b, double share)
{
	double clipped = share > 0 ? (share < 1 ? share : 1) : 0; /* NaN: 0 */

	put_u16(b, (uint16_t)(clipped * RECORD_SHARE_ONE + 0.5));
}

static void put_range(struct bytes *b, struct paragraph_range r)
{
	put_varint(b, r.from);
	put_varint(b, r.to - r.from);
}

/* Of this article's own paragraphs; a reader refuses what lies outside. */
static void put_own_range(struct bytes *b, struct paragraph_range r, const struct row *row)
{
	assert(r.from >= 1 && r.from <= r.to && r.to <= row->paragraph_count);
	put_range(b, r);
}

/* A name that stands in one before it, as a site stands in a url, is told by its place there. */
static void put_name(struct bytes *b, struct span name, size_t names)
{
	const char *at = NULL;

	if (name.len >= NAME_SHARED_MIN && b->len > names)
		at = memmem(b->p + names, b->len - names, name.p, name.len);
	if (name.p == NULL) {
		put_varint(b, 0);
	} else if (at != NULL) {
		size_t place = (size_t)(at - (b->p + names));

		put_varint(b, ((uint64_t)name.len + 1) << 1 | RECORD_NAME_SHARED);
		put_varint(b, place);
	} else {
		put_varint(b, ((uint64_t)name.len + 1) << 1);
		put_bytes(b, name.p, name.len);
	}
}

/* Room for the length of all names as a varint of two bytes, of five where they are long. */
static unsigned names_width(const struct row *row)
{
	const struct verdict *v = &row->verdict;
	size_t len = v->url.len + v->file.len + v->id.len + v->source.len + v->site.len +
		     row->canonical.len + v->title.len + v->published.len;

	return len < NAMES_SHORT ? 2 : 5;
}

/* Their length first, for who passes over them. */
static void put_names(struct bytes *b, const struct row *row)
{
	const struct verdict *v = &row->verdict;
	unsigned width = names_width(row);
	size_t names = b->len + width;

	for (unsigned i = 0; i < width; i++)
		put_u8(b, 0x80);
	put_name(b, v->url, names);
	put_name(b, v->file, names);
	put_name(b, v->id, names);
	put_name(b, v->source, names);
	put_name(b, v->site, names);
	put_name(b, row->canonical, names);
	put_span(b, v->title);
	put_span(b, v->published);
	if (b->failed)
		return;
	for (unsigned i = 0; i < width; i++)
		b->p[names - width + i] =
			(char)((i + 1 < width ? 0x80 : 0) | ((b->len - names) >> 7 * i & 0x7f));
}

static void put_numbers(struct bytes *b, const struct row *row)
{
	const struct verdict *v = &row->verdict;
	bool published = row->published_ms != ARTICLE_NO_TIME, dated;
	int64_t said;

	dated = published && clock_parse(&said, v->published) && said == row->published_ms;
	put_varint(b, v->version);
	put_varint(b, v->revises);
	put_varint(b, row->of_seq);
	put_varint(b, v->cluster);
	put_u8(b, (uint8_t)v->kind);
	put_u8(b, (uint8_t)((v->doubled ? RECORD_DOUBLED : 0) | (published ? RECORD_PUBLISHED : 0) |
			    (dated ? RECORD_DATED : 0)));
	put_zigzag(b, v->seen_ms);
	if (published && !dated)
		put_zigzag(b, row->published_ms);
	put_zigzag(b, (int64_t)v->words - row->token_count);
	put_varint(b, v->paragraphs);
	put_varint(b, v->chrome);
	put_zigzag(b, (int64_t)row->units - RECORD_WORD_UNITS * (int64_t)v->words);
	put_share(b, v->ratio);
}

static void put_masked(struct bytes *b, const struct row *row)
{
	uint32_t end = 0;

	put_varint(b, row->masked_count);
	for (uint32_t i = 0; i < row->masked_count; i++) {
		const struct masked *m = &row->masked[i];

		put_varint(b, m->from - end);
		put_varint(b, (uint64_t)m->count << 1 | (m->chrome != 0));
		end = m->from + m->count;
	}
}

/* The tokens of each paragraph, and whether it is a quotation. */
static void put_paragraphs(struct bytes *b, const struct row *row)
{
	put_varint(b, row->paragraph_count);
	for (uint32_t i = 0; i < row->paragraph_count; i++) {
		uint64_t tokens = row->paragraphs[i + 1] - row->paragraphs[i];
		bool quoted = row->quoted != NULL && row->quoted[i];

		put_varint(b, tokens << 1 | quoted);
	}
}

/* The stamps, which are as good as random, and the tokens: apart from all else. */
static void put_fingerprint(struct bytes *b, const struct row *row)
{
	put_u64(b, row->verdict.simhash);
	put_u64(b, row->verdict.digest[0]);
	put_u64(b, row->verdict.digest[1]);
	put_u32(b, row->token_count);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	put_bytes(b, row->tokens, (size_t)row->token_count * 2);
#else
	for (uint32_t i = 0; i < row->token_count; i++)
		put_u16(b, row->tokens[i]);
#endif
}

static void put_blocks(struct bytes *b, const struct row *row)
{
	const struct verdict *v = &row->verdict;

	put_varint(b, v->block_count);
	for (uint32_t i = 0; i < v->block_count; i++) {
		put_own_range(b, v->blocks[i].first, row);
		put_own_range(b, v->blocks[i].again, row);
		put_varint(b, v->blocks[i].words);
		put_share(b, v->blocks[i].similarity);
	}
}

static void put_match(struct bytes *b, const struct match *m, const struct row *row)
{
	put_varint(b, m->seq);
	put_u8(b, (uint8_t)m->kind);
	put_u8(b, (uint8_t)m->relation);
	put_share(b, m->resemblance);
	put_share(b, m->containment);
	put_share(b, m->contained_by);
	put_varint(b, m->passage_count);
	for (uint32_t i = 0; i < m->passage_count; i++) {
		put_own_range(b, m->passages[i].here, row);
		put_range(b, m->passages[i].there);
		put_varint(b, m->passages[i].words);
	}
}

void record_seal(struct bytes *b, size_t start, bool packed)
{
	size_t len = b->len - start;
	size_t bytes = packed ? RECORD_PACKED_HEAD_BYTES : RECORD_HEAD_BYTES;
	struct bytes head = { 0 };
	uint32_t sum;

	if (b->failed || len >= RECORD_PACKED) {
		b->failed = true;
		return;
	}
	head.p = b->p + start;
	head.cap = bytes;
	sum = (uint32_t)checksum_of(span_of(b->p + start + bytes, len - bytes));
	if (packed) {
		put_u32(&head, sum | RECORD_PACKED);
	} else {
		put_u32(&head, (uint32_t)len);
		put_u32(&head, sum);
	}
}

void record_put_row(struct bytes *b, const struct row *row)
{
	size_t start = b->len;

	put_u64(b, 0); /* the head's place */
	put_fingerprint(b, row);
	put_names(b, row);
	put_numbers(b, row);
	put_masked(b, row);
	put_paragraphs(b, row);
	put_blocks(b, row);
	put_varint(b, row->verdict.match_count);
	for (uint32_t i = 0; i < row->verdict.match_count; i++)
		put_match(b, &row->verdict.matches[i], row);
	put_varint(b, row->verdict.more);
	if ((b->len - start) % 2 != 0)
		put_u8(b, 0);
	record_seal(b, start, false);
}

void record_put_alert(struct bytes *b, const struct alert *a)
{
	put_varint(b, a->seq);
	put_varint(b, a->why);
}

void record_put_delivery(struct bytes *b, const struct delivery *d)
{
	put_span(b, d->path);
	put_varint(b, d->size);
	put_zigzag(b, d->mtime_ns);
	put_u64(b, d->content[0]);
	put_u64(b, d->content[1]);
	put_u8(b, d->again);
}

void record_put_rejection(struct bytes *b, const struct rejection *r)
{
	put_span(b, r->path);
	put_span(b, r->why);
	put_zigzag(b, r->when_ms);
}
