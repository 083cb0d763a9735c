/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/log.h"
#include "store/store.h"

#include <reprint/article.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static struct arena *arena;

static struct store_options options(void)
{
	return (struct store_options){
		.path = folder, .map_size = 1 << 20, .keep_text = true, .sync = false
	};
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/reprint-store-XXXXXX");
	arena = arena_open(1 << 16);
	return mkdtemp(folder) == NULL || arena == NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	arena_close(arena);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct store *open_store(const struct store_options *o)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&s, o), STATUS_OK);
	return s;
}

/* A row whose every value follows from a number. */
static struct row row_of(uint64_t n)
{
	static char id[32], text[64];
	static uint16_t tokens[64];
	static uint32_t paragraphs[3];
	struct row r = { .published_ms = ARTICLE_NO_TIME };

	snprintf(id, sizeof id, "site/%llu", (unsigned long long)n);
	snprintf(text, sizeof text, "text of %llu, text of it again\n", (unsigned long long)n);
	r.token_count = (uint32_t)(n % 64);
	for (uint32_t i = 0; i < r.token_count; i++)
		tokens[i] = (uint16_t)(n * 31 + i);
	r.paragraph_count = 2;
	paragraphs[1] = r.token_count / 2;
	paragraphs[2] = r.token_count;
	r.tokens = tokens;
	r.paragraphs = paragraphs;
	r.text = span_of_text(text);
	r.verdict.id = span_of_text(id);
	r.verdict.version = 1;
	r.verdict.paragraphs = 2;
	r.verdict.seen_ms = (int64_t)n * 1000;
	r.verdict.simhash = n * 0x9e3779b97f4a7c15;
	return r;
}

static void assert_row(struct store *s, uint64_t seq, uint64_t n)
{
	struct row want = row_of(n), got;
	struct span text;

	assert_int_equal(store_get(s, &got, seq, arena), STATUS_OK);
	assert_int_equal(got.verdict.seq, seq);
	assert_true(span_equal(got.verdict.id, want.verdict.id));
	assert_int_equal(got.verdict.simhash, want.verdict.simhash);
	assert_int_equal(got.token_count, want.token_count);
	assert_memory_equal(got.tokens, want.tokens, want.token_count * 2);
	assert_memory_equal(got.paragraphs, want.paragraphs, sizeof(uint32_t) * 3);
	assert_int_equal(store_text(s, &text, seq, arena), STATUS_OK);
	assert_true(span_equal(text, want.text));
	arena_clear(arena);
}

static void put_rows(struct store *s, uint64_t from, uint64_t to)
{
	assert_int_equal(store_begin(s, (int64_t)to * 1000), STATUS_OK);
	for (uint64_t n = from; n <= to; n++) {
		struct row r = row_of(n);

		assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_int_equal(r.verdict.seq, n);
		assert_int_equal(r.verdict.cluster, n);
	}
	assert_int_equal(store_commit(s), STATUS_OK);
}

static void rows_are_read_in_the_batch_after_it_and_after_reopening(void **state)
{
	struct store_options o = options();
	struct store *s = open_store(&o);

	(void)state;
	put_rows(s, 1, 100);
	assert_int_equal(store_begin(s, 1), STATUS_OK);
	for (uint64_t n = 101; n <= 200; n++) {
		struct row r = row_of(n);

		assert_int_equal(store_put(s, &r), STATUS_OK);
	}
	for (uint64_t n = 1; n <= 200; n++)
		assert_row(s, n, n);
	assert_int_equal(store_commit(s), STATUS_OK);
	for (uint64_t n = 1; n <= 200; n++)
		assert_row(s, n, n);
	store_close(s);
	s = open_store(&o);
	for (uint64_t n = 1; n <= 200; n++)
		assert_row(s, n, n);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			rows_are_read_in_the_batch_after_it_and_after_reopening, make_folder,
			remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
