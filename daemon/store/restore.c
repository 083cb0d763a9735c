/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/backup.h"

#include "base/bytes.h"
#include "base/files.h"
#include "store/meta.h"
#include "store/state.h"
#include "store/verify.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUILDING "restoring" /* below the directory, until all is well */
#define HALF_LINE "reprint state restoring\n"
#define READ_BYTES ((size_t)1 << 20)

struct reader {
	int fd;
	struct backup_failure *failure;
	size_t map_size;
	char *folder;         /* where it is built */
	struct bytes payload; /* of the parcel at hand */
	struct parcel parcel;
	struct kv *kv; /* of the environment at hand */
	uint32_t environment;
	const struct kv_table *tables;
	unsigned table_count;
	struct parcel_totals totals; /* what has been read */
};

/* The first word for it stands. */
static enum status explain(struct reader *r, enum status st, bool of_stream, const char *why)
{
	if (r->failure->why[0] == '\0') {
		r->failure->of_stream = of_stream;
		snprintf(r->failure->why, BACKUP_WHY_BYTES, "%s", why);
	}
	return st;
}

/* The backup is at fault. */
static enum status fail(struct reader *r, enum status st, const char *why)
{
	return explain(r, st, true, why);
}

/* The directory is. */
static enum status fail_there(struct reader *r, enum status st)
{
	const char *why =
		st == STATUS_NOT_FOUND  ? "cannot be made; does the directory above it exist?"
		: st == STATUS_EXISTS   ? "it is no directory"
		: st == STATUS_NO_SPACE ? "no space left: make room there and restore again"
					: status_text(st);

	return explain(r, st, false, why);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/* Exactly so many; memory grows only with what really comes. */
static enum status read_bytes(struct reader *r, struct bytes *out, uint64_t len)
{
	while (len > 0) {
		size_t want = len < READ_BYTES ? (size_t)len : READ_BYTES;
		ssize_t n;

		if (!bytes_reserve(out, want))
			return fail(r, STATUS_NO_MEMORY, status_text(STATUS_NO_MEMORY));
		n = read(r->fd, out->p + out->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(r, status_of_errno(errno), strerror(errno));
		if (n == 0)
			return fail(r, STATUS_DAMAGED, "the backup ends too early: it was cut");
		out->len += (size_t)n;
		len -= (uint64_t)n;
	}
	return STATUS_OK;
}

static enum status fail_format(struct reader *r, int number)
{
	char why[BACKUP_WHY_BYTES];

	snprintf(why, sizeof why,
		 "a backup of format %d; this version reads format %d: restore it with the one "
		 "that wrote it",
		 number, STORE_FORMAT);
	return fail(r, STATUS_VERSION, why);
}

static enum status read_first_line(struct reader *r)
{
	char ours[64];
	struct bytes line = { 0 };
	int number, len = snprintf(ours, sizeof ours, PARCEL_FIRST_LINE, STORE_FORMAT);
	enum status st = read_bytes(r, &line, (uint64_t)len);

	put_u8(&line, 0);
	if (st == STATUS_OK && line.failed)
		st = STATUS_NO_MEMORY;
	else if (st == STATUS_OK && strcmp(line.p, ours) != 0)
		st = sscanf(line.p, PARCEL_FIRST_LINE, &number) == 1
			     ? fail_format(r, number)
			     : fail(r, STATUS_DAMAGED, "not a backup of reprint");
	bytes_free(&line);
	return st;
}

static enum status read_parcel(struct reader *r)
{
	struct bytes header = { 0 };
	enum status st = read_bytes(r, &header, PARCEL_HEADER_BYTES);

