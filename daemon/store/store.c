/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/arena.h"
#include "base/files.h"
#include "base/log.h"
#include "store/check.h"
#include "store/text.h"
#include "store/recent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECENT_BYTES ((size_t)128 << 20) /* of rows, days of most */
#define RECENT_ROWS 131072u
#define MINUTE_MS INT64_C(60000)
#define FOREVER_EPOCH_MS (30 * 24 * 60 * MINUTE_MS) /* where nothing expires */
#define MAP_BYTES ((size_t)1 << 30)

/* ---- the folder ----------------------------------------------------------------------------- */

enum status store_lock(int *out_fd, const char *folder)
{
	char *path = files_path(folder, "lock");
	enum status st = STATUS_OK;

	if (path == NULL)
		return STATUS_NO_MEMORY;
	*out_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	if (*out_fd < 0)
		return status_of_errno(errno);
	if (flock(*out_fd, LOCK_EX | LOCK_NB) == 0)
		return STATUS_OK;
	st = status_of_errno(errno);
	close(*out_fd);
	*out_fd = -1;
	return st;
}

/* The format is a line of text beside the environments, so that a state of another format is
 * refused before anything of it is mapped. */
static enum status mark_format(struct store *s)
{
	char ours[64];
	enum status st = check_format(s->format_path);

	if (st != STATUS_NOT_FOUND)
		return st;
	snprintf(ours, sizeof ours, STATE_FORMAT_LINE, STORE_FORMAT);
	return files_replace(s->format_path, span_of_text(ours), s->o.sync);
}

static enum status make_paths(struct store *s)
{
	s->path = strdup(s->o.path);
	if (s->path == NULL)
		return STATUS_NO_MEMORY;
	s->format_path = files_path(s->path, "format");
	s->lengths_path = files_path(s->path, "lengths");
	s->meta_path = files_path(s->path, "meta");
	s->epochs_path = files_path(s->path, "epochs");
	s->index_path = files_path(s->path, "index");
	return s->format_path != NULL && s->lengths_path != NULL && s->meta_path != NULL &&
			       s->epochs_path != NULL && s->index_path != NULL
		       ? STATUS_OK
		       : STATUS_NO_MEMORY;
}

static enum status make_folders(struct store *s)
{
	enum status st = files_folder(s->epochs_path, s->o.sync);

	return st == STATUS_OK ? files_folder(s->index_path, s->o.sync) : st;
}

/* ---- epochs --------------------------------------------------------------------------------- */

struct listing {
	uint32_t *numbers; /* of whole epochs */
	size_t count, cap;
	uint32_t newest; /* of all, damaged ones included */
};

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What a crash left half-made or half-removed. */
static bool is_left_over(const char *suffix)
{
	const char *last = strrchr(suffix, '.');

	return last != NULL && (strcmp(last, ".new") == 0 || strcmp(last, ".expired") == 0);
}

static enum status list_name(struct store *s, struct listing *l, const char *name)
{
	char *suffix;
	unsigned long number = strtoul(name, &suffix, 10);

	if (suffix - name != EPOCH_NAME_DIGITS || number == 0)
		return STATUS_OK;
	if (is_left_over(suffix)) {
		char *path = files_path(s->epochs_path, name);

		if (path == NULL)
			return STATUS_NO_MEMORY;
		files_remove_folder(path);
		free(path);
		return STATUS_OK;
	}
	if ((uint32_t)number > l->newest)
		l->newest = (uint32_t)number;
	if (*suffix != '\0')
		return STATUS_OK;
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		uint32_t *numbers = realloc(l->numbers, cap * sizeof *numbers);

		if (numbers == NULL)
			return STATUS_NO_MEMORY;
		l->numbers = numbers;
		l->cap = cap;
	}
	l->numbers[l->count++] = (uint32_t)number;
	return STATUS_OK;
}

static enum status list_epochs(struct store *s, struct listing *l)
{
	DIR *dir = opendir(s->epochs_path);
	enum status st = STATUS_OK;
	struct dirent *e;

	if (dir == NULL)
		return status_of_errno(errno);
	while (st == STATUS_OK && (e = readdir(dir)) != NULL)
		st = list_name(s, l, e->d_name);
	closedir(dir);
	if (l->count > 0)
		qsort(l->numbers, l->count, sizeof *l->numbers, ascending);
	return st;
}

/* Whether a state of this kind means that a file is broken, not that we are short of something. */
static bool is_damage(enum status st)
{
	return st == STATUS_DAMAGED || st == STATUS_NOT_FOUND;
}

