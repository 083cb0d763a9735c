/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"
#include "store/recent.h"

#include <stdlib.h>

struct store_reader {
	struct store *store; /* NULL: not begun */
	struct kv_txn *txns; /* [count] of its epochs, begun when they are needed */
	size_t count, cap;
	struct record_cache *cache;
	uint64_t losses; /* of the store, when it began last */
};

enum status store_reader_open(struct store_reader **out)
{
	struct store_reader *r = calloc(1, sizeof *r);
	enum status st = r == NULL ? STATUS_NO_MEMORY : record_cache_open(&r->cache);

	if (st != STATUS_OK)
		free(r);
	*out = st == STATUS_OK ? r : NULL;
	return st;
}

void store_reader_close(struct store_reader *r)
{
	if (r == NULL)
		return;
	record_cache_close(r->cache);
	free(r->txns);
	free(r);
}

void state_alone(struct store *s)
{
	s->wanted = true;
	pthread_rwlock_wrlock(&s->beside);
	s->wanted = false;
}

void state_not_alone(struct store *s)
{
	pthread_rwlock_unlock(&s->beside);
}

enum status store_reader_begin(struct store_reader *r, struct store *s)
{
	pthread_rwlock_rdlock(&s->beside);
	if (s->epoch_count > r->cap) {
		struct kv_txn *txns = realloc(r->txns, 2 * s->epoch_count * sizeof *txns);

		if (txns == NULL) {
			pthread_rwlock_unlock(&s->beside);
			return STATUS_NO_MEMORY;
		}
		r->txns = txns;
		r->cap = 2 * s->epoch_count;
	}
	if (r->losses != s->losses)
		record_cache_clear(r->cache);
	r->losses = s->losses;
	r->store = s;
	r->count = s->epoch_count;
	memset(r->txns, 0, r->count * sizeof *r->txns);
	return STATUS_OK;
}

void store_reader_end(struct store_reader *r)
{
	if (r->store == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		kv_end(&r->txns[i]);
	pthread_rwlock_unlock(&r->store->beside);
	r->store = NULL;
	r->count = 0;
}

bool store_reader_rest(struct store_reader *r)
{
	struct store *s = r->store;
	uint64_t losses = s->losses;

	if (!s->wanted)
		return true;
	store_reader_end(r);
	return store_reader_begin(r, s) == STATUS_OK && s->losses == losses;
}

uint64_t store_losses(const struct store *s)
{
	return s->losses;
}

struct base_finder {
	const struct recent *recent;
	struct kv_txn *txn; /* of the epoch */
};

static enum status find_base(void *ctx, struct span *row, uint64_t seq, struct arena *arena)
{
	const struct base_finder *f = ctx;

	return recent_get(f->recent, seq, row) ? STATUS_OK
					       : epoch_find(f->txn, TABLE_ROWS, seq, row, arena);
}

static enum status find(struct store_reader *r, struct span *out, uint64_t seq, struct arena *arena)
{
	const struct store *s = r->store;
	enum status st;
	size_t i;

	if (meta_buried(&s->meta, seq))
		return STATUS_NOT_FOUND;
	i = state_epoch_at(s, TABLE_ROWS, seq);
	if (i == r->count && seq < state_active(s)->next[TABLE_ROWS])
		return STATUS_NOT_FOUND;
	if (recent_get(s->recent, seq, out))
		return STATUS_OK;
	if (i == r->count)
		return STATUS_NOT_FOUND;
	if (r->txns[i].handle == NULL)
		kv_read_beside(&r->txns[i], s->epochs[i]->kv);
	st = epoch_find(&r->txns[i], TABLE_ROWS, seq, out, arena);
	if (st != STATUS_OK || !record_is_packed(*out))
		return st;
	return record_read(out, seq, s->epochs[i]->code,
			   &(struct record_reader){ find_base,
						    &(struct base_finder){ s->recent, &r->txns[i] },
						    r->cache },
			   arena);
}

enum status store_reader_glimpse(struct store_reader *r, struct glimpse *out, uint64_t seq,
				 struct arena *arena)
{
	struct span value;
	enum status st = find(r, &value, seq, arena);

	if (st == STATUS_OK)
		st = record_take_glimpse(out, value, arena);
	state_note(r->store, seq, st);
	return st;
}
