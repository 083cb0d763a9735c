/* SPDX-License-Identifier: BSD-2-Clause */
/* No room, no watches, no events, no time yet: nothing is lost. */
#include "watch_harness.h"

#include <sys/inotify.h>

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

static void a_source_that_floods_waits_for_itself(void **state)
{
	struct room *r = *state;
	uint64_t before = stats_get(STAT_HELD_BACK);
	struct span slowed[2];
	int first = 0;

	room_mkdir(r, "a");
	room_mkdir(r, "b");
	room_watch(r);
	assert_int_equal(room_sync(r), STATUS_OK);
	r->budget = 0;
	room_shell(r, "cd root && mkdir ../sub && (cd ../sub && seq 1 3000 | xargs touch) && "
		      "mv ../sub a && (cd a && seq 1 5000 | xargs touch) && touch b/one");
	while (r->refusals == 0)
		room_turn(r);
	r->budget = 2000;
	while (room_times(r, "b/one") == 0 && r->budget > 0) {
		watch_room(r->watch);
		room_turn(r);
	}
	while (strcmp(r->seen[first].path, "b/one") != 0)
		first++;
	assert_true(first < 100);
	assert_int_equal(watch_slowed(r->watch, slowed, 2), 1);
	assert_true(span_equal(slowed[0], span_of_text("a")));
	assert_int_equal(stats_get(STAT_SLOWED), 1);
	assert_int_equal(stats_get(STAT_HELD_BACK), before + 1);
	r->budget = SIZE_MAX;
	watch_room(r->watch);
	assert_int_equal(room_sync(r), STATUS_OK);
	for (int i = 1; i <= 5000; i += 7) {
		char path[32];

		snprintf(path, sizeof path, "a/%d", i);
		assert_int_equal(room_times(r, path) > 0, 1);
	}
	assert_int_equal(watch_slowed(r->watch, slowed, 2), 0);
	assert_int_equal(stats_get(STAT_SLOWED), 0);
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
	assert_int_equal(watch_sync(r->watch, span_of_text("src"), room_synced, r), STATUS_OK);
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

static void without_inotify_everything_is_polled(void **state)
{
	struct room *r = *state;
	int all[4096];
	size_t count = 0;

	/* The limit of instances is one of the user: nobody's are used up. */
	if (geteuid() != 0)
		skip();
	room_shell(r, "mkdir root/a && echo > root/a/f");
	assert_int_equal(seteuid(65534), 0);
	while (count < 4096 && (all[count] = inotify_init1(0)) >= 0)
		count++;
	room_watch(r);
	assert_int_equal(seteuid(0), 0);
	while (count > 0)
		close(all[--count]);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_non_null(room_seen(r, "a/f"));
	assert_int_equal(stats_get(STAT_WATCHES), 0);
	assert_int_equal(stats_get(STAT_POLLED), 2);
	assert_non_null(strstr(watch_trouble(r->watch), "inotify cannot be used"));
	room_write(r, "a/g", 1);
	assert_int_equal(room_sync_path(r, span_of_text("a/g")), STATUS_OK);
	assert_non_null(room_seen(r, "a/g"));
}

static size_t takes_one_and_says_there_is_room(void *ctx, const struct found *files, size_t count)
{
	struct room *r = ctx;

	(void)count;
	watch_room(r->watch);
	return room_found(r, files, 1);
}

static void room_that_comes_while_it_is_offered_some_is_not_missed(void **state)
{
	struct room *r = *state;
	const char *const root = r->root;
	struct watch_options o = room_options(r, &root);

	room_shell(r, "touch root/1 root/2 root/3");
	o.found = takes_one_and_says_there_is_room;
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
	assert_int_equal(room_sync(r), STATUS_OK);
	assert_int_equal(r->seen_count, 3);
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
		room_test(what_is_not_taken_is_offered_again_when_there_is_room),
		room_test(events_without_room_are_not_lost),
		room_test(a_source_that_floods_waits_for_itself),
		room_test(a_sync_waits_while_there_is_no_room),
		room_test(an_overflow_of_the_event_queue_loses_nothing),
		room_test(directories_beyond_the_watch_limit_are_polled),
		room_test(without_inotify_everything_is_polled),
		room_test(room_that_comes_while_it_is_offered_some_is_not_missed),
		room_test(two_roots_of_one_directory_both_deliver),
		room_test(a_listed_file_waits_until_it_is_old_enough),
		room_test(a_sync_waits_for_settling_files_also_those_of_the_future),
		room_test(a_sync_does_not_wait_for_a_file_that_goes_on_changing),
		room_test(a_close_ends_the_settling),
		room_test(a_shorter_settle_ms_holds_for_what_waits_already),
		room_test(what_lies_too_deep_is_told_and_not_followed),
		room_test(a_path_longer_than_a_path_may_be_is_told_and_passed_over),
		room_test(one_turn_lists_but_a_slice_of_a_large_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
