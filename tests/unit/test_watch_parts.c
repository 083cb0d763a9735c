/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the watch against the dumbest that could work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ingest/watch_basket.h"
#include "ingest/watch_dirty.h"
#include "ingest/watch_names.h"
#include "ingest/watch_settle.h"
#include "ingest/watch_tree.h"
#include "ingest/watch_wds.h"
#include "text/text.h"

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
		assert_true(text_name_is_ignored(span_of_text(yes[i])));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(text_name_is_ignored(span_of_text(no[i])));
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
	struct source source = { .folder = d };

	(void)state;
	d->references = 1;
	d->source = &source;
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

#define SOURCES 5u

/* Files are numbered: source * MANY + how many of the source came before. */
#define MANY 1000000u

struct taker {
	uint64_t next[SOURCES]; /* of each source */
	size_t room;
};

static struct source *source_new(void)
{
	struct directory *folder = calloc(1, sizeof *folder + 1);
	struct source *s = calloc(1, sizeof *s);

	folder->references = 1;
	folder->source = s;
	s->folder = folder;
	return s;
}

static void source_free(struct source *s)
{
	assert_int_equal(s->folder->references, 1);
	tree_release(s->folder);
}

static bool put_numbered(struct basket *b, struct source *s, uint64_t number)
{
	char path[32];
	int len = snprintf(path, sizeof path, "s/%llu", (unsigned long long)number);

	return basket_put(b, s,
			  &(struct found){ .path = span_of(path, (size_t)len), .size = number });
}

static size_t take(void *ctx, const struct found *files, size_t count)
{
	struct taker *t = ctx;
	size_t taken = count < t->room ? count : t->room;

	for (size_t i = 0; i < taken; i++) {
		uint64_t *next = &t->next[files[i].size / MANY];
		char path[32];
		int len = snprintf(path, sizeof path, "s/%llu", (unsigned long long)files[i].size);

		assert_int_equal(files[i].size % MANY, (*next)++);
		assert_int_equal(files[i].path.len, len);
		assert_memory_equal(files[i].path.p, path, (size_t)len);
	}
	t->room -= taken;
	return taken;
}

static void the_basket_gives_of_each_source_in_the_order_in_which_it_was_filled(void **state)
{
	struct source *sources[SOURCES];
	struct taker t = { .room = 0 };
	struct basket b = { 0 };
	uint64_t put[SOURCES] = { 0 }, left = 0;

	(void)state;
	for (size_t s = 0; s < SOURCES; s++)
		sources[s] = source_new();
	for (size_t round = 0; round < 500; round++) {
		for (size_t n = pick(3000); n > 0; n--) {
			size_t s = pick(SOURCES);

			if (put_numbered(&b, sources[s], s * MANY + put[s]))
				put[s]++;
			else
				assert_true(sources[s]->items == BASKET_SHARE ||
					    b.count >= BASKET_FILES);
		}
		t.room = pick(3000);
		assert_true(basket_offer(&b, take, &t) == (b.count == 0));
		left = 0;
		for (size_t s = 0; s < SOURCES; s++) {
			assert_int_equal(sources[s]->items, put[s] - t.next[s]);
			left += sources[s]->items;
		}
		assert_int_equal(b.count, left);
		assert_true(basket_gave(&b, b.put) == (left == 0));
	}
	basket_close(&b);
	for (size_t s = 0; s < SOURCES; s++)
		source_free(sources[s]);
}

static void a_full_basket_has_room_for_who_has_next_to_nothing_in_it(void **state)
{
	struct source *sources[SOURCES];
	struct taker t = { .room = 100 };
	struct basket b = { 0 };
	uint64_t n = 0;

	(void)state;
	for (size_t s = 0; s < SOURCES; s++)
		sources[s] = source_new();
	for (size_t s = 0; s + 1 < SOURCES; s++)
		for (n = 0; put_numbered(&b, sources[s], s * MANY + n); n++)
			continue;
	assert_int_equal(b.count, BASKET_FILES);
	for (n = 0; put_numbered(&b, sources[SOURCES - 1], (SOURCES - 1) * MANY + n); n++)
		continue;
	assert_int_equal(n, BASKET_LITTLE);
	while (t.next[SOURCES - 1] == 0 && !basket_offer(&b, take, &t))
		t.room = 100;
	for (size_t s = 0; s + 1 < SOURCES; s++)
		assert_true(t.next[s] <= 4 * BASKET_LITTLE);
	basket_close(&b);
	for (size_t s = 0; s < SOURCES; s++)
		source_free(sources[s]);
}

static size_t take_one_turn(void *ctx, const struct found *files, size_t count)
{
	size_t *turns = ctx;

	assert_true(count == 1 || files[0].size < 1000);
	return (*turns)-- > 0 ? count : 0;
}

