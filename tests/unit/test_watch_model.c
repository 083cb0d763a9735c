/* SPDX-License-Identifier: BSD-2-Clause */
/* Thousands of random operations on the disk while the watch runs, then one sync; the model is the
 * disk itself: whatever stands there must have been handed over as it stands there. */
#include "watch_harness.h"

#include <ftw.h>

#define OPERATIONS 4000
#define NAME_BYTES 64 /* of the paths picked */

static const struct room *walked; /* nftw() has no context */

static uint64_t random_state;

static size_t pick(size_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((random_state >> 33) % n);
}

/* "d2/d0/d1": up to three deep, sometimes a name that is ignored; or the root. */
static void pick_directory(char *out)
{
	static const char *const names[] = { "d0", "d1", "d2", "d3", ".hidden", "d4.part" };
	size_t depth = pick(4);

	out[0] = '\0';
	for (size_t i = 0; i < depth; i++) {
		strcat(out, names[pick(pick(4) == 0 ? 6 : 4)]);
		strcat(out, "/");
	}
}

static void pick_file(char *out)
{
	static const char *const names[] = { "f0", "f1.txt", "f2", "f\n3", ".f4", "f5.tmp", "f6~" };

	pick_directory(out);
	strcat(out, names[pick(7)]);
}

static void write_some(const struct room *r, const char *name)
{
	char path[PATH_MAX];
	int fd = open(room_path(path, r, name), O_WRONLY | O_CREAT | (pick(2) ? O_TRUNC : O_APPEND),
		      0644);

	if (fd < 0)
		return;
	assert_true(write(fd, "0123456789", 1 + pick(9)) > 0);
	close(fd);
}

static void remove_whole(const struct room *r, const char *name)
{
	char line[NAME_BYTES + 32];

	if (name[0] == '\0')
		return;
	snprintf(line, sizeof line, "rm -rf 'root/%s'", name);
	room_shell(r, line);
}

/* A directory is prepared elsewhere and moved in whole. */
static void move_in(const struct room *r, const char *name)
{
	char a[PATH_MAX], b[PATH_MAX], inner[NAME_BYTES + 32];

	if (name[0] == '\0')
		return;
	room_shell(
		r,
		"rm -rf out && mkdir -p out/d0 out/d1 && echo 1 > out/f0 && echo 22 > out/d1/f2");
	snprintf(a, sizeof a, "%s/out", r->dir);
	rename(a, room_path(b, r, name));
	/* And now and then taken out again, or changed right after. */
	if (pick(3) == 0) {
		rename(b, a);
	} else if (pick(2) == 0) {
		snprintf(inner, sizeof inner, "%sd1/f1.txt", name);
		write_some(r, inner);
	}
}

static void operate(const struct room *r)
{
	char one[NAME_BYTES], other[NAME_BYTES], path[PATH_MAX];
	size_t what = pick(100);

	pick_file(one);
	pick_file(other);
	if (what < 40) {
		write_some(r, one);
	} else if (what < 65) {
		write_some(r, ".delivery");
		room_try_rename(r, ".delivery", one);
	} else if (what < 72) {
		room_try_rename(r, one, other);
	} else if (what < 75) {
		unlink(room_path(path, r, one));
	} else if (what < 88) {
		pick_directory(one);
		mkdir(room_path(path, r, one), 0755);
	} else if (what < 96) {
		pick_directory(one);
		pick_directory(other);
		room_try_rename(r, one, other);
	} else {
		pick_directory(one);
		if (what < 98)
			remove_whole(r, one);
		else
			move_in(r, one);
	}
}

static bool is_ignored(const char *name)
{
	size_t len = strlen(name);

	return name[0] == '.' || name[len - 1] == '~' || strstr(name, ".tmp") != NULL ||
	       strstr(name, ".part") != NULL;
}

