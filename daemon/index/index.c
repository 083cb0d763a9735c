/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include "base/files.h"
#include "base/log.h"
#include "base/turns.h"
#include "index/column.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACTIVE_ARTICLES 131072u
#define POSTINGS_CAP 64u

/* ---- opening -------------------------------------------------------------------------------- */

/* What the manifest does not name is left over from a crash. Returns the highest number seen. */
static uint64_t clean_folder(const struct manifest *m, const char *path)
{
	DIR *dir = opendir(path);
	uint64_t highest = 0;
	struct dirent *e;

	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL) {
		uint64_t file;
		int end = 0;

		if (sscanf(e->d_name, "%16" SCNx64 ".run%n", &file, &end) != 1 || end == 0)
			continue;
		highest = file > highest ? file : highest;
		if (e->d_name[end] == '\0' && manifest_find(m, file) == m->run_count)
			unlinkat(dirfd(dir), e->d_name, 0);
	}
	closedir(dir);
	return highest;
}

/* Of another version: all that follows is added again, which seals on its way; as there are such
 * runs, hardly another has been sealed since. */
static void drop_run(struct manifest *m, size_t at, const char *path)
{
	const struct manifest_run r = m->runs[at];

	log_info("index run of another version goes, its articles are to be added again",
		 "path=%s from=%" PRIu64 " to=%" PRIu64, path, r.first_seq, r.last_seq);
	if (r.first_seq > 0 && r.first_seq <= m->sealed_seq)
		m->sealed_seq = r.first_seq - 1;
	manifest_unseal_deliveries(m, r.first_delivery, r.last_delivery);
	manifest_remove(m, at);
}

/* A run that cannot be trusted becomes a gap; its deliveries are replayed from the first on. */
static enum status lose_run(struct manifest *m, size_t at, const char *path, enum status why)
{
	const struct manifest_run r = m->runs[at];
	char *name;

	if (asprintf(&name, "%s.damaged", path) < 0)
		return STATUS_NO_MEMORY;
	log_error("index run set aside, its articles are to be added again",
		  "path=%s why=%s from=%" PRIu64 " to=%" PRIu64, name, status_text(why),
		  r.first_seq, r.last_seq);
	if (rename(path, name) != 0 && errno != ENOENT)
		log_error("cannot be set aside", "path=%s why=%s", path, strerror(errno));
	free(name);
	gaps_add(m->gaps, &m->gap_count, (struct gap){ r.first_seq, r.last_seq });
	manifest_unseal_deliveries(m, r.first_delivery, r.last_delivery);
	manifest_remove(m, at);
	return STATUS_OK;
}

static bool as_named(const struct run *r, const struct manifest_run *named)
{
	return r->info.first_seq == named->first_seq && r->info.last_seq == named->last_seq;
}

static enum status open_run(struct index *x, struct manifest *m, size_t *at)
{
	char *path = sealer_run_path(x->path, m->runs[*at].file);
	struct run *r = NULL;
	enum status st;

	if (path == NULL)
		return STATUS_NO_MEMORY;
	st = run_open(&r, path, m->runs[*at].file);
	if (st == STATUS_OK && !as_named(r, &m->runs[*at])) {
		run_close(r);
		st = STATUS_DAMAGED;
	}
	if (st == STATUS_OK) {
		r->level = m->runs[(*at)++].level;
		st = runs_insert(x, x->run_count, r);
		if (st != STATUS_OK)
			run_close(r);
	} else if (st == STATUS_VERSION) {
		drop_run(m, *at, path);
		st = STATUS_OK;
	} else if (st == STATUS_DAMAGED || st == STATUS_NOT_FOUND || st == STATUS_IO) {
		st = lose_run(m, *at, path, st);
	}
	free(path);
	return st;
}

static enum status open_folder(struct index *x)
{
	char *path = files_path(x->path, "manifest");
	struct manifest m = { 0 };
	uint64_t highest = 0;
	size_t named, at = 0;
	enum status st;

	if (path == NULL)
		return STATUS_NO_MEMORY;
	st = files_folder(x->path, x->sync);
	if (st == STATUS_OK)
		st = manifest_load(&m, path);
	if (st == STATUS_OK)
		highest = clean_folder(&m, x->path);
	named = m.run_count;
	while (st == STATUS_OK && at < m.run_count)
		st = open_run(x, &m, &at);
	if (st == STATUS_OK && m.run_count != named) {
		st = manifest_save(&m, path, x->sync);
		if (st == STATUS_OK)
			clean_folder(&m, x->path);
	}
	x->sealed_seq = m.sealed_seq;
	x->sealed_delivery = m.sealed_delivery;
	memcpy(x->gaps, m.gaps, sizeof x->gaps);
	x->gap_count = m.gap_count;
	if (st == STATUS_OK)
		st = sealer_open(&x->sealer, x->path, &m, highest + 1, x->sync);
	manifest_free(&m);
	free(path);
	return st;
}