static void a_turn_is_shorter_with_long_files(void **state)
{
	struct source *large = source_new(), *small = source_new();
	struct found f = { .path = span_of("x", 1), .size = 16u << 20 };
	struct basket b = { 0 };
	size_t turns = 4;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_true(basket_put(&b, large, &f));
	f.size = 100;
	for (size_t i = 0; i < 100; i++)
		assert_true(basket_put(&b, small, &f));
	assert_false(basket_offer(&b, take_one_turn, &turns));
	assert_int_equal(large->items, 98);
	assert_int_equal(small->items, 0);
	basket_close(&b);
	source_free(large);
	source_free(small);
}

static void the_basket_is_bounded_in_bytes_too(void **state)
{
	static char path[4000];
	struct found f = { .path = { path, sizeof path } };
	struct source *source = source_new();
	struct basket b = { 0 };

	(void)state;
	memset(path, 'x', sizeof path);
	while (basket_put(&b, source, &f))
		continue;
	assert_true(b.count * sizeof path < BASKET_SHARE_BYTES + sizeof path);
	assert_false(basket_has_room(&b, source));
	basket_close(&b);
	source_free(source);
}

/* ---- the tree -------------------------------------------------------------------------------- */

struct grove {
	struct tree tree;
	int inotify;
	char dir[64];
};

