/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch_harness.h"

#include <errno.h>

static struct span text(const char *s)
{
	return span_of_text(s);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void a_file_renamed_into_place_is_handed_over_at_once(void **state)
{
	struct room *r = *state;
	const struct found *f;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_deliver(r, "src/a.txt", 7);
	f = room_await(r, "src/a.txt");
	assert_int_equal(f->size, 7);
	assert_int_equal(f->root, 0);
	assert_false(f->listed);
	assert_false(f->irregular);
}

static void a_file_written_and_closed_is_handed_over_with_its_time(void **state)
{
	struct room *r = *state;
	char path[PATH_MAX];
	struct stat st;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_write(r, "src/b.txt", 3);
	room_await(r, "src/b.txt");
	assert_int_equal(stat(room_path(path, r, "src/b.txt"), &st), 0);
	assert_true(room_seen(r, "src/b.txt")->mtime_ns ==
		    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
	assert_false(room_seen(r, "src/b.txt")->listed);
}

static void a_file_still_open_is_not_handed_over(void **state)
{
	struct room *r = *state;
	char path[PATH_MAX];
	int fd;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	fd = open(room_path(path, r, "src/open.txt"), O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "half", 4), 4);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(room_seen(r, "src/open.txt"));
	close(fd);
	room_await(r, "src/open.txt");
}

static void temporary_names_are_ignored_until_renamed(void **state)
{
	static const char *const names[] = { "src/.x", "src/x.tmp", "src/x.part", "src/x~" };
	struct room *r = *state;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	for (size_t i = 0; i < 4; i++)
		room_write(r, names[i], 1);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(r->seen_count, 0);
	for (size_t i = 0; i < 4; i++) {
		char to[32];

		snprintf(to, sizeof to, "src/%zu.txt", i);
		room_rename(r, names[i], to);
		room_await(r, to);
	}
	assert_int_equal(r->seen_count, 4);
}

static void temporary_names_met_by_a_listing_are_counted_once(void **state)
{
	struct room *r = *state;
	uint64_t before = stats_get(STAT_FILES_IGNORED);

	room_mkdir(r, "src");
	room_write(r, "src/a.tmp", 1);
	room_write(r, "src/.b", 1);
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_FILES_IGNORED) - before, 2);
	watch_rescan(r->watch);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_FILES_IGNORED) - before, 2);
	assert_int_equal(r->seen_count, 0);
}

static void a_file_in_the_root_itself_has_its_name_for_a_path(void **state)
{
	struct room *r = *state;

	room_write(r, "old.txt", 1);
	room_watch(r);
	assert_true(room_await(r, "old.txt")->listed);
	room_deliver(r, "new.txt", 1);
	assert_false(room_await(r, "new.txt")->listed);
}

static void a_hard_link_is_handed_over_without_a_close(void **state)
{
	struct room *r = *state;
	char a[PATH_MAX], b[PATH_MAX];

	room_mkdir(r, "src");
	room_write(r, "src/a.tmp", 5);
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(link(room_path(a, r, "src/a.tmp"), room_path(b, r, "src/a.txt")), 0);
	assert_int_equal(room_await(r, "src/a.txt")->size, 5);
}

static void names_are_bytes(void **state)
{
	static const char *const names[] = { "src/a\nb.txt", "src/\xff\xfe.txt", "src/ .txt",
					     "src/-rf", "src/\x01\x1b[31m" };
	struct room *r = *state;

	room_mkdir(r, "src");
	for (size_t i = 0; i < 5; i += 2)
		room_write(r, names[i], i);
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	for (size_t i = 1; i < 5; i += 2)
		room_write(r, names[i], i);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(room_await(r, names[i])->size, i);
}

/* ---- directories ----------------------------------------------------------------------------- */

