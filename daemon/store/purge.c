/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/purge.h"

#include "base/bytes.h"
#include "base/fault.h"
#include "base/files.h"
#include "store/anew.h"
#include "store/check.h"
#include "store/parcel.h"
#include "store/rebase.h"
#include "store/snapshot.h"
#include "store/state.h"
#include "store/recent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- beside the daemon ---------------------------------------------------------------------- */

struct copying {
	const struct meta *meta;
	struct kv *to;
	unsigned table;
	bool pairs;
	struct bytes records; /* of the next change */
	struct anew *anew;    /* the texts; NULL: they stay as they are */
	struct rebase *rebase;
};

static bool is_forgotten(const struct copying *c, struct span key)
{
	return (c->table == TABLE_ROWS || c->table == TABLE_TEXTS) &&
	       meta_buried(c->meta, kv_number_of(key));
}

static void put_records(struct kv_txn *t, void *ctx)
{
	const struct copying *c = ctx;
	struct cursor cursor = cursor_of(bytes_span(&c->records));
	struct span key, value;

	while (parcel_take_record(&cursor, &key, &value)) {
		if (c->pairs)
			kv_put(t, c->table, key, value);
		else
			kv_append(t, c->table, key, value);
	}
}

static enum status write_records(struct copying *c)
{
	enum status st = c->records.failed ? STATUS_NO_MEMORY : kv_change(c->to, put_records, c);

	bytes_clear(&c->records);
	return st;
}

static enum status copy_record(struct copying *c, struct span key, struct span value)
{
	enum status st = STATUS_OK;

	if (is_forgotten(c, key))
		return STATUS_OK;
	if (c->table == TABLE_ROWS)
		st = rebase_row(c->rebase, &value, kv_number_of(key));
	else if (c->anew != NULL)
		st = anew_value(c->anew, &value, c->table, key);
	if (st == STATUS_NOT_FOUND)
		return STATUS_OK;
	parcel_put_record(&c->records, key, value);
	return st == STATUS_OK && c->records.len >= PARCEL_PAYLOAD ? write_records(c) : st;
}

static enum status copy_table(struct copying *c, struct snapshot_part *part)
{
	enum status st = STATUS_OK;
	struct kv_cursor from;

	kv_seek(&from, &part->txn, c->table, span_of(NULL, 0));
	for (; from.found && st == STATUS_OK; kv_next(&from))
		st = copy_record(c, from.key, from.value);
	kv_leave(&from);
	if (st == STATUS_OK)
		st = part->txn.st;
	return st == STATUS_OK ? write_records(c) : st;
}

static enum status copy_epoch(struct snapshot_part *part, const struct meta *meta, const char *path,
			      size_t map_size)
{
	struct kv_options ko = epoch_kv_options(path, map_size, true);
	struct copying c = { .meta = meta };
	enum status st;

	files_remove_tree(path); /* left over from another try */
	st = files_folder(path, true);
	if (st == STATUS_OK)
		st = kv_open(&c.to, &ko);
	if (st == STATUS_OK)
		st = anew_open(&c.anew, part, meta);
	if (st == STATUS_OK)
		st = rebase_open(&c.rebase, part, meta);
	for (c.table = 0; c.table < ko.table_count && st == STATUS_OK; c.table++) {
		c.pairs = ko.tables[c.table].pairs;
		st = copy_table(&c, part);
	}
	rebase_close(c.rebase);
	anew_close(c.anew);
	kv_close(c.to);
	bytes_free(&c.records);
	return st == STATUS_OK ? check_walk(&ko, epoch_check) : st;
}

static char *path_beside(const char *path, const struct purged *p)
{
	char *beside;

	return asprintf(&beside, "%s.%" PRIu32 ".new", path, p->writer) < 0 ? NULL : beside;
}

static enum status write_epoch(struct snapshot_part *part, const struct meta *meta,
			       const struct purged *p, size_t map_size)
{
	char *path = path_beside(part->path, p);
	enum status st = path == NULL ? STATUS_NO_MEMORY : copy_epoch(part, meta, path, map_size);

	if (st != STATUS_OK && path != NULL)
		files_remove_tree(path);
	free(path);
	return st;
}

