/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/kv.h"
#include "kv_folder.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include <cmocka.h>

enum { ROWS, PAIRS };
static const struct kv_table tables[] = { { .name = "rows" }, { .name = "pairs", .pairs = true } };

static struct kv_options options(size_t map_size)
{
	return (struct kv_options){
		.path = folder, .map_size = map_size, .tables = tables, .table_count = 2
	};
}

struct rows {
	uint64_t from, count;
	size_t value_bytes;
	unsigned calls;
	enum status refuse;
};

static void put_rows(struct kv_txn *t, void *ctx)
{
	struct rows *r = ctx;
	char key[KV_NUMBER_BYTES];
	char *value = calloc(1, r->value_bytes + 1);

	assert_non_null(value);
	r->calls++;
	for (uint64_t i = 0; i < r->count; i++) {
		snprintf(value, r->value_bytes, "%llu", (unsigned long long)(r->from + i));
		kv_append(t, ROWS, kv_number(key, r->from + i), span_of(value, r->value_bytes));
	}
	free(value);
	kv_fail(t, r->refuse);
}

static void assert_rows(struct kv *kv, uint64_t count)
{
	char key[KV_NUMBER_BYTES];
	struct kv_txn t;
	struct span v;

	kv_read(&t, kv);
	assert_int_equal(kv_count(&t, ROWS), count);
	for (uint64_t i = 1; i <= count; i++) {
		assert_true(kv_get(&t, ROWS, kv_number(key, i), &v));
		assert_int_equal(strtoull(v.p, NULL, 10), i);
	}
	assert_false(kv_get(&t, ROWS, kv_number(key, count + 1), &v));
	assert_int_equal(t.st, STATUS_OK);
	kv_end(&t);
}

static void what_was_committed_is_read_after_reopening(void **state)
{
	struct kv_options o = options(1 << 20);
	struct rows r = { .from = 1, .count = 100, .value_bytes = 32 };
	struct kv *kv;

	(void)state;
	o.sync = true;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	kv_close(kv);
	o.read_only = true;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_rows(kv, 100);
	kv_close(kv);
}

static void a_full_map_grows_and_the_change_is_made_once(void **state)
{
	struct kv_options o = options(1 << 16);
	struct rows r = { .from = 1, .count = 1000, .value_bytes = 3000 };
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	assert_true(r.calls > 1);
	assert_rows(kv, 1000);
	kv_close(kv);
}

static void a_full_map_is_no_space_while_somebody_reads(void **state)
{
	struct kv_options o = options(1 << 16);
	struct rows r = { .from = 1, .count = 1000, .value_bytes = 3000 };
	struct kv_txn t;
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	kv_read(&t, kv);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_NO_SPACE);
	kv_end(&t);
	assert_rows(kv, 0);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	assert_rows(kv, 1000);
	kv_close(kv);
}

static void a_refused_change_leaves_nothing(void **state)
{
	struct kv_options o = options(1 << 20);
	struct rows r = { .from = 1, .count = 10, .value_bytes = 32, .refuse = STATUS_TOO_LARGE };
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_TOO_LARGE);
	assert_rows(kv, 0);
	r.refuse = STATUS_OK;
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_EXISTS);
	assert_rows(kv, 10);
	kv_close(kv);
}

static void put_pairs(struct kv_txn *t, void *ctx)
{
	(void)ctx;
	kv_put(t, PAIRS, span_of_text("b"), span_of_text("02"));
	kv_put(t, PAIRS, span_of_text("b"), span_of_text("01"));
	kv_put(t, PAIRS, span_of_text("a"), span_of_text("09"));
	kv_put(t, PAIRS, span_of_text("b"), span_of_text("01"));
}

static void pairs_come_in_order_of_key_then_value(void **state)
{
	struct kv_options o = options(1 << 20);
	struct kv_cursor c;
	struct kv_txn t;
	struct kv *kv;
	char seen[32] = "";

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_pairs, NULL), STATUS_OK);
	kv_read(&t, kv);
	kv_seek(&c, &t, PAIRS, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		strncat(seen, c.key.p, c.key.len);
		strncat(seen, c.value.p, c.value.len);
	}
	kv_leave(&c);
	assert_string_equal(seen, "a09b01b02");
	kv_seek(&c, &t, PAIRS, span_of_text("aa"));
	assert_true(c.found && c.key.p[0] == 'b');
	kv_next_key(&c);
	assert_false(c.found);
	kv_leave(&c);
	kv_end(&t);
	kv_close(kv);
}