static void directories_made_in_quick_succession_lose_no_file(void **state)
{
	struct room *r = *state;

	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	for (int i = 0; i < 50; i++) {
		char line[128], path[64];

		snprintf(line, sizeof line, "mkdir -p root/s%d/a/b/c && echo > root/s%d/a/b/c/f", i,
			 i);
		room_shell(r, line);
		snprintf(path, sizeof path, "s%d/a/b/c/f", i);
		if (i % 7 == 0)
			room_await(r, path);
	}
	assert_int_equal(room_sync(r), STATUS_OK);
	for (int i = 0; i < 50; i++) {
		char path[64];

		snprintf(path, sizeof path, "s%d/a/b/c/f", i);
		assert_non_null(room_seen(r, path));
	}
	assert_int_equal(stats_get(STAT_WATCHES), 1 + 50 * 4);
}

static void a_directory_moved_in_is_listed_whole(void **state)
{
	struct room *r = *state;

	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "mkdir -p out/x/y && echo 1 > out/1 && echo 2 > out/x/2 && echo > out/x/y/3");
	room_shell(r, "mv out root/in");
	assert_true(room_await(r, "in/1")->listed);
	room_await(r, "in/x/2");
	room_await(r, "in/x/y/3");
	room_deliver(r, "in/x/y/4", 1);
	assert_false(room_await(r, "in/x/y/4")->listed);
}

static void a_renamed_directory_is_handed_over_under_its_new_name(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir -p root/a/sub root/b && echo > root/a/sub/f");
	room_watch(r);
	room_await(r, "a/sub/f");
	room_rename(r, "a/sub", "b/sub");
	room_await(r, "b/sub/f");
	room_write(r, "b/sub/g", 1);
	assert_false(room_await(r, "b/sub/g")->listed);
	assert_null(room_seen(r, "a/sub/g"));
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_WATCHES), 4);
}

static void an_ignored_directory_is_listed_once_it_is_renamed(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir root/.in && echo > root/.in/f");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_write(r, ".in/g", 1);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(r->seen_count, 0);
	room_rename(r, ".in", "in");
	room_await(r, "in/f");
	room_await(r, "in/g");
}

static void a_directory_moved_out_is_forgotten(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir -p root/a/b && echo > root/a/b/f");
	room_watch(r);
	room_await(r, "a/b/f");
	room_shell(r, "mv root/a away");
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "echo > away/b/g");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(room_seen(r, "a/b/g"));
	while (stats_get(STAT_WATCHES) != 1)
		room_turn(r);
}

static void a_deleted_directory_is_forgotten_and_may_come_again(void **state)
{
	struct room *r = *state;

	for (int i = 0; i < 3; i++) {
		char path[64];

		snprintf(path, sizeof path, "a/b/%d", i);
		room_shell(r, "mkdir -p root/a/b");
		room_write(r, path, 1);
		if (i == 0)
			room_watch(r);
		room_await(r, path);
		room_shell(r, "rm -r root/a");
		if (i == 1)
			assert_int_equal(room_sync(r), STATUS_OK);
	}
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_WATCHES), 1);
	assert_null(watch_trouble(r->watch));
}

static void a_directory_deleted_while_it_is_listed_is_no_error(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir -p root/a/b && cd root/a && seq 1 5000 | xargs touch && touch b/x");
	r->budget = 10;
	room_watch(r);
	while (r->refusals == 0)
		room_turn(r);
	room_shell(r, "rm -r root/a");
	r->budget = SIZE_MAX;
	watch_room(r->watch);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(watch_trouble(r->watch));
	while (stats_get(STAT_WATCHES) != 1)
		room_turn(r);
	assert_int_equal(stats_get(STAT_DIRTY), 0);
}

/* ---- what is not a regular file -------------------------------------------------------------- */

static void what_is_no_regular_file_is_told_and_not_followed(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir outside root/src && echo > outside/secret");
	room_shell(r, "mkfifo root/src/fifo && ln -s ../../outside root/src/dir");
	room_shell(r, "ln -s ../../outside/secret root/src/link && ln -s nowhere root/src/broken");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(r->seen_count, 4);
	for (size_t i = 0; i < r->seen_count; i++)
		assert_true(r->seen[i].file.irregular);
	room_shell(r, "mkfifo root/src/fifo2 && ln -s ../../outside root/src/dir2");
	assert_true(room_await(r, "src/fifo2")->irregular);
	assert_true(room_await(r, "src/dir2")->irregular);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(room_seen(r, "src/dir/secret"));
	assert_null(room_seen(r, "src/dir2/secret"));
}

