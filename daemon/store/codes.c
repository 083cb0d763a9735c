/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"
#include "store/row_code.h"

#include <stdlib.h>

#define LEARNED_TOKENS (UINT64_C(1) << 18) /* about a thousand articles; twice as many gain 1 % */

static void forget_counts(struct store *s)
{
	free(s->row_counts);
	s->row_counts = NULL;
}

enum status codes_learn(struct store *s)
{
	if (state_active(s)->code != NULL)
		return STATUS_OK;
	if (s->row_counts == NULL)
		s->row_counts = calloc(1, sizeof *s->row_counts);
	if (s->row_counts == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < s->batch.table[TABLE_ROWS].count; i++)
		row_counts_add(s->row_counts, s->batch.table[TABLE_ROWS].values[i]);
	return s->row_counts->counted < LEARNED_TOKENS
		       ? STATUS_OK
		       : row_code_make(&s->fresh_code, s->row_counts);
}

void codes_end(struct store *s, bool committed)
{
	if (committed && s->fresh_code != NULL) {
		state_active(s)->code = s->fresh_code;
		forget_counts(s);
	} else {
		row_code_close(s->fresh_code);
	}
	s->fresh_code = NULL;
}

void codes_begin_epoch(struct store *s)
{
	forget_counts(s);
}

struct span codes_pack(struct store *s, struct span row)
{
	const struct row_code *code = state_active(s)->code;

	bytes_clear(&s->scratch);
	if (code == NULL || record_pack(&s->scratch, row, code) != STATUS_OK ||
	    s->scratch.len >= row.len)
		return row;
	return bytes_span(&s->scratch);
}
