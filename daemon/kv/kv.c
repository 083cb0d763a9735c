/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/state.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/stat.h>

#include "kv/lock_file.h"

#define PAGE_BYTES 4096u
#define MODE 0600

#define BESIDE_BYTES ((size_t)1 << 30) /* by which the file may grow while it is read beside */
#define FULL_BYTES ((uint64_t)4 << 20) /* less room than this is none */

static enum status status_of_mdb(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return STATUS_OK;
	case MDB_NOTFOUND:
		return STATUS_NOT_FOUND;
	case MDB_KEYEXIST:
		return STATUS_EXISTS;
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_INVALID:
	case MDB_INCOMPATIBLE:
	case MDB_CURSOR_FULL:
	case MDB_PAGE_FULL:
	case MDB_BAD_DBI:
	case MDB_BAD_TXN: /* its first failure was kept from us: a cursor met a page that is none */
	case MDB_VERSION_MISMATCH:
		return STATUS_DAMAGED;
	case MDB_MAP_FULL:
		return STATUS_NO_SPACE;
	case MDB_DBS_FULL:
	case MDB_READERS_FULL:
	case MDB_TLS_FULL:
		return STATUS_BUSY;
	case MDB_TXN_FULL:
	case MDB_BAD_VALSIZE:
		return STATUS_TOO_LARGE;
	case MDB_PANIC:
	case MDB_MAP_RESIZED:
	case MDB_BAD_RSLOT:
		return STATUS_IO;
	default:
		return status_of_errno(rc);
	}
}

/* ---- environments --------------------------------------------------------------------------- */

static void open_tables(struct kv_txn *t)
{
	struct kv *kv = t->kv;

	for (unsigned i = 0; i < kv->table_count && t->st == STATUS_OK; i++) {
		unsigned flags = kv->table_list[i].pairs ? MDB_DUPSORT | MDB_DUPFIXED : 0;

		if (!kv->read_only)
			flags |= MDB_CREATE;
		t->st = status_of_mdb(
			mdb_dbi_open(t->handle, kv->table_list[i].name, flags, &kv->tables[i]));
		if (t->st == STATUS_NOT_FOUND)
			t->st = STATUS_DAMAGED;
	}
}

/* Table handles opened in a transaction stay only when it commits. */
static enum status tables_open(struct kv *kv)
{
	struct kv_txn t = { .kv = kv };

	t.st = status_of_mdb(
		mdb_txn_begin(kv->env, NULL, kv->read_only ? MDB_RDONLY : 0, &t.handle));
	if (t.st != STATUS_OK)
		return t.st;
	open_tables(&t);
	if (t.st == STATUS_OK)
		return status_of_mdb(mdb_txn_commit(t.handle));
	mdb_txn_abort(t.handle);
	return t.st;
}

static enum status env_open(struct kv *kv)
{
	unsigned flags = MDB_NOTLS;
	enum status st;
	int dead, rc;

