/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/epoch.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/log.h"
#include "store/dictionary.h"
#include "store/record.h"
#include "store/store.h"
#include "store/row_code.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD_FORMAT 1u

static const struct kv_table tables[TABLE_COUNT] = {
	[TABLE_ROWS] = { .name = "rows", .cut = true },
	[TABLE_ALERTS] = { .name = "alerts" },
	[TABLE_DELIVERIES] = { .name = "deliveries" },
	[TABLE_REJECTIONS] = { .name = "rejections" },
	[TABLE_TEXTS] = { .name = "texts", .cut = true },
	[TABLE_CLUSTERS] = { .name = "clusters", .pairs = true },
	[TABLE_HEAD] = { .name = "head" },
};

struct kv_options epoch_kv_options(const char *path, size_t map_size, bool sync)
{
	return (struct kv_options){ .path = path,
				    .map_size = map_size,
				    .tables = tables,
				    .table_count = TABLE_COUNT,
				    .sync = sync };
}

static struct span code_key(void)
{
	return span_of_text("code");
}

static bool code_sound(struct span value)
{
	struct row_code *code = NULL;
	enum status st = row_code_take(&code, value);

	row_code_close(code);
	return st != STATUS_DAMAGED;
}

bool epoch_check(unsigned table, struct span key, struct span value)
{
	if (table == TABLE_ROWS)
		return key.len == KV_NUMBER_BYTES && record_sound(value);
	if (table == TABLE_HEAD)
		return !span_equal(key, code_key()) || code_sound(value);
	return key.len == KV_NUMBER_BYTES;
}

bool epoch_check_all(unsigned table, struct span key, struct span value)
{
	struct rejection rejection;
	struct delivery delivery;
	struct alert alert;

	if (!epoch_check(table, key, value))
		return false;
	switch (table) {
	case TABLE_ALERTS:
		return record_take_alert(&alert, value) == STATUS_OK;
	case TABLE_DELIVERIES:
		return record_take_delivery(&delivery, value) == STATUS_OK;
	case TABLE_REJECTIONS:
		return record_take_rejection(&rejection, value) == STATUS_OK;
	default:
		return true;
	}
}

/* ---- head ----------------------------------------------------------------------------------- */

static struct span head_key(void)
{
	return span_of_text("head");
}

void epoch_put_head(struct kv_txn *t, const struct epoch_head *head)
{
	struct bytes b = { 0 };

	put_u8(&b, HEAD_FORMAT);
	put_u64(&b, head->secret);
	put_u64(&b, (uint64_t)head->horizon_ms);
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		put_u64(&b, head->first[i]);
	put_u64(&b, (uint64_t)head->first_ms);
	put_u64(&b, (uint64_t)head->newest_ms);
	if (b.failed)
		kv_fail(t, STATUS_NO_MEMORY);
	kv_put(t, TABLE_HEAD, head_key(), bytes_span(&b));
	bytes_free(&b);
}

static enum status head_of(struct epoch_head *out, struct span bytes)
{
	struct cursor c = cursor_of(bytes);

	if (take_u8(&c) != HEAD_FORMAT)
		return STATUS_DAMAGED;
	out->secret = take_u64(&c);
	out->horizon_ms = (int64_t)take_u64(&c);
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		out->first[i] = take_u64(&c);
	out->first_ms = (int64_t)take_u64(&c);
	out->newest_ms = (int64_t)take_u64(&c);
	return c.failed ? STATUS_DAMAGED : STATUS_OK;
}

enum status epoch_take_head(struct epoch_head *out, struct kv_txn *t)
{
	struct span value;

	if (!kv_get(t, TABLE_HEAD, head_key(), &value))
		return t->st == STATUS_OK ? STATUS_DAMAGED : t->st;
	return head_of(out, value);
}

/* ---- dictionary and code -------------------------------------------------------------------- */

static struct span dictionary_key(void)
{
	return span_of_text("dictionary");
}

bool epoch_is_dictionary(struct span key)
{
	return span_equal(key, dictionary_key());
}