/* Opens one epoch into epochs[epoch_count]; a damaged one is set aside. */
static enum status open_epoch(struct store *s, const struct lengths *l, uint32_t number,
			      bool sealed)
{
	struct kv_options ko;
	enum status st;
	char *path;

	if (asprintf(&path, "%s/%0*" PRIu32, s->epochs_path, EPOCH_NAME_DIGITS, number) < 0)
		return STATUS_NO_MEMORY;
	ko = epoch_kv_options(path, s->eo.map_size, s->eo.sync);
	st = check_files(l, number, &ko, epoch_check_all);
	if (st == STATUS_OK)
		st = epoch_open(&s->epochs[s->epoch_count], &s->eo, number, sealed);
	if (st == STATUS_OK)
		s->epoch_count++;
	else if (is_damage(st))
		st = check_set_aside(path, st);
	free(path);
	return st;
}

static void close_epochs(struct store *s)
{
	for (size_t i = 0; i < s->epoch_count; i++)
		epoch_close(s->epochs[i]);
	free(s->epochs);
	s->epochs = NULL;
	s->epoch_count = 0;
}

/* All but the newest are read only. */
static enum status open_listed(struct store *s, const struct lengths *l)
{
	struct listing list = { 0 };
	enum status st = list_epochs(s, &list);

	s->epoch_newest = list.newest;
	s->epochs = calloc(list.count + 1, sizeof(struct epoch *));
	s->epoch_cap = list.count + 1;
	if (s->epochs == NULL)
		st = STATUS_NO_MEMORY;
	for (size_t i = 0; i < list.count && st == STATUS_OK; i++)
		st = open_epoch(s, l, list.numbers[i], list.numbers[i] != list.newest);
	free(list.numbers);
	return st;
}

/* Whether the newest epoch was neither begun nor, when that failed, removed: nothing is in it, and
 * the one before has gone on. */
static bool never_began(const struct store *s)
{
	const struct epoch *before, *newest;
	bool behind = false;

	if (s->epoch_count < 2)
		return false;
	before = s->epochs[s->epoch_count - 2];
	newest = state_active(s);
	for (unsigned i = 0; i < APPENDED_COUNT; i++) {
		if (newest->next[i] != newest->head.first[i])
			return false;
		behind |= newest->next[i] < before->next[i];
	}
	return behind;
}

static enum status open_epochs(struct store *s, const struct lengths *l)
{
	enum status st = open_listed(s, l);
	char *path;

	if (st != STATUS_OK || !never_began(s))
		return st;
	path = strdup(state_active(s)->path);
	close_epochs(s);
	st = path == NULL ? STATUS_NO_MEMORY : files_remove_folder(path);
	if (st == STATUS_OK) {
		log_warning("epoch removed that was never begun", "path=%s", path);
		st = open_listed(s, l);
	}
	free(path);
	return st;
}

/* ---- meta ----------------------------------------------------------------------------------- */

/* Keys mixed with another secret would never be found. */
static enum status new_secret(struct store *s, uint64_t *out)
{
	if (getrandom(out, sizeof *out, 0) != (ssize_t)sizeof *out)
		return STATUS_IO;
	files_remove_folder(s->index_path);
	return files_folder(s->index_path, s->o.sync);
}

/* Where there is no meta but there are epochs, they know all but the cursors and the tombstones. */
static enum status meta_defaults(struct store *s, struct meta_options *o,
				 uint64_t lease[APPENDED_COUNT])
{
	const struct epoch *newest = s->epoch_count > 0 ? state_active(s) : NULL;

	o->horizon_ms = newest == NULL ? INT64_MIN : newest->head.horizon_ms;
	for (unsigned i = 0; i < APPENDED_COUNT; i++)
		lease[i] = newest == NULL ? 1 : newest->next[i] + (newest->sealed ? META_LEASE : 0);
	o->lease = lease;
	if (newest == NULL)
		return new_secret(s, &o->secret);
	o->secret = newest->head.secret;
	return STATUS_OK;
}

static enum status open_meta(struct store *s, const struct lengths *l)
{
	struct kv_options ko = meta_kv_options(s->meta_path, s->o.sync);
	struct meta_options o = { .path = s->meta_path, .sync = s->o.sync };
	uint64_t lease[APPENDED_COUNT];
	enum status st = STATUS_OK;
	bool there = access(s->meta_path, F_OK) == 0;

	if (there) {
		st = check_files(l, LENGTHS_META, &ko, NULL);
		if (st == STATUS_OK)
			st = meta_open(&s->meta, &o);
		if (!is_damage(st))
			return st;
		log_error("consumers and tombstones are lost", "path=%s", s->meta_path);
		st = check_set_aside(s->meta_path, st);
		if (st != STATUS_OK)
			return st;
	}
	st = meta_defaults(s, &o, lease);
	return st == STATUS_OK ? meta_open(&s->meta, &o) : st;
}

/* Where the newest epoch is lost, numbers go on above all that it may have given out. */
static enum status ensure_active(struct store *s)
{
	uint64_t first[APPENDED_COUNT];

