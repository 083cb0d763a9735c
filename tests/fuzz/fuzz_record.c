/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows from a hostile disk: taken as they are, and with length and checksum put right, so that
 * the fuzzer gets past them. */
#include "base/arena.h"
#include "base/bytes.h"
#include "store/record.h"
#include "store/record_read.h"
#include "store/store.h"
#include "store/row_code.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen; /* keeps the reads */

/* Reads all that a caller would. */
static void use(const struct row *r)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->token_count; i++)
		sum += r->tokens[i];
	for (uint32_t i = 0; i < r->paragraph_count; i++)
		for (uint32_t t = r->paragraphs[i]; t < r->paragraphs[i + 1]; t++)
			sum += r->tokens[t];
	for (uint32_t i = 0; i < r->masked_count; i++)
		for (uint32_t t = 0; t < r->masked[i].count; t++)
			sum += r->tokens[r->masked[i].from + t];
	for (uint32_t i = 0; i < r->verdict.match_count; i++)
		for (uint32_t j = 0; j < r->verdict.matches[i].passage_count; j++)
			sum += r->verdict.matches[i].passages[j].words;
	seen = sum;
}

static void use_glimpse(const struct glimpse *g)
{
	uint64_t sum = 0;

	for (uint32_t t = 0; t < g->token_count; t++)
		sum += g->tokens[t];
	for (uint32_t i = 0; i < g->masked_count; i++)
		for (uint32_t t = 0; t < g->masked[i].count; t++)
			sum += g->tokens[g->masked[i].from + t];
	seen = sum;
}

/* Of a few tokens and pairs; what is rare is coded too. Made once, as it takes a while. */
static const struct row_code *code(void)
{
	static struct row_counts counts;
	static struct row_code *made;

	for (uint32_t i = 0; i < 40; i++)
		counts.tokens[i * 999] = counts.rest[i * 777] = i * i + 2;
	if (made == NULL && row_code_make(&made, &counts) != STATUS_OK)
		abort();
	return made;
}

/* A row that others are told by. */
static struct span base_row(void)
{
	static const uint32_t paragraphs[] = { 0, 40 };
	static uint16_t tokens[40];
	static struct bytes row;
	struct row r = {
		.tokens = tokens, .token_count = 40, .paragraphs = paragraphs, .paragraph_count = 1
	};

	for (uint16_t i = 0; i < 40; i++)
		tokens[i] = (uint16_t)(i * 999);
	r.verdict.title = span_of_text("what stands around every text");
	if (row.len == 0)
		record_put_row(&row, &r);
	return bytes_span(&row);
}

static enum status find_base(void *ctx, struct span *row, uint64_t seq, struct arena *arena)
{
	(void)ctx;
	(void)arena;
	*row = base_row();
	return seq % 2 == 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

static void use_packed(char *p, size_t size, struct arena *arena)
{
	struct bytes b = { .p = p, .len = size, .cap = size };
	struct glimpse glimpse;
	struct span bytes;
	struct row row;

	record_seal(&b, 0, true);
	bytes = bytes_span(&b);
	if (record_read(&bytes, 1000, code(), &(struct record_reader){ find_base, NULL, NULL },
			arena) == STATUS_OK) {
		if (record_take_row(&row, bytes, arena) == STATUS_OK)
			use(&row);
		if (record_take_glimpse(&glimpse, bytes, arena) == STATUS_OK)
			use_glimpse(&glimpse);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_of((const char *)data, size);
	struct arena *arena = arena_open(1 << 16);
	struct rejection rejection;
	struct delivery delivery;
	struct glimpse glimpse;
	struct alert alert;
	struct row_code *taken;
	struct row row;
	char *copy = malloc(size + 1);

	if (arena == NULL || copy == NULL)
		abort();
	if (row_code_take(&taken, bytes) == STATUS_OK)
		row_code_close(taken);
	record_take_alert(&alert, bytes);
	record_take_delivery(&delivery, bytes);
	record_take_rejection(&rejection, bytes);
	if (record_take_light(&row, bytes, arena) == STATUS_OK)
		use(&row);
	if (record_take_glimpse(&glimpse, bytes, arena) == STATUS_OK)
		use_glimpse(&glimpse);
	if (size >= RECORD_PACKED_HEAD_BYTES) {
		memcpy(copy, data, size);
		use_packed(copy, size, arena);
	}
	if (size >= RECORD_HEAD_BYTES) {
		memcpy(copy, data, size);
		record_seal(&(struct bytes){ .p = copy, .len = size, .cap = size }, 0, false);
		if (record_take_row(&row, span_of(copy, size), arena) == STATUS_OK)
			use(&row);
	}
	free(copy);
	arena_close(arena);
	return 0;
}