enum status index_open(struct index **out, const struct index_options *o)
{
	struct index *x = calloc(1, sizeof *x);
	enum status st;

	if (x == NULL)
		return STATUS_NO_MEMORY;
	x->active_articles = o->active_articles > 0 ? o->active_articles : ACTIVE_ARTICLES;
	x->cap = o->postings_cap > 0 ? o->postings_cap : POSTINGS_CAP;
	if (x->cap > TABLE_CAP_MAX)
		x->cap = TABLE_CAP_MAX;
	x->sync = !o->temporary;
	pthread_rwlock_init(&x->places, NULL);
	x->changed = calloc(CHANGED_SLOTS, sizeof *x->changed);
	st = x->changed == NULL ? STATUS_NO_MEMORY : index_reader_open(&x->reader);
	if (st == STATUS_OK && o->path != NULL) {
		x->path = strdup(o->path);
		st = x->path == NULL ? STATUS_NO_MEMORY : open_folder(x);
	}
	if (st != STATUS_OK) {
		index_close(x);
		return st;
	}
	*out = x;
	return STATUS_OK;
}

static void stop_sealer(struct index *x)
{
	if (x->sealer == NULL)
		return;
	while (x->sealing_count > 0 && x->seal_status == STATUS_OK) {
		sealer_wait(x->sealer);
		seals_adopt(x);
	}
	sealer_stop(x->sealer);
	seals_drain(x);
	sealer_close(x->sealer);
}

void index_close(struct index *x)
{
	if (x == NULL)
		return;
	stop_sealer(x);
	for (size_t i = 0; i < x->sealing_count; i++) {
		table_close(x->sealing[i]->table);
		free(x->sealing[i]);
	}
	table_close(x->active);
	table_close(x->spare);
	for (size_t i = 0; i < x->run_count; i++)
		run_close(x->runs[i]);
	free(x->runs);
	index_reader_close(x->reader);
	pthread_rwlock_destroy(&x->places);
	free(x->changed);
	free(x->path);
	free(x);
}

/* ---- what is where -------------------------------------------------------------------------- */

void index_sealed_to(const struct index *x, uint64_t *out_seq, uint64_t *out_delivery)
{
	*out_seq = x->sealed_seq;
	*out_delivery = x->sealed_delivery;
}

bool index_gap(struct index *x, uint64_t *out_from, uint64_t *out_to, unsigned which)
{
	if (which >= x->gap_count)
		return false;
	*out_from = x->gaps[which].from;
	*out_to = x->gaps[which].to;
	if (x->gaps_told <= which)
		x->gaps_told = which + 1;
	return true;
}

/* ---- adding --------------------------------------------------------------------------------- */

static enum status ready(struct index *x)
{
	enum status st = STATUS_OK;

	seals_adopt(x);
	if (x->active != NULL)
		return STATUS_OK;
	x->first_seq = UINT64_MAX;
	x->last_seq = 0;
	x->added = 0;
	if (x->spare == NULL)
		st = table_open(&x->spare, x->cap, x->expected);
	lock_write(&x->places);
	x->active = x->spare;
	pthread_rwlock_unlock(&x->places);
	x->spare = NULL;
	return st;
}

static size_t changed_slot(uint64_t spread)
{
	return (size_t)(spread >> (64 - CHANGED_BITS));
}

static enum status add(struct index *x, uint64_t key, uint64_t number, uint8_t flanks)
{
	uint64_t spread = run_key(key);
	enum status st;

	if (number > NUMBER_MAX)
		return STATUS_TOO_LARGE;
	x->changed[changed_slot(spread)] = (uint16_t)(x->additions + 1);
	for (;;) {
		st = table_add(x->active, spread, number_flanked(number, flanks));
		if (st != STATUS_TOO_SMALL)
			return st;
		lock_write(&x->places);
		st = table_grow(x->active, spread);
		pthread_rwlock_unlock(&x->places);
		if (st != STATUS_OK)
			return st;
	}
}

enum status index_add(struct index *x, uint64_t seq, uint64_t simhash, const uint64_t *keys,
		      const uint8_t *flanks, size_t count)
{
	enum status st = ready(x);

	if (st == STATUS_OK)
		st = column_add(table_column(x->active), seq, simhash);
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		table_prefetch(x->active, run_key(keys[i]));
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		st = add(x, keys[i], seq, flanks == NULL ? 0 : flanks[i]);
	x->additions++;
	if (st != STATUS_OK)
		return st;
	x->added += count;
	x->newest_seq = seq;
	x->first_seq = seq < x->first_seq ? seq : x->first_seq;
	x->last_seq = seq > x->last_seq ? seq : x->last_seq;
	return STATUS_OK;
}

enum status index_post(struct index *x, uint64_t key, uint64_t number)
{
	enum status st = ready(x);

