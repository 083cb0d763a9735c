/* SPDX-License-Identifier: BSD-2-Clause */
/* epoch.h - one environment holding everything of one period.
 *
 * Appended tables are numbered by counters that go on from epoch to epoch; an epoch holds the
 * numbers [first, next) of each. Only the newest epoch is written; the others are read only.
 * Memory:  views read through epoch_reader() live until epoch_release(). */
#ifndef STORE_EPOCH_H
#define STORE_EPOCH_H

#include "kv/kv.h"

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct dictionary;
struct row_code;

enum table {
	TABLE_ROWS,
	TABLE_ALERTS,
	TABLE_DELIVERIES,
	TABLE_REJECTIONS,
	TABLE_TEXTS, /* under the number of their row */
	TABLE_CLUSTERS,
	TABLE_HEAD,
	TABLE_COUNT
};
#define APPENDED_COUNT 4u /* the first tables, each with numbers of its own */

#define EPOCH_NAME_DIGITS 8

/* The first record of an epoch, written anew with every commit. Secret and horizon are copies,
 * for the day when meta is lost. */
struct epoch_head {
	uint64_t secret;
	int64_t horizon_ms;
	uint64_t first[APPENDED_COUNT];
	int64_t first_ms, newest_ms; /* of its commits; INT64_MIN: none yet */
};

struct epoch {
	char *path;
	uint32_t number; /* its folder's name */
	bool sealed;
	struct kv *kv;
	struct kv_txn reader;
	struct epoch_head head;
	uint64_t next[APPENDED_COUNT];
	uint64_t count[APPENDED_COUNT]; /* numbers given, those of purged rows too */
	struct dictionary *dictionary;  /* of its texts; NULL: none (yet) */
	bool dictionary_lost;           /* it had one, which is damaged */
	struct row_code *code;          /* of its packed rows; NULL: none (yet) */
	_Atomic(enum status) unread;    /* see epoch_note() */
	bool stuck;                     /* damaged, and could not be set aside */
};

struct epoch_options {
	const char *folder; /* of all epochs */
	size_t map_size;
	bool sync;
};

/* Written beside and renamed into place: an epoch that has its name is whole. */
enum status epoch_make(struct epoch **out, const struct epoch_options *o, uint32_t number,
		       const struct epoch_head *head);
enum status epoch_open(struct epoch **out, const struct epoch_options *o, uint32_t number,
		       bool sealed);
void epoch_close(struct epoch *e); /* accepts NULL */
/* Closes it, and its files are gone. */
void epoch_remove(struct epoch *e);
/* From now on read only. On failure it stays as it was. */
enum status epoch_seal(struct epoch **e, const struct epoch_options *o);

/* The transaction to read with, begun when needed; its st says whether reading works. */
struct kv_txn *epoch_reader(struct epoch *e);
void epoch_release(struct epoch *e);
/* STATUS_NOT_FOUND when there is no such number. A row or text that was cut is put together in the
 * arena. */
enum status epoch_value(struct epoch *e, enum table table, uint64_t number, struct span *out,
			struct arena *arena);
/* Remembers what kept a value from being read; DAMAGED outweighs the rest. Any thread. */
void epoch_note(struct epoch *e, enum status st);
/* The same through any transaction that reads the epoch. */
enum status epoch_find(struct kv_txn *t, enum table table, uint64_t number, struct span *out,
		       struct arena *arena);

/* Within a change of e->kv. */
void epoch_put_head(struct kv_txn *t, const struct epoch_head *head);

void epoch_put_dictionary(struct kv_txn *t, const struct dictionary *d);
void epoch_put_code(struct kv_txn *t, const struct row_code *c);

/* From any open environment of an epoch. DAMAGED when there is none. */
enum status epoch_take_head(struct epoch_head *out, struct kv_txn *t);
/* The same; NOT_FOUND when there is none. The caller drops it. */
enum status epoch_take_dictionary(struct dictionary **out, struct kv_txn *t, bool packs);
/* The same. Without it packed rows are lost, so one that is damaged makes the epoch so. */
enum status epoch_take_code(struct row_code **out, struct kv_txn *t);
/* Whether a key of TABLE_HEAD is the dictionary's. */
bool epoch_is_dictionary(struct span key);

/* What check.h walks an epoch with. */
struct kv_options epoch_kv_options(const char *path, size_t map_size, bool sync);
bool epoch_check(unsigned table, struct span key, struct span value);
/* The same, and whether all else can be read: a start stops at what cannot. */
bool epoch_check_all(unsigned table, struct span key, struct span value);

#endif
