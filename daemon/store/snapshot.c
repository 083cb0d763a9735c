/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/snapshot.h"

#include "base/files.h"
#include "store/check.h"
#include "store/meta.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- which there are ------------------------------------------------------------------------ */

static int descending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x > y ? -1 : x < y;
}

static uint32_t number_of(const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	return end - name == EPOCH_NAME_DIGITS && *end == '\0' ? (uint32_t)number : 0;
}

enum status snapshot_epochs(const char *epochs_path, uint32_t **out, size_t *out_count)
{
	DIR *dir = opendir(epochs_path);
	size_t cap = 0;
	struct dirent *e;

	*out = NULL;
	*out_count = 0;
	if (dir == NULL)
		return status_of_errno(errno);
	while ((e = readdir(dir)) != NULL) {
		if (number_of(e->d_name) == 0)
			continue;
		if (*out_count == cap) {
			uint32_t *more = realloc(*out, (2 * cap + 16) * sizeof *more);

			if (more == NULL)
				break;
			*out = more;
			cap = 2 * cap + 16;
		}
		(*out)[(*out_count)++] = number_of(e->d_name);
	}
	closedir(dir);
	if (e != NULL) {
		free(*out);
		return STATUS_NO_MEMORY;
	}
	if (*out_count > 0)
		qsort(*out, *out_count, sizeof **out, descending);
	return STATUS_OK;
}

/* ---- opening -------------------------------------------------------------------------------- */

struct opening {
	size_t map_size;
	snapshot_trust_fn trust;
	void *ctx;
};

static enum status open_part(struct snapshot_part *part, const struct opening *o, bool written)
{
	bool meta = part->number == SNAPSHOT_META;
	struct kv_options ko = meta ? meta_kv_options(part->path, true)
				    : epoch_kv_options(part->path, o->map_size, true);
	enum status st = STATUS_OK;

	ko.read_only = true;
	ko.beside = written;
	part->table_count = ko.table_count;
	if (o->trust != NULL)
		st = o->trust(o->ctx, part, &ko, meta ? NULL : epoch_check);
	if (st == STATUS_OK)
		st = kv_open(&part->kv, &ko);
	if (st != STATUS_OK)
		return st;
	kv_read(&part->txn, part->kv);
	return part->txn.st;
}

static enum status name_part(struct snapshot *s, struct snapshot_part *part, const char *state,
			     uint32_t number)
{
	part->number = number;
	if (number == SNAPSHOT_META)
		snprintf(part->name, sizeof part->name, "meta");
	else
		snprintf(part->name, sizeof part->name, "epochs/%0*" PRIu32, EPOCH_NAME_DIGITS,
			 number);
	part->path = files_path(state, part->name);
	s->count++;
	return part->path == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status open_epochs(struct snapshot *s, const char *state, const struct opening *o,
			       const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct snapshot_part *part = &s->parts[s->count];
		enum status st = name_part(s, part, state, numbers[i]);

		if (st == STATUS_OK)
			st = open_part(part, o, i == 0);
		if (st == STATUS_NOT_FOUND && i > 0) {
			snapshot_leave(part);
			free(part->path);
			s->count--;
			return STATUS_OK; /* expired meanwhile, and so have all older ones */
		}
		if (st != STATUS_OK && o->trust == NULL)
			return st;
	}
	return STATUS_OK;
}

static enum status open_meta(struct snapshot *s, const char *state, const struct opening *o)
{
	enum status st = name_part(s, s->parts, state, SNAPSHOT_META);

	if (st == STATUS_OK)
		st = open_part(s->parts, o, true);
	return o->trust != NULL && st != STATUS_NO_MEMORY ? STATUS_OK : st; /* has been told */
}

enum status snapshot_open(struct snapshot *out, const char *state, size_t map_size,
			  snapshot_trust_fn trust, void *ctx)
{
	const struct opening o = { map_size, trust, ctx };
	uint32_t *numbers = NULL;
	size_t count = 0;
	enum status st;

	*out = (struct snapshot){ .epochs_path = files_path(state, "epochs"),
				  .parts = calloc(1, sizeof *out->parts) };
	st = out->epochs_path == NULL || out->parts == NULL ? STATUS_NO_MEMORY : STATUS_OK;
	if (st == STATUS_OK)
		st = check_state_format(state);
	if (st == STATUS_OK)
		st = open_meta(out, state, &o);
	if (st == STATUS_OK)
		st = snapshot_epochs(out->epochs_path, &numbers, &count);
	if (st == STATUS_OK) {
		struct snapshot_part *parts = realloc(out->parts, (count + 1) * sizeof *parts);

		if (parts != NULL) {
			memset(parts + 1, 0, count * sizeof *parts);
			out->parts = parts;
		}
		st = parts == NULL ? STATUS_NO_MEMORY : STATUS_OK;
	}
	if (st == STATUS_OK)
		st = open_epochs(out, state, &o, numbers, count);
	free(numbers);
	if (st != STATUS_OK)
		snapshot_close(out);
	return st;
}

void snapshot_leave(struct snapshot_part *part)
{
	kv_end(&part->txn);
	kv_close(part->kv);
	part->kv = NULL;
}

void snapshot_close(struct snapshot *s)
{
	for (size_t i = 0; i < s->count; i++) {
		snapshot_leave(&s->parts[i]);
		free(s->parts[i].path);
	}
	free(s->parts);
	free(s->epochs_path);
	*s = (struct snapshot){ 0 };
}
