/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_harness.h - a watch on a real loop over a temporary directory, and what it handed over.
 *
 * Nothing sleeps: the loop runs until what is expected is there, and a guard fails the test when
 * that takes absurdly long. That something is NOT handed over is asked after a sync. */
#ifndef TESTS_WATCH_HARNESS_H
#define TESTS_WATCH_HARNESS_H

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/stats.h"
#include "ingest/watch.h"

#define GUARD_MS 20000u

struct seen {
	struct found file;
	char *path;
};

struct room {
	uv_loop_t loop;
	uv_timer_t guard;
	bool late;
	struct watch *watch;
	char dir[64];
	char root[80]; /* dir/root */
	struct seen *seen;
	size_t seen_count, seen_cap;
	size_t budget; /* how many more it takes */
	size_t refusals;
	/* the last sync */
	bool synced;
	enum status sync_status;
	char why[1024];
};

static inline size_t room_found(void *ctx, const struct found *files, size_t count)
{
	struct room *r = ctx;
	size_t taken = count < r->budget ? count : r->budget;

	for (size_t i = 0; i < taken; i++) {
		if (r->seen_count == r->seen_cap) {
			r->seen_cap = r->seen_cap == 0 ? 64 : r->seen_cap * 2;
			r->seen = realloc(r->seen, r->seen_cap * sizeof(*r->seen));
			assert_non_null(r->seen);
		}
		r->seen[r->seen_count].file = files[i];
		r->seen[r->seen_count++].path = strndup(files[i].path.p, files[i].path.len);
	}
	if (r->budget != SIZE_MAX)
		r->budget -= taken;
	r->refusals += taken < count;
	return taken;
}

static inline void room_late(uv_timer_t *timer)
{
	((struct room *)timer->data)->late = true;
}

static inline char *room_path(char *out, const struct room *r, const char *name)
{
	assert_true(snprintf(out, PATH_MAX, "%s/%s", r->root, name) < PATH_MAX);
	return out;
}

/* A room with an empty root; no watch yet. */
static inline void room_init(struct room *r)
{
	*r = (struct room){ .budget = SIZE_MAX };
	snprintf(r->dir, sizeof r->dir, "%s", "/tmp/test_watch.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	assert_int_equal(chmod(r->dir, 0755), 0); /* for tests that act as nobody */
	snprintf(r->root, sizeof r->root, "%s/root", r->dir);
	assert_int_equal(mkdir(r->root, 0755), 0);
	uv_loop_init(&r->loop);
	uv_timer_init(&r->loop, &r->guard);
	r->guard.data = r;
	uv_timer_start(&r->guard, room_late, GUARD_MS, 0);
}

static inline struct watch_options room_options(struct room *r, const char *const *root)
{
	return (struct watch_options){
		.loop = &r->loop,
		.roots = root,
		.root_count = 1,
		.rescan_s = 3600,
		.found = room_found,
		.ctx = r,
	};
}

/* Watches the root: settle_ms 0, no rescans by time. */
static inline void room_watch(struct room *r)
{
	const char *const root = r->root;
	struct watch_options o = room_options(r, &root);

	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
}

static inline void room_turn(struct room *r)
{
	uv_run(&r->loop, UV_RUN_ONCE);
	assert_false(r->late);
}

static inline void room_synced(void *ctx, enum status st, const char *why)
{
	struct room *r = ctx;

	r->synced = true;
	r->sync_status = st;
	snprintf(r->why, sizeof r->why, "%s", why == NULL ? "" : why);
}

static inline enum status room_sync_path(struct room *r, struct span path)
{
	r->synced = false;
	assert_int_equal(watch_sync(r->watch, path, room_synced, r), STATUS_OK);
	assert_false(r->synced);
	while (!r->synced)
		room_turn(r);
	return r->sync_status;
}

static inline enum status room_sync(struct room *r)
{
	return room_sync_path(r, (struct span){ NULL, 0 });
}

/* The newest that was seen of a path; NULL: none. */
static inline const struct found *room_seen(const struct room *r, const char *path)
{
	for (size_t i = r->seen_count; i-- > 0;) {
		if (strcmp(r->seen[i].path, path) == 0)
			return &r->seen[i].file;
	}
	return NULL;
}

static inline size_t room_times(const struct room *r, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < r->seen_count; i++)
		n += strcmp(r->seen[i].path, path) == 0;
	return n;
}

static inline void room_forget_seen(struct room *r)
{
	for (size_t i = 0; i < r->seen_count; i++)
		free(r->seen[i].path);
	r->seen_count = 0;
}

/* Runs until a path has been seen. */
static inline const struct found *room_await(struct room *r, const char *path)
{
	while (room_seen(r, path) == NULL)
		room_turn(r);
	return room_seen(r, path);
}

/* ---- the disk -------------------------------------------------------------------------------- */

static inline void room_mkdir(const struct room *r, const char *name)
{
	char path[PATH_MAX];

	assert_int_equal(mkdir(room_path(path, r, name), 0755), 0);
}

/* Written and closed, size bytes. */
static inline void room_write(const struct room *r, const char *name, size_t size)
{
	char path[PATH_MAX];
	int fd = open(room_path(path, r, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static inline int room_try_rename(const struct room *r, const char *from, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];

	return rename(room_path(a, r, from), room_path(b, r, to));
}

static inline void room_rename(const struct room *r, const char *from, const char *to)
{
	assert_int_equal(room_try_rename(r, from, to), 0);
}

/* As delivered by rename. */
static inline void room_deliver(const struct room *r, const char *name, size_t size)
{
	room_write(r, ".delivery", size);
	room_rename(r, ".delivery", name);
}

static inline void room_shell(const struct room *r, const char *command)
{
	char line[2 * PATH_MAX];

	snprintf(line, sizeof line, "cd '%s' && %s", r->dir, command);
	assert_int_equal(system(line), 0);
}

/* ---- the event queue ------------------------------------------------------------------------- */

#define QUEUE_LIMIT "/proc/sys/fs/inotify/max_queued_events"

/* The limit holds for descriptors opened while it stands. */
static inline bool room_set_queue_limit(const char *value, char *before, size_t size)
{
	int fd = open(QUEUE_LIMIT, O_RDWR);
	ssize_t len = fd < 0 ? -1 : pread(fd, before, size - 1, 0);
	bool ok = len > 0 && pwrite(fd, value, strlen(value), 0) > 0;

	if (len > 0)
		before[len] = '\0';
	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- setup and teardown ---------------------------------------------------------------------- */

static inline int room_setup(void **state)
{
	struct room *r = calloc(1, sizeof *r);

	assert_non_null(r);
	room_init(r);
	*state = r;
	return 0;
}

static inline int room_teardown(void **state)
{
	struct room *r = *state;

	assert_int_equal(seteuid(getuid()), 0);
	watch_close(r->watch);
	uv_close((uv_handle_t *)&r->guard, NULL);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->loop), 0);
	room_shell(r, "cd / && rm -rf \"$OLDPWD\"");
	room_forget_seen(r);
	free(r->seen);
	free(r);
	return 0;
}

#define room_test(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)

#endif
