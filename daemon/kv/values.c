/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/state.h"

#include <stdlib.h>

static MDB_val val_of(struct span s)
{
	return (MDB_val){ s.len, (void *)(uintptr_t)s.p };
}

static struct span span_of_val(MDB_val v)
{
	return span_of(v.mv_data, v.mv_size);
}

bool kv_get(struct kv_txn *t, unsigned table, struct span key, struct span *out)
{
	MDB_val k = val_of(key), v;
	int rc;

	if (t->st != STATUS_OK)
		return false;
	rc = mdb_get(t->handle, t->kv->tables[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		return false;
	kv_note(t, rc);
	if (rc == 0)
		*out = span_of_val(v);
	return rc == 0;
}

bool kv_has(struct kv_txn *t, unsigned table, struct span key, struct span value)
{
	MDB_val k = val_of(key), v = val_of(value);
	MDB_cursor *c;
	int rc;

	if (t->st != STATUS_OK)
		return false;
	rc = mdb_cursor_open(t->handle, t->kv->tables[table], &c);
	if (rc == 0) {
		rc = mdb_cursor_get(c, &k, &v, MDB_GET_BOTH);
		mdb_cursor_close(c);
	}
	if (rc != MDB_NOTFOUND)
		kv_note(t, rc);
	return rc == 0;
}

static void put(struct kv_txn *t, unsigned table, struct span key, struct span value,
		unsigned flags)
{
	MDB_val k = val_of(key), v = val_of(value);

	if (t->st == STATUS_OK)
		kv_note(t, mdb_put(t->handle, t->kv->tables[table], &k, &v, flags));
}

void kv_put(struct kv_txn *t, unsigned table, struct span key, struct span value)
{
	if (kv_cuts(t, table))
		pieces_put(t, table, key, value);
	else
		put(t, table, key, value, 0);
}

void kv_append(struct kv_txn *t, unsigned table, struct span key, struct span value)
{
	if (kv_cuts(t, table))
		pieces_append(t, table, key, value);
	else
		put(t, table, key, value, MDB_APPEND);
}

void kv_delete(struct kv_txn *t, unsigned table, struct span key)
{
	MDB_val k = val_of(key);
	int rc;

	if (t->st != STATUS_OK)
		return;
	if (kv_cuts(t, table)) {
		pieces_delete(t, table, key);
		return;
	}
	rc = mdb_del(t->handle, t->kv->tables[table], &k, NULL);
	if (rc != MDB_NOTFOUND)
		kv_note(t, rc);
}

uint64_t kv_count(struct kv_txn *t, unsigned table)
{
	MDB_stat s = { 0 };

	if (t->st == STATUS_OK)
		kv_note(t, mdb_stat(t->handle, t->kv->tables[table], &s));
	return s.ms_entries;
}

/* ---- cursors -------------------------------------------------------------------------------- */

static void move(struct kv_cursor *c, struct span key, MDB_cursor_op op)
{
	MDB_val k = val_of(key), v = { 0, NULL };
	int rc;

	c->found = false;
	if (c->handle == NULL || c->txn->st != STATUS_OK)
		return;
	rc = mdb_cursor_get(c->handle, &k, &v, op);
	if (rc == MDB_NOTFOUND)
		return;
	kv_note(c->txn, rc);
	if (rc != 0)
		return;
	c->key = span_of_val(k);
	c->value = span_of_val(v);
	c->found = true;
	c->pieces = 1;
	if (c->cut && op == MDB_LAST)
		pieces_first(c);
	if (c->cut)
		pieces_join(c);
}

static void enter(struct kv_cursor *c, struct kv_txn *t, unsigned table)
{
	*c = (struct kv_cursor){ .txn = t, .cut = kv_cuts(t, table) };
	if (t->st != STATUS_OK)
		return;
	kv_note(t, mdb_cursor_open(t->handle, table == KV_FREE ? 0 : t->kv->tables[table],
				   &c->handle));
	if (t->st != STATUS_OK)
		c->handle = NULL;
}

void kv_seek(struct kv_cursor *c, struct kv_txn *t, unsigned table, struct span key)
{
	enter(c, t, table);
	move(c, key, key.p == NULL ? MDB_FIRST : MDB_SET_RANGE);
}

void kv_last(struct kv_cursor *c, struct kv_txn *t, unsigned table)
{
	enter(c, t, table);
	move(c, span_of(NULL, 0), MDB_LAST);
}

void kv_next(struct kv_cursor *c)
{
	move(c, span_of(NULL, 0), MDB_NEXT);
}

void kv_next_key(struct kv_cursor *c)
{
	move(c, span_of(NULL, 0), MDB_NEXT_NODUP);
}

void kv_leave(struct kv_cursor *c)
{
	if (c->handle != NULL)
		mdb_cursor_close(c->handle);
	c->handle = NULL;
	free(c->joined);
	c->joined = NULL;
	c->found = false;
}

/* ---- numbers -------------------------------------------------------------------------------- */

struct span kv_number(char out[KV_NUMBER_BYTES], uint64_t number)
{
	for (unsigned i = 0; i < KV_NUMBER_BYTES; i++)
		out[i] = (char)(unsigned char)(number >> (8 * (KV_NUMBER_BYTES - 1 - i)));
	return span_of(out, KV_NUMBER_BYTES);
}

uint64_t kv_number_of(struct span key)
{
	uint64_t number = 0;

	if (key.len != KV_NUMBER_BYTES)
		return 0;
	for (unsigned i = 0; i < KV_NUMBER_BYTES; i++)
		number = number << 8 | (unsigned char)key.p[i];
	return number;
}