	if (st == STATUS_OK)
		st = parcel_take(&r->parcel, bytes_span(&header), r->totals.parcels);
	bytes_free(&header);
	if (st != STATUS_OK)
		return fail(r, st, "a header in it is damaged");
	bytes_clear(&r->payload);
	st = read_bytes(r, &r->payload, r->parcel.length);
	if (st == STATUS_OK && !parcel_holds(&r->parcel, bytes_span(&r->payload)))
		st = fail(r, STATUS_DAMAGED, "a checksum in it is wrong");
	return st;
}

/* ---- environments --------------------------------------------------------------------------- */

static void leave(struct reader *r)
{
	kv_close(r->kv);
	r->kv = NULL;
}

/* Each comes once and whole, meta first. */
static enum status enter(struct reader *r, uint32_t environment)
{
	bool first = r->totals.environments == 0;
	struct kv_options ko;
	enum status st;
	char *path;

	leave(r);
	if (first != (environment == 0))
		return fail(r, STATUS_DAMAGED, "its parts are not in order");
	if (asprintf(&path, environment == 0 ? "%s/meta" : "%s/epochs/%08" PRIu32, r->folder,
		     environment) < 0)
		return STATUS_NO_MEMORY;
	ko = environment == 0 ? meta_kv_options(path, true)
			      : epoch_kv_options(path, r->map_size, true);
	st = kv_file_of(path).bytes > 0 ? STATUS_DAMAGED : files_folder(path, true);
	if (st == STATUS_OK)
		st = kv_open(&r->kv, &ko);
	if (st == STATUS_OK)
		st = files_sync_folder(path);
	r->tables = ko.tables;
	r->table_count = ko.table_count;
	r->environment = environment;
	r->totals.environments++;
	free(path);
	return st;
}

static void put_records(struct kv_txn *t, void *ctx)
{
	const struct reader *r = ctx;
	struct cursor c = cursor_of(bytes_span(&r->payload));
	struct span key, value;
	uint32_t count = 0;

	for (; parcel_take_record(&c, &key, &value) && t->st == STATUS_OK; count++) {
		if (r->tables[r->parcel.table].pairs)
			kv_put(t, r->parcel.table, key, value);
		else
			kv_append(t, r->parcel.table, key, value);
	}
	if (c.failed || count != r->parcel.records)
		kv_fail(t, STATUS_DAMAGED);
}

static enum status store_parcel(struct reader *r)
{
	enum status st = STATUS_OK;

	if (r->kv == NULL || r->parcel.environment != r->environment)
		st = enter(r, r->parcel.environment);
	if (st == STATUS_OK && r->parcel.table >= r->table_count)
		st = STATUS_DAMAGED;
	if (st == STATUS_OK)
		st = kv_change(r->kv, put_records, r);
	if (st == STATUS_OK && r->environment != 0 && r->parcel.table == TABLE_ROWS)
		r->totals.articles += r->parcel.records;
	r->totals.parcels++;
	r->totals.records += r->parcel.records;
	r->totals.bytes += r->parcel.length;
	if (st == STATUS_EXISTS || st == STATUS_TOO_LARGE)
		st = STATUS_DAMAGED; /* keys that do not rise, or are too long */
	if (st == STATUS_DAMAGED)
		return fail(r, st, "records in it make no sense");
	return st == STATUS_OK ? st : fail_there(r, st);
}

static enum status compare_totals(struct reader *r)
{
	struct parcel_totals t;
	char byte;

	if (parcel_take_totals(&t, bytes_span(&r->payload)) != STATUS_OK ||
	    t.parcels != r->totals.parcels || t.records != r->totals.records ||
	    t.bytes != r->totals.bytes || t.environments != r->totals.environments ||
	    t.articles != r->totals.articles)
		return fail(r, STATUS_DAMAGED, "the totals at its end do not agree with it");
	if (read(r->fd, &byte, 1) > 0)
		return fail(r, STATUS_DAMAGED, "something follows its end");
	return STATUS_OK;
}

static enum status read_stream(struct reader *r)
{
	enum status st = read_first_line(r);

	while (st == STATUS_OK) {
		st = read_parcel(r);
		if (st == STATUS_OK && r->parcel.kind == PARCEL_END) {
			st = compare_totals(r);
			break;
		}
		if (st == STATUS_OK)
			st = store_parcel(r);
	}
	leave(r);
	return st;
}

/* ---- the directory -------------------------------------------------------------------------- */

static enum status require_empty(struct reader *r, const char *state)
{
	DIR *dir = opendir(state);
	struct dirent *e;

