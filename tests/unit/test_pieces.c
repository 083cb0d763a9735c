/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that begin at the end of a page and go on in the next. */
#include "kv/kv.h"
#include "kv_folder.h"

#include <lmdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define VALUES 3000u
#define VALUE_MAX 20000u
#define PAGE 4096u

enum { ROWS };
static const struct kv_table tables[] = { { .name = "rows", .cut = true } };

static struct kv_options options(void)
{
	return (struct kv_options){
		.path = folder, .map_size = 1 << 20, .tables = tables, .table_count = 1
	};
}

/* Most as long as a row, some of any length from 0 on. */
static size_t length_of(uint64_t n)
{
	uint64_t lot = n * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	return n % 17 == 0 ? lot % VALUE_MAX : n % 5 == 0 ? lot % 3000 : 500 + lot % 600;
}

static struct span value_of(uint64_t n)
{
	static char bytes[VALUE_MAX];
	size_t len = length_of(n);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(n + i * 7 + i / 256);
	return span_of(bytes, len);
}

struct some {
	uint64_t from, to;
	enum status refuse;
};

static void append_some(struct kv_txn *t, void *ctx)
{
	const struct some *s = ctx;
	char key[KV_NUMBER_BYTES];

	for (uint64_t n = s->from; n <= s->to; n++)
		kv_append(t, ROWS, kv_number(key, n), value_of(n));
	kv_fail(t, s->refuse);
}

static struct kv *open_kv(bool read_only)
{
	struct kv_options o = options();
	struct kv *kv;

	o.read_only = read_only;
	assert_int_equal(kv_open(&kv, &o), STATUS_OK);
	return kv;
}

/* In changes of 1 to 100 values, or one by one; opened anew now and then. */
static void fill(uint64_t count, uint64_t step_max)
{
	struct kv *kv = open_kv(false);
	struct some s = { 1, 0, STATUS_OK };

	for (unsigned change = 0; s.from <= count; change++, s.from = s.to + 1) {
		s.to = s.from + change * 31 % step_max;
		s.to = s.to < count ? s.to : count;
		assert_int_equal(kv_change(kv, append_some, &s), STATUS_OK);
		if (change % 700 == 699) {
			kv_close(kv);
			kv = open_kv(false);
		}
	}
	kv_close(kv);
}

static void assert_value(const struct kv_pieces *p, uint64_t n)
{
	char *whole = malloc(VALUE_MAX);
	struct span want = value_of(n);

	assert_int_equal(kv_pieces_len(p), want.len);
	kv_pieces_copy(whole, p);
	assert_memory_equal(whole, want.p, want.len);
	free(whole);
}

static void assert_filled(struct kv *kv, uint64_t count)
{
	char key[KV_NUMBER_BYTES];
	struct kv_pieces p;
	struct kv_cursor c;
	struct kv_txn t;
	struct span any;
	uint64_t n = count / 2;

	kv_read(&t, kv);
	for (uint64_t i = 1; i <= count; i++) {
		assert_true(kv_get_pieces(&t, ROWS, kv_number(key, i), &p));
		assert_value(&p, i);
		assert_true(kv_get(&t, ROWS, kv_number(key, i), &any));
	}
	assert_false(kv_get_pieces(&t, ROWS, kv_number(key, count + 1), &p));
	assert_false(kv_get_pieces(&t, ROWS, kv_number(key, 0), &p));
	for (kv_seek(&c, &t, ROWS, kv_number(key, n)); c.found; kv_next(&c), n++) {
		assert_int_equal(kv_number_of(c.key), n);
		assert_true(span_equal(c.value, value_of(n)));
	}
	kv_leave(&c);
	assert_int_equal(n, count + 1);
	kv_last(&c, &t, ROWS);
	assert_true(c.found && kv_number_of(c.key) == count);
	assert_true(span_equal(c.value, value_of(count)));
	kv_leave(&c);
	assert_int_equal(t.st, STATUS_OK);
	kv_end(&t);
}

static uint64_t walked;

static bool count_value(unsigned table, struct span key, struct span value)
{
	(void)table;
	walked++;
	return kv_number_of(key) == walked && span_equal(value, value_of(walked));
}

