/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/verify.h"

#include "base/arena.h"
#include "base/files.h"
#include "store/check.h"
#include "store/meta.h"
#include "store/record.h"
#include "store/record_read.h"
#include "store/snapshot.h"
#include "store/state.h"
#include "store/text.h"
#include "store/row_code.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TELL_MAX 8u /* problems of one file; the rest is counted */
#define ARENA_BYTES ((size_t)1 << 20)

static const char *const things[APPENDED_COUNT] = { "article", "alert", "delivery", "rejection" };

/* What one epoch holds of the appended tables. */
struct range {
	struct snapshot_part *part;
	struct epoch_head head;
	uint64_t next[APPENDED_COUNT];
	struct row_code *code; /* NULL: none, or damaged */
};

struct verifying {
	const struct verify_options *o;
	struct snapshot snapshot;
	struct meta meta;     /* its tombstones */
	struct range *ranges; /* oldest first */
	size_t range_count;
	struct arena *arena;
	struct record_cache *cache;
	/* Of the file at hand: */
	const char *file;
	unsigned problems;
	uint64_t records;
};

/* ---- telling -------------------------------------------------------------------------------- */

static void tell(struct verifying *v, enum remedy remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(struct verifying *v, enum remedy remedy, const char *format, ...)
{
	char why[160];
	struct finding f = { .file = v->file, .problem = why, .remedy = remedy };
	va_list args;

	if (v->problems++ >= TELL_MAX)
		return;
	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	v->o->tell(v->o->ctx, &f);
}

static void begin_file(struct verifying *v, const char *file)
{
	v->file = file;
	v->problems = 0;
	v->records = 0;
}

static void end_file(struct verifying *v, const struct snapshot_part *part)
{
	struct finding f = { .file = v->file,
			     .records = v->records,
			     .bytes = kv_file_of(part->path).bytes };
	unsigned untold = v->problems > TELL_MAX ? v->problems - TELL_MAX : 0;

	if (v->problems == 0) {
		v->o->tell(v->o->ctx, &f);
	} else if (untold > 0) {
		v->problems = 0;
		tell(v, REMEDY_NONE, "and %u problems more", untold);
	}
}

/* ---- structure ------------------------------------------------------------------------------ */

static enum status trust(void *ctx, const struct snapshot_part *part, const struct kv_options *o,
			 kv_check_fn check)
{
	struct verifying *v = ctx;
	enum status st = check_walk(o, check);

	/* An epoch that expired meanwhile is no problem; meta never goes away. */
	if (part->number != SNAPSHOT_META && access(part->path, F_OK) != 0)
		return STATUS_NOT_FOUND;
	if (st == STATUS_OK)
		return st;
	begin_file(v, part->name);
	tell(v, st == STATUS_DAMAGED ? REMEDY_SET_ASIDE : REMEDY_NONE,
	     st == STATUS_DAMAGED ? "its pages are %s" : "cannot be read: %s", status_text(st));
	return st;
}

/* ---- what is where -------------------------------------------------------------------------- */

static struct range *range_of(struct verifying *v, enum table table, uint64_t number)
{
	for (size_t i = v->range_count; i-- > 0;)
		if (number >= v->ranges[i].head.first[table])
			return number < v->ranges[i].next[table] ? &v->ranges[i] : NULL;
	return NULL;
}

static uint64_t newest(const struct verifying *v, enum table table)
{
	return v->range_count == 0 ? 0 : v->ranges[v->range_count - 1].next[table] - 1;
}

/* A row that ought to be there is, or was forgotten. What lies in no epoch has expired, or was set
 * aside with its epoch. */
static bool row_kept(struct verifying *v, uint64_t seq)
{
	struct range *r = range_of(v, TABLE_ROWS, seq);
	char key[KV_NUMBER_BYTES];
	struct span value;

	if (seq == 0 || seq > newest(v, TABLE_ROWS))
		return false;
	return r == NULL || meta_buried(&v->meta, seq) ||
	       kv_get(&r->part->txn, TABLE_ROWS, kv_number(key, seq), &value);
}

/* ---- one epoch ------------------------------------------------------------------------------ */

static enum status find_base(void *ctx, struct span *row, uint64_t seq, struct arena *arena)
{
	struct range *r = ctx;

	return epoch_find(&r->part->txn, TABLE_ROWS, seq, row, arena);
}

static enum status unpack(struct verifying *v, struct span *row, struct range *r, uint64_t seq)
{
	return record_read(row, seq, r->code, &(struct record_reader){ find_base, r, v->cache },
			   v->arena);
}

static bool take_row(struct verifying *v, struct row *out, struct range *r, uint64_t seq)
{
	struct span value;

	if (epoch_find(&r->part->txn, TABLE_ROWS, seq, &value, v->arena) != STATUS_OK ||
	    unpack(v, &value, r, seq) != STATUS_OK ||
	    record_take_row(out, value, v->arena) != STATUS_OK)
		return false;
	out->verdict.seq = seq;
	return true;
}

static void check_row(struct verifying *v, const struct row *row)
{
	const struct verdict *w = &row->verdict;

	if (w->cluster == 0 || w->cluster > w->seq || row->of_seq >= w->seq || w->revises >= w->seq)
		tell(v, REMEDY_NONE, "article %" PRIu64 " names one that came later", w->seq);
	for (uint32_t i = 0; i < w->match_count; i++)
		if (w->matches[i].seq == 0 || w->matches[i].seq >= w->seq)
			tell(v, REMEDY_NONE, "article %" PRIu64 " matches one that came later",
			     w->seq);
	if (v->o->row != NULL && !meta_buried(&v->meta, w->seq))
		v->o->row(v->o->ctx, row, v->meta.secret);
}

/* Checks one value of an appended table. */
static void check_value(struct verifying *v, struct range *r, enum table table, uint64_t number,
			struct span value)
{
	struct delivery d;
	struct rejection j;
	struct alert a;
	struct row row;
	enum status st = STATUS_OK;

	if (table == TABLE_ROWS) {
		st = unpack(v, &value, r, number);
		if (st == STATUS_OK)
			st = record_take_row(&row, value, v->arena);
		row.verdict.seq = number;
		if (st == STATUS_OK)
			check_row(v, &row);
	} else if (table == TABLE_ALERTS && (st = record_take_alert(&a, value)) == STATUS_OK) {
		if (!row_kept(v, a.seq))
			tell(v, REMEDY_NONE,
			     "alert %" PRIu64 " tells article %" PRIu64 ", which is missing",
			     number, a.seq);
	} else if (table == TABLE_DELIVERIES) {
		st = record_take_delivery(&d, value);
	} else if (table == TABLE_REJECTIONS) {
		st = record_take_rejection(&j, value);
	}
	if (st != STATUS_OK)
		tell(v, table == TABLE_ROWS ? REMEDY_SET_ASIDE : REMEDY_NONE,
		     "%s %" PRIu64 " is %s", things[table], number, status_text(st));
	arena_clear(v->arena);
}

/* Numbers rise one by one; only a forgotten article may be missing. */
static void check_gap(struct verifying *v, enum table table, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		if (table != TABLE_ROWS || !meta_buried(&v->meta, from)) {
			tell(v, REMEDY_NONE, "%s %" PRIu64 " is missing", things[table], from);
			return;
		}
}

static void check_appended(struct verifying *v, struct range *r, enum table table)
{
	uint64_t expected = r->head.first[table];
	struct kv_cursor c;

	kv_seek(&c, &r->part->txn, table, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		uint64_t number = kv_number_of(c.key);

		check_gap(v, table, expected, number);
		check_value(v, r, table, number, c.value);
		expected = number + 1;
		v->records++;
	}
	kv_leave(&c);
}

static bool has_dictionary(struct verifying *v, struct range *r)
{
	struct dictionary *d;
	enum status st = epoch_take_dictionary(&d, &r->part->txn, false);

	if (st == STATUS_OK)
		dictionary_drop(d);
	else if (st != STATUS_NOT_FOUND)
		tell(v, REMEDY_NONE, "the dictionary of its texts is %s", status_text(st));
	return st == STATUS_OK;
}

/* Texts stand under the numbers of their rows. */
static void check_texts(struct verifying *v, struct range *r)
{
	bool readable = has_dictionary(v, r);
	struct kv_cursor c;

	kv_seek(&c, &r->part->txn, TABLE_TEXTS, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		uint64_t seq = kv_number_of(c.key);

		if (range_of(v, TABLE_ROWS, seq) != r || !row_kept(v, seq))
			tell(v, REMEDY_NONE, "the text of article %" PRIu64 " has no article", seq);
		if (!readable && text_is_shared(c.value))
			tell(v, REMEDY_NONE,
			     "the text of article %" PRIu64 " is lost with the dictionary", seq);
		v->records++;
	}
	kv_leave(&c);
}

/* An entry agrees with its row. The centre is entered with its first member, which may be in a
 * later epoch. */
static bool entry_agrees(struct verifying *v, struct range *r, const struct member *m)
{
	struct row row;
	bool agrees;

	if (m->seq == m->cluster || meta_buried(&v->meta, m->seq))
		return row_kept(v, m->seq);
	agrees = range_of(v, TABLE_ROWS, m->seq) == r && take_row(v, &row, r, m->seq) &&
		 row.verdict.cluster == m->cluster && store_row_time(&row) == m->time_ms;
	arena_clear(v->arena);
	return agrees;
}

static void check_clusters(struct verifying *v, struct range *r)
{
	struct kv_cursor c;

	kv_seek(&c, &r->part->txn, TABLE_CLUSTERS, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		struct member m = member_of(c.key, c.value);

		if (!entry_agrees(v, r, &m))
			tell(v, REMEDY_NONE,
			     "cluster c%" PRIu64 " lists article %" PRIu64 ", which is not in it",
			     m.cluster, m.seq);
		v->records++;
	}
	kv_leave(&c);
}

static bool is_entered(struct range *r, const struct row *row)
{
	const struct member m = { row->verdict.cluster, store_row_time(row), row->verdict.seq };
	char key[KV_NUMBER_BYTES], value[MEMBER_BYTES];

	return kv_has(&r->part->txn, TABLE_CLUSTERS, kv_number(key, m.cluster),
		      member_value(value, &m));
}

/* And back: every row outside its own cluster is entered there. */
static void check_membership(struct verifying *v, struct range *r)
{
	struct kv_cursor c;

	kv_seek(&c, &r->part->txn, TABLE_ROWS, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		uint64_t seq = kv_number_of(c.key);
		struct row row;

		arena_clear(v->arena);
		if (unpack(v, &c.value, r, seq) != STATUS_OK ||
		    record_take_light(&row, c.value, v->arena) != STATUS_OK)
			continue; /* has been told */
		row.verdict.seq = seq;
		if (row.verdict.cluster != row.verdict.seq && !is_entered(r, &row))
			tell(v, REMEDY_NONE,
			     "article %" PRIu64 " is not entered in its cluster c%" PRIu64,
			     row.verdict.seq, row.verdict.cluster);
	}
	kv_leave(&c);
}

static void check_order(struct verifying *v, size_t i)
{
	const struct range *r = &v->ranges[i];

	for (unsigned t = 0; i > 0 && t < APPENDED_COUNT; t++)
		if (r->head.first[t] < v->ranges[i - 1].next[t])
			tell(v, REMEDY_NONE, "%s %" PRIu64 " is in two epochs", things[t],
			     r->head.first[t]);
}

static void check_epoch(struct verifying *v, size_t i)
{
	struct range *r = &v->ranges[i];

	record_cache_clear(v->cache); /* another epoch may have the same numbers */
	begin_file(v, r->part->name);
	check_order(v, i);
	for (unsigned table = 0; table < APPENDED_COUNT; table++)
		check_appended(v, r, table);
	check_texts(v, r);
	check_clusters(v, r);
	check_membership(v, r);
	if (r->part->txn.st != STATUS_OK)
		tell(v, REMEDY_SET_ASIDE, "its pages are %s", status_text(r->part->txn.st));
	end_file(v, r->part);
}

/* ---- meta and the heads --------------------------------------------------------------------- */

static void check_meta(struct verifying *v, struct snapshot_part *part)
{
	struct kv_cursor c;

	begin_file(v, part->name);
	if (meta_take(&v->meta, &part->txn) != STATUS_OK)
		tell(v, REMEDY_SET_ASIDE, "its first record is damaged");
	kv_seek(&c, &part->txn, META_CONSUMERS, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		struct cursor value = cursor_of(c.value);
		uint64_t acked = take_u64(&value);

		if (value.failed || acked >= v->meta.lease[TABLE_ALERTS])
			tell(v, REMEDY_NONE, "consumer %.*s is ahead of every alert given out",
			     (int)c.key.len, c.key.p);
		v->records++;
	}
	kv_leave(&c);
	v->records += v->meta.tombstone_count;
	end_file(v, part);
}

static enum status take_range(struct verifying *v, struct snapshot_part *part)
{
	struct range *r = &v->ranges[v->range_count];
	enum status st = epoch_take_head(&r->head, &part->txn);

	if (st != STATUS_OK) {
		begin_file(v, part->name);
		tell(v, REMEDY_SET_ASIDE, "its first record is %s", status_text(st));
		return STATUS_OK;
	}
	r->part = part;
	for (unsigned t = 0; t < APPENDED_COUNT; t++) {
		struct kv_cursor c;

		kv_last(&c, &part->txn, t);
		r->next[t] = c.found ? kv_number_of(c.key) + 1 : r->head.first[t];
		if (r->next[t] < r->head.first[t])
			r->next[t] = r->head.first[t];
		kv_leave(&c);
	}
	v->range_count++;
	st = epoch_take_code(&r->code, &part->txn);
	return st == STATUS_NO_MEMORY ? st : STATUS_OK; /* rows that need it will tell */
}

static enum status take_ranges(struct verifying *v)
{
	enum status st = STATUS_OK;

	v->ranges = calloc(v->snapshot.count, sizeof *v->ranges);
	if (v->ranges == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = v->snapshot.count; i-- > 1 && st == STATUS_OK;)
		if (v->snapshot.parts[i].kv != NULL)
			st = take_range(v, &v->snapshot.parts[i]);
	return st;
}

static bool is_state(const char *path)
{
	char *epochs = files_path(path, "epochs");
	bool there = epochs != NULL && access(epochs, F_OK) == 0;

	free(epochs);
	return there;
}

enum status verify_state(const struct verify_options *o)
{
	struct verifying v = { .o = o, .arena = arena_open(ARENA_BYTES) };
	enum status st = STATUS_NO_MEMORY;

	if (v.arena == NULL)
		return st;
	st = record_cache_open(&v.cache);
	if (st != STATUS_OK)
		goto close_arena;
	if (!is_state(o->path)) {
		st = STATUS_NOT_FOUND;
		goto close_arena;
	}
	st = snapshot_open(&v.snapshot, o->path, o->map_size, trust, &v);
	if (st != STATUS_OK)
		goto close_arena;
	st = take_ranges(&v);
	if (st == STATUS_OK) {
		if (v.snapshot.parts[0].kv != NULL)
			check_meta(&v, &v.snapshot.parts[0]);
		snapshot_leave(&v.snapshot.parts[0]);
		if (v.meta.secret == 0 && v.range_count > 0)
			v.meta.secret = v.ranges[v.range_count - 1].head.secret;
		for (size_t i = 0; i < v.range_count; i++)
			check_epoch(&v, i);
	}
	for (size_t i = 0; i < v.range_count; i++)
		row_code_close(v.ranges[i].code);
	free(v.ranges);
	meta_close(&v.meta);
	snapshot_close(&v.snapshot);
close_arena:
	record_cache_close(v.cache);
	arena_close(v.arena);
	return st;
}