static int grove_setup(void **state)
{
	struct grove *g = calloc(1, sizeof *g);
	const char *const root = g->dir;

	snprintf(g->dir, sizeof g->dir, "%s", "/tmp/test_watch_parts.XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	g->inotify = inotify_init1(IN_NONBLOCK);
	assert_true(g->inotify >= 0);
	assert_int_equal(tree_open(&g->tree, &root, 1, g->inotify, 0), STATUS_OK);
	*state = g;
	return 0;
}

static int grove_teardown(void **state)
{
	struct grove *g = *state;
	char line[128];

	tree_close(&g->tree);
	close(g->inotify);
	snprintf(line, sizeof line, "rm -rf '%s'", g->dir);
	assert_int_equal(system(line), 0);
	free(g);
	return 0;
}

static void grove_shell(const struct grove *g, const char *command)
{
	char line[256];

	snprintf(line, sizeof line, "cd '%s' && %s", g->dir, command);
	assert_int_equal(system(line), 0);
}

static struct directory *grove_add(struct grove *g, struct directory *parent, const char *name)
{
	struct directory *d = tree_add(&g->tree, parent, span_of_text(name));

	assert_non_null(d);
	return d;
}

static bool grove_watch(struct grove *g, struct directory *d)
{
	int fd = tree_open_directory(&g->tree, d);
	bool is_new;

	assert_true(fd >= 0);
	is_new = tree_watch(&g->tree, d, fd);
	close(fd);
	return is_new;
}

static void a_root_in_whose_place_another_stands_is_listed_by_the_next_poll(void **state)
{
	struct grove *g = *state;
	struct directory *top = g->tree.roots[0].top;
	struct dirty q = { 0 };

	assert_true(grove_watch(g, top));
	dirty_peek(&q, &g->tree);
	assert_int_equal(q.count, 0);
	grove_shell(g,
		    "mkdir \"$PWD.new\" && mv \"$PWD\" \"$PWD.old\" && mv \"$PWD.new\" \"$PWD\" && "
		    "rmdir \"$PWD.old\"");
	dirty_peek(&q, &g->tree);
	assert_int_equal(q.count, 1);
	assert_ptr_equal(top->source->dirty, top);
	dirty_forget(&q);
}

static void a_renamed_directory_keeps_its_watch_under_its_new_name(void **state)
{
	struct grove *g = *state;
	struct directory *top = g->tree.roots[0].top;
	struct directory *old = grove_add(g, grove_add(g, top, "a"), "x");
	struct directory *new = grove_add(g, grove_add(g, top, "b"), "x");
	int wd;

	grove_shell(g, "mkdir -p a/x b");
	assert_true(grove_watch(g, old));
	assert_false(grove_watch(g, old));
	wd = old->wd;
	grove_shell(g, "mv a/x b/x");
	assert_true(grove_watch(g, new));
	assert_int_equal(new->wd, wd);
	tree_drop(&g->tree, old);
	assert_false(tree_sweep(&g->tree, 10));
	assert_ptr_equal(wds_find(&g->tree.wds, wd), new);
	assert_false(grove_watch(g, new));
	assert_int_equal(g->tree.polled, 0);
}

static void a_dropped_directory_that_comes_again_adopts_its_watch(void **state)
{
	struct grove *g = *state;
	struct directory *top = g->tree.roots[0].top;
	struct directory *d = grove_add(g, top, "a");
	int wd;

	grove_shell(g, "mkdir a");
	assert_true(grove_watch(g, d));
	wd = d->wd;
	tree_drop(&g->tree, d);
	assert_null(wds_find(&g->tree.wds, wd));
	d = grove_add(g, top, "a");
	assert_true(grove_watch(g, d));
	assert_int_equal(d->wd, wd);
	assert_false(tree_sweep(&g->tree, 10));
	assert_ptr_equal(wds_find(&g->tree.wds, wd), d);
}

static void a_directory_in_place_of_another_gets_a_watch_of_its_own(void **state)
{
	struct grove *g = *state;
	struct directory *d = grove_add(g, g->tree.roots[0].top, "a");
	int wd;

	grove_shell(g, "mkdir a");
	assert_true(grove_watch(g, d));
	wd = d->wd;
	grove_shell(g, "mv a b && mkdir a");
	assert_true(grove_watch(g, d));
	assert_int_not_equal(d->wd, wd);
	assert_ptr_equal(wds_find(&g->tree.wds, d->wd), d);
	assert_null(wds_find(&g->tree.wds, wd));
}

static void directories_beyond_the_limit_are_told_and_not_kept(void **state)
{
	struct grove *g = *state;
	struct directory *top = g->tree.roots[0].top;
	char line[TREE_SENTENCE_BYTES];

	g->tree.directories = TREE_DIRECTORIES_MAX;
	assert_null(tree_add(&g->tree, top, span_of_text("a")));
	assert_int_equal(g->tree.troubled, 1);
	assert_ptr_equal(tree_first_troubled(&g->tree), top);
	assert_non_null(
		strstr(tree_sentence(&g->tree, top, line), "more directories than 1048576"));
	tree_trouble(&g->tree, top, TROUBLE_NONE, STATUS_OK);
	assert_null(tree_first_troubled(&g->tree));
	g->tree.directories = 0;
}

static void lost_and_found_is_one_only_at_the_top_of_its_filesystem(void **state)
{
	struct grove *g = *state;
	struct directory *top = g->tree.roots[0].top;

	assert_false(tree_is_lost_and_found(top, span_of_text("lost+found")));
	top->inode = 2;
	assert_true(tree_is_lost_and_found(top, span_of_text("lost+found")));
	assert_false(tree_is_lost_and_found(top, span_of_text("lost+found2")));
}

static void preorder_meets_every_directory_once(void **state)
{
	struct grove *g = *state;
	struct directory *known[300] = { g->tree.roots[0].top };
	size_t count = 1, met = 0, below = 0;

	while (count < 300) {
		struct directory *parent = known[pick(count)];
		char name[16];

		snprintf(name, sizeof name, "%zu", count);
		if (parent->depth < 20)
			known[count++] = grove_add(g, parent, name);
	}
	for (struct directory *d = known[0]; d != NULL; d = tree_next(d, known[0])) {
		const struct directory *up = d;

		while (up != NULL && up != known[1])
			up = up->parent;
		below += up != NULL;
		met++;
	}
	assert_int_equal(met, 300);
	for (struct directory *d = known[1]; d != NULL; d = tree_next(d, known[1]))
		below--;
	assert_int_equal(below, 0);
	tree_drop(&g->tree, known[0]);
	assert_int_equal(g->tree.directories, 0);
	assert_int_equal(g->tree.names.count, 0);
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

#define grove_test(f) cmocka_unit_test_setup_teardown(f, grove_setup, grove_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_ignored),
		cmocka_unit_test(what_is_not_utf8_or_not_printable_becomes_a_question_mark),
		cmocka_unit_test(names_are_found_as_a_linear_scan_finds_them),
		cmocka_unit_test(watch_descriptors_are_found_as_an_array_finds_them),
		cmocka_unit_test(the_next_to_settle_is_the_one_due_first),
		cmocka_unit_test(a_file_waits_for_the_rest_of_settle_ms),
		cmocka_unit_test(
			the_basket_gives_of_each_source_in_the_order_in_which_it_was_filled),
		cmocka_unit_test(a_full_basket_has_room_for_who_has_next_to_nothing_in_it),
		cmocka_unit_test(a_turn_is_shorter_with_long_files),
		cmocka_unit_test(the_basket_is_bounded_in_bytes_too),
		grove_test(a_root_in_whose_place_another_stands_is_listed_by_the_next_poll),
		grove_test(a_dropped_directory_that_comes_again_adopts_its_watch),
		grove_test(a_directory_in_place_of_another_gets_a_watch_of_its_own),
		grove_test(directories_beyond_the_limit_are_told_and_not_kept),
		grove_test(lost_and_found_is_one_only_at_the_top_of_its_filesystem),
		grove_test(preorder_meets_every_directory_once),
		cmocka_unit_test(a_turn_is_shorter_with_long_files),
		cmocka_unit_test(the_basket_is_bounded_in_bytes_too),
		grove_test(a_renamed_directory_keeps_its_watch_under_its_new_name),
		grove_test(a_dropped_directory_that_comes_again_adopts_its_watch),
		grove_test(a_directory_in_place_of_another_gets_a_watch_of_its_own),
		grove_test(directories_beyond_the_limit_are_told_and_not_kept),
		grove_test(lost_and_found_is_one_only_at_the_top_of_its_filesystem),
		grove_test(preorder_meets_every_directory_once),
		cmocka_unit_test(network_filesystems_are_remote_and_local_ones_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
