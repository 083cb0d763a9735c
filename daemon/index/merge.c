/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/merge.h"

#include "index/column.h"
#include "index/run_read.h"
#include "index/run_write.h"

#include <string.h>
#include <unistd.h>

#define PAUSE_EVERY 4096u

static enum status finish(struct run_write *w, const char *path)
{
	enum status st = run_write_end(w);

	if (st != STATUS_OK)
		unlink(path);
	return st;
}

enum status run_of_table(const char *path, const struct run_info *info, struct table *table,
			 bool sync)
{
	const struct column *column = table_column(table);
	struct run_write w;
	struct posting p;
	struct sweep s;

	run_write_begin(&w, path, info, table_postings(table), sync);
	sweep_begin(&s, table);
	while (w.st == STATUS_OK && sweep_next(&s, &p))
		run_write_posting(&w, p.key, p.number);
	if (s.failed)
		w.st = STATUS_NO_MEMORY;
	sweep_end(&s);
	for (size_t i = 0; i < column->count; i++)
		run_write_article(&w, column->seqs[i], column->simhashes[i]);
	return finish(&w, path);
}

size_t numbers_cap(uint64_t *numbers, size_t count, uint32_t cap)
{
	size_t kept = 0, oldest = cap / 2, newest = cap - oldest;

	for (size_t i = 0; i < count; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	if (kept <= cap)
		return kept;
	memmove(numbers + oldest, numbers + kept - newest, newest * sizeof *numbers);
	return cap;
}

struct run_info run_info_of(struct run *const *runs, size_t count)
{
	struct run_info all = runs[0]->info;

	for (size_t i = 1; i < count; i++) {
		const struct run_info *n = &runs[i]->info;

		if (n->first_seq < all.first_seq)
			all.first_seq = n->first_seq;
		if (n->last_seq > all.last_seq)
			all.last_seq = n->last_seq;
		if (n->first_delivery < all.first_delivery)
			all.first_delivery = n->first_delivery;
		if (n->last_delivery > all.last_delivery)
			all.last_delivery = n->last_delivery;
		all.postings += n->postings;
		all.keys += n->keys;
	}
	return all;
}

/* ---- several readers as one ------------------------------------------------------------------ */

struct inputs {
	struct run_reader readers[MERGE_RUNS];
	struct posting heads[MERGE_RUNS];
	bool on[MERGE_RUNS];
	size_t count;
	enum run_part part;
};

static enum status inputs_begin(struct inputs *in, struct run *const *runs, size_t count,
				enum run_part part)
{
	enum status st = STATUS_OK;

	*in = (struct inputs){ .count = count, .part = part };
	for (size_t i = 0; i < count && st == STATUS_OK; i++) {
		st = run_reader_begin(&in->readers[i], runs[i], part);
		in->on[i] = st == STATUS_OK && run_reader_next(&in->readers[i], &in->heads[i]);
	}
	return st;
}

/* What broke, if anything did. */
static enum status inputs_end(struct inputs *in, size_t *out_broken)
{
	enum status st = STATUS_OK;

	for (size_t i = in->count; i-- > 0;) {
		if (in->readers[i].st != STATUS_OK) {
			st = in->readers[i].st;
			*out_broken = i;
		}
		run_reader_end(&in->readers[i]);
	}
	return st;
}

static bool before(const struct inputs *in, const struct posting *a, const struct posting *b)
{
	if (in->part == RUN_POSTINGS && a->key != b->key)
		return a->key < b->key;
	return a->number < b->number;
}

/* Among equal ones those of the older run come first. */
static bool inputs_next(struct inputs *in, struct posting *out)
{
	size_t least = in->count;

	for (size_t i = 0; i < in->count; i++)
		if (in->on[i] &&
		    (least == in->count || before(in, &in->heads[i], &in->heads[least])))
			least = i;
	if (least == in->count)
		return false;
	*out = in->heads[least];
	in->on[least] = run_reader_next(&in->readers[least], &in->heads[least]);
	return true;
}

/* ---- merging -------------------------------------------------------------------------------- */

static void write_list(struct run_write *w, uint64_t key, uint64_t *numbers, size_t count,
		       uint32_t cap)
{
	count = numbers_cap(numbers, count, cap);
	for (size_t i = 0; i < count; i++)
		run_write_posting(w, key, numbers[i]);
}

static void merge_postings(struct run_write *w, struct inputs *in, uint32_t cap,
			   merge_pause_fn pause, void *ctx)
{
	uint64_t numbers[MERGE_RUNS * TABLE_CAP_MAX];
	struct posting p, list = { 0, 0 };
	size_t count = 0, n = 0;

	while (w->st == STATUS_OK && inputs_next(in, &p)) {
		if (count > 0 && (p.key != list.key || count == MERGE_RUNS * TABLE_CAP_MAX)) {
			write_list(w, list.key, numbers, count, cap);
			count = 0;
		}
		list.key = p.key;
		numbers[count++] = p.number;
		if (++n % PAUSE_EVERY == 0 && !pause(ctx))
			w->st = STATUS_CLOSED;
	}
	if (count > 0)
		write_list(w, list.key, numbers, count, cap);
}

static void merge_columns(struct run_write *w, struct inputs *in)
{
	struct posting p, last = { 0, 0 };

	while (w->st == STATUS_OK && inputs_next(in, &p)) {
		if (last.number != 0 && p.number != last.number)
			run_write_article(w, last.number, last.key);
		last = p;
	}
	if (last.number != 0)
		run_write_article(w, last.number, last.key);
}

enum status run_of_runs(const char *path, struct run *const *runs, size_t count, uint32_t cap,
			bool sync, size_t *out_broken, merge_pause_fn pause, void *ctx)
{
	struct run_info info = run_info_of(runs, count);
	struct run_write w;
	struct inputs in;
	enum status st;

	run_write_begin(&w, path, &info, info.keys, sync);
	for (enum run_part part = RUN_POSTINGS; part <= RUN_COLUMN; part++) {
		st = inputs_begin(&in, runs, count, part);
		if (st == STATUS_OK && part == RUN_POSTINGS)
			merge_postings(&w, &in, cap, pause, ctx);
		else if (st == STATUS_OK)
			merge_columns(&w, &in);
		if (st == STATUS_OK)
			st = inputs_end(&in, out_broken);
		else
			inputs_end(&in, out_broken);
		if (w.st == STATUS_OK)
			w.st = st;
	}
	return finish(&w, path);
}