static int check_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
	const struct room *r = walked;
	const char *rest = path + strlen(r->root) + 1;
	int64_t mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;

	if (place->level > 0 && is_ignored(path + place->base))
		return type == FTW_D ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
	if (type != FTW_F)
		return FTW_CONTINUE;
	for (size_t i = r->seen_count; i-- > 0;) {
		const struct found *f = &r->seen[i].file;

		if (f->size == (uint64_t)st->st_size && f->mtime_ns == mtime_ns &&
		    strcmp(r->seen[i].path, rest) == 0)
			return FTW_CONTINUE;
	}
	print_error("%s (%lld bytes) was never handed over like that\n", rest,
		    (long long)st->st_size);
	return FTW_STOP;
}

static void check_all(const struct room *r)
{
	walked = r;
	assert_int_equal(nftw(r->root, check_file, 16, FTW_PHYS | FTW_ACTIONRETVAL), 0);
	for (size_t i = 0; i < r->seen_count; i++) {
		char *step = r->seen[i].path;

		for (char *end; (end = strchr(step, '/')) != NULL; step = end + 1) {
			*end = '\0';
			assert_false(is_ignored(step));
			*end = '/';
		}
		assert_false(is_ignored(step));
	}
}

/* Takes a few at a time, often none. */
static void stingy_turns(struct room *r)
{
	r->budget = pick(3) == 0 ? pick(4) : 0;
	if (pick(4) == 0)
		watch_room(r->watch);
}

static void live(struct room *r, uint64_t seed, bool stingy)
{
	random_state = seed;
	for (int i = 0; i < OPERATIONS; i++) {
		operate(r);
		if (stingy)
			stingy_turns(r);
		for (size_t turns = pick(4); turns > 0; turns--)
			uv_run(&r->loop, UV_RUN_NOWAIT);
		if (pick(1000) == 0)
			watch_rescan(r->watch);
		if (!stingy && pick(400) == 0) {
			assert_int_equal(room_sync(r), STATUS_OK);
			check_all(r);
		}
	}
	r->budget = SIZE_MAX;
	watch_room(r->watch);
	assert_int_equal(room_sync(r), STATUS_OK);
	check_all(r);
	assert_true(r->seen_count > 100);
}

static void watch_with(struct room *r, size_t max_watches, int64_t settle_ms)
{
	const char *const root = r->root;
	struct watch_options o = room_options(r, &root);

	o.max_watches = max_watches;
	o.settle_ms = settle_ms;
	assert_int_equal(watch_open(&r->watch, &o), STATUS_OK);
}

static void nothing_is_lost_by_a_receiver_with_room(void **state)
{
	watch_with(*state, 0, 0);
	live(*state, 1, false);
}

static void nothing_is_lost_by_a_receiver_without_room(void **state)
{
	watch_with(*state, 0, 0);
	live(*state, 2, true);
}

static void nothing_is_lost_where_directories_are_polled(void **state)
{
	watch_with(*state, 6, 0);
	live(*state, 3, false);
}

static void nothing_is_lost_by_settling(void **state)
{
	watch_with(*state, 0, 10);
	live(*state, 4, false);
}

static void nothing_is_lost_when_all_of_it_comes_together(void **state)
{
	watch_with(*state, 8, 10);
	live(*state, 5, true);
}

static void nothing_is_lost_when_the_event_queue_runs_over(void **state)
{
	uint64_t overflows = stats_get(STAT_OVERFLOWS);
	char before[32], mine[32];

	if (!room_set_queue_limit("5", before, sizeof before))
		skip();
	watch_with(*state, 0, 0);
	room_set_queue_limit(before, mine, sizeof mine);
	live(*state, 6, false);
	assert_true(stats_get(STAT_OVERFLOWS) > overflows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		room_test(nothing_is_lost_by_a_receiver_with_room),
		room_test(nothing_is_lost_by_a_receiver_without_room),
		room_test(nothing_is_lost_where_directories_are_polled),
		room_test(nothing_is_lost_by_settling),
		room_test(nothing_is_lost_when_the_event_queue_runs_over),
		room_test(nothing_is_lost_when_all_of_it_comes_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