	if (s->epoch_count > 0 && !state_active(s)->sealed)
		return STATUS_OK;
	for (unsigned i = 0; i < APPENDED_COUNT; i++) {
		first[i] = s->epoch_newest == 0 ? 1 : s->meta.lease[i];
		if (s->epoch_count > 0 && first[i] < state_active(s)->next[i])
			first[i] = state_active(s)->next[i];
	}
	return state_make_epoch(s, first);
}

/* ---- life ----------------------------------------------------------------------------------- */

static int64_t epoch_length(const struct store_options *o)
{
	if (o->epoch_ms > 0)
		return o->epoch_ms;
	if (o->retention_ms <= 0)
		return FOREVER_EPOCH_MS;
	return o->retention_ms / 9 > MINUTE_MS ? o->retention_ms / 9 : MINUTE_MS;
}

/* Before anything is mapped: what kills this start is looked at more closely by a later one. */
static enum status count_start(struct store *s, const struct lengths *l)
{
	struct lengths next = *l;

	s->starts = l->starts < UINT32_MAX ? l->starts + 1 : l->starts;
	next.starts = s->starts;
	return lengths_save(&next, s->lengths_path, s->o.sync);
}

static enum status open_state(struct store *s)
{
	struct lengths l = { 0 };
	enum status st = mark_format(s);

	if (st == STATUS_OK)
		st = make_folders(s);
	if (st == STATUS_OK)
		st = lengths_load(&l, s->lengths_path);
	if (st == STATUS_OK)
		st = count_start(s, &l);
	if (st == STATUS_OK)
		st = open_epochs(s, &l);
	if (st == STATUS_OK)
		st = open_meta(s, &l);
	if (st == STATUS_OK)
		st = ensure_active(s);
	if (st == STATUS_OK)
		texts_begin_epoch(s);
	if (st == STATUS_OK && lengths_distrusted(&l))
		s->starts = 1; /* what was walked has proved itself */
	if (st == STATUS_OK)
		st = state_save_lengths(s, false);
	lengths_free(&l);
	return st;
}

static void release(struct store *s)
{
	close_epochs(s);
	meta_close(&s->meta);
	text_close(s->text);
	texts_close(s);
	codes_begin_epoch(s);
	batch_close(&s->batch);
	recent_close(s->recent);
	record_packer_close(s->packer);
	record_cache_close(s->site_cache);
	bytes_free(&s->scratch);
	pthread_rwlock_destroy(&s->beside);
	if (s->lock >= 0)
		close(s->lock);
	free(s->index_path);
	free(s->epochs_path);
	free(s->meta_path);
	free(s->lengths_path);
	free(s->format_path);
	free(s->path);
	free(s);
}

/* The owner is not kept waiting by readers that come after it. */
static void beside_init(pthread_rwlock_t *beside)
{
	pthread_rwlockattr_t a;

	pthread_rwlockattr_init(&a);
	pthread_rwlockattr_setkind_np(&a, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(beside, &a);
	pthread_rwlockattr_destroy(&a);
}

enum status store_open(struct store **out, const struct store_options *o)
{
	struct store *s = calloc(1, sizeof *s);
	enum status st;

	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->o = *o;
	s->o.epoch_ms = epoch_length(o);
	s->lock = -1;
	pthread_mutex_init(&s->offered_lock, NULL);
	beside_init(&s->beside);
	st = make_paths(s);
	if (st != STATUS_OK)
		goto release;
	s->eo = (struct epoch_options){ .folder = s->epochs_path,
					.map_size = o->map_size > 0 ? o->map_size : MAP_BYTES,
					.sync = o->sync };
	s->text = text_open();
	st = s->text == NULL ? STATUS_NO_MEMORY : batch_open(&s->batch);
	if (st == STATUS_OK)
		st = recent_open(&s->recent, RECENT_BYTES, RECENT_ROWS);
	if (st == STATUS_OK)
		st = record_packer_open(&s->packer);
	if (st == STATUS_OK)
		st = record_cache_open(&s->site_cache);
	if (st == STATUS_OK)
		st = files_folder(s->path, s->o.sync);
	if (st == STATUS_OK && access(s->format_path, F_OK) != 0)
		st = check_own(s->path);
	if (st == STATUS_OK)
		st = store_lock(&s->lock, s->path);
	if (st == STATUS_OK)
		st = open_state(s);
	if (st != STATUS_OK)
		goto release;
	state_show(s);
	*out = s;
	return STATUS_OK;

release:
	release(s);
	return st;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_abort(s);
	if (state_save_lengths(s, !s->distrusted) != STATUS_OK)
		log_warning("clean stop not recorded", "path=%s", s->lengths_path);
	release(s);
}

void store_distrust(struct store *s)
{
	s->distrusted = true;
	s->starts = UINT32_MAX;
}

uint64_t store_secret(const struct store *s)
{
	return s->meta.secret;
}

const char *store_index_path(const struct store *s)
{
	return s->index_path;
}
