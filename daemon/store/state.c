/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/files.h"
#include "base/stats.h"
#include "store/check.h"
#include "store/recent.h"

#include <stdlib.h>

/* Texts stand under the numbers of their rows. */
static enum table numbering(enum table table)
{
	return table == TABLE_TEXTS ? TABLE_ROWS : table;
}

uint64_t state_next(const struct store *s, enum table table)
{
	return state_active(s)->next[numbering(table)] + s->batch.table[table].count;
}

size_t state_epoch_at(const struct store *s, enum table table, uint64_t number)
{
	enum table t = numbering(table);

	for (size_t i = s->epoch_count; i-- > 0;)
		if (number >= s->epochs[i]->head.first[t])
			return number < s->epochs[i]->next[t] ? i : s->epoch_count;
	return s->epoch_count;
}

struct epoch *state_epoch_of(const struct store *s, enum table table, uint64_t number)
{
	size_t i = state_epoch_at(s, table, number);

	return i < s->epoch_count ? s->epochs[i] : NULL;
}

void state_note(const struct store *s, uint64_t seq, enum status st)
{
	struct epoch *e;

	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		return;
	e = state_epoch_of(s, TABLE_ROWS, seq);
	epoch_note(e == NULL ? state_active(s) : e, st);
}

enum status state_batched(const struct store *s, enum table table, uint64_t number,
			  struct span *out)
{
	uint64_t at = number - state_active(s)->next[numbering(table)];

	if (at >= s->batch.table[table].count)
		return STATUS_NOT_FOUND;
	*out = s->batch.table[table].values[at];
	return out->p == NULL ? STATUS_NOT_FOUND : STATUS_OK;
}

enum status state_value(struct store *s, enum table table, uint64_t number, struct span *out,
			struct arena *arena)
{
	struct epoch *e;

	if (number >= state_active(s)->next[numbering(table)])
		return state_batched(s, table, number, out);
	e = state_epoch_of(s, table, number);
	if (e != NULL && table == TABLE_ROWS && recent_get(s->recent, number, out))
		return STATUS_OK;
	return e == NULL ? STATUS_NOT_FOUND : epoch_value(e, table, number, out, arena);
}

/* Sets *on to false when fn has seen enough. */
static enum status each_of_epoch(struct epoch *e, enum table table, uint64_t from,
				 state_value_fn fn, void *ctx, bool *on)
{
	struct kv_txn *t = epoch_reader(e);
	char key[KV_NUMBER_BYTES];
	struct kv_cursor c;

	kv_seek(&c, t, table, kv_number(key, from));
	for (; c.found && *on; kv_next(&c))
		*on = fn(ctx, kv_number_of(c.key), c.value);
	kv_leave(&c);
	return t->st;
}

enum status state_each(struct store *s, enum table table, uint64_t from, state_value_fn fn,
		       void *ctx)
{
	uint64_t committed = state_active(s)->next[numbering(table)];
	enum status st = STATUS_OK;
	bool on = true;

	for (size_t i = 0; i < s->epoch_count && on && st == STATUS_OK; i++)
		if (s->epochs[i]->next[numbering(table)] > from)
			st = each_of_epoch(s->epochs[i], table, from, fn, ctx, &on);
	for (size_t i = 0; i < s->batch.table[table].count && on && st == STATUS_OK; i++)
		if (committed + i >= from && s->batch.table[table].values[i].p != NULL)
			on = fn(ctx, committed + i, s->batch.table[table].values[i]);
	return st;
}

bool state_live(const struct store *s, uint64_t seq)
{
	uint64_t committed = state_active(s)->next[TABLE_ROWS];
	bool there = seq >= committed ? seq - committed < s->batch.table[TABLE_ROWS].count
				      : state_epoch_of(s, TABLE_ROWS, seq) != NULL;

	return there && !meta_buried(&s->meta, seq);
}

enum status state_make_epoch(struct store *s, const uint64_t first[APPENDED_COUNT])
{
	struct epoch_head head = { .secret = s->meta.secret,
				   .horizon_ms = s->meta.horizon_ms,
				   .first_ms = INT64_MIN,
				   .newest_ms = INT64_MIN };
	uint32_t number = s->epoch_newest + 1;
	enum status st;

	if (s->epoch_count == s->epoch_cap) {
		size_t cap = s->epoch_cap == 0 ? 16 : 2 * s->epoch_cap;
		struct epoch **epochs = realloc(s->epochs, cap * sizeof *epochs);

		if (epochs == NULL)
			return STATUS_NO_MEMORY;
		s->epochs = epochs;
		s->epoch_cap = cap;
	}
	memcpy(head.first, first, sizeof head.first);
	st = epoch_make(&s->epochs[s->epoch_count], &s->eo, number, &head);
	if (st != STATUS_OK)
		return st;
	s->epoch_count++;
	s->epoch_newest = number;
	return STATUS_OK;
}

enum status state_save_lengths(struct store *s, bool clean)
{
	struct lengths l = { .starts = clean ? 0 : s->starts };
	enum status st = STATUS_OK;

	if (clean)
		st = lengths_note(&l, LENGTHS_META, kv_file_of(s->meta_path));
	for (size_t i = 0; i < s->epoch_count && st == STATUS_OK; i++)
		if (clean || s->epochs[i]->sealed)
			st = lengths_note(&l, s->epochs[i]->number, kv_file_of(s->epochs[i]->path));
	if (st == STATUS_OK)
		st = lengths_save(&l, s->lengths_path, s->o.sync);
	lengths_free(&l);
	return st;
}

uint64_t state_bytes(const struct store *s)
{
	uint64_t bytes = files_folder_bytes(s->path) + files_folder_bytes(s->meta_path) +
			 files_folder_bytes(s->index_path);

	for (size_t i = 0; i < s->epoch_count; i++)
		bytes += files_folder_bytes(s->epochs[i]->path);
	return bytes;
}

void state_show(const struct store *s)
{
	stats_set(STAT_EPOCHS, s->epoch_count);
	stats_set(STAT_STATE_BYTES, state_bytes(s));
}