static void a_directory_replaced_by_a_symlink_is_not_followed(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir -p outside root/src/sub && echo > outside/secret");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "rmdir root/src/sub && ln -s ../../outside root/src/sub");
	watch_rescan(r->watch);
	assert_true(room_await(r, "src/sub")->irregular);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "echo > outside/secret2");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(room_seen(r, "src/sub/secret"));
	assert_null(room_seen(r, "src/sub/secret2"));
}

/* ---- no room --------------------------------------------------------------------------------- */

static void what_is_not_taken_is_offered_again_when_there_is_room(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir root/src && cd root/src && seq 1 3000 | xargs touch");
	r->budget = 7;
	room_watch(r);
	while (r->refusals == 0)
		room_turn(r);
	assert_int_equal(r->seen_count, 7);
	while (r->seen_count < 3000) {
		r->budget = 211;
		watch_room(r->watch);
		room_turn(r);
	}
	for (int i = 1; i <= 3000; i++) {
		char path[32];

		snprintf(path, sizeof path, "src/%d", i);
		assert_int_equal(room_times(r, path), 1);
	}
}

static void events_without_room_are_not_lost(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	r->budget = 0;
	/* More than are kept in the basket: the rest only marks the directory. */
	for (int i = 0; i < 6000; i++) {
		char path[32];

		snprintf(path, sizeof path, "src/%d", i);
		room_write(r, path, 0);
		if (i % 100 == 0)
			uv_run(&r->loop, UV_RUN_NOWAIT);
	}
	while (stats_get(STAT_DIRTY) == 0)
		room_turn(r);
	assert_int_equal(r->seen_count, 0);
	r->budget = SIZE_MAX;
	watch_room(r->watch);
	assert_int_equal(room_sync(r), STATUS_OK);
	for (int i = 0; i < 6000; i += 13) {
		char path[32];

		snprintf(path, sizeof path, "src/%d", i);
		assert_non_null(room_seen(r, path));
	}
	assert_int_equal(stats_get(STAT_DIRTY), 0);
}

static void a_sync_waits_while_there_is_no_room(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	r->budget = 1;
	room_write(r, "src/a", 1);
	room_write(r, "src/b", 1);
	r->synced = false;
	assert_int_equal(watch_sync(r->watch, text("src"), room_synced, r), STATUS_OK);
	while (r->refusals == 0)
		room_turn(r);
	for (int i = 0; i < 10; i++)
		uv_run(&r->loop, UV_RUN_NOWAIT);
	assert_false(r->synced);
	r->budget = SIZE_MAX;
	watch_room(r->watch);
	while (!r->synced)
		room_turn(r);
	assert_int_equal(r->seen_count, 2);
}

/* ---- overflow, polling ----------------------------------------------------------------------- */

static void an_overflow_of_the_event_queue_loses_nothing(void **state)
{
	struct room *r = *state;
	char before[32], mine[32];
	uint64_t overflows = stats_get(STAT_OVERFLOWS);

	room_mkdir(r, "a");
	room_mkdir(r, "b");
	if (!room_set_queue_limit("16", before, sizeof before))
		skip();
	room_watch(r);
	room_set_queue_limit(before, mine, sizeof mine);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_rename(r, "b", "c");
	for (int i = 0; i < 500; i++) {
		char path[32];

		snprintf(path, sizeof path, "%s/%d", i % 2 ? "a" : "c", i);
		room_write(r, path, 0);
	}
	room_mkdir(r, "d");
	room_write(r, "d/f", 1);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_true(stats_get(STAT_OVERFLOWS) > overflows);
	for (int i = 0; i < 500; i++) {
		char path[32];

		snprintf(path, sizeof path, "%s/%d", i % 2 ? "a" : "c", i);
		assert_non_null(room_seen(r, path));
	}
	assert_non_null(room_seen(r, "d/f"));
	while (stats_get(STAT_WATCHES) != 4)
		room_turn(r);
}

