/* SPDX-License-Identifier: BSD-2-Clause */
/* small_state.h - a state of four epochs in a temporary folder, for tests of what is done with its
 * files. A test is listed with IN_FOLDER(). */
#ifndef TESTS_SMALL_STATE_H
#define TESTS_SMALL_STATE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/files.h"
#include "base/log.h"
#include "store/store.h"

#include <reprint/article.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MAP_BYTES ((size_t)1 << 24)
#define ROWS 200u

static char folder[64], here[80], there[80], stream[80];
static struct arena *arena;

static inline int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/reprint-backup-XXXXXX");
	arena = arena_open(1 << 16);
	if (mkdtemp(folder) == NULL || arena == NULL)
		return 1;
	snprintf(here, sizeof here, "%s/here", folder);
	snprintf(there, sizeof there, "%s/there", folder);
	snprintf(stream, sizeof stream, "%s/stream", folder);
	return 0;
}

static inline int remove_folder(void **state)
{
	(void)state;
	arena_close(arena);
	return files_remove_tree(folder) != STATUS_OK;
}

static inline struct store *open_store(const char *path)
{
	struct store_options o = {
		.path = path, .map_size = MAP_BYTES, .keep_text = true, .epoch_ms = 10000
	};
	struct store *s = NULL;

	assert_int_equal(store_open(&s, &o), STATUS_OK);
	return s;
}

/* A row whose every value follows from its number; every other one is a copy of the first. */
static inline struct row row_of(uint64_t n)
{
	static char id[32], text[400];
	static uint16_t tokens[500];
	static uint32_t paragraphs[2];
	struct row r = { .published_ms = ARTICLE_NO_TIME };

	snprintf(id, sizeof id, "site/%llu", (unsigned long long)n);
	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = (char)('a' + mix64(n << 32 | i) % 26);
	for (uint32_t i = 0; i < 500; i++)
		tokens[i] = (uint16_t)(n * 31 + i * i);
	paragraphs[1] = 500;
	r.tokens = tokens;
	r.token_count = 500;
	r.paragraphs = paragraphs;
	r.paragraph_count = 1;
	r.text = span_of_text(text);
	r.verdict.id = span_of_text(id);
	r.verdict.version = 1;
	r.verdict.seen_ms = (int64_t)n * 100;
	r.verdict.cluster = n > 1 && n % 2 == 1 ? 1 : 0;
	return r;
}

static inline void put_rows(struct store *s, uint64_t from, uint64_t to)
{
	assert_int_equal(store_begin(s, (int64_t)from * 200), STATUS_OK);
	for (uint64_t n = from; n <= to; n++) {
		struct row r = row_of(n);
		struct delivery d = { .path = r.verdict.id, .size = n };
		uint64_t alert;

		assert_int_equal(store_put(s, &r), STATUS_OK);
		assert_int_equal(store_put_member(s, r.verdict.cluster, r.verdict.seq,
						  store_row_time(&r)),
				 STATUS_OK);
		assert_int_equal(store_put_alert(s, &alert, r.verdict.seq, 1), STATUS_OK);
		assert_int_equal(store_put_delivery(s, &d), STATUS_OK);
	}
	assert_int_equal(store_commit(s), STATUS_OK);
}

/* Four epochs of 50 rows; a consumer, a forgotten row, a blob. */
static inline struct store *make_state(void)
{
	struct consumer c = { .name = span_of_text("c"), .acked = 7 };
	struct store *s = open_store(here);
	uint64_t expired;

	for (uint64_t i = 0; i < 4; i++) {
		put_rows(s, 50 * i + 1, 50 * i + 50);
		if (i < 3)
			store_age(s, (int64_t)(i + 1) * 10000 + 200, &expired);
	}
	assert_int_equal(store_put_consumer(s, &c), STATUS_OK);
	assert_int_equal(store_forget(s, 60), STATUS_OK);
	assert_int_equal(store_put_snapshot(s, "chrome", 9, span_of_text("blob")), STATUS_OK);
	return s;
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

#endif
