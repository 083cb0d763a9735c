/* SPDX-License-Identifier: BSD-2-Clause */
/* The index against a linear scan; its pthread seals and merges meanwhile. */
#include "base/log.h"
#include "index/index.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS 12u    /* of an article */
#define UNLIKE 700u /* different keys; small, so that lists become long */
#define ARTICLES 4000u
#define FIND_CAP 8192u

static char folder[64];
static uint64_t random_state;

static uint64_t draw(void)
{
	random_state = random_state * 6364136223846793005 + 1442695040888963407;
	return random_state >> 33;
}

/* The dumbest index: all pairs in a row. */
struct model {
	uint64_t key[ARTICLES * KEYS], number[ARTICLES * KEYS];
	size_t count;
	uint64_t simhash[ARTICLES + 1];
	uint64_t seq, expired;
};
static struct model *model;

static int make_folder(void **state)
{
	(void)state;
	random_state = 1;
	model = calloc(1, sizeof *model);
	strcpy(folder, "/tmp/reprint-index-XXXXXX");
	return mkdtemp(folder) == NULL || model == NULL;
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
	free(model);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct index *open_index(uint32_t active, uint32_t cap)
{
	struct index_options o = { folder, active, cap };
	struct index *x = NULL;

	assert_int_equal(index_open(&x, &o), STATUS_OK);
	return x;
}

/* Keys of an article follow from its number, so that a gap can be filled again. */
static void keys_of(uint64_t seq, uint64_t keys[KEYS], uint64_t *simhash)
{
	uint64_t before = random_state;

	random_state = seq * 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < KEYS; i++)
		keys[i] = draw() % UNLIKE;
	*simhash = draw() << 33 ^ draw() << 11 ^ draw();
	random_state = before;
}

static void add(struct index *x, uint64_t seq)
{
	uint64_t keys[KEYS], simhash;

	keys_of(seq, keys, &simhash);
	assert_int_equal(index_add(x, seq, simhash, keys, KEYS), STATUS_OK);
}

static void add_next(struct index *x)
{
	uint64_t keys[KEYS], seq = ++model->seq;

	keys_of(seq, keys, &model->simhash[seq]);
	for (unsigned i = 0; i < KEYS; i++) {
		model->key[model->count] = keys[i];
		model->number[model->count++] = seq;
	}
	add(x, seq);
}

/* All numbers under a key, newest first, each once. */
static size_t model_find(uint64_t key, uint64_t *out)
{
	size_t n = 0;

	for (size_t i = model->count; i-- > 0;)
		if (model->key[i] == key && (n == 0 || out[n - 1] != model->number[i]))
			out[n++] = model->number[i];
	return n;
}

static void assert_key(struct index *x, uint64_t key)
{
	static uint64_t want[FIND_CAP], got[FIND_CAP];
	size_t wanted = model_find(key, want);
	size_t found = index_find(x, key, got, FIND_CAP);
	size_t j = 0;

	for (size_t i = 0; i < found; i++)
		assert_true(i == 0 || got[i] < got[i - 1]);
	/* What has expired may or may not be gone. */
	for (size_t i = 0; i < wanted && want[i] > model->expired; i++) {
		if (j == found || got[j] != want[i])
			fail_msg("key %llu lacks %llu", (unsigned long long)key,
				 (unsigned long long)want[i]);
		j++;
	}
	for (; j < found; j++)
		assert_true(got[j] <= model->expired);
}

static void assert_all(struct index *x)
{
	for (uint64_t key = 0; key < UNLIKE; key++)
		assert_key(x, key);
}

static void every_posting_is_found_once_while_runs_are_sealed_and_merged(void **state)
{
	struct index *x = open_index(50, 1000);

	(void)state;
	while (model->seq < 2000) {
		for (unsigned n = (unsigned)(draw() % 20); n > 0; n--)
			add_next(x);
		index_committed(x, model->seq, 0);
		for (unsigned i = 0; i < 10; i++)
			assert_key(x, draw() % UNLIKE);
	}
	assert_all(x);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_all(x);
	index_close(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_posting_is_found_once_while_runs_are_sealed_and_merged, make_folder,
			remove_folder),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