	if (dir == NULL)
		return fail_there(r, status_of_errno(errno));
	do
		e = readdir(dir);
	while (e != NULL &&
	       (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		strcmp(e->d_name, BUILDING) == 0 || strcmp(e->d_name, "lost+found") == 0));
	closedir(dir);
	return e == NULL ? STATUS_OK
			 : explain(r, STATUS_EXISTS, false, "the directory is not empty");
}

static enum status make_room(struct reader *r, const char *state)
{
	enum status st = files_folder(state, true);
	char *epochs;

	if (st == STATUS_OK)
		st = require_empty(r, state);
	if (st != STATUS_OK)
		return fail_there(r, st);
	epochs = files_path(r->folder, "epochs");
	if (epochs == NULL)
		return STATUS_NO_MEMORY;
	files_remove_tree(r->folder); /* left over from another try */
	st = files_folder(r->folder, true);
	if (st == STATUS_OK)
		st = files_folder(epochs, true);
	free(epochs);
	return st == STATUS_OK ? st : fail_there(r, st);
}

static void take_finding(void *ctx, const struct finding *f)
{
	struct reader *r = ctx;
	char why[BACKUP_WHY_BYTES];

	if (f->problem == NULL)
		return;
	snprintf(why, sizeof why, "what it holds is not sound: %s: %s", f->file, f->problem);
	fail(r, STATUS_DAMAGED, why);
}

static enum status verify(struct reader *r)
{
	struct verify_options o = {
		.path = r->folder, .map_size = r->map_size, .tell = take_finding, .ctx = r
	};
	enum status st = verify_state(&o);

	return st == STATUS_OK && r->failure->why[0] != '\0' ? STATUS_DAMAGED : st;
}

static enum status move(const char *from, const char *to, const char *name)
{
	char *old = files_path(from, name), *now = files_path(to, name);
	enum status st = STATUS_NO_MEMORY;

	if (old != NULL && now != NULL)
		st = files_rename(old, now, true);
	free(now);
	free(old);
	return st;
}

static enum status write_format(const char *folder, const char *line)
{
	char *path = files_path(folder, "format");
	enum status st =
		path == NULL ? STATUS_NO_MEMORY : files_replace(path, span_of_text(line), true);

	free(path);
	return st;
}

/* Until the last step the directory says that it is no state yet, and the daemon refuses it. What
 * needs room comes first. */
static enum status move_into_place(const struct reader *r, const char *state)
{
	static const char *const names[] = { "epochs", "meta", "format" };
	enum status st;
	char line[64];

	snprintf(line, sizeof line, STATE_FORMAT_LINE, STORE_FORMAT);
	st = write_format(r->folder, line);
	if (st == STATUS_OK)
		st = write_format(state, HALF_LINE);
	for (size_t i = 0; i < 3 && st == STATUS_OK; i++)
		st = move(r->folder, state, names[i]);
	return st;
}

enum status backup_restore(struct parcel_totals *out, struct backup_failure *failure, int fd,
			   const char *state, size_t map_size)
{
	struct reader r = { .fd = fd, .failure = failure, .map_size = map_size };
	enum status st = STATUS_NO_MEMORY;

	*failure = (struct backup_failure){ 0 };
	r.folder = files_path(state, BUILDING);
	if (r.folder != NULL)
		st = make_room(&r, state);
	if (st == STATUS_OK) {
		st = read_stream(&r);
		if (st == STATUS_OK)
			st = verify(&r);
		if (st == STATUS_OK)
			st = move_into_place(&r, state);
		files_remove_tree(r.folder);
	}
	if (st != STATUS_OK)
		fail_there(&r, st);
	*out = r.totals;
	bytes_free(&r.payload);
	free(r.folder);
	return st;
}