	if (kv->read_only)
		flags |= kv->beside ? MDB_RDONLY : MDB_RDONLY | MDB_NOLOCK;
	if (!kv->sync)
		flags |= MDB_NOSYNC;
	st = (flags & MDB_NOLOCK) == 0 ? lock_file_reserve(kv->path) : STATUS_OK;
	if (st != STATUS_OK)
		return st;
	rc = mdb_env_create(&kv->env);
	if (rc != 0) {
		kv->env = NULL;
		return status_of_mdb(rc);
	}
	rc = mdb_env_set_maxdbs(kv->env, KV_TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_set_mapsize(kv->env, kv->map_size);
	if (rc == 0)
		rc = mdb_env_open(kv->env, kv->path, flags, MODE);
	if (rc == 0 && !kv->read_only)
		rc = mdb_reader_check(kv->env, &dead);
	return status_of_mdb(rc);
}

static void env_close(struct kv *kv)
{
	if (kv->env != NULL)
		mdb_env_close(kv->env);
	kv->env = NULL;
}

/* A map a little smaller than the file would be refused; one of the file's size is enough for a
 * reader, and so many old files do not eat up the address space. */
static size_t map_size_of(const struct kv_options *o)
{
	uint64_t file = kv_file_of(o->path).bytes;
	size_t size = o->map_size;

	if ((o->read_only && !o->beside) || size < file)
		size = (size_t)file;
	if (o->read_only && o->beside)
		size += BESIDE_BYTES;
	if (size < 16 * PAGE_BYTES)
		size = 16 * PAGE_BYTES;
	return (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

enum status kv_open(struct kv **out, const struct kv_options *o)
{
	struct kv *kv = calloc(1, sizeof *kv);
	enum status st = STATUS_NO_MEMORY;

	if (kv == NULL)
		return st;
	pthread_rwlock_init(&kv->moving, NULL);
	kv->path = strdup(o->path);
	kv->table_list = o->tables;
	kv->table_count = o->table_count;
	kv->read_only = o->read_only;
	kv->beside = o->beside;
	kv->sync = o->sync;
	kv->map_size = map_size_of(o);
	if (kv->path != NULL)
		st = env_open(kv);
	if (st == STATUS_OK)
		st = tables_open(kv);
	if (st != STATUS_OK) {
		kv_close(kv);
		return st;
	}
	*out = kv;
	return STATUS_OK;
}

void kv_close(struct kv *kv)
{
	if (kv == NULL)
		return;
	env_close(kv);
	pthread_rwlock_destroy(&kv->moving);
	free(kv->path);
	free(kv);
}

void kv_tidy(struct kv *kv)
{
	int dead;

	if (kv->env != NULL && !kv->read_only)
		mdb_reader_check(kv->env, &dead);
}

struct kv_file kv_file_of(const char *path)
{
	struct kv_file f = { 0, 0 };
	char name[4096];
	struct stat s;
	int n = snprintf(name, sizeof name, "%s/data.mdb", path);

	if (n < 0 || (size_t)n >= sizeof name || stat(name, &s) != 0 || s.st_size < 0)
		return f;
	f.bytes = (uint64_t)s.st_size;
	f.mtime_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
	return f;
}

/* ---- transactions --------------------------------------------------------------------------- */

/* After a failure on its last page LMDB refuses this environment; a new one begins with what was
 * last committed. */
static int open_again(struct kv *kv)
{
	bool open;

	if (kv->readers > 0)
		return MDB_PANIC;
	pthread_rwlock_wrlock(&kv->moving);
	env_close(kv);
	open = env_open(kv) == STATUS_OK && tables_open(kv) == STATUS_OK;
	if (!open)
		env_close(kv);
	pthread_rwlock_unlock(&kv->moving);
	return open ? 0 : MDB_PANIC;
}

static int begin(struct kv *kv, unsigned flags, MDB_txn **handle)
{
	int rc = kv->env == NULL ? MDB_PANIC : mdb_txn_begin(kv->env, NULL, flags, handle);

	if (rc == MDB_PANIC) {
		rc = open_again(kv);
		if (rc == 0)
			rc = mdb_txn_begin(kv->env, NULL, flags, handle);
	}
	if (rc != 0)
		*handle = NULL;
	return rc;
}

void kv_read(struct kv_txn *t, struct kv *kv)
{
	*t = (struct kv_txn){ .kv = kv };
	t->st = status_of_mdb(begin(kv, MDB_RDONLY, &t->handle));
	if (t->st == STATUS_OK)
		kv->readers++;
}

void kv_read_beside(struct kv_txn *t, struct kv *kv)
{
	int rc;

	*t = (struct kv_txn){ .kv = kv, .beside = true };
	pthread_rwlock_rdlock(&kv->moving);
	rc = kv->env == NULL ? MDB_PANIC : mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &t->handle);
	t->st = status_of_mdb(rc);
	if (rc == 0)
		return;
	t->handle = NULL;
	pthread_rwlock_unlock(&kv->moving);
}

void kv_end(struct kv_txn *t)
{
	if (t->handle == NULL)
		return;
	mdb_txn_abort(t->handle);
	t->handle = NULL;
	if (t->beside)
		pthread_rwlock_unlock(&t->kv->moving);
	else
		t->kv->readers--;
}

void kv_note(struct kv_txn *t, int rc)
{
	if (rc == 0)
		return;
	t->st = status_of_mdb(rc);
	t->full = rc == MDB_MAP_FULL;
}

/* LMDB tells a write that a full disk cut short as EIO; the next one would be ENOSPC. */
static void tell_full_disk(struct kv_txn *t)
{
	struct statvfs v;

	if (t->st == STATUS_IO && statvfs(t->kv->path, &v) == 0 &&
	    (uint64_t)v.f_bavail * v.f_frsize < FULL_BYTES)
		t->st = STATUS_NO_SPACE;
}

static void change_once(struct kv_txn *t, struct kv *kv, kv_write_fn fn, void *ctx)
{
	*t = (struct kv_txn){ .kv = kv };
	kv_note(t, begin(kv, 0, &t->handle));
	if (t->st != STATUS_OK)
		return;
	fn(t, ctx);
	if (t->st == STATUS_OK)
		kv_note(t, mdb_txn_commit(t->handle)); /* frees the handle even when it fails */
	else
		mdb_txn_abort(t->handle);
	t->handle = NULL;
	if (t->st != STATUS_OK)
		memset(kv->room, 0, sizeof kv->room);
	tell_full_disk(t);
}

static enum status grow(struct kv *kv)
{
	size_t size = kv->map_size * 2;
	enum status st;

	if (kv->readers > 0 || size < kv->map_size)
		return STATUS_NO_SPACE;
	pthread_rwlock_wrlock(&kv->moving);
	st = status_of_mdb(mdb_env_set_mapsize(kv->env, size));
	pthread_rwlock_unlock(&kv->moving);
	if (st == STATUS_OK)
		kv->map_size = size;
	return st;
}

enum status kv_change(struct kv *kv, kv_write_fn fn, void *ctx)
{
	struct kv_txn t;

	for (;;) {
		enum status st;

		change_once(&t, kv, fn, ctx);
		if (!t.full)
			return t.st;
		st = grow(kv);
		if (st != STATUS_OK)
			return st;
	}
}

void kv_fail(struct kv_txn *t, enum status st)
{
	if (t->st == STATUS_OK)
		t->st = st;
}