static void values_come_back_whole_however_they_were_committed(void **state)
{
	static const uint64_t steps[] = { 1, 2, 100, VALUES };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct kv_options o = options();
		struct kv *kv;

		fill(VALUES, steps[i]);
		walked = 0;
		assert_int_equal(kv_walk(&o, count_value), STATUS_OK);
		assert_int_equal(walked, VALUES);
		kv = open_kv(true);
		assert_filled(kv, VALUES);
		kv_close(kv);
		remove_folder(state);
		make_folder(state);
	}
}

static size_t leaf_pages(void)
{
	MDB_env *env;
	MDB_txn *t;
	MDB_stat s;
	MDB_dbi d;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 2), 0);
	assert_int_equal(mdb_env_open(env, folder, MDB_RDONLY, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &t), 0);
	assert_int_equal(mdb_dbi_open(t, "rows", 0, &d), 0);
	assert_int_equal(mdb_stat(t, d, &s), 0);
	mdb_txn_abort(t);
	mdb_env_close(env);
	return s.ms_leaf_pages;
}

/* Committed one by one; of 500 to 1100 bytes, which whole would leave an eighth of a page empty. */
static void all_but_two_percent_of_the_pages_is_values(void **state)
{
	struct kv *kv = open_kv(false);
	uint64_t bytes = 0;

	(void)state;
	for (uint64_t n = 1; n <= VALUES; n++) {
		struct some s = { n, n, STATUS_OK };

		if (n % 17 == 0 || n % 5 == 0)
			continue;
		assert_int_equal(kv_change(kv, append_some, &s), STATUS_OK);
		bytes += length_of(n) + 18; /* its key, and how LMDB finds it */
	}
	kv_close(kv);
	assert_true(leaf_pages() * PAGE * 98 < bytes * 100);
}

static void a_refused_change_leaves_room_that_is_not_there_unused(void **state)
{
	struct kv *kv = open_kv(false);
	struct some s = { 1, 10, STATUS_OK };

	(void)state;
	assert_int_equal(kv_change(kv, append_some, &s), STATUS_OK);
	for (unsigned i = 0; i < 20; i++) {
		s = (struct some){ s.to + 1, s.to + 1 + i, STATUS_CLOSED };
		assert_int_equal(kv_change(kv, append_some, &s), STATUS_CLOSED);
		s.refuse = STATUS_OK;
		assert_int_equal(kv_change(kv, append_some, &s), STATUS_OK);
	}
	assert_filled(kv, s.to);
	kv_close(kv);
}

/* ---- pieces that are no value --------------------------------------------------------------- */

/* Writes below kv.h; piece 0: of the value itself. NULL: it goes. */
static void forge(uint64_t number, unsigned piece, const char *bytes, size_t len)
{
	char key[KV_NUMBER_BYTES + 1];
	MDB_val k = { piece == 0 ? KV_NUMBER_BYTES : KV_NUMBER_BYTES + 1, key };
	MDB_val v = { len, (void *)(uintptr_t)bytes };
	MDB_env *env;
	MDB_txn *t;
	MDB_dbi d;

	kv_number(key, number);
	key[KV_NUMBER_BYTES] = (char)piece;
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 2), 0);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &t), 0);
	assert_int_equal(mdb_dbi_open(t, "rows", 0, &d), 0);
	if (bytes == NULL)
		assert_int_equal(mdb_del(t, d, &k, NULL), 0);
	else
		assert_int_equal(mdb_put(t, d, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(t), 0);
	mdb_env_close(env);
}

/* Two values; the first of two pieces. */
static void make_two(void)
{
	struct kv *kv = open_kv(false);
	struct some s = { 1, 2, STATUS_OK };

	assert_int_equal(kv_change(kv, append_some, &s), STATUS_OK);
	kv_close(kv);
	forge(1, 0, "first\1", 6);
	forge(1, 1, " second", 8);
}

static enum status seen_by_all(uint64_t number)
{
	struct kv_options o = options();
	struct kv *kv = open_kv(true);
	char key[KV_NUMBER_BYTES];
	enum status st, walk = kv_walk(&o, NULL);
	struct kv_pieces p;
	struct kv_cursor c;
	struct kv_txn t;

