/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/files.h"
#include "base/log.h"
#include "base/stats.h"
#include "store/check.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>

/* The disk limit is kept by expiring whole epochs, so one epoch may take this part of it. */
#define EPOCHS_PER_LIMIT 8u
#define RESERVE_BYTES (UINT64_C(64) << 20) /* kept free, */
#define RESERVE_PART 8u                    /* but never more than this part of the disk */

static bool empty(const struct epoch *e)
{
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		if (e->count[i] > 0)
			return false;
	return true;
}

static bool is_full(const struct store *s, int64_t now_ms)
{
	const struct epoch *active = state_active(s);

	if (empty(active))
		return false;
	if (active->head.first_ms <= now_ms && now_ms - active->head.first_ms >= s->o.epoch_ms)
		return true;
	return s->o.disk_limit > 0 &&
	       files_folder_bytes(active->path) > s->o.disk_limit / EPOCHS_PER_LIMIT;
}

/* The next epoch exists before the old one is closed: there is always an active one. */
enum status state_rotate(struct store *s)
{
	size_t old = s->epoch_count - 1;
	uint32_t number = s->epochs[old]->number;
	uint64_t first[APPENDED_COUNT];
	enum status st, sealed = STATUS_OK;

	epoch_release(state_active(s));
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		first[i] = state_next(s, i);
	state_alone(s);
	st = state_make_epoch(s, first);
	if (st == STATUS_OK) {
		texts_begin_epoch(s);
		codes_begin_epoch(s);
		sealed = epoch_seal(&s->epochs[old], &s->eo);
	}
	state_not_alone(s);
	if (st != STATUS_OK)
		return st;
	if (sealed != STATUS_OK)
		log_warning("epoch not sealed before the next start", "epoch=%08" PRIu32 " why=%s",
			    number, status_text(sealed));
	return state_save_lengths(s, false);
}

static void lose_epoch(struct store *s, size_t at)
{
	s->epoch_count--;
	memmove(&s->epochs[at], &s->epochs[at + 1], (s->epoch_count - at) * sizeof(struct epoch *));
	s->losses++;
}

static enum status expire_oldest(struct store *s)
{
	struct epoch *e = s->epochs[0];
	uint64_t last = e->next[TABLE_ROWS] - 1;
	enum status st = meta_set_horizon(&s->meta, e->head.newest_ms);

	if (st != STATUS_OK)
		return st;
	log_info("epoch expired", "epoch=%08" PRIu32 " articles=%" PRIu64 " up_to=%" PRIu64,
		 e->number, e->count[TABLE_ROWS], last);
	state_alone(s);
	epoch_remove(e);
	lose_epoch(s, 0);
	st = meta_unbury(&s->meta, last);
	state_not_alone(s);
	stats_add(STAT_EXPIRED, 1);
	return st;
}

enum status store_set_aside(struct store *s, uint32_t number)
{
	for (size_t i = 0; i + 1 < s->epoch_count; i++) {
		struct epoch *e = s->epochs[i];
		enum status st;

		if (e->number != number)
			continue;
		st = check_set_aside(e->path, STATUS_DAMAGED);
		if (st != STATUS_OK)
			return st;
		state_alone(s);
		lose_epoch(s, i);
		state_not_alone(s);
		epoch_close(e);
		state_show(s);
		return state_save_lengths(s, false);
	}
	return STATUS_NOT_FOUND;
}

static bool is_old(const struct store *s, int64_t now_ms)
{
	return s->o.retention_ms > 0 && s->epochs[0]->head.newest_ms < now_ms - s->o.retention_ms;
}

static uint64_t rows(const struct store *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->epoch_count; i++)
		count += s->epochs[i]->count[TABLE_ROWS];
	return count;
}

/* Runs of the index go after the epochs, in index_expire(): their share of what has been expired
 * here counts as gone already. */
static bool is_over_limit(const struct store *s, uint64_t rows_before, uint64_t index_before)
{
	uint64_t index = files_folder_bytes(s->index_path);
	double share = rows_before == 0 ? 1 : (double)rows(s) / (double)rows_before;
	uint64_t expected = (uint64_t)((double)index_before * share);

	if (s->o.disk_limit == 0)
		return false;
	return state_bytes(s) - index + (expected < index ? expected : index) > s->o.disk_limit;
}

/* What is over the retention or the limit; the active epoch stays. */
static enum status expire(struct store *s, int64_t now_ms, uint64_t *out_seq)
{
	uint64_t rows_before = rows(s), index_before = files_folder_bytes(s->index_path);
	size_t before = s->epoch_count;
	enum status st = STATUS_OK;