void epoch_put_dictionary(struct kv_txn *t, const struct dictionary *d)
{
	kv_put(t, TABLE_HEAD, dictionary_key(), dictionary_bytes(d));
}

enum status epoch_take_dictionary(struct dictionary **out, struct kv_txn *t, bool packs)
{
	struct span value;

	if (!kv_get(t, TABLE_HEAD, dictionary_key(), &value))
		return t->st == STATUS_OK ? STATUS_NOT_FOUND : t->st;
	return dictionary_take(out, value, packs);
}

void epoch_put_code(struct kv_txn *t, const struct row_code *code)
{
	struct bytes b = { 0 };

	row_code_put(&b, code);
	if (b.failed)
		kv_fail(t, STATUS_NO_MEMORY);
	kv_put(t, TABLE_HEAD, code_key(), bytes_span(&b));
	bytes_free(&b);
}

enum status epoch_take_code(struct row_code **out, struct kv_txn *t)
{
	struct span value;

	if (!kv_get(t, TABLE_HEAD, code_key(), &value))
		return t->st == STATUS_OK ? STATUS_NOT_FOUND : t->st;
	return row_code_take(out, value);
}

static enum status read_code(struct epoch *e)
{
	enum status st = epoch_take_code(&e->code, epoch_reader(e));

	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* Without it all but texts can be read. Another one may not take its place then. */
static enum status read_dictionary(struct epoch *e)
{
	enum status st = epoch_take_dictionary(&e->dictionary, epoch_reader(e), !e->sealed);

	e->dictionary_lost = st == STATUS_DAMAGED;
	if (st == STATUS_DAMAGED)
		log_error("a dictionary is damaged: texts that need it are lost, all else serves",
			  "path=%s", e->path);
	return st == STATUS_DAMAGED || st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* ---- life ----------------------------------------------------------------------------------- */

/* The head and what follows from the rows: a row is the only witness of its number. */
static enum status read_state(struct epoch *e)
{
	struct kv_txn *t = epoch_reader(e);
	enum status st = epoch_take_head(&e->head, t);

	if (st != STATUS_OK)
		return st;
	for (unsigned i = 0; i < APPENDED_COUNT; i++) {
		struct kv_cursor c;

		e->next[i] = e->head.first[i];
		kv_last(&c, t, i);
		if (c.found && kv_number_of(c.key) >= e->next[i])
			e->next[i] = kv_number_of(c.key) + 1;
		e->count[i] = e->next[i] - e->head.first[i];
		kv_leave(&c);
	}
	return t->st;
}

static char *path_of(const struct epoch_options *o, uint32_t number, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s/%0*" PRIu32 "%s", o->folder, EPOCH_NAME_DIGITS, number, suffix) < 0)
		return NULL;
	return path;
}

enum status epoch_open(struct epoch **out, const struct epoch_options *o, uint32_t number,
		       bool sealed)
{
	struct epoch *e = calloc(1, sizeof *e);
	struct kv_options ko;
	enum status st = STATUS_NO_MEMORY;

	if (e == NULL)
		return st;
	e->number = number;
	e->sealed = sealed;
	e->path = path_of(o, number, "");
	if (e->path != NULL) {
		ko = epoch_kv_options(e->path, o->map_size, o->sync);
		ko.read_only = sealed;
		st = kv_open(&e->kv, &ko);
	}
	if (st == STATUS_OK) {
		st = read_state(e);
		if (st == STATUS_OK)
			st = read_dictionary(e);
		if (st == STATUS_OK)
			st = read_code(e);
		epoch_release(e);
		e->reader.st = STATUS_OK;
	}
	if (st != STATUS_OK) {
		epoch_close(e);
		return st;
	}
	*out = e;
	return STATUS_OK;
}

static void first_change(struct kv_txn *t, void *ctx)
{
	epoch_put_head(t, ctx);
}

/* An environment with its first record, in a folder of another name. */
static enum status write_first(const struct epoch_options *o, const char *path,
			       const struct epoch_head *head)
{
	struct kv_options ko = epoch_kv_options(path, o->map_size, o->sync);
	struct epoch_head first = *head;
	struct kv *kv;
	enum status st;

	files_remove_folder(path); /* left over from a crash */
	st = files_folder(path, o->sync);
	if (st == STATUS_OK)
		st = kv_open(&kv, &ko);
	if (st != STATUS_OK)
		return st;
	st = kv_change(kv, first_change, &first);
	kv_close(kv);
	return st == STATUS_OK && o->sync ? files_sync_folder(path) : st;
}

enum status epoch_make(struct epoch **out, const struct epoch_options *o, uint32_t number,
		       const struct epoch_head *head)
{
	char *fresh = path_of(o, number, ".new"), *path = path_of(o, number, "");
	enum status st = STATUS_NO_MEMORY;

	if (fresh == NULL || path == NULL)
		goto free_paths;
	st = write_first(o, fresh, head);
	if (st == STATUS_OK)
		files_remove_folder(path); /* left over from another try */
	if (st == STATUS_OK)
		st = files_rename(fresh, path, o->sync);
	if (st == STATUS_OK)
		st = epoch_open(out, o, number, false);
	if (st != STATUS_OK && files_remove_folder(fresh) == STATUS_NOT_FOUND)
		files_remove_folder(path); /* it had its name already */

free_paths:
	free(path);
	free(fresh);
	return st;
}

void epoch_close(struct epoch *e)
{
	if (e == NULL)
		return;
	if (e->kv != NULL)
		epoch_release(e);
	kv_close(e->kv);
	dictionary_drop(e->dictionary);
	row_code_close(e->code);
	free(e->path);
	free(e);
}

/* Renamed first, so that a half-removed epoch is never taken for a damaged one. */
void epoch_remove(struct epoch *e)
{
	char *gone;

	if (asprintf(&gone, "%s.expired", e->path) < 0)
		gone = NULL;
	if (gone != NULL && rename(e->path, gone) == 0)
		files_remove_folder(gone);
	free(gone);
	epoch_close(e);
}

enum status epoch_seal(struct epoch **e, const struct epoch_options *o)
{
	struct epoch *sealed;
	enum status st = epoch_open(&sealed, o, (*e)->number, true);

