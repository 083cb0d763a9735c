/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/audit.h"

#include "base/files.h"
#include "index/manifest.h"
#include "index/run_read.h"
#include "index/sealer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 20u /* the manifest may be replaced while its runs are opened */
#define TELL_MAX 8u
#define FOUND_MAX 256u

struct audited {
	struct run *run; /* NULL: broken, or */
	bool foreign;    /* of another version: the next start makes it again */
	char name[40];   /* below the state */
	struct run_reader column;
	struct posting at; /* the column's next; number 0: none */
};

struct index_audit {
	finding_fn tell;
	void *ctx;
	char *path, *manifest_path;
	struct manifest manifest;
	struct audited *runs;
	size_t run_count;
	unsigned problems; /* of articles */
};

static void tell(struct index_audit *a, const char *file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(struct index_audit *a, const char *file, const char *format, ...)
{
	char why[160];
	struct finding f = { .file = file, .problem = why, .remedy = REMEDY_INDEX };
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	a->tell(a->ctx, &f);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool pages_sound(const struct run *r, uint64_t *out_bad)
{
	for (uint64_t i = 0; i < r->bytes / PAGE_BYTES; i++)
		if (!run_page_sound(r->map + i * PAGE_BYTES, i)) {
			*out_bad = i;
			return false;
		}
	return true;
}

/* Ascending by key, then number; seq ascending in the column. */
static const char *order_of(const struct run *r, enum run_part part)
{
	struct posting p, before = { 0, 0 };
	const char *why = NULL;
	struct run_reader reader;
	uint64_t count = 0;

	if (run_reader_begin(&reader, r, part) != STATUS_OK)
		return "out of memory";
	for (; why == NULL && run_reader_next(&reader, &p); before = p, count++)
		if (count > 0 && (part == RUN_COLUMN    ? p.number <= before.number
				  : p.key == before.key ? p.number <= before.number
							: p.key < before.key))
			why = "its entries are out of order";
	if (why == NULL && reader.st != STATUS_OK)
		why = status_text(reader.st);
	if (why == NULL && count != (part == RUN_COLUMN ? r->info.articles : r->info.postings))
		why = "its entries are not as many as its header says";
	run_reader_end(&reader);
	return why;
}

static const char *check_run(const struct run *r)
{
	static char why[64];
	const char *order;
	uint64_t bad;

	if (!pages_sound(r, &bad)) {
		snprintf(why, sizeof why, "the checksum of page %" PRIu64 " is wrong", bad);
		return why;
	}
	order = order_of(r, RUN_POSTINGS);
	return order != NULL ? order : order_of(r, RUN_COLUMN);
}

/* ---- opening -------------------------------------------------------------------------------- */

static void close_runs(struct index_audit *a)
{
	for (size_t i = 0; i < a->run_count; i++) {
		if (a->runs[i].run != NULL)
			run_reader_end(&a->runs[i].column);
		run_close(a->runs[i].run);
	}
	free(a->runs);
	a->runs = NULL;
	a->run_count = 0;
	manifest_free(&a->manifest);
}

/* NOT_FOUND: a run has gone since the manifest was read. */
static enum status open_runs(struct index_audit *a)
{
	enum status st = manifest_load(&a->manifest, a->manifest_path);

	if (st == STATUS_OK)
		a->runs = calloc(a->manifest.run_count + 1, sizeof *a->runs);
	if (st == STATUS_OK && a->runs == NULL)
		st = STATUS_NO_MEMORY;
	for (size_t i = 0; i < a->manifest.run_count && st == STATUS_OK; i++) {
		struct audited *run = &a->runs[a->run_count++];
		char *path = sealer_run_path(a->path, a->manifest.runs[i].file);

		if (path == NULL)
			return STATUS_NO_MEMORY;
		snprintf(run->name, sizeof run->name, "index/%016" PRIx64 ".run",
			 a->manifest.runs[i].file);
		st = run_open(&run->run, path, a->manifest.runs[i].file);
		if (st != STATUS_OK)
			run->run = NULL;
		run->foreign = st == STATUS_VERSION;
		free(path);
		if (st == STATUS_DAMAGED || st == STATUS_VERSION)
			st = STATUS_OK; /* told later */
		if (run->run != NULL)
			st = run_reader_begin(&run->column, run->run, RUN_COLUMN);
	}
	return st;
}

static void check_runs(struct index_audit *a)
{
	for (size_t i = 0; i < a->run_count; i++) {
		struct audited *run = &a->runs[i];
		const char *why = run->run == NULL ? "its header, directory or length is damaged"
						   : check_run(run->run);

		if (run->foreign)
			continue;
		if (why == NULL) {
			if (!run_reader_next(&run->column, &run->at))
				run->at.number = 0;
			continue;
		}
		tell(a, run->name, "%s", why);
		if (run->run != NULL)
			run_reader_end(&run->column);
		run_close(run->run);
		run->run = NULL;
	}
}

enum status index_audit_open(struct index_audit **out, const char *path, finding_fn tell_fn,
			     void *ctx)
{
	struct index_audit *a = calloc(1, sizeof *a);
	enum status st = STATUS_NO_MEMORY;

	*out = NULL;
	if (a == NULL)
		return st;
	a->tell = tell_fn;
	a->ctx = ctx;
	a->path = strdup(path);
	a->manifest_path = files_path(path, "manifest");
	if (a->path != NULL && a->manifest_path != NULL)
		st = STATUS_NOT_FOUND;
	for (unsigned i = 0; i < TRIES && st == STATUS_NOT_FOUND; i++) {
		close_runs(a);
		st = open_runs(a);
	}
	if (st == STATUS_NOT_FOUND) {
		tell(a, "index/manifest", "it names a run that is not there");
		st = STATUS_OK;
	}
	if (st != STATUS_OK) {
		close_runs(a);
		index_audit_close(a);
		return st;
	}
	check_runs(a);
	*out = a;
	return STATUS_OK;
}

/* ---- articles ------------------------------------------------------------------------------- */

static bool expected(const struct index_audit *a, uint64_t seq)
{
	for (size_t i = 0; i < a->manifest.gap_count; i++)
		if (seq >= a->manifest.gaps[i].from && seq <= a->manifest.gaps[i].to)
			return false;
	for (size_t i = 0; i < a->run_count; i++) /* told already */
		if (a->runs[i].run == NULL)
			return false;
	return seq <= a->manifest.sealed_seq;
}

static bool has_number(struct run *r, uint64_t key, uint64_t number, size_t *found)
{
	uint64_t numbers[FOUND_MAX];
	uint64_t spread = run_key(key);
	size_t n = run_find(r, spread, run_block_of(r, spread), numbers, FOUND_MAX);

	*found += n;
	for (size_t i = 0; i < n; i++)
		if (number_plain(numbers[i]) == number)
			return true;
	return false;
}

/* The list of a key is cut where it is long. */
static bool is_found(struct index_audit *a, uint64_t seq, uint64_t key)
{
	size_t found = 0;

	for (size_t i = 0; i < a->run_count; i++)
		if (a->runs[i].run != NULL && has_number(a->runs[i].run, key, seq, &found))
			return true;
	return found >= 32;
}

void index_audit_article(struct index_audit *a, uint64_t seq, uint64_t simhash, uint64_t key)
{
	bool there = false, alike = true;

	for (size_t i = 0; i < a->run_count; i++) {
		struct audited *run = &a->runs[i];

		if (run->run == NULL)
			continue;
		while (run->at.number != 0 && run->at.number < seq)
			if (!run_reader_next(&run->column, &run->at))
				run->at.number = 0;
		if (run->at.number != seq)
			continue;
		there = true;
		alike &= run->at.key == simhash;
	}
	if (!expected(a, seq) || a->problems >= TELL_MAX)
		return;
	if (!there || !alike || !is_found(a, seq, key)) {
		a->problems++;
		tell(a, "index", "article %" PRIu64 " %s", seq,
		     !there   ? "is in no run"
		     : !alike ? "has another SimHash there"
			      : "is not found by its id");
	}
}

void index_audit_close(struct index_audit *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->run_count; i++) {
		const struct audited *run = &a->runs[i];
		struct finding f = { .file = run->name };

		if (run->run == NULL)
			continue;
		f.records = run->run->info.postings;
		f.bytes = run->run->bytes;
		a->tell(a->ctx, &f);
	}
	close_runs(a);
	free(a->manifest_path);
	free(a->path);
	free(a);
}