static void directories_beyond_the_watch_limit_are_polled(void **state)
{
	struct room *r = *state;
	const char *const root = r->root;
	struct watch_options o = room_options(r, &root);

	room_shell(r, "mkdir -p root/a root/b/c");
	o.max_watches = 2;
	o.rescan_s = 1;
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_WATCHES), 2);
	assert_int_equal(stats_get(STAT_POLLED), 2);
	assert_non_null(strstr(watch_trouble(r->watch), "2 directories are polled"));
	room_write(r, "a/1", 1);
	room_write(r, "b/c/2", 1);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/1"));
	assert_non_null(room_seen(r, "b/c/2"));
	room_shell(
		r,
		"mkdir root/a/d && echo > root/a/d/3 && mkdir root/b/c/d && echo > root/b/c/d/3");
	room_await(r, "a/d/3");
	room_await(r, "b/c/d/3");
	room_shell(r, "rm -r root/b root/a/d");
	while (stats_get(STAT_POLLED) != 0)
		room_turn(r);
	assert_int_equal(stats_get(STAT_WATCHES), 2);
	assert_null(watch_trouble(r->watch));
}

static void two_roots_of_one_directory_both_deliver(void **state)
{
	struct room *r = *state;
	char inner[PATH_MAX];
	const char *const roots[] = { r->root, room_path(inner, r, "a") };
	struct watch_options o = room_options(r, roots);

	room_mkdir(r, "a");
	room_write(r, "a/1", 1);
	o.root_count = 2;
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(room_seen(r, "a/1")->root, 0);
	assert_int_equal(room_seen(r, "1")->root, 1);
	assert_int_equal(stats_get(STAT_POLLED), 1);
	room_write(r, "a/2", 1);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/2"));
	assert_non_null(room_seen(r, "2"));
}

/* ---- settling -------------------------------------------------------------------------------- */

static void set_age(const struct room *r, const char *name, int64_t age_ms)
{
	char path[PATH_MAX];
	struct timespec t[2];
	int64_t ns;

	clock_gettime(CLOCK_REALTIME, &t[0]);
	ns = (int64_t)t[0].tv_sec * 1000000000 + t[0].tv_nsec - age_ms * 1000000;
	t[1].tv_sec = ns / 1000000000;
	t[1].tv_nsec = ns % 1000000000;
	t[0] = t[1];
	assert_int_equal(utimensat(AT_FDCWD, room_path(path, r, name), t, 0), 0);
}

static void watch_settling(struct room *r, int64_t settle_ms)
{
	const char *const root = r->root;
	struct watch_options o = room_options(r, &root);

	o.settle_ms = settle_ms;
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
}

static void a_listed_file_waits_until_it_is_old_enough(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_write(r, "src/old", 1);
	room_write(r, "src/young", 1);
	set_age(r, "src/old", 60000);
	watch_settling(r, 300);
	room_await(r, "src/old");
	assert_null(room_seen(r, "src/young"));
	assert_int_equal(stats_get(STAT_SETTLING), 1);
	assert_true(room_await(r, "src/young")->listed);
	while (stats_get(STAT_SETTLING) != 0)
		room_turn(r);
}

static void a_sync_waits_for_settling_files_also_those_of_the_future(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_write(r, "src/young", 1);
	room_write(r, "src/future", 1);
	set_age(r, "src/future", -3600000);
	watch_settling(r, 100);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "src/young"));
	assert_non_null(room_seen(r, "src/future"));
}

