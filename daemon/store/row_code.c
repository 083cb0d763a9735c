/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/row_code.h"

#include "base/bytes.h"

#include <stdlib.h>

/* ---- making --------------------------------------------------------------------------------- */

static void count(uint32_t counts[TOKEN_VALUES], struct span bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t i = 0; i + 1 < bytes.len; i += 2)
		counts[p[i] | p[i + 1] << 8]++;
}

void row_counts_add(struct row_counts *counts, struct span tokens, struct span rest)
{
	count(counts->tokens, tokens);
	count(counts->rest, rest);
	counts->counted += tokens.len / 2;
}

enum status row_code_make(struct row_code **out, const struct row_counts *counts)
{
	struct row_code *c = calloc(1, sizeof *c);
	enum status st = c == NULL ? STATUS_NO_MEMORY : STATUS_OK;

	if (st == STATUS_OK)
		st = token_code_make(&c->tokens, counts->tokens);
	if (st == STATUS_OK)
		st = token_code_make(&c->rest, counts->rest);
	if (st != STATUS_OK) {
		row_code_close(c);
		return st;
	}
	*out = c;
	return STATUS_OK;
}

void row_code_close(struct row_code *c)
{
	if (c == NULL)
		return;
	token_code_close(c->tokens);
	token_code_close(c->rest);
	free(c);
}

/* ---- stored --------------------------------------------------------------------------------- */

void row_code_put(struct bytes *b, const struct row_code *c)
{
	struct bytes tokens = { 0 };

	token_code_put(&tokens, c->tokens);
	put_span(b, bytes_span(&tokens));
	token_code_put(b, c->rest);
	b->failed |= tokens.failed;
	bytes_free(&tokens);
}

enum status row_code_take(struct row_code **out, struct span bytes)
{
	struct row_code *c = calloc(1, sizeof *c);
	struct cursor from = cursor_of(bytes);
	struct span tokens = take_span(&from);
	enum status st = c == NULL ? STATUS_NO_MEMORY : STATUS_OK;

	if (st == STATUS_OK && (from.failed || tokens.p == NULL))
		st = STATUS_DAMAGED;
	if (st == STATUS_OK)
		st = token_code_take(&c->tokens, tokens);
	if (st == STATUS_OK)
		st = token_code_take(&c->rest,
				     span_of((const char *)from.p, (size_t)(from.end - from.p)));
	if (st != STATUS_OK) {
		row_code_close(c);
		return st;
	}
	*out = c;
	return STATUS_OK;
}
