/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the watch against the dumbest that could work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ingest/watch_basket.h"
#include "ingest/watch_names.h"
#include "ingest/watch_settle.h"
#include "ingest/watch_tree.h"
#include "ingest/watch_wds.h"

static uint64_t random_state = 1;

static size_t pick(size_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((random_state >> 33) % n);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names_that_are_ignored(void **state)
{
	static const char *const yes[] = { ".", ".a", "a.tmp", ".tmp", "a.part", "a~", "~", "" };
	static const char *const no[] = { "a", "a.txt", "tmp", "a.tmp.txt", "a.TMP", "~a", "part" };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(name_is_ignored(span_of_text(yes[i])));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(name_is_ignored(span_of_text(no[i])));
}

static void what_is_not_utf8_or_not_printable_becomes_a_question_mark(void **state)
{
	static const char *const rows[][2] = {
		{ "plain", "plain" },
		{ "a\nb\x7f\x1b", "a?b??" },
		{ "h\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80",
		  "h\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80" },
		{ "\xff\xc3", "??" },
		{ "\xc0\xaf", "??" },
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xe6\x97", "??" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[32];

		snprintf(text, sizeof text, "%s", rows[i][0]);
		name_make_printable(text);
		assert_string_equal(text, rows[i][1]);
	}
}

#define NAMED 3000

static void names_are_found_as_a_linear_scan_finds_them(void **state)
{
	static struct name_node nodes[NAMED];
	static char names[NAMED][16];
	static bool in[NAMED];
	static const char owners[3];
	struct name_table t = { 0 };
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < NAMED; i++)
		snprintf(names[i], sizeof names[i], "n%zu", i / 3);
	for (size_t round = 0; round < 20000; round++) {
		size_t i = pick(NAMED);
		struct span name = span_of_text(names[i]);

		if (in[i]) {
			assert_ptr_equal(names_find(&t, &owners[i % 3], name), &nodes[i]);
			names_remove(&t, &nodes[i]);
			count--;
		} else {
			assert_true(names_put(&t, &nodes[i], &owners[i % 3], name));
			count++;
		}
		in[i] = !in[i];
		i = pick(NAMED);
		assert_ptr_equal(names_find(&t, &owners[i % 3], span_of_text(names[i])),
				 in[i] ? &nodes[i] : NULL);
		assert_int_equal(t.count, count);
	}
	names_free(&t);
}

/* ---- watch descriptors ----------------------------------------------------------------------- */

#define WDS 2000

static void watch_descriptors_are_found_as_an_array_finds_them(void **state)
{
	static struct directory *model[WDS];
	static bool orphan[WDS];
	static char directories[16];
	struct wd_table t = { 0 };

	(void)state;
	for (size_t round = 0; round < 50000; round++) {
		int wd = 1 + (int)pick(WDS - 1);
		size_t what = pick(4);

		if (what < 2) {
			model[wd] = (struct directory *)(void *)&directories[pick(16)];
			orphan[wd] = false;
			assert_true(wds_put(&t, wd, model[wd]));
		} else if (what == 2 && model[wd] != NULL) {
			assert_true(wds_orphan(&t, wd));
			model[wd] = NULL;
			orphan[wd] = true;
		} else if (what == 3) {
			wds_remove(&t, wd);
			model[wd] = NULL;
			orphan[wd] = false;
		}
		wd = 1 + (int)pick(WDS - 1);
		assert_ptr_equal(wds_find(&t, wd), model[wd]);
	}
	for (int wd = wds_take_orphan(&t); wd >= 0; wd = wds_take_orphan(&t)) {
		assert_true(orphan[wd]);
		orphan[wd] = false;
	}
	for (int wd = 1; wd < WDS; wd++) {
		assert_false(orphan[wd]);
		assert_ptr_equal(wds_find(&t, wd), model[wd]);
		t.count -= model[wd] != NULL;
	}
	assert_int_equal(t.count, 0);
	wds_free(&t);
}

/* ---- settling -------------------------------------------------------------------------------- */

#define SETTLING 500

static void the_next_to_settle_is_the_one_due_first(void **state)
{
	static int64_t due[SETTLING]; /* 0: not in */
	struct directory *d = calloc(1, sizeof *d + 1);
	struct settle s = { .settle_ms = 1000 };

	(void)state;
	d->references = 1;
	for (size_t round = 0; round < 20000; round++) {
		size_t i = pick(SETTLING);
		int64_t when = 1 + (int64_t)pick(100000), first = INT64_MAX;
		char name[16];

		snprintf(name, sizeof name, "f%zu", i);
		if (pick(3) == 0) {
			settle_forget(&s, d, span_of_text(name));
			due[i] = 0;
		} else {
			/* Only a changed file waits anew. */
			assert_true(settle_put(&s, d, span_of_text(name), round, 0, 0, 0, when));
			due[i] = when;
		}
		if (pick(5) == 0 && settle_next(&s) != NULL) {
			due[strtoul(settle_next(&s)->name + 1, NULL, 10)] = 0;
			settle_remove(&s, settle_next(&s));
		}
		for (size_t j = 0; j < SETTLING; j++) {
			if (due[j] != 0 && due[j] < first)
				first = due[j];
		}
		assert_true(settle_next(&s) == NULL ? first == INT64_MAX
						    : settle_next(&s)->due_ms == first);
	}
	settle_free(&s);
	assert_int_equal(d->references, 1);
	free(d);
}