static void a_sync_does_not_wait_for_a_file_that_goes_on_changing(void **state)
{
	struct room *r = *state;
	char path[PATH_MAX];
	int fd;

	room_mkdir(r, "src");
	room_write(r, "src/done", 1);
	fd = open(room_path(path, r, "src/growing"), O_WRONLY | O_CREAT, 0644);
	watch_settling(r, 50);
	r->synced = false;
	assert_int_equal(watch_sync(r->watch, (struct span){ NULL, 0 }, room_synced, r), STATUS_OK);
	while (!r->synced) {
		assert_int_equal(write(fd, "x", 1), 1);
		room_turn(r);
	}
	assert_non_null(room_seen(r, "src/done"));
	assert_null(room_seen(r, "src/growing"));
	close(fd);
	room_await(r, "src/growing");
}

static void a_close_ends_the_settling(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_write(r, "src/a", 1);
	watch_settling(r, 3600000);
	while (stats_get(STAT_SETTLING) != 1)
		room_turn(r);
	room_write(r, "src/a", 2);
	assert_false(room_await(r, "src/a")->listed);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(stats_get(STAT_SETTLING), 0);
	assert_int_equal(room_times(r, "src/a"), 1);
}

static void a_shorter_settle_ms_holds_for_what_waits_already(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "src");
	room_write(r, "src/a", 1);
	watch_settling(r, 3600000);
	while (stats_get(STAT_SETTLING) != 1)
		room_turn(r);
	watch_configure(r->watch, 1, 3600);
	room_await(r, "src/a");
}

/* ---- sync ------------------------------------------------------------------------------------ */

static void a_sync_promises_everything_delivered_before_it(void **state)
{
	struct room *r = *state;

	room_watch(r);
	for (int i = 0; i < 20; i++) {
		char path[64];

		snprintf(path, sizeof path, "s%d", i);
		room_mkdir(r, path);
		snprintf(path, sizeof path, "s%d/f", i);
		room_write(r, path, 1);
		assert_int_equal(room_sync(r), STATUS_OK);
		assert_non_null(room_seen(r, path));
	}
}

static void a_sync_is_limited_to_its_path(void **state)
{
	struct room *r = *state;
	char path[PATH_MAX];

	room_shell(r, "mkdir root/a root/b && echo > root/b/f && chmod 0 root/a");
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	room_watch(r);
	assert_int_equal(room_sync_path(r, text("b")), STATUS_OK);
	assert_non_null(room_seen(r, "b/f"));
	assert_int_equal(room_sync_path(r, text(room_path(path, r, "b/f"))), STATUS_OK);
	assert_int_equal(room_sync_path(r, text(room_path(path, r, "./b//"))), STATUS_OK);
	assert_int_equal(room_sync_path(r, text(room_path(path, r, "a"))), STATUS_DENIED);
	assert_non_null(strstr(r->why, "/root/a cannot be read: permission denied"));
	assert_int_equal(room_sync_path(r, text(r->root)), STATUS_DENIED);
	assert_int_equal(seteuid(getuid()), 0);
}

static void a_sync_outside_all_roots_is_refused_at_once(void **state)
{
	static const char *const outside[] = { "/", "/etc", "nowhere", "../root", "b/../../x" };
	struct room *r = *state;
	char path[PATH_MAX];

	room_watch(r);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(room_sync_path(r, text(outside[i])), STATUS_NOT_FOUND);
		assert_non_null(strstr(r->why, "below a feed root"));
	}
	snprintf(path, sizeof path, "%sx", r->root);
	assert_int_equal(room_sync_path(r, text(path)), STATUS_NOT_FOUND);
	assert_int_equal(room_sync_path(r, text(".")), STATUS_OK);
}

