/* SPDX-License-Identifier: BSD-2-Clause */
/* state.h - what the files of this room share: an environment, and values in pieces.
 *
 * A value of a table that is `cut` does not go to a page of its own where the page under way has
 * too little room: it begins there and goes on in the next. Pieces stand under the number, then
 * under the number and a byte that counts them; the last byte of each says whether one follows. */
#ifndef KV_STATE_H
#define KV_STATE_H

#include "kv/kv.h"

#include <lmdb.h>
#include <pthread.h>

struct kv {
	MDB_env *env;
	char *path;
	const struct kv_table *table_list; /* the caller's, for good */
	bool read_only, beside, sync;
	size_t map_size;
	unsigned readers;        /* the owner's: the map must not move under them */
	pthread_rwlock_t moving; /* nor under those of others, which hold it */
	MDB_dbi tables[KV_TABLES_MAX];
	size_t room[KV_TABLES_MAX]; /* in the last page, of a table that is cut; 0: not known */
	unsigned table_count;
};

static inline bool kv_cuts(const struct kv_txn *t, unsigned table)
{
	return table != KV_FREE && t->kv->table_list[table].cut;
}

/* Notes what LMDB said. */
void kv_note(struct kv_txn *t, int rc);

/* pieces.c: what kv.h says, for a table that is cut. */
void pieces_append(struct kv_txn *t, unsigned table, struct span key, struct span value);
void pieces_put(struct kv_txn *t, unsigned table, struct span key, struct span value);
void pieces_delete(struct kv_txn *t, unsigned table, struct span key);
/* The cursor stands at a first piece: goes on to the last, and holds the whole value. */
void pieces_join(struct kv_cursor *c);
/* The cursor stands at the last piece of a table: goes back to the first one of its value. */
void pieces_first(struct kv_cursor *c);

#endif
