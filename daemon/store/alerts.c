/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"

enum status store_put_alert(struct store *s, uint64_t *out_alert, uint64_t seq, uint32_t why)
{
	struct alert a = { state_next(s, TABLE_ALERTS), seq, why };

	bytes_clear(&s->scratch);
	record_put_alert(&s->scratch, &a);
	if (s->scratch.failed)
		return STATUS_NO_MEMORY;
	*out_alert = a.alert;
	return batch_append(&s->batch, TABLE_ALERTS, bytes_span(&s->scratch));
}

struct next_alert {
	const struct store *s;
	struct alert *out;
	enum status st;
};

/* An alert outlives its article only when that was forgotten or lost; then it tells nothing. */
static bool take_live(void *ctx, uint64_t number, struct span value)
{
	struct next_alert *next = ctx;

	next->out->alert = number;
	next->st = record_take_alert(next->out, value);
	if (next->st == STATUS_OK && !state_live(next->s, next->out->seq))
		next->st = STATUS_NOT_FOUND;
	return next->st == STATUS_NOT_FOUND;
}

enum status store_next_alert(struct store *s, struct alert *out, uint64_t after)
{
	struct next_alert next = { s, out, STATUS_NOT_FOUND };
	enum status st = STATUS_NOT_FOUND;

	if (after < UINT64_MAX)
		st = state_each(s, TABLE_ALERTS, after + 1, take_live, &next);
	return st == STATUS_OK ? next.st : st;
}

void store_alert_range(struct store *s, uint64_t *out_oldest, uint64_t *out_newest)
{
	uint64_t next = state_next(s, TABLE_ALERTS);

	*out_newest = next - 1;
	*out_oldest = next == 1 ? 0 : next;
	for (size_t i = s->epoch_count; i-- > 0;)
		if (s->epochs[i]->count[TABLE_ALERTS] > 0)
			*out_oldest = s->epochs[i]->head.first[TABLE_ALERTS];
	if (*out_oldest == next && s->batch.table[TABLE_ALERTS].count > 0)
		*out_oldest = state_active(s)->next[TABLE_ALERTS];
}
