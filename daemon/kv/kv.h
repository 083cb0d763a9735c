/* SPDX-License-Identifier: BSD-2-Clause */
/* kv.h - ordered tables of bytes in one memory-mapped file: the only door to LMDB.
 *
 * Errors:  a transaction is sticky: after its first failure every call on it does nothing and
 *          reads find nothing; `st` (and kv_commit()) say what happened. MDB_* codes and errno are
 *          translated here, once.
 * Thread:  an environment and its transactions belong to one thread at a time, but for
 *          kv_read_beside().
 * Memory:  what a read returns is a view into the map. Of a read transaction it lives until
 *          kv_end(); of a write transaction only until the next change.
 *
 * Caveats of LMDB 0.9.24 that the callers must keep in mind:
 *  - One write transaction at a time. A reader sees the state of its begin; while it lives, pages
 *    freed since are not reused and the file grows: readers are short, or the file is read only.
 *  - A reader of another process takes a place in the lock file; where it dies without a word its
 *    place is cleared by kv_open() and kv_tidy().
 *  - An environment must not be opened twice in one process (fcntl locks), nor used after fork().
 *  - Keys are 1..511 bytes; values below 4 GiB; values of a table of pairs are keys too.
 *  - The file never shrinks. The map is address space, not memory or disk.
 *  - A truncated file is opened without complaint and kills its reader with SIGBUS; zeroed pages
 *    end in abort(). Whoever cannot vouch for a file lets a child process call kv_walk() first.
 *  - A commit that fails for want of space leaves the file as it was; one that fails on its last
 *    page makes the environment refuse all further writes: it is then opened anew. */
#ifndef KV_KV_H
#define KV_KV_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct MDB_cursor;
struct MDB_txn;
struct kv; /* opaque */

#define KV_TABLES_MAX 8u
#define KV_KEY_MAX 511u

struct kv_table {
	const char *name;
	bool pairs; /* many values of one size under a key, in order of their bytes */
	bool cut;   /* values under numbers, appended: one may begin at the end of a page and go on
		       in the next, so that no page ends early */
};

struct kv_options {
	const char *path;              /* a directory that exists */
	size_t map_size;               /* at first; grows when it is full */
	const struct kv_table *tables; /* stays valid while it is open */
	unsigned table_count;          /* tables are named by their place in tables[] */
	bool read_only; /* nobody writes any more: no lock file, mapped as long as it is */
	bool beside;    /* with read_only: another process may be writing */
	bool sync;      /* false: a commit is in the page cache only */
};

/* Makes what is missing, except read_only: then a missing table is STATUS_DAMAGED. */
enum status kv_open(struct kv **out, const struct kv_options *o);
void kv_close(struct kv *kv); /* accepts NULL; no transaction may be open */
/* Readers of processes that died hold pages no longer. */
void kv_tidy(struct kv *kv);
/* The data file below a directory; all zero when there is none. Reading never changes it. */
struct kv_file {
	uint64_t bytes;
	int64_t mtime_ns;
};
struct kv_file kv_file_of(const char *path);

/* Members are this room's, but for st. */
struct kv_txn {
	struct kv *kv;
	struct MDB_txn *handle; /* NULL: not begun or ended */
	enum status st;
	bool full;   /* st is NO_SPACE because of the map, not of the disk */
	bool beside; /* as long as it lives the map stays where it is */
};

/* Begin to read. Check st or just go on: reads of a failed transaction find nothing. */
void kv_read(struct kv_txn *t, struct kv *kv);
void kv_end(struct kv_txn *t); /* of reading; accepts one that was never begun */
/* The same for a thread beside the owner's, which may change what it likes: it waits for the end of
 * this only where the map has to move. One at a time of each environment in a thread, and not for
 * long. */
void kv_read_beside(struct kv_txn *t, struct kv *kv);

/* One durable change: begins, lets fn write, commits. When the map was full it grows (no reader
 * may be open then) and fn is called again, so fn must depend on ctx alone. */
typedef void (*kv_write_fn)(struct kv_txn *t, void *ctx);
enum status kv_change(struct kv *kv, kv_write_fn fn, void *ctx);
/* From within fn: a reason of the caller's own to change nothing. */
void kv_fail(struct kv_txn *t, enum status st);

/* False when absent (or when the transaction has failed: see st). Of a table that is cut: whether
 * it is there, and not what. */
bool kv_get(struct kv_txn *t, unsigned table, struct span key, struct span *out);
/* A value of a table that is cut, in the pieces of which it consists. */
#define KV_PIECES_MAX 4u
struct kv_pieces {
	struct span at[KV_PIECES_MAX];
	unsigned count;
};
bool kv_get_pieces(struct kv_txn *t, unsigned table, struct span key, struct kv_pieces *out);
size_t kv_pieces_len(const struct kv_pieces *p);
void kv_pieces_copy(char *out, const struct kv_pieces *p); /* side by side */
/* Whether a table of pairs has this one. */
bool kv_has(struct kv_txn *t, unsigned table, struct span key, struct span value);
void kv_put(struct kv_txn *t, unsigned table, struct span key, struct span value);
/* The key is above all keys of the table; pages are filled to the brim. */
void kv_append(struct kv_txn *t, unsigned table, struct span key, struct span value);
void kv_delete(struct kv_txn *t, unsigned table, struct span key); /* absent is fine */
uint64_t kv_count(struct kv_txn *t, unsigned table);               /* pieces, where it is cut */

/* A place in a table. `found` says whether key and value are set; of a table that is cut a value
 * lives until the cursor moves. */
struct kv_cursor {
	struct kv_txn *txn;
	struct MDB_cursor *handle;
	struct span key, value;
	bool found;
	bool cut;        /* this and what follows is this room's */
	unsigned pieces; /* of the value */
	char *joined;
};

/* LMDB's own table of free pages, which readers may walk (mdb_stat -f does). */
#define KV_FREE (~0u)

/* At the first key at or above `key` (an absent span: the first of all). */
void kv_seek(struct kv_cursor *c, struct kv_txn *t, unsigned table, struct span key);
void kv_last(struct kv_cursor *c, struct kv_txn *t, unsigned table);
void kv_next(struct kv_cursor *c);     /* the next pair */
void kv_next_key(struct kv_cursor *c); /* the first pair of the next key */
void kv_leave(struct kv_cursor *c);    /* before its transaction ends */

/* Touches everything that an environment reaches, in the calling process, which may die of it.
 * check (may be NULL) looks at every pair and says whether it makes sense. */
typedef bool (*kv_check_fn)(unsigned table, struct span key, struct span value);
enum status kv_walk(const struct kv_options *o, kv_check_fn check);

/* Numbers as keys: 8 bytes, big-endian, so that they sort. */
#define KV_NUMBER_BYTES 8u
struct span kv_number(char out[KV_NUMBER_BYTES], uint64_t number);
uint64_t kv_number_of(struct span key); /* 0 when it is not 8 bytes long */

#endif