	if (st != STATUS_OK)
		return st;
	epoch_close(*e);
	*e = sealed;
	return STATUS_OK;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct kv_txn *epoch_reader(struct epoch *e)
{
	if (e->reader.handle == NULL)
		kv_read(&e->reader, e->kv);
	return &e->reader;
}

void epoch_release(struct epoch *e)
{
	kv_end(&e->reader);
}

void epoch_note(struct epoch *e, enum status st)
{
	if (st != STATUS_OK && st != STATUS_NOT_FOUND && atomic_load(&e->unread) != STATUS_DAMAGED)
		atomic_store(&e->unread, st);
}

static enum status find_pieces(struct kv_txn *t, enum table table, struct span key,
			       struct span *out, struct arena *arena)
{
	struct kv_pieces p;
	char *whole;

	if (!kv_get_pieces(t, table, key, &p))
		return t->st == STATUS_OK ? STATUS_NOT_FOUND : t->st;
	if (p.count == 1) {
		*out = p.at[0];
		return STATUS_OK;
	}
	*out = span_of(NULL, kv_pieces_len(&p));
	whole = arena_take(arena, out->len);
	if (whole == NULL)
		return STATUS_NO_MEMORY;
	kv_pieces_copy(whole, &p);
	out->p = whole;
	return STATUS_OK;
}

enum status epoch_find(struct kv_txn *t, enum table table, uint64_t number, struct span *out,
		       struct arena *arena)
{
	char key[KV_NUMBER_BYTES];

	kv_number(key, number);
	if (tables[table].cut)
		return find_pieces(t, table, span_of(key, sizeof key), out, arena);
	if (kv_get(t, table, span_of(key, sizeof key), out))
		return STATUS_OK;
	return t->st == STATUS_OK ? STATUS_NOT_FOUND : t->st;
}

enum status epoch_value(struct epoch *e, enum table table, uint64_t number, struct span *out,
			struct arena *arena)
{
	return epoch_find(epoch_reader(e), table, number, out, arena);
}
