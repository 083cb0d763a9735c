/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/meta.h"

#include "base/bytes.h"
#include "base/files.h"

#include <stdio.h>
#include <stdlib.h>

#define STATE_FORMAT 1u
#define MAP_BYTES (64u << 20) /* grows */

static const struct kv_table tables[META_TABLE_COUNT] = {
	[META_STATE] = { .name = "state" },
	[META_CONSUMERS] = { .name = "consumers" },
	[META_TOMBSTONES] = { .name = "tombstones" },
	[META_SNAPSHOTS] = { .name = "snapshots" },
};

struct kv_options meta_kv_options(const char *path, bool sync)
{
	return (struct kv_options){ .path = path,
				    .map_size = MAP_BYTES,
				    .tables = tables,
				    .table_count = META_TABLE_COUNT,
				    .sync = sync };
}

/* ---- state ---------------------------------------------------------------------------------- */

static struct span state_key(void)
{
	return span_of_text("state");
}

static void put_state(struct kv_txn *t, void *ctx)
{
	const struct meta *m = ctx;
	struct bytes b = { 0 };

	put_u8(&b, STATE_FORMAT);
	put_u64(&b, m->secret);
	put_u64(&b, (uint64_t)m->horizon_ms);
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		put_u64(&b, m->lease[i]);
	if (b.failed)
		kv_fail(t, STATUS_NO_MEMORY);
	kv_put(t, META_STATE, state_key(), bytes_span(&b));
	bytes_free(&b);
}

static enum status take_state(struct meta *m, struct kv_txn *t)
{
	struct span value;
	struct cursor c;

	if (!kv_get(t, META_STATE, state_key(), &value))
		return t->st == STATUS_OK ? STATUS_DAMAGED : t->st;
	c = cursor_of(value);
	if (take_u8(&c) != STATE_FORMAT)
		return STATUS_DAMAGED;
	m->secret = take_u64(&c);
	m->horizon_ms = (int64_t)take_u64(&c);
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		m->lease[i] = take_u64(&c);
	return c.failed ? STATUS_DAMAGED : STATUS_OK;
}

/* ---- tombstones ----------------------------------------------------------------------------- */

