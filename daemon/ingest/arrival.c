/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/arrival.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/beneath.h"
#include "base/log.h"
#include "base/stats.h"
#include "index/index.h"
#include "ingest/job.h"
#include "ingest/line.h"
#include "ingest/naming.h"
#include "store/store.h"

#define SAME_KEY_MAX 16u

static struct span path_of(const struct job_file *f)
{
	return span_of(f->path, f->path_len);
}

static uint64_t path_key(const struct lane_view *lane, struct span path)
{
	return naming_key(KEY_PATH, path, (struct span){ NULL, 0 }, lane->secret);
}

static uint64_t content_key(const struct lane_view *lane, struct span path,
			    const uint64_t content[2])
{
	return naming_key(KEY_CONTENT, naming_source(path), span_of((const char *)content, 16),
			  lane->secret);
}

/* The newest delivery of a path. */
static bool newest(const struct lane_view *lane, struct delivery *out, struct span path)
{
	uint64_t found[SAME_KEY_MAX];
	size_t count = index_find(lane->index, path_key(lane, path), found, SAME_KEY_MAX);

	for (size_t i = 0; i < count; i++)
		if (store_delivery(lane->store, out, found[i]) == STATUS_OK &&
		    span_equal(out->path, path))
			return true;
	return false;
}

static bool same_file(const struct delivery *d, const struct job_file *f)
{
	return d->size == f->size && d->mtime_ns == f->mtime_ns;
}

static bool same_content(const struct delivery *d, const struct job *j)
{
	return d->content[0] == j->content[0] && d->content[1] == j->content[1];
}

static void send_on(struct line *line, const struct job *probe, const struct job_file *f)
{
	struct job *j = line_job(line);

	if (j != NULL)
		j->files = arena_take_zeroed(j->arena, 1, sizeof *j->files);
	if (j == NULL || j->files == NULL) {
		job_close(j);
		log_error("file passed over", "path=%s why=out of memory; the next rescan finds it",
			  f->path);
		return;
	}
	*j->files = *f;
	j->files->path = arena_copy(j->arena, path_of(f));
	if (j->files->path == NULL) {
		job_close(j);
		return;
	}
	j->kind = JOB_FILE;
	j->file_count = 1;
	j->vouched = true;
	line_accept_child(line, j, probe);
}

void arrival_probe(const struct lane_view *lane, struct line *line, struct job *probe)
{
	int64_t horizon_ms = store_horizon(lane->store);

	for (size_t i = 0; i < probe->file_count; i++) {
		const struct job_file *f = &probe->files[i];
		struct delivery d;

		if (f->mtime_ns / 1000000 < horizon_ms) {
			stats_add(STAT_FILES_IGNORED, 1);
			continue;
		}
		if (newest(lane, &d, path_of(f)) && same_file(&d, f) && !d.again)
			continue;
		send_on(line, probe, f);
	}
}

bool arrival_recorded(const struct lane_view *lane, const struct job *j)
{
	struct delivery d;

	return newest(lane, &d, path_of(j->files)) && same_file(&d, j->files) &&
	       same_content(&d, j) && !d.again;
}

static bool is_gone(const char *root, struct span path, struct arena *arena)
{
	const char *name = arena_copy(arena, path);
	int fd = name == NULL ? -1 : beneath_open(root, name, O_PATH);

	if (fd >= 0)
		close(fd);
	return name != NULL && fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP);
}

/* A delivery of the same content by the same source under a path where nothing stands any more. */
static bool moved(const struct lane_view *lane, const struct job *j, const char *root)
{
	struct span path = path_of(j->files);
	uint64_t found[SAME_KEY_MAX];
	size_t count =
		index_find(lane->index, content_key(lane, path, j->content), found, SAME_KEY_MAX);

	for (size_t i = 0; i < count; i++) {
		struct delivery d;
		if (store_delivery(lane->store, &d, found[i]) != STATUS_OK ||
		    !same_content(&d, j) || !same_file(&d, j->files) || span_equal(d.path, path) ||
		    d.again)
			continue;
		if (is_gone(root, d.path, lane->arena))
			return true;
	}
	return false;
}

bool arrival_known(const struct lane_view *lane, const struct job *j, const char *const *roots)
{
	return arrival_recorded(lane, j) || moved(lane, j, roots[j->files->root]);
}

/* A reason that may pass without the file changing. */
static bool may_pass(enum status st)
{
	return st == STATUS_DENIED || st == STATUS_IO || st == STATUS_NO_MEMORY ||
	       st == STATUS_NO_DESCRIPTORS;
}

enum status arrival_record(const struct lane_view *lane, const struct job *j, uint64_t *out_number)
{
	struct delivery d = {
		.path = path_of(j->files),
		.size = j->files->size,
		.mtime_ns = j->files->mtime_ns,
		.content = { j->content[0], j->content[1] },
		.again = may_pass(j->st),
	};
	enum status st = store_put_delivery(lane->store, &d);

	if (st == STATUS_OK)
		st = index_post(lane->index, path_key(lane, d.path), d.number);
	if (st == STATUS_OK && j->st == STATUS_OK)
		st = index_post(lane->index, content_key(lane, d.path, d.content), d.number);
	if (st == STATUS_OK)
		*out_number = d.number;
	return st;
}

enum status arrival_reject(const struct lane_view *lane, const struct job *j, const char *why,
			   int64_t now_ms)
{
	struct rejection r = { .path = naming_spelled(path_of(j->files), lane->arena),
			       .why = span_of_text(why),
			       .when_ms = now_ms };
	struct delivery d;

	if (newest(lane, &d, path_of(j->files)) && same_file(&d, j->files) && d.again)
		return STATUS_OK;
	log_warning("file refused", "path=%s why=%s", j->files->path, why);
	stats_add(STAT_REJECTED, 1);
	return store_put_rejection(lane->store, &r);
}
