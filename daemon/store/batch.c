/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"
#include "store/recent.h"

#include "base/arena.h"

#include <stdlib.h>

#define ARENA_BYTES (1u << 20)

enum status batch_open(struct batch *b)
{
	b->arena = arena_open(ARENA_BYTES);
	return b->arena == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void batch_close(struct batch *b)
{
	arena_close(b->arena);
	for (unsigned i = 0; i < BATCH_TABLES; i++)
		free(b->table[i].values);
	free(b->members);
	*b = (struct batch){ 0 };
}

void batch_clear(struct batch *b)
{
	b->open = false;
	b->bytes = 0;
	b->member_count = 0;
	for (unsigned i = 0; i < BATCH_TABLES; i++)
		b->table[i].count = 0;
	arena_clear(b->arena);
}

/* Room for one element more in an array that doubles. */
static void *room(void *p, size_t *cap, size_t count, size_t size)
{
	size_t wanted = *cap == 0 ? 64 : 2 * *cap;

	if (count < *cap)
		return p;
	p = realloc(p, wanted * size);
	if (p != NULL)
		*cap = wanted;
	return p;
}

enum status batch_append(struct batch *b, enum table table, struct span value)
{
	struct span *values = room(b->table[table].values, &b->table[table].cap,
				   b->table[table].count, sizeof *values);
	struct span kept = { NULL, 0 };

	if (values == NULL)
		return STATUS_NO_MEMORY;
	b->table[table].values = values;
	if (value.p != NULL) {
		char *copy = arena_copy(b->arena, value);

		if (copy == NULL)
			return STATUS_NO_MEMORY;
		kept = span_of(copy, value.len);
	}
	values[b->table[table].count++] = kept;
	b->bytes += value.len;
	return STATUS_OK;
}

void batch_date(struct epoch_head *head, const struct batch *b)
{
	if (head->first_ms == INT64_MIN)
		head->first_ms = b->now_ms;
	if (head->newest_ms < b->now_ms)
		head->newest_ms = b->now_ms;
}

int member_order(const struct member *a, const struct member *b)
{
	if (a->cluster != b->cluster)
		return a->cluster < b->cluster ? -1 : 1;
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	return a->seq == b->seq ? 0 : a->seq < b->seq ? -1 : 1;
}

/* The sign is turned, so that times before 1970 sort before the others. */
struct span member_value(char out[MEMBER_BYTES], const struct member *m)
{
	kv_number(out, (uint64_t)m->time_ms ^ UINT64_C(1) << 63);
	kv_number(out + KV_NUMBER_BYTES, m->seq);
	return span_of(out, MEMBER_BYTES);
}

struct member member_of(struct span key, struct span value)
{
	struct member m = { 0 };

	if (key.len != KV_NUMBER_BYTES || value.len != MEMBER_BYTES)
		return m;
	m.cluster = kv_number_of(key);
	m.time_ms = (int64_t)(kv_number_of(span_of(value.p, KV_NUMBER_BYTES)) ^ UINT64_C(1) << 63);
	m.seq = kv_number_of(span_of(value.p + KV_NUMBER_BYTES, KV_NUMBER_BYTES));
	return m;
}

static size_t place_of(const struct batch *b, const struct member *m)
{
	size_t low = 0, high = b->member_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (member_order(&b->members[middle], m) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum status batch_member(struct batch *b, const struct member *m)
{
	struct member *members = room(b->members, &b->member_cap, b->member_count, sizeof *members);
	size_t i;

	if (members == NULL)
		return STATUS_NO_MEMORY;
	b->members = members;
	i = place_of(b, m);
	if (i < b->member_count && member_order(&members[i], m) == 0)
		return STATUS_OK;
	memmove(&members[i + 1], &members[i], (b->member_count - i) * sizeof *members);
	members[i] = *m;
	b->member_count++;
	return STATUS_OK;
}

/* ---- from begin to commit
 * -------------------------------------------------------------------------------- */

enum status store_begin(struct store *s, int64_t now_ms)
{
	batch_clear(&s->batch);
	epoch_release(state_active(s));
	s->batch.now_ms = now_ms;
	s->batch.open = true;
	return STATUS_OK;
}

/* With nobody beside: the rows of the batch are there no more. */
static void take_back(struct store *s)
{
	if (s->batch.table[TABLE_ROWS].count > 0)
		s->losses++;
	recent_drop(s->recent, state_active(s)->next[TABLE_ROWS]);
}

void store_abort(struct store *s)
{
	state_alone(s);
	take_back(s);
	texts_end(s, false);
	codes_end(s, false);
	state_not_alone(s);
	batch_clear(&s->batch);
	epoch_release(state_active(s));
}

size_t store_batch_bytes(const struct store *s)
{
	return s->batch.bytes;
}

static void put_member(struct kv_txn *t, const struct member *m)
{
	char key[KV_NUMBER_BYTES], value[MEMBER_BYTES];

	kv_put(t, TABLE_CLUSTERS, kv_number(key, m->cluster), member_value(value, m));
}

/* Depends on what no commit changes: it may be called again. */
static void put_batch(struct kv_txn *t, void *ctx)
{
	struct store *s = ctx;
	const struct batch *b = &s->batch;
	struct epoch_head head = state_active(s)->head;
	char key[KV_NUMBER_BYTES];

	for (unsigned table = 0; table < BATCH_TABLES; table++) {
		uint64_t first = state_next(s, table) - b->table[table].count;

		for (size_t i = 0; i < b->table[table].count; i++) {
			struct span value = b->table[table].values[i];

			if (table == TABLE_ROWS)
				value = codes_pack(s, first + i, value);
			if (value.p != NULL)
				kv_append(t, table, kv_number(key, first + i), value);
		}
	}
	for (size_t i = 0; i < b->member_count; i++)
		put_member(t, &b->members[i]);
	if (s->fresh != NULL)
		epoch_put_dictionary(t, s->fresh);
	if (s->fresh_code != NULL)
		epoch_put_code(t, s->fresh_code);
	batch_date(&head, b);
	epoch_put_head(t, &head);
}

enum status store_commit(struct store *s)
{
	struct epoch *active = state_active(s);
	uint64_t next[APPENDED_COUNT];
	enum status st;

	epoch_release(active);
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		next[i] = state_next(s, i);
	st = meta_lease(&s->meta, next);
	if (st == STATUS_OK)
		st = texts_learn(s);
	if (st == STATUS_OK)
		st = codes_learn(s);
	if (st == STATUS_OK) {
		st = kv_change(active->kv, put_batch, s);
		epoch_note(active, st == STATUS_DAMAGED ? st : STATUS_OK);
	}
	state_alone(s);
	if (st != STATUS_OK)
		take_back(s);
	recent_settle(s->recent);
	if (st == STATUS_OK) {
		for (unsigned i = 0; i < APPENDED_COUNT; i++) {
			active->count[i] += s->batch.table[i].count;
			active->next[i] = next[i];
		}
		batch_date(&active->head, &s->batch);
	}
	texts_end(s, st == STATUS_OK);
	codes_end(s, st == STATUS_OK);
	state_not_alone(s);
	batch_clear(&s->batch);
	return st;
}
