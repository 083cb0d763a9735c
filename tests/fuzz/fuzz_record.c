/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows from a hostile disk: taken as they are, and with length and checksum put right, so that
 * the fuzzer gets past them. */
#include "base/arena.h"
#include "base/checksum.h"
#include "store/record.h"
#include "store/store.h"

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

static void seal(char *p, size_t size)
{
	uint32_t sum =
		(uint32_t)checksum_of(span_of(p + RECORD_HEAD_BYTES, size - RECORD_HEAD_BYTES));

	for (unsigned i = 0; i < 4; i++) {
		p[i] = (char)(size >> 8 * i);
		p[4 + i] = (char)(sum >> 8 * i);
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
	struct row row;
	char *copy = malloc(size + 1);

	if (arena == NULL || copy == NULL)
		abort();
	record_take_alert(&alert, bytes);
	record_take_delivery(&delivery, bytes);
	record_take_rejection(&rejection, bytes);
	if (record_take_light(&row, bytes, arena) == STATUS_OK)
		use(&row);
	if (record_take_glimpse(&glimpse, bytes, arena) == STATUS_OK)
		use_glimpse(&glimpse);
	if (size >= RECORD_HEAD_BYTES) {
		memcpy(copy, data, size);
		seal(copy, size);
		if (record_take_row(&row, span_of(copy, size), arena) == STATUS_OK)
			use(&row);
	}
	free(copy);
	arena_close(arena);
	return 0;
}