/* The walk of a broken file, in a process that may die of it. */
static bool walk_is_refused(void)
{
	struct kv_options o = options(1 << 20);
	pid_t child = fork();
	int how;

	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit none = { 0, 0 };

		/* cmocka and the sanitizers would catch the signals that are expected here. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &none);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		_exit(kv_walk(&o, NULL) == STATUS_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	return !WIFEXITED(how) || WEXITSTATUS(how) != 0;
}

static void break_file(off_t at, size_t len, off_t length)
{
	char zeros[4096] = { 0 };
	char name[128];
	int fd;

	snprintf(name, sizeof name, "%s/data.mdb", folder);
	fd = open(name, O_RDWR);
	assert_true(fd >= 0);
	if (len > 0)
		assert_int_equal(pwrite(fd, zeros, len, at), (ssize_t)len);
	if (length > 0)
		assert_int_equal(ftruncate(fd, length), 0);
	close(fd);
}

static void a_walk_finds_zeroed_pages_and_a_short_file(void **state)
{
	struct kv_options o = options(1 << 24);
	struct rows r = { .from = 1, .count = 2000, .value_bytes = 700 };
	uint64_t bytes;
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	kv_close(kv);
	bytes = kv_file_of(folder).bytes;
	assert_false(walk_is_refused());
	break_file((off_t)(bytes / 2 / 4096 * 4096), 4096, 0);
	assert_true(walk_is_refused());
	break_file(0, 0, (off_t)(bytes / 2));
	assert_true(walk_is_refused());
	break_file(0, 4096, 0);
	assert_true(walk_is_refused());
}

static bool refuse_seven(unsigned table, struct span key, struct span value)
{
	(void)value;
	return table != ROWS || kv_number_of(key) != 7;
}

static void a_walk_meets_every_pair_and_can_refuse_one(void **state)
{
	struct kv_options o = options(1 << 22);
	struct rows r = { .from = 1, .count = 500, .value_bytes = 6000 };
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_walk(&o, NULL), STATUS_DAMAGED); /* nothing is there */
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	assert_int_equal(kv_change(kv, put_pairs, NULL), STATUS_OK);
	kv_close(kv);
	assert_int_equal(kv_walk(&o, NULL), STATUS_OK);
	assert_int_equal(kv_walk(&o, refuse_seven), STATUS_DAMAGED);
}

/* A child that reads from beside; it has begun when it has written a byte. */
static pid_t read_beside(bool leave)
{
	int ends[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct kv_options o = options(1 << 22);
		struct kv_txn t;
		struct kv *kv;

		o.read_only = o.beside = true;
		if (kv_open(&kv, &o) != STATUS_OK)
			_exit(1);
		kv_read(&t, kv);
		if (kv_count(&t, ROWS) != 20 || write(ends[1], "x", 1) != 1)
			_exit(1);
		while (!leave)
			pause();
		kv_end(&t);
		kv_close(kv);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return child;
}

/* By how much the file grows in so many small commits. */
static uint64_t growth(struct kv *kv, unsigned commits)
{
	uint64_t before = kv_file_of(folder).bytes;

	for (unsigned i = 0; i < commits; i++)
		assert_int_equal(kv_change(kv, put_pairs, NULL), STATUS_OK);
	return kv_file_of(folder).bytes - before;
}

static void a_reader_from_beside_holds_pages_until_it_is_gone(void **state)
{
	struct kv_options o = options(1 << 26);
	struct rows r = { .from = 1, .count = 20, .value_bytes = 100 };
	struct kv *kv;
	pid_t child;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_rows, &r), STATUS_OK);
	growth(kv, 20);
	assert_int_equal(growth(kv, 100), 0);
	child = read_beside(true);
	waitpid(child, NULL, 0);
	assert_int_equal(growth(kv, 100), 0);
	child = read_beside(false);
	assert_true(growth(kv, 100) > 100 * 4096);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	kv_tidy(kv);
	growth(kv, 3);
	assert_int_equal(growth(kv, 100), 0);
	kv_close(kv);
}

/* A store to a page of it for which a full disk has no block would be SIGBUS. */
static void the_lock_file_has_no_hole(void **state)
{
	struct kv_options o = options(1 << 20);
	char name[128];
	struct stat s;
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	snprintf(name, sizeof name, "%s/lock.mdb", folder);
	assert_int_equal(stat(name, &s), 0);
	assert_true(s.st_blocks * 512 >= s.st_size);
	kv_close(kv);
}

static void a_pair_is_there_or_not(void **state)
{
	struct kv_options o = options(1 << 22);
	char key[KV_NUMBER_BYTES];
	struct kv_cursor c;
	struct kv_txn t;
	struct kv *kv;

	(void)state;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	assert_int_equal(kv_change(kv, put_pairs, NULL), STATUS_OK);
	kv_read(&t, kv);
	kv_seek(&c, &t, PAIRS, span_of(NULL, 0));
	assert_true(c.found);
	assert_true(kv_has(&t, PAIRS, c.key, c.value));
	assert_false(kv_has(&t, PAIRS, kv_number(key, 999), c.value));
	assert_false(kv_has(&t, PAIRS, c.key, span_of("\xff\xff\xff\xff\xff\xff\xff\xff", 8)));
	assert_int_equal(t.st, STATUS_OK);
	kv_leave(&c);
	kv_end(&t);
	kv_close(kv);
}

static void numbers_sort_as_keys(void **state)
{
	static const uint64_t numbers[] = {
		0, 1, 255, 256, 1u << 31, UINT64_C(1) << 63, UINT64_MAX
	};
	char before[KV_NUMBER_BYTES], key[KV_NUMBER_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		assert_int_equal(kv_number_of(kv_number(key, numbers[i])), numbers[i]);
		if (i > 0)
			assert_true(memcmp(before, key, sizeof key) < 0);
		memcpy(before, key, sizeof key);
	}
	assert_int_equal(kv_number_of(span_of("1234567", 7)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_committed_is_read_after_reopening,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_full_map_grows_and_the_change_is_made_once,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_full_map_is_no_space_while_somebody_reads,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_refused_change_leaves_nothing, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(pairs_come_in_order_of_key_then_value, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_walk_finds_zeroed_pages_and_a_short_file,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_walk_meets_every_pair_and_can_refuse_one,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_reader_from_beside_holds_pages_until_it_is_gone,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(the_lock_file_has_no_hole, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_pair_is_there_or_not, make_folder, remove_folder),
		cmocka_unit_test(numbers_sort_as_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