static void a_root_may_be_called_by_its_real_name(void **state)
{
	struct room *r = *state;
	char link[PATH_MAX], path[PATH_MAX];
	const char *const root = link;
	struct watch_options o = room_options(r, &root);

	room_shell(r, "ln -s root link && mkdir root/a");
	snprintf(link, sizeof link, "%s/link/", r->dir);
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_write(r, "a/f", 1);
	assert_int_equal(room_sync_path(r, text(room_path(path, r, "a"))), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
	assert_int_equal(room_sync_path(r, text(link)), STATUS_OK);
}

static void count_sync(void *ctx, enum status st, const char *why)
{
	(void)why;
	++*(int *)ctx;
	assert_true(st == STATUS_OK || st == STATUS_CLOSED);
}

static void several_syncs_are_told_one_by_one_and_a_cancelled_one_never(void **state)
{
	struct room *r = *state;
	int told[3] = { 0, 0, 0 };

	room_mkdir(r, "a");
	room_watch(r);
	for (int i = 0; i < 3; i++)
		assert_int_equal(watch_sync(r->watch, text("a"), count_sync, &told[i]), STATUS_OK);
	watch_sync_cancel(r->watch, &told[1]);
	while (told[0] == 0 || told[2] == 0)
		room_turn(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 0);
	assert_int_equal(told[2], 1);
}

static void closing_tells_the_pending_syncs(void **state)
{
	struct room *r = *state;
	int told = 0;

	room_watch(r);
	assert_int_equal(watch_sync(r->watch, (struct span){ NULL, 0 }, count_sync, &told),
			 STATUS_OK);
	watch_close(r->watch);
	r->watch = NULL;
	assert_int_equal(told, 1);
	assert_int_equal(stats_get(STAT_WATCHES), 0);
}

/* ---- roots ----------------------------------------------------------------------------------- */

static void a_missing_root_is_told_and_found_when_it_comes(void **state)
{
	struct room *r = *state;

	room_shell(r, "rmdir root");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_NOT_FOUND);
	assert_non_null(strstr(r->why, "/root is gone"));
	assert_non_null(strstr(watch_trouble(r->watch), "/root is gone"));
	room_shell(r, "mkdir -p root/a && echo > root/a/f");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
	assert_null(watch_trouble(r->watch));
}

static void a_root_that_goes_and_comes_again_is_noticed(void **state)
{
	struct room *r = *state;

	room_mkdir(r, "a");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "rm -r root");
	while (watch_trouble(r->watch) == NULL)
		room_turn(r);
	room_shell(r, "mkdir -p root/a && echo > root/a/f");
	watch_rescan(r->watch);
	room_await(r, "a/f");
	room_shell(r, "mv root old && mkdir -p root/a && echo > root/a/g");
	room_await(r, "a/g");
	room_write(r, "a/h", 1);
	assert_false(room_await(r, "a/h")->listed);
	room_shell(r, "echo > old/a/i");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_null(room_seen(r, "a/i"));
	assert_null(watch_trouble(r->watch));
}

static void a_root_whose_symlink_was_turned_is_noticed_by_a_sync(void **state)
{
	struct room *r = *state;

	room_shell(r, "mv root one && ln -s one root && mkdir -p one/a two/a && echo > two/a/f");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "ln -sfn two root");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
	room_write(r, "a/g", 1);
	assert_false(room_await(r, "a/g")->listed);
}

static void an_unreadable_root_fails_a_sync_until_it_is_readable(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir root/a && echo > root/a/f && chmod 0 root");
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_DENIED);
	assert_non_null(strstr(r->why, "/root cannot be read: permission denied"));
	assert_int_equal(seteuid(getuid()), 0);
	room_shell(r, "chmod 755 root");
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
}

static void a_directory_without_search_permission_is_told(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir root/a && echo > root/a/f && chmod 744 root/a");
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	room_watch(r);
	assert_int_equal(room_sync(r), geteuid() == getuid() ? STATUS_OK : STATUS_DENIED);
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void what_lies_too_deep_is_told_and_not_followed(void **state)
{
	struct room *r = *state;

	room_shell(r, "cd root && for i in $(seq 1 70); do mkdir d && cd d && echo > f; done");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_TOO_LARGE);
	assert_non_null(strstr(r->why, "too deep"));
	assert_int_equal(r->seen_count, 64);
	assert_non_null(strstr(watch_trouble(r->watch), "too deep"));
}

