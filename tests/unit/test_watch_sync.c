/* SPDX-License-Identifier: BSD-2-Clause */
/* What a sync promises, and roots that come and go. */
#include "watch_harness.h"

static struct span text(const char *s)
{
	return span_of_text(s);
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

static void a_root_below_a_renamed_folder_is_noticed_and_found_again(void **state)
{
	struct room *r = *state;
	char root_path[PATH_MAX];
	const char *const root = root_path;
	struct watch_options o = room_options(r, &root);

	room_shell(r, "mkdir -p up/root/a up/root/b");
	snprintf(root_path, sizeof root_path, "%s/up/root", r->dir);
	o.rescan_s = 1; /* unreadable roots are looked for as often as polled ones */
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
	assert_int_equal(room_sync(r), STATUS_OK);
	room_shell(r, "mv up away && echo > away/root/a/f");
	while (watch_trouble(r->watch) == NULL)
		room_turn(r);
	room_shell(r, "mv away up");
	room_await(r, "a/f");
	assert_int_equal(room_sync(r), STATUS_OK);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		room_test(a_sync_promises_everything_delivered_before_it),
		room_test(a_sync_is_limited_to_its_path),
		room_test(a_sync_outside_all_roots_is_refused_at_once),
		room_test(a_root_may_be_called_by_its_real_name),
		room_test(several_syncs_are_told_one_by_one_and_a_cancelled_one_never),
		room_test(closing_tells_the_pending_syncs),
		room_test(a_missing_root_is_told_and_found_when_it_comes),
		room_test(a_root_that_goes_and_comes_again_is_noticed),
		room_test(a_root_below_a_renamed_folder_is_noticed_and_found_again),
		room_test(a_root_whose_symlink_was_turned_is_noticed_by_a_sync),
		room_test(an_unreadable_root_fails_a_sync_until_it_is_readable),
		room_test(a_directory_without_search_permission_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