	while (st == STATUS_OK && s->epoch_count > 1 &&
	       (is_old(s, now_ms) || is_over_limit(s, rows_before, index_before))) {
		*out_seq = s->epochs[0]->next[TABLE_ROWS] - 1;
		st = expire_oldest(s);
	}
	if (s->epoch_count != before && st == STATUS_OK)
		st = state_save_lengths(s, false);
	return st;
}

/* Where there is no room for a new epoch, the expiry of old ones makes some. */
enum status store_age(struct store *s, int64_t now_ms, uint64_t *out_seq)
{
	enum status made = STATUS_OK, expired;

	*out_seq = 0;
	epoch_release(state_active(s));
	kv_tidy(state_active(s)->kv);
	kv_tidy(s->meta.kv);
	if (is_full(s, now_ms))
		made = state_rotate(s);
	expired = expire(s, now_ms, out_seq);
	state_show(s);
	return made == STATUS_OK ? expired : made;
}

bool store_short(const struct store *s, bool was)
{
	struct statvfs v;
	uint64_t disk, reserve;

	if (!s->o.sync || statvfs(s->path, &v) != 0)
		return false;
	disk = (uint64_t)v.f_blocks * v.f_frsize;
	reserve = disk / 100 > RESERVE_BYTES ? disk / 100 : RESERVE_BYTES;
	if (reserve > disk / RESERVE_PART)
		reserve = disk / RESERVE_PART;
	return (uint64_t)v.f_bavail * v.f_frsize < (was ? reserve + reserve / 4 : reserve);
}

int64_t store_horizon(const struct store *s)
{
	return s->meta.horizon_ms;
}

enum status store_forget_all(struct store *s, const uint64_t *seqs, size_t count)
{
	enum status st;

	for (size_t i = 0; i < count; i++)
		if (!state_live(s, seqs[i]))
			return STATUS_NOT_FOUND;
	state_alone(s);
	st = meta_bury(&s->meta, seqs, count);
	s->losses++;
	state_not_alone(s);
	return st;
}

enum status store_forget(struct store *s, uint64_t seq)
{
	return store_forget_all(s, &seq, 1);
}

bool store_forgotten(const struct store *s, uint64_t seq)
{
	return meta_buried(&s->meta, seq);
}

static uint32_t consumers(struct store *s)
{
	struct kv_txn t;
	uint64_t count;

	kv_read(&t, s->meta.kv);
	count = kv_count(&t, META_CONSUMERS);
	kv_end(&t);
	return (uint32_t)count;
}

/* Tombstones of rows that are still there; those of expired rows have been dug out. */
static uint64_t forgotten(const struct store *s)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->meta.tombstone_count; i++)
		if (state_epoch_of(s, TABLE_ROWS, s->meta.tombstones[i]) != NULL)
			count++;
	return count;
}

/* What stands below a folder as *.damaged*. */
static void count_damaged(struct store_totals *out, const char *path, const char *below)
{
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (strstr(e->d_name, ".damaged") != NULL && out->damaged++ == 0)
			snprintf(out->damaged_name, sizeof out->damaged_name, "%s%.32s", below,
				 e->d_name);
	if (dir != NULL)
		closedir(dir);
}

void store_totals(struct store *s, struct store_totals *out)
{
	*out = (struct store_totals){ .epochs = (uint32_t)s->epoch_count,
				      .consumers = consumers(s),
				      .state_bytes = state_bytes(s),
				      .newest_seq = state_next(s, TABLE_ROWS) - 1,
				      .newest_delivery = state_next(s, TABLE_DELIVERIES) - 1,
				      .alerts = state_next(s, TABLE_ALERTS) - 1 };
	count_damaged(out, s->epochs_path, "epochs/");
	count_damaged(out, s->path, "");
	out->articles = rows(s) + s->batch.table[TABLE_ROWS].count - forgotten(s);
	out->deliveries = s->batch.table[TABLE_DELIVERIES].count;
	out->rejections = s->batch.table[TABLE_REJECTIONS].count;
	for (size_t i = s->epoch_count; i-- > 0;) {
		const struct epoch *e = s->epochs[i];

		out->deliveries += e->count[TABLE_DELIVERIES];
		out->rejections += e->count[TABLE_REJECTIONS];
		if (e->count[TABLE_ROWS] > 0)
			out->oldest_seq = e->head.first[TABLE_ROWS];
	}
}