static void a_path_longer_than_a_path_may_be_is_told_and_passed_over(void **state)
{
	struct room *r = *state;
	size_t deepest = 0;
	char name[251];
	int fd = open(r->root, O_PATH | O_DIRECTORY);

	memset(name, 'n', sizeof name - 1);
	name[250] = '\0';
	for (int i = 0; i < 17; i++) {
		int up = fd;

		assert_int_equal(mkdirat(up, name, 0755), 0);
		fd = openat(up, name, O_PATH | O_DIRECTORY);
		assert_int_equal(mknodat(fd, "f", S_IFREG | 0644, 0), 0);
		close(up);
	}
	close(fd);
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_TOO_LARGE);
	for (size_t i = 0; i < r->seen_count; i++)
		deepest = r->seen[i].file.path.len > deepest ? r->seen[i].file.path.len : deepest;
	assert_int_equal(deepest, 16 * 251 + 1);
}

static void one_turn_lists_but_a_slice_of_a_large_directory(void **state)
{
	struct room *r = *state;
	size_t turns = 0;

	room_shell(r, "mkdir root/a && cd root/a && seq 1 20000 | xargs touch");
	room_watch(r);
	while (r->seen_count < 20000) {
		room_turn(r);
		turns++;
	}
	assert_true(turns >= 20000 / 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		room_test(a_file_renamed_into_place_is_handed_over_at_once),
		room_test(a_file_written_and_closed_is_handed_over_with_its_time),
		room_test(a_file_still_open_is_not_handed_over),
		room_test(temporary_names_are_ignored_until_renamed),
		room_test(temporary_names_met_by_a_listing_are_counted_once),
		room_test(a_file_in_the_root_itself_has_its_name_for_a_path),
		room_test(a_hard_link_is_handed_over_without_a_close),
		room_test(names_are_bytes),
		room_test(directories_made_in_quick_succession_lose_no_file),
		room_test(a_directory_moved_in_is_listed_whole),
		room_test(a_renamed_directory_is_handed_over_under_its_new_name),
		room_test(an_ignored_directory_is_listed_once_it_is_renamed),
		room_test(a_directory_moved_out_is_forgotten),
		room_test(a_deleted_directory_is_forgotten_and_may_come_again),
		room_test(a_directory_deleted_while_it_is_listed_is_no_error),
		room_test(what_is_no_regular_file_is_told_and_not_followed),
		room_test(a_directory_replaced_by_a_symlink_is_not_followed),
		room_test(what_is_not_taken_is_offered_again_when_there_is_room),
		room_test(events_without_room_are_not_lost),
		room_test(a_sync_waits_while_there_is_no_room),
		room_test(an_overflow_of_the_event_queue_loses_nothing),
		room_test(directories_beyond_the_watch_limit_are_polled),
		room_test(two_roots_of_one_directory_both_deliver),
		room_test(a_listed_file_waits_until_it_is_old_enough),
		room_test(a_sync_waits_for_settling_files_also_those_of_the_future),
		room_test(a_sync_does_not_wait_for_a_file_that_goes_on_changing),
		room_test(a_close_ends_the_settling),
		room_test(a_shorter_settle_ms_holds_for_what_waits_already),
		room_test(a_sync_promises_everything_delivered_before_it),
		room_test(a_sync_is_limited_to_its_path),
		room_test(a_sync_outside_all_roots_is_refused_at_once),
		room_test(a_root_may_be_called_by_its_real_name),
		room_test(several_syncs_are_told_one_by_one_and_a_cancelled_one_never),
		room_test(closing_tells_the_pending_syncs),
		room_test(a_missing_root_is_told_and_found_when_it_comes),
		room_test(a_root_that_goes_and_comes_again_is_noticed),
		room_test(a_root_whose_symlink_was_turned_is_noticed_by_a_sync),
		room_test(an_unreadable_root_fails_a_sync_until_it_is_readable),
		room_test(a_directory_without_search_permission_is_told),
		room_test(what_lies_too_deep_is_told_and_not_followed),
		room_test(a_path_longer_than_a_path_may_be_is_told_and_passed_over),
		room_test(one_turn_lists_but_a_slice_of_a_large_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
