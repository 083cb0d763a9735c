/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"
#include "store/recent.h"
#include "store/row_code.h"

#include <stdlib.h>

#define LEARNED_TOKENS (UINT64_C(1) << 18) /* about a thousand articles that are no copies */

static void forget_counts(struct store *s)
{
	free(s->row_counts);
	s->row_counts = NULL;
}

/* Those of a row of the batch that are still at hand. */
static void find_bases(struct store *s, uint64_t seq, struct record_bases *out)
{
	const uint64_t *chosen = recent_bases(s->recent, seq);

	for (unsigned i = 0; i < RECORD_BASES; i++) {
		uint64_t base = chosen == NULL ? 0 : chosen[i];

		out->back[i] =
			base != 0 && recent_get(s->recent, base, &out->rows[i]) ? seq - base : 0;
	}
}

/* A row that cannot be counted teaches nothing. */
static void count_row(struct store *s, uint64_t seq, struct span row)
{
	struct record_bases bases;

	find_bases(s, seq, &bases);
	record_pack_count(s->packer, s->row_counts, row, &bases);
}

enum status codes_learn(struct store *s)
{
	uint64_t first = state_active(s)->next[TABLE_ROWS];

	if (state_active(s)->code != NULL)
		return STATUS_OK;
	if (s->row_counts == NULL)
		s->row_counts = calloc(1, sizeof *s->row_counts);
	if (s->row_counts == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < s->batch.table[TABLE_ROWS].count; i++)
		count_row(s, first + i, s->batch.table[TABLE_ROWS].values[i]);
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

struct span codes_pack(struct store *s, uint64_t seq, struct span row)
{
	const struct row_code *code = state_active(s)->code;
	struct record_bases bases;

	if (code == NULL)
		return row;
	bytes_clear(&s->scratch);
	find_bases(s, seq, &bases);
	if (record_pack(s->packer, &s->scratch, row, code, &bases) != STATUS_OK ||
	    s->scratch.len >= row.len)
		return row;
	return bytes_span(&s->scratch);
}