static void drop_epoch(const char *path, const struct purged *p)
{
	char *beside = path_beside(path, p);

	if (beside != NULL)
		files_remove_tree(beside);
	free(beside);
}

/* The first and last forgotten article whose row is there; false: none. */
static bool range_of(struct snapshot_part *part, const struct meta *meta, uint64_t *first,
		     uint64_t *last)
{
	bool any = false;

	for (size_t i = 0; i < meta->tombstone_count; i++) {
		char key[KV_NUMBER_BYTES];
		struct span value;

		if (!kv_get(&part->txn, TABLE_ROWS, kv_number(key, meta->tombstones[i]), &value))
			continue;
		*first = any ? *first : meta->tombstones[i];
		*last = meta->tombstones[i];
		any = true;
	}
	return any;
}

enum status purge_write(const char *state, size_t map_size, purge_fn fn, void *ctx)
{
	struct meta meta = { 0 };
	struct snapshot s;
	enum status st = snapshot_open(&s, state, map_size, NULL, NULL);

	if (st != STATUS_OK)
		return st;
	st = meta_take(&meta, &s.parts[0].txn);
	snapshot_leave(&s.parts[0]);
	for (size_t i = 2; i < s.count && st == STATUS_OK; i++) {
		struct purged p = { .epoch = s.parts[i].number, .writer = (uint32_t)getpid() };

		if (!range_of(&s.parts[i], &meta, &p.first, &p.last))
			continue;
		st = write_epoch(&s.parts[i], &meta, &p, map_size);
		fault_point("purge: written");
		if (st == STATUS_OK)
			fn(ctx, &p);
	}
	for (size_t i = 2; i < s.count && st != STATUS_OK; i++)
		drop_epoch(s.parts[i].path, &(struct purged){ .writer = (uint32_t)getpid() });
	meta_close(&meta);
	snapshot_close(&s);
	return st;
}

/* ---- in the daemon -------------------------------------------------------------------------- */

enum status purge_part(struct store *s)
{
	const struct epoch *active = state_active(s);

	for (size_t i = s->meta.tombstone_count; i-- > 0;) {
		uint64_t seq = s->meta.tombstones[i];

		if (seq < active->head.first[TABLE_ROWS])
			break;
		if (state_epoch_of(s, TABLE_ROWS, seq) == active)
			return state_rotate(s);
	}
	return STATUS_OK;
}

/* One rename decides; before it the old file is there, after it the new one. */
static enum status rename_over(const struct epoch *e, const struct purged *p)
{
	char *beside = path_beside(e->path, p), *from = NULL, *to = files_path(e->path, "data.mdb");
	enum status st = STATUS_NO_MEMORY;

	if (beside != NULL)
		from = files_path(beside, "data.mdb");
	if (from != NULL && to != NULL)
		st = files_rename(from, to, true);
	fault_point("purge: renamed");
	if (beside != NULL)
		files_remove_tree(beside);
	free(to);
	free(from);
	free(beside);
	return st;
}

void purge_drop(struct store *s, const struct purged *p)
{
	for (size_t i = 0; i < s->epoch_count; i++)
		if (s->epochs[i]->number == p->epoch)
			drop_epoch(s->epochs[i]->path, p);
}

enum status purge_take(struct store *s, const struct purged *p)
{
	for (size_t i = 0; i + 1 < s->epoch_count; i++) {
		struct epoch *fresh, *old = s->epochs[i];
		enum status st;

		if (old->number != p->epoch)
			continue;
		fault_point("purge: before the rename");
		st = rename_over(old, p);
		if (st == STATUS_OK)
			st = epoch_open(&fresh, &s->eo, p->epoch, true);
		if (st != STATUS_OK)
			return st;
		state_alone(s);
		epoch_close(old);
		s->epochs[i] = fresh;
		recent_clear(s->recent);
		record_packer_clear(s->packer);
		record_cache_clear(s->site_cache);
		s->losses++;
		state_not_alone(s);
		fault_point("purge: opened");
		st = state_save_lengths(s, false);
		fault_point("purge: lengths saved");
		return st;
	}
	return STATUS_NOT_FOUND;
}