/* Where seq stands or would stand. */
static size_t place_of(const struct meta *m, uint64_t seq)
{
	size_t low = 0, high = m->tombstone_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->tombstones[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t meta_grave(const struct meta *m, uint64_t seq)
{
	size_t i = place_of(m, seq);

	return i < m->tombstone_count && m->tombstones[i] == seq ? i : m->tombstone_count;
}

bool meta_buried(const struct meta *m, uint64_t seq)
{
	return meta_grave(m, seq) < m->tombstone_count;
}

static enum status reserve(struct meta *m, size_t more)
{
	size_t cap = m->tombstone_cap == 0 ? 64 : m->tombstone_cap;
	uint64_t *t;

	while (cap < m->tombstone_count + more)
		cap *= 2;
	if (cap == m->tombstone_cap)
		return STATUS_OK;
	t = realloc(m->tombstones, cap * sizeof *t);
	if (t == NULL)
		return STATUS_NO_MEMORY;
	m->tombstones = t;
	m->tombstone_cap = cap;
	return STATUS_OK;
}

/* There is room. */
static void insert(struct meta *m, uint64_t seq)
{
	size_t i = place_of(m, seq);

	if (i < m->tombstone_count && m->tombstones[i] == seq)
		return;
	memmove(&m->tombstones[i + 1], &m->tombstones[i],
		(m->tombstone_count - i) * sizeof *m->tombstones);
	m->tombstones[i] = seq;
	m->tombstone_count++;
}

static enum status take_tombstones(struct meta *m, struct kv_txn *t)
{
	enum status st = reserve(m, (size_t)kv_count(t, META_TOMBSTONES));
	struct kv_cursor c;

	if (st != STATUS_OK)
		return st;
	kv_seek(&c, t, META_TOMBSTONES, span_of(NULL, 0));
	for (; c.found && m->tombstone_count < m->tombstone_cap; kv_next(&c))
		insert(m, kv_number_of(c.key));
	kv_leave(&c);
	return t->st;
}

struct burial {
	const uint64_t *seqs;
	size_t count;
};

static void put_tombstones(struct kv_txn *t, void *ctx)
{
	const struct burial *b = ctx;
	char key[KV_NUMBER_BYTES];

	for (size_t i = 0; i < b->count; i++)
		kv_put(t, META_TOMBSTONES, kv_number(key, b->seqs[i]), span_of("", 0));
}

enum status meta_bury(struct meta *m, const uint64_t *seqs, size_t count)
{
	struct burial b = { seqs, count };
	enum status st = reserve(m, count);

	if (st == STATUS_OK)
		st = kv_change(m->kv, put_tombstones, &b);
	if (st == STATUS_OK)
		for (size_t i = 0; i < count; i++)
			insert(m, seqs[i]);
	return st;
}

static void delete_tombstones(struct kv_txn *t, void *ctx)
{
	const struct burial *b = ctx;
	char key[KV_NUMBER_BYTES];

	for (size_t i = 0; i < b->count; i++)
		kv_delete(t, META_TOMBSTONES, kv_number(key, b->seqs[i]));
}

enum status meta_unbury(struct meta *m, uint64_t seq)
{
	size_t count = place_of(m, seq + 1);
	struct burial b = { m->tombstones, count };
	enum status st;

	if (count == 0)
		return STATUS_OK;
	st = kv_change(m->kv, delete_tombstones, &b);
	if (st != STATUS_OK)
		return st;
	m->tombstone_count -= count;
	memmove(m->tombstones, m->tombstones + count, m->tombstone_count * sizeof *m->tombstones);
	return STATUS_OK;
}

/* ---- life ----------------------------------------------------------------------------------- */

/* Written beside and renamed: a meta that has its name is whole. */
static enum status make(const struct meta_options *o)
{
	struct meta m = { .secret = o->secret, .horizon_ms = o->horizon_ms };
	struct kv_options ko;
	enum status st;
	char *path;

	if (asprintf(&path, "%s.new", o->path) < 0)
		return STATUS_NO_MEMORY;
	files_remove_folder(path); /* left over from a crash */
	memcpy(m.lease, o->lease, sizeof m.lease);
	ko = meta_kv_options(path, o->sync);
	st = files_folder(path, o->sync);
	if (st == STATUS_OK)
		st = kv_open(&m.kv, &ko);
	if (st == STATUS_OK) {
		st = kv_change(m.kv, put_state, &m);
		kv_close(m.kv);
	}
	if (st == STATUS_OK && o->sync)
		st = files_sync_folder(path);
	if (st == STATUS_OK)
		st = files_rename(path, o->path, o->sync);
	free(path);
	return st;
}

enum status meta_take(struct meta *m, struct kv_txn *t)
{
	enum status st = take_state(m, t);

	return st == STATUS_OK ? take_tombstones(m, t) : st;
}

enum status meta_open(struct meta *m, const struct meta_options *o)
{
	struct kv_options ko = meta_kv_options(o->path, o->sync);
	struct kv_txn t;
	enum status st;

	*m = (struct meta){ 0 };
	if (kv_file_of(o->path).bytes == 0) {
		st = make(o);
		if (st != STATUS_OK)
			return st;
	}
	st = kv_open(&m->kv, &ko);
	if (st != STATUS_OK)
		return st;
	kv_read(&t, m->kv);
	st = meta_take(m, &t);
	kv_end(&t);
	if (st != STATUS_OK)
		meta_close(m);
	return st;
}

void meta_close(struct meta *m)
{
	kv_close(m->kv);
	free(m->tombstones);
	*m = (struct meta){ 0 };
}

/* ---- changes -------------------------------------------------------------------------------- */

/* Writes a changed copy; memory follows the disk. Tombstones may be read meanwhile. */
static enum status change_to(struct meta *m, const struct meta *next)
{
	struct meta copy = *next;
	enum status st = kv_change(m->kv, put_state, &copy);

	if (st == STATUS_OK) {
		m->horizon_ms = copy.horizon_ms;
		memcpy(m->lease, copy.lease, sizeof m->lease);
	}
	return st;
}

enum status meta_lease(struct meta *m, const uint64_t next[APPENDED_COUNT])
{
	struct meta copy = *m;
	bool renew = false;

	for (unsigned i = 0; i < APPENDED_COUNT; i++) {
		if (next[i] <= m->lease[i])
			continue;
		copy.lease[i] = next[i] + META_LEASE;
		renew = true;
	}
	return renew ? change_to(m, &copy) : STATUS_OK;
}

enum status meta_set_horizon(struct meta *m, int64_t horizon_ms)
{
	struct meta copy = *m;

	if (horizon_ms <= m->horizon_ms)
		return STATUS_OK;
	copy.horizon_ms = horizon_ms;
	return change_to(m, &copy);
}
