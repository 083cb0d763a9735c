/* SPDX-License-Identifier: BSD-2-Clause */
/* What is delivered, as events and listings tell it. */
#include "watch_harness.h"

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

static void a_directory_moved_out_is_forgotten_even_without_room(void **state)
{
	struct room *r = *state;

	room_shell(r, "mkdir -p root/a/b && echo > root/a/b/f");
	room_watch(r);
	room_await(r, "a/b/f");
	r->budget = 0;
	room_write(r, "no-room-for-this", 1);
	room_shell(r, "mv root/a away");
	while (stats_get(STAT_WATCHES) != 1)
		room_turn(r);
	assert_true(r->refusals > 0);
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
		room_test(a_directory_moved_out_is_forgotten_even_without_room),
		room_test(a_deleted_directory_is_forgotten_and_may_come_again),
		room_test(a_directory_deleted_while_it_is_listed_is_no_error),
		room_test(what_is_no_regular_file_is_told_and_not_followed),
		room_test(a_directory_replaced_by_a_symlink_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
