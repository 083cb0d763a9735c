/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/state.h"

#include <stdlib.h>

/* Of LMDB's pages of 4096 bytes: 16 are a head, each pair has 8 more and 2 to be found by, and what
 * is longer than two to a page goes to pages of its own. */
#define PAGE_ROOM 4080u
#define PAIR_BYTES 8u
#define PLACE_BYTES 2u
#define PAIR_MAX (PAGE_ROOM / 2 - PLACE_BYTES)
#define PIECE_MIN 64u /* a shorter one is not worth its key */
#define PIECE_KEY_BYTES (KV_NUMBER_BYTES + 1u)
#define PIECE_MAX (PAIR_MAX - PAIR_BYTES - PIECE_KEY_BYTES - 1u) /* without its last byte */

/* The key of a value's piece; the first one's is the value's. */
static MDB_val key_of(char out[PIECE_KEY_BYTES], struct span key, unsigned piece)
{
	memcpy(out, key.p, KV_NUMBER_BYTES);
	out[KV_NUMBER_BYTES] = (char)piece;
	return (MDB_val){ piece == 0 ? KV_NUMBER_BYTES : PIECE_KEY_BYTES, out };
}

static bool is_number(struct kv_txn *t, struct span key)
{
	if (key.len != KV_NUMBER_BYTES)
		kv_fail(t, STATUS_DAMAGED);
	return t->st == STATUS_OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

static size_t leaf_pages(struct kv_txn *t, unsigned table)
{
	MDB_stat s = { 0 };

	kv_note(t, mdb_stat(t->handle, t->kv->tables[table], &s));
	return s.ms_leaf_pages;
}

static size_t pair_bytes(size_t key_len, size_t len)
{
	size_t bytes = PAIR_BYTES + key_len + len;

	if (bytes > PAIR_MAX)
		bytes = PAIR_BYTES + key_len + sizeof(uint64_t); /* where its pages are */
	return (bytes + 1) / 2 * 2 + PLACE_BYTES;
}

/* Where it went follows from the number of pages: appended pairs begin a page that they do not fit
 * into. */
static void put_piece(struct kv_txn *t, unsigned table, MDB_val key, struct span piece, bool more,
		      unsigned flags)
{
	MDB_val v = { piece.len + 1, NULL };
	size_t *room = &t->kv->room[table], pages = leaf_pages(t, table), bytes;
	char *p;

	if (t->st == STATUS_OK)
		kv_note(t, mdb_put(t->handle, t->kv->tables[table], &key, &v, MDB_RESERVE | flags));
	if (t->st != STATUS_OK)
		return;
	p = v.mv_data;
	if (piece.len > 0)
		memcpy(p, piece.p, piece.len);
	p[piece.len] = more;
	bytes = pair_bytes(key.mv_size, v.mv_size);
	if (leaf_pages(t, table) != pages)
		*room = PAGE_ROOM;
	*room -= bytes < *room ? bytes : *room;
}

/* How much of what is left goes into the next piece. */
static size_t piece_len(const struct kv_txn *t, unsigned table, unsigned piece, size_t left)
{
	size_t room = t->kv->room[table];
	size_t own = PLACE_BYTES + PAIR_BYTES + (piece == 0 ? KV_NUMBER_BYTES : PIECE_KEY_BYTES);
	size_t most = room > own + 1 ? room - own - 1 : 0;

	if (most < PIECE_MIN)
		most = PIECE_MAX; /* of a new page */
	if (most > PIECE_MAX)
		most = PIECE_MAX;
	return piece + 1 == KV_PIECES_MAX || left < most ? left : most;
}

void pieces_append(struct kv_txn *t, unsigned table, struct span key, struct span value)
{
	char bytes[PIECE_KEY_BYTES];
	unsigned piece = 0;

	if (!is_number(t, key))
		return;
	do {
		size_t len = piece_len(t, table, piece, value.len);

		put_piece(t, table, key_of(bytes, key, piece++), span_of(value.p, len),
			  len < value.len, MDB_APPEND);
		value = span_of(value.p + len, value.len - len);
	} while (value.len > 0 && t->st == STATUS_OK);
}

void pieces_delete(struct kv_txn *t, unsigned table, struct span key)
{
	char bytes[PIECE_KEY_BYTES];

	if (!is_number(t, key))
		return;
	for (unsigned piece = 0; piece < KV_PIECES_MAX && t->st == STATUS_OK; piece++) {
		MDB_val k = key_of(bytes, key, piece);
		int rc = mdb_del(t->handle, t->kv->tables[table], &k, NULL);

		if (rc != MDB_NOTFOUND)
			kv_note(t, rc);
	}
}

void pieces_put(struct kv_txn *t, unsigned table, struct span key, struct span value)
{
	char bytes[PIECE_KEY_BYTES];

	pieces_delete(t, table, key);
	if (t->st == STATUS_OK)
		put_piece(t, table, key_of(bytes, key, 0), value, false, 0);
	t->kv->room[table] = 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Without its last byte; *more: what that says. Bytes from the disk are hostile. */
static bool take_piece(struct kv_txn *t, struct span *out, bool *more, MDB_val v, unsigned piece)
{
	const unsigned char *p = v.mv_data;

	if (v.mv_size == 0 || p[v.mv_size - 1] > (piece + 1 < KV_PIECES_MAX)) {
		kv_fail(t, STATUS_DAMAGED);
		return false;
	}
	*more = p[v.mv_size - 1] != 0;
	*out = span_of((const char *)p, v.mv_size - 1);
	return true;
}

bool kv_get_pieces(struct kv_txn *t, unsigned table, struct span key, struct kv_pieces *out)
{
	char bytes[PIECE_KEY_BYTES];
	bool more = true;

	out->count = 0;
	if (!is_number(t, key))
		return false;
	while (more) {
		MDB_val k = key_of(bytes, key, out->count), v;
		int rc = mdb_get(t->handle, t->kv->tables[table], &k, &v);

		if (rc == MDB_NOTFOUND && out->count == 0)
			return false;
		kv_note(t, rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc);
		if (t->st != STATUS_OK ||
		    !take_piece(t, &out->at[out->count], &more, v, out->count))
			return false;
		out->count++;
	}
	return true;
}

size_t kv_pieces_len(const struct kv_pieces *p)
{
	size_t len = 0;

	for (unsigned i = 0; i < p->count; i++)
		len += p->at[i].len;
	return len;
}

void kv_pieces_copy(char *out, const struct kv_pieces *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		memcpy(out, p->at[i].p, p->at[i].len);
		out += p->at[i].len;
	}
}

/* The next one of the value at hand. */
static bool next_piece(struct kv_cursor *c, MDB_val *v)
{
	char bytes[PIECE_KEY_BYTES];
	MDB_val want = key_of(bytes, c->key, c->pieces), k;
	int rc = mdb_cursor_get(c->handle, &k, v, MDB_NEXT);

	if (rc == MDB_NOTFOUND ||
	    (rc == 0 && (k.mv_size != want.mv_size || memcmp(k.mv_data, bytes, k.mv_size) != 0)))
		rc = MDB_CORRUPTED;
	kv_note(c->txn, rc);
	return rc == 0;
}

static void join(struct kv_cursor *c, const struct kv_pieces *p)
{
	size_t len = kv_pieces_len(p);

	if (p->count == 1) {
		c->value = p->at[0];
		return;
	}
	free(c->joined);
	c->joined = malloc(len + 1);
	if (c->joined == NULL) {
		kv_fail(c->txn, STATUS_NO_MEMORY);
		return;
	}
	kv_pieces_copy(c->joined, p);
	c->value = span_of(c->joined, len);
}

void pieces_join(struct kv_cursor *c)
{
	struct kv_pieces p = { .count = 0 };
	MDB_val v = { c->value.len, (void *)(uintptr_t)c->value.p };
	bool more = true;

	c->found = false;
	c->pieces = 0;
	if (!is_number(c->txn, c->key))
		return;
	while (more) {
		if (p.count > 0 && !next_piece(c, &v))
			return;
		if (!take_piece(c->txn, &p.at[p.count], &more, v, p.count))
			return;
		c->pieces = ++p.count;
	}
	join(c, &p);
	c->found = c->txn->st == STATUS_OK;
}

void pieces_first(struct kv_cursor *c)
{
	MDB_val k = { c->key.len, NULL }, v = { 0, NULL };

	for (unsigned i = 1; i < KV_PIECES_MAX && k.mv_size == PIECE_KEY_BYTES; i++) {
		kv_note(c->txn, mdb_cursor_get(c->handle, &k, &v, MDB_PREV));
		if (c->txn->st != STATUS_OK)
			return;
		c->key = span_of(k.mv_data, k.mv_size);
		c->value = span_of(v.mv_data, v.mv_size);
	}
}