	kv_read(&t, kv);
	kv_seek(&c, &t, ROWS, span_of(NULL, 0));
	while (c.found)
		kv_next(&c);
	kv_leave(&c);
	assert_int_equal(t.st, walk);
	kv_end(&t);
	kv_read(&t, kv);
	kv_get_pieces(&t, ROWS, kv_number(key, number), &p);
	st = t.st;
	kv_end(&t);
	kv_close(kv);
	assert_true(st == STATUS_OK || walk == st);
	return walk;
}

static void pieces_that_are_no_value_are_damage(void **state)
{
	static const struct {
		unsigned piece;
		const char *bytes;
		size_t len;
	} forged[] = {
		{ 1, NULL, 0 },               /* the second is gone */
		{ 0, NULL, 0 },               /* the first is */
		{ 0, "first", 6 },            /* the first knows of no second */
		{ 1, " second\1", 8 },        /* a third one is said to follow */
		{ 2, "third", 6 },            /* one that nobody speaks of */
		{ 0, "", 0 },                 /* nothing, not even a last byte */
		{ 1, "", 0 },                 /* the same */
		{ 0, "first\2", 6 },          /* a last byte that says nothing */
		{ KV_PIECES_MAX, "many", 5 }, /* more than there may be */
	};

	make_two();
	assert_int_equal(seen_by_all(1), STATUS_OK);
	for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
		remove_folder(state);
		make_folder(state);
		make_two();
		forge(1, forged[i].piece, forged[i].bytes, forged[i].len);
		assert_int_equal(seen_by_all(1), STATUS_DAMAGED);
	}
}

struct change {
	uint64_t number;
	const char *text; /* NULL: it goes */
};

static void change_one(struct kv_txn *t, void *ctx)
{
	const struct change *c = ctx;
	char key[KV_NUMBER_BYTES];

	if (c->text == NULL)
		kv_delete(t, ROWS, kv_number(key, c->number));
	else
		kv_put(t, ROWS, kv_number(key, c->number), span_of_text(c->text));
}

static void what_is_deleted_or_put_anew_leaves_no_piece(void **state)
{
	struct change put = { 1, "other" }, delete = { 2, NULL };
	char key[KV_NUMBER_BYTES];
	struct kv_options o = options();
	struct kv_pieces p;
	struct kv_txn t;
	struct kv *kv;

	(void)state;
	make_two();
	kv = open_kv(false);
	assert_int_equal(kv_change(kv, change_one, &put), STATUS_OK);
	assert_int_equal(kv_change(kv, change_one, &delete), STATUS_OK);
	kv_read(&t, kv);
	assert_true(kv_get_pieces(&t, ROWS, kv_number(key, 1), &p));
	assert_true(p.count == 1 && span_equal(p.at[0], span_of_text("other")));
	assert_false(kv_get_pieces(&t, ROWS, kv_number(key, 2), &p));
	assert_int_equal(kv_count(&t, ROWS), 1);
	kv_end(&t);
	kv_close(kv);
	assert_int_equal(kv_walk(&o, NULL), STATUS_OK);
}

/* As from a backup that somebody else made. */
static void put_short_key(struct kv_txn *t, void *ctx)
{
	(void)ctx;
	kv_append(t, ROWS, span_of_text("123456789"), span_of_text("value"));
}

static void a_key_that_is_no_number_is_refused(void **state)
{
	struct kv *kv = open_kv(false);

	(void)state;
	assert_int_equal(kv_change(kv, put_short_key, NULL), STATUS_DAMAGED);
	kv_close(kv);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(values_come_back_whole_however_they_were_committed),
		IN_FOLDER(all_but_two_percent_of_the_pages_is_values),
		IN_FOLDER(a_refused_change_leaves_room_that_is_not_there_unused),
		IN_FOLDER(pieces_that_are_no_value_are_damage),
		IN_FOLDER(what_is_deleted_or_put_anew_leaves_no_piece),
		IN_FOLDER(a_key_that_is_no_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