static void a_file_waits_for_the_rest_of_settle_ms(void **state)
{
	struct settle s = { .settle_ms = 100000 };
	int64_t now = clock_now_ms();

	(void)state;
	assert_int_equal(settle_wait_ms(&s, (now - 100001) * 1000000), 0);
	assert_in_range(settle_wait_ms(&s, (now - 40000) * 1000000), 50000, 60000);
	assert_int_equal(settle_wait_ms(&s, (now + 3600000) * 1000000), 100000);
	assert_int_equal(settle_wait_ms(&s, INT64_MIN), 0);
	assert_int_equal(settle_wait_ms(&s, INT64_MAX), 100000);
	s.settle_ms = 0;
	assert_int_equal(settle_wait_ms(&s, now * 1000000), 0);
	assert_int_equal(settle_wait_ms(&s, (now + 3600000) * 1000000), 0);
}

/* ---- the basket ------------------------------------------------------------------------------ */

struct taker {
	uint64_t next; /* size of the file expected */
	size_t room;
};

static size_t take(void *ctx, const struct found *files, size_t count)
{
	struct taker *t = ctx;
	size_t taken = count < t->room ? count : t->room;

	for (size_t i = 0; i < taken; i++) {
		char path[32];
		int len = snprintf(path, sizeof path, "s/%llu", (unsigned long long)t->next);

		assert_int_equal(files[i].size, t->next++);
		assert_int_equal(files[i].path.len, len);
		assert_memory_equal(files[i].path.p, path, (size_t)len);
	}
	t->room -= taken;
	return taken;
}

static void the_basket_gives_in_the_order_in_which_it_was_filled(void **state)
{
	struct taker t = { 0, 0 };
	struct basket b;
	uint64_t put = 0;

	(void)state;
	assert_int_equal(basket_open(&b), STATUS_OK);
	for (size_t round = 0; round < 500; round++) {
		for (size_t n = pick(3000); n > 0; n--) {
			char path[32];
			int len = snprintf(path, sizeof path, "s/%llu", (unsigned long long)put);
			struct found f = { .path = span_of(path, (size_t)len), .size = put };

			if (!basket_put(&b, &f)) {
				assert_int_equal(basket_waiting(&b), BASKET_FILES);
				break;
			}
			put++;
		}
		t.room = pick(3000);
		assert_true(basket_offer(&b, take, &t) == (basket_waiting(&b) == 0));
		assert_int_equal(b.put, put);
		assert_int_equal(b.taken, t.next);
		assert_int_equal(basket_waiting(&b), put - t.next);
	}
	basket_close(&b);
}

static void the_basket_is_bounded_in_bytes_too(void **state)
{
	static char path[4000];
	struct found f = { .path = { path, sizeof path } };
	struct basket b;

	(void)state;
	memset(path, 'x', sizeof path);
	assert_int_equal(basket_open(&b), STATUS_OK);
	while (basket_put(&b, &f))
		continue;
	assert_true(basket_waiting(&b) * sizeof path < BASKET_TEXT_MAX + sizeof path);
	assert_false(basket_has_room(&b));
	basket_close(&b);
}

/* ---- filesystems ----------------------------------------------------------------------------- */

static void network_filesystems_are_remote_and_local_ones_are_not(void **state)
{
	(void)state;
	assert_true(filesystem_is_remote(0x6969));
	assert_true(filesystem_is_remote(0xff534d42));
	assert_true(filesystem_is_remote((uint64_t)(int64_t)(int32_t)0xff534d42));
	assert_true(filesystem_is_remote(0x65735546));
	assert_false(filesystem_is_remote(0xef53));     /* ext4 */
	assert_false(filesystem_is_remote(0x01021994)); /* tmpfs */
	assert_false(filesystem_is_remote(0x794c7630)); /* overlayfs */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_ignored),
		cmocka_unit_test(what_is_not_utf8_or_not_printable_becomes_a_question_mark),
		cmocka_unit_test(names_are_found_as_a_linear_scan_finds_them),
		cmocka_unit_test(watch_descriptors_are_found_as_an_array_finds_them),
		cmocka_unit_test(the_next_to_settle_is_the_one_due_first),
		cmocka_unit_test(a_file_waits_for_the_rest_of_settle_ms),
		cmocka_unit_test(the_basket_gives_in_the_order_in_which_it_was_filled),
		cmocka_unit_test(the_basket_is_bounded_in_bytes_too),
		cmocka_unit_test(network_filesystems_are_remote_and_local_ones_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
