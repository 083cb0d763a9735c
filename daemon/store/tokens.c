/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"
#include "store/token_code.h"

#include <stdlib.h>

#define LEARNED_TOKENS (UINT64_C(1) << 18) /* about a thousand articles; twice as many gain 1 % */

static void forget_counts(struct store *s)
{
	free(s->token_counts);
	s->token_counts = NULL;
	s->tokens_counted = 0;
}

static void count_row(struct store *s, struct span row)
{
	struct record_tokens t;

	if (record_find_tokens(&t, row) != STATUS_OK)
		return;
	for (size_t at = t.from; at < t.to; at += 2)
		s->token_counts[(unsigned char)row.p[at] | (unsigned char)row.p[at + 1] << 8]++;
	s->tokens_counted += t.count;
}

enum status tokens_learn(struct store *s)
{
	if (state_active(s)->code != NULL)
		return STATUS_OK;
	if (s->token_counts == NULL)
		s->token_counts = calloc(TOKEN_VALUES, sizeof *s->token_counts);
	if (s->token_counts == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < s->batch.table[TABLE_ROWS].count; i++)
		count_row(s, s->batch.table[TABLE_ROWS].values[i]);
	return s->tokens_counted < LEARNED_TOKENS
		       ? STATUS_OK
		       : token_code_make(&s->fresh_code, s->token_counts);
}

void tokens_end(struct store *s, bool committed)
{
	if (committed && s->fresh_code != NULL) {
		state_active(s)->code = s->fresh_code;
		forget_counts(s);
	} else {
		token_code_close(s->fresh_code);
	}
	s->fresh_code = NULL;
}

void tokens_begin_epoch(struct store *s)
{
	forget_counts(s);
}

struct span tokens_pack(struct store *s, struct span row)
{
	const struct token_code *code = state_active(s)->code;

	bytes_clear(&s->scratch);
	if (code == NULL || record_pack(&s->scratch, row, code) != STATUS_OK ||
	    s->scratch.len >= row.len)
		return row;
	return bytes_span(&s->scratch);
}
