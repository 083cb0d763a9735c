/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/backup.h"

#include "base/bytes.h"
#include "base/files.h"
#include "store/meta.h"
#include "store/snapshot.h"
#include "store/store.h"

#include <stdio.h>

struct writer {
	int fd;
	enum status st; /* sticky */
	bool refused;   /* by the reader of the stream */
	struct bytes payload, out;
	struct parcel parcel; /* under way */
	struct parcel_totals totals;
};

static void flush(struct writer *w)
{
	if (w->out.failed)
		w->st = STATUS_NO_MEMORY;
	if (w->st == STATUS_OK) {
		w->st = files_write(w->fd, bytes_span(&w->out));
		w->refused = w->st != STATUS_OK;
	}
	bytes_clear(&w->out);
}

/* hold: what meta says stays in memory, so that nobody waits for a slow reader of ours. */
static void end_parcel(struct writer *w, bool hold)
{
	if (w->payload.failed)
		w->st = STATUS_NO_MEMORY;
	if (w->st != STATUS_OK || (w->parcel.records == 0 && w->parcel.kind == PARCEL_RECORDS))
		return;
	w->parcel.place = w->totals.parcels++;
	parcel_put(&w->out, &w->parcel, bytes_span(&w->payload));
	put_bytes(&w->out, w->payload.p, w->payload.len);
	w->totals.records += w->parcel.records;
	w->totals.bytes += w->payload.len;
	w->parcel.records = 0;
	bytes_clear(&w->payload);
	if (!hold)
		flush(w);
}

static void write_table(struct writer *w, struct snapshot_part *part, unsigned table, bool hold)
{
	struct kv_cursor c;

	w->parcel = (struct parcel){ .kind = PARCEL_RECORDS,
				     .environment = part->number,
				     .table = table };
	kv_seek(&c, &part->txn, table, span_of(NULL, 0));
	for (; c.found && w->st == STATUS_OK; kv_next(&c)) {
		/* A backup that could not be restored whole is none. */
		if (part->number != SNAPSHOT_META && !epoch_check(table, c.key, c.value))
			w->st = STATUS_DAMAGED;
		parcel_put_record(&w->payload, c.key, c.value);
		w->parcel.records++;
		w->totals.articles += part->number != SNAPSHOT_META && table == TABLE_ROWS;
		if (w->payload.len >= PARCEL_PAYLOAD)
			end_parcel(w, hold);
	}
	kv_leave(&c);
	if (w->st == STATUS_OK)
		w->st = part->txn.st;
	end_parcel(w, hold);
}

static void write_part(struct writer *w, struct snapshot_part *part)
{
	bool meta = part->number == SNAPSHOT_META;

	for (unsigned table = 0; table < part->table_count; table++)
		write_table(w, part, table, meta);
	w->totals.environments++;
	snapshot_leave(part);
	flush(w);
}

static void write_end(struct writer *w)
{
	w->parcel = (struct parcel){ .kind = PARCEL_END };
	parcel_put_totals(&w->payload, &w->totals);
	end_parcel(w, false);
}

static enum status explain(struct backup_failure *f, enum status st, bool of_stream)
{
	f->of_stream = of_stream;
	snprintf(f->why, sizeof f->why, "%s",
		 st == STATUS_DAMAGED                   ? "damaged; reprintd --verify says where"
		 : st == STATUS_NOT_FOUND && !of_stream ? "no state is there"
							: status_text(st));
	return st;
}

enum status backup_write(struct parcel_totals *out, struct backup_failure *failure, int fd,
			 const char *state, size_t map_size)
{
	struct writer w = { .fd = fd };
	struct snapshot s;
	enum status st = snapshot_open(&s, state, map_size, NULL, NULL);

	if (st != STATUS_OK)
		return explain(failure, st, false);
	put_format(&w.out, PARCEL_FIRST_LINE, STORE_FORMAT);
	for (size_t i = 0; i < s.count; i++)
		write_part(&w, &s.parts[i]);
	*out = w.totals;
	write_end(&w);
	snapshot_close(&s);
	bytes_free(&w.payload);
	bytes_free(&w.out);
	return explain(failure, w.st, w.refused);
}