	if (st == STATUS_OK)
		st = add(x, key, number, 0);
	x->additions++;
	if (st == STATUS_OK)
		x->added++;
	return st;
}

/* Only the low bits of when a key changed are known: one that did so long ago may be taken for one
 * that just did, never the other way round. */
bool index_same(const struct index *x, const struct index_mark *mark, const uint64_t *keys,
		size_t count)
{
	uint16_t now = (uint16_t)x->additions;
	uint64_t age = x->additions - mark->additions;
	bool same = mark->adopted == x->adopted && age <= UINT16_MAX;

	for (size_t i = 0; i < x->run_count && same; i++)
		same = !run_damaged(x->runs[i]);
	for (size_t i = 0; i < count && same; i++)
		same = (uint16_t)(now - x->changed[changed_slot(run_key(keys[i]))]) >= age;
	return same;
}

/* ---- sealing -------------------------------------------------------------------------------- */

/* How full the active table is, in articles of as many postings as are allowed for. */
static size_t filled(const struct index *x)
{
	size_t articles = table_column(x->active)->count,
	       by_postings = x->added / POSTINGS_AN_ARTICLE;

	return articles > by_postings ? articles : by_postings;
}

void index_committed(struct index *x, uint64_t seq, uint64_t delivery)
{
	seals_adopt(x);
	if (seq > x->committed_seq)
		x->committed_seq = seq;
	if (delivery > x->committed_delivery)
		x->committed_delivery = delivery;
	if (x->sealer == NULL)
		return;
	seals_go_on(x);
	if (x->active == NULL)
		return;
	if (4 * filled(x) >= 3 * (size_t)x->active_articles)
		seals_foresee(x);
	if (filled(x) >= x->active_articles && x->last_seq <= x->committed_seq)
		seals_begin(x, x->committed_seq, x->committed_delivery);
}

void index_expire(struct index *x, uint64_t seq)
{
	seals_adopt(x);
	lock_write(&x->places);
	if (seq > x->expired_seq)
		x->expired_seq = seq;
	if (x->sealer != NULL)
		seals_expire(x);
	pthread_rwlock_unlock(&x->places);
}

unsigned index_gaps_told(const struct index *x)
{
	return (unsigned)x->gaps_told;
}

bool index_torn(const struct index *x)
{
	return x->gaps_told < x->gap_count || x->lost_from != 0;
}

bool index_lost_deliveries(struct index *x, uint64_t *out_from, uint64_t *out_to)
{
	*out_from = x->lost_from;
	*out_to = x->lost_to;
	x->lost_from = x->lost_to = 0;
	if (*out_from != 0 && (x->again_from == 0 || *out_from < x->again_from))
		x->again_from = *out_from;
	return *out_from != 0;
}

void index_renew(struct index *x, uint64_t from, uint64_t to)
{
	seals_adopt(x);
	if (x->sealer == NULL)
		return;
	if (x->renewed.from == 0 || from < x->renewed.from)
		x->renewed.from = from;
	if (to > x->renewed.to)
		x->renewed.to = to;
	x->retry_us = 0; /* somebody waits for it */
	seals_go_on(x);
	if (x->active != NULL && x->first_seq <= to && from <= x->last_seq)
		seals_begin(x, x->committed_seq, x->committed_delivery);
	seals_renew(x);
	seals_set_aside(x);
}

enum status index_settled(struct index *x)
{
	seals_adopt(x);
	if (x->given == x->warming && x->renewed.to == 0)
		return STATUS_OK;
	return x->sealing_count == 0 || x->seal_given ? STATUS_BUSY : x->seal_status;
}

void index_distrust(struct index *x, const char *name)
{
	uint64_t file;
	bool one = sscanf(name, "index/%16" SCNx64 ".run", &file) == 1;

	seals_adopt(x);
	for (size_t i = 0; i < x->run_count; i++)
		if (!one || x->runs[i]->file == file)
			atomic_store(&x->runs[i]->damaged, true);
	seals_set_aside(x);
}

/* Seals that failed are not waited for. */
static bool idle(const struct index *x)
{
	return x->given == 0;
}

enum status index_seal(struct index *x)
{
	enum status st = STATUS_OK;

	if (x->sealer == NULL)
		return STATUS_OK;
	seals_adopt(x);
	x->retry_us = 0;
	seals_go_on(x);
	if (x->committed_seq < x->last_seq)
		x->committed_seq = x->last_seq;
	while (x->active != NULL && st == STATUS_OK) {
		st = seals_begin(x, x->committed_seq, x->committed_delivery);
		if (st == STATUS_BUSY && !idle(x)) {
			sealer_wait(x->sealer);
			seals_adopt(x);
			st = x->seal_status;
		}
	}
	while (!idle(x)) {
		sealer_wait(x->sealer);
		seals_adopt(x);
	}
	return st == STATUS_OK ? x->seal_status : st;
}
