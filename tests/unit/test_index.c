/* SPDX-License-Identifier: BSD-2-Clause */
/* The index against a linear scan; its pthread seals and merges meanwhile. */
#include "base/log.h"
#include "base/stats.h"
#include "index/column.h"
#include "index/index.h"
#include "index/run.h"
#include "index/state.h"
#include "index/table.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS 12u    /* of an article */
#define UNLIKE 700u /* different keys; small, so that lists become long */
#define ARTICLES 4000u
#define FIND_CAP 8192u

static char folder[64];
static uint64_t random_state;
static bool temporary; /* most tests need not wait for the disk */

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
	temporary = true;
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
	struct index_options o = { folder, active, cap, temporary };
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
	assert_int_equal(index_add(x, seq, simhash, keys, NULL, KEYS), STATUS_OK);
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

/* Articles up to `to` are added and committed in batches of random size. */
static void grow_to(struct index *x, uint64_t to)
{
	while (model->seq < to) {
		for (uint64_t n = 1 + draw() % 20; n > 0 && model->seq < to; n--)
			add_next(x);
		index_committed(x, model->seq, 0);
	}
}

/* What a start does: the gaps, then all that is newer than the runs. */
static void replay(struct index *x)
{
	uint64_t from, to, delivery;

	for (unsigned i = 0; index_gap(x, &from, &to, i); i++)
		for (uint64_t seq = from; seq <= to && seq <= model->seq; seq++)
			if (seq > model->expired)
				add(x, seq);
	index_sealed_to(x, &from, &delivery);
	for (uint64_t seq = from + 1; seq <= model->seq; seq++)
		add(x, seq);
	index_committed(x, model->seq, 0);
}

static void sealed_postings_and_a_replay_of_the_rest_are_everything(void **state)
{
	struct index *x;
	uint64_t seq, delivery;

	(void)state;
	temporary = false;
	x = open_index(100, 1000);
	for (uint64_t to = 333; to <= 2000; to += 333) {
		grow_to(x, to);
		index_close(x);
		x = open_index(100, 1000);
		index_sealed_to(x, &seq, &delivery);
		assert_true(seq >= to - 120 && seq <= to);
		replay(x);
		assert_all(x);
	}
	index_close(x);
}

static void an_index_without_a_folder_keeps_all_in_memory(void **state)
{
	struct index_options o = { NULL, 50, 1000, false };
	struct index *x = NULL;

	(void)state;
	assert_int_equal(index_open(&x, &o), STATUS_OK);
	grow_to(x, 1000);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_all(x);
	index_close(x);
}

/* ---- candidates ----------------------------------------------------------------------------- */

static uint32_t model_hits(const uint64_t *keys, size_t count, uint64_t seq)
{
	uint64_t own[KEYS], simhash;
	uint32_t hits = 0;

	keys_of(seq, own, &simhash);
	for (size_t i = 0; i < count; i++) {
		bool again = false, there = false;

		for (size_t j = 0; j < i; j++)
			again |= keys[j] == keys[i];
		for (unsigned j = 0; j < KEYS; j++)
			there |= own[j] == keys[i];
		hits += there && !again;
	}
	return hits;
}

static void candidates_are_all_articles_that_share_keys_most_hits_first(void **state)
{
	static struct candidate got[ARTICLES];
	struct index *x = open_index(300, 1000);
	uint64_t keys[40];
	size_t count, capped, want;

	(void)state;
	grow_to(x, 1000);
	for (unsigned round = 0; round < 20; round++) {
		for (unsigned i = 0; i < 40; i++)
			keys[i] = draw() % (UNLIKE + 100);
		count = index_candidates(x, keys, NULL, 40, got, ARTICLES, &capped);
		assert_int_equal(capped, 0);
		want = 0;
		for (uint64_t seq = 1; seq <= 1000; seq++)
			want += model_hits(keys, 40, seq) > 0;
		assert_int_equal(count, want);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(got[i].hits, model_hits(keys, 40, got[i].seq));
			assert_true(
				i == 0 || got[i - 1].hits > got[i].hits ||
				(got[i - 1].hits == got[i].hits && got[i - 1].seq < got[i].seq));
		}
		assert_int_equal(index_candidates(x, keys, NULL, 40, got, 3, &capped), 3);
	}
	index_close(x);
}

static struct index_mark mark_now(struct index_reader *r, struct index *x)
{
	struct index_mark mark;
	struct candidate got;
	size_t capped;

	index_reader_candidates(r, x, NULL, NULL, 0, &got, 1, &capped, &mark);
	return mark;
}

static void keys_lead_to_the_same_until_something_comes_under_one(void **state)
{
	struct index *x = open_index(100, 16);
	const uint64_t keys[] = { 1, 2, 3 }, other = 900, third = 3;
	struct index_reader *r;
	struct index_mark mark;

	(void)state;
	assert_int_equal(index_reader_open(&r), STATUS_OK);
	grow_to(x, 50);
	for (unsigned period = 0; period < 300; period++) {
		mark = mark_now(r, x);
		assert_true(index_same(x, &mark, keys, 3));
		assert_int_equal(index_add(x, 51 + 2 * period, 0, &other, NULL, 1), STATUS_OK);
		assert_true(index_same(x, &mark, keys, 3));
		assert_false(index_same(x, &mark, &other, 1));
		assert_int_equal(index_add(x, 52 + 2 * period, 0, &third, NULL, 1), STATUS_OK);
		assert_false(index_same(x, &mark, keys, 3));
		assert_true(index_same(x, &mark, keys, 2));
	}
	mark = mark_now(r, x);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_false(index_same(x, &mark, keys, 2));
	index_reader_close(r);
	index_close(x);
}

static void what_was_marked_long_ago_is_not_known_any_more(void **state)
{
	struct index *x = open_index(1000, 16);
	const uint64_t keys[] = { 1, 2 }, other = 900;
	struct index_reader *r;
	struct index_mark mark;

	(void)state;
	assert_int_equal(index_reader_open(&r), STATUS_OK);
	mark = mark_now(r, x);
	for (unsigned i = 0; i <= UINT16_MAX; i++) {
		assert_true(index_same(x, &mark, keys, 2));
		assert_int_equal(index_post(x, other, 1), STATUS_OK);
	}
	assert_false(index_same(x, &mark, keys, 2));
	index_reader_close(r);
	index_close(x);
}

/* Whether the hits of an article, of which only what was added before the mark is certain, are
 * there. */
static void assert_all_before(struct index_reader *r, struct index *x, const uint64_t *keys)
{
	static struct candidate got[ARTICLES];
	struct index_mark mark;
	size_t capped,
		count = index_reader_candidates(r, x, keys, NULL, 1, got, ARTICLES, &capped, &mark);

	assert_int_equal(capped, 0);
	assert_true(count >= mark.additions); /* and what came meanwhile */
	for (size_t i = 0; i < count; i++)
		assert_int_equal(got[i].seq, i + 1);
}

struct looking {
	struct index *x;
	atomic_bool over;
};

static void *look_on(void *arg)
{
	struct looking *l = arg;
	struct index_reader *r;
	const uint64_t key = 7;

	assert_int_equal(index_reader_open(&r), STATUS_OK);
	while (!atomic_load(&l->over))
		assert_all_before(r, l->x, &key);
	index_reader_close(r);
	return NULL;
}

static void a_reader_finds_all_that_was_added_while_more_is_and_tables_are_sealed(void **state)
{
	struct looking l = { .x = open_index(200, TABLE_CAP_MAX) };
	uint64_t keys[30] = { 7 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, look_on, &l), 0);
	for (uint64_t seq = 1; seq < 1000; seq++) {
		for (unsigned i = 1; i < 30; i++)
			keys[i] = 1000 + draw() % 100000;
		assert_int_equal(index_add(l.x, seq, 0, keys, NULL, 30), STATUS_OK);
		index_committed(l.x, seq, 0);
	}
	assert_int_equal(index_seal(l.x), STATUS_OK);
	atomic_store(&l.over, true);
	pthread_join(thread, NULL);
	index_close(l.x);
}

static void a_reader_beside_the_owner_finds_the_same_candidates(void **state)
{
	static struct candidate got[ARTICLES], want[ARTICLES];
	struct index *x = open_index(300, 1000);
	struct index_reader *r;
	uint64_t keys[40];

	(void)state;
	assert_int_equal(index_reader_open(&r), STATUS_OK);
	grow_to(x, 1000);
	for (unsigned round = 0; round < 20; round++) {
		struct index_mark mark;
		size_t count, capped[2];

		for (unsigned i = 0; i < 40; i++)
			keys[i] = draw() % (UNLIKE + 100);
		count = index_candidates(x, keys, NULL, 40, want, ARTICLES, &capped[0]);
		assert_int_equal(index_reader_candidates(r, x, keys, NULL, 40, got, ARTICLES,
							 &capped[1], &mark),
				 count);
		assert_int_equal(capped[0], capped[1]);
		assert_memory_equal(got, want, count * sizeof *got);
	}
	index_reader_close(r);
	index_close(x);
}

static void a_list_that_is_cut_keeps_its_oldest_and_its_newest(void **state)
{
	static uint64_t got[100];
	struct candidate candidates[100];
	const uint64_t hot = 7, cold = 8;
	struct index *x = open_index(100, 16);
	size_t capped;

	(void)state;
	for (uint64_t seq = 1; seq <= 1050; seq++) {
		assert_int_equal(index_add(x, seq, 0, &hot, NULL, 1), STATUS_OK);
		index_committed(x, seq, 0);
	}
	assert_int_equal(index_post(x, cold, 5), STATUS_OK);
	for (unsigned round = 0; round < 2; round++) {
		assert_int_equal(index_find(x, hot, got, 100), 16);
		for (unsigned i = 0; i < 8; i++) {
			assert_int_equal(got[i], 1050 - i);
			assert_int_equal(got[15 - i], i + 1);
		}
		assert_int_equal(index_find(x, hot, got, 5), 5);
		assert_int_equal(got[4], 1046);
		assert_int_equal(index_candidates(x, &hot, NULL, 1, candidates, 100, &capped), 16);
		assert_int_equal(capped, 1);
		assert_int_equal(index_candidates(x, &cold, NULL, 1, candidates, 100, &capped), 1);
		assert_int_equal(capped, 0);
		assert_int_equal(index_seal(x), STATUS_OK);
	}
	index_close(x);
}

static void a_key_repeated_in_an_article_counts_once(void **state)
{
	const uint64_t keys[] = { 9, 9, 10, 9 };
	struct candidate candidates[4];
	struct index *x = open_index(10, 0);
	uint64_t got[4];
	size_t capped;

	(void)state;
	assert_int_equal(index_add(x, 1, 0, keys, NULL, 4), STATUS_OK);
	assert_int_equal(index_add(x, 1, 0, keys, NULL, 4), STATUS_OK);
	assert_int_equal(index_find(x, 9, got, 4), 1);
	assert_int_equal(index_candidates(x, keys, NULL, 4, candidates, 4, &capped), 1);
	assert_int_equal(candidates[0].hits, 2);
	index_close(x);
}

static struct candidate first_of(struct index *x, const uint64_t *keys, const uint8_t *flanks,
				 size_t count)
{
	struct candidate got[16];
	size_t capped, n = index_candidates(x, keys, flanks, count, got, 16, &capped);

	for (size_t i = 0; i < n; i++)
		if (got[i].seq == 1)
			return got[i];
	return (struct candidate){ 0 };
}

static void a_key_that_some_have_is_backed_by_either_flank(void **state)
{
	const uint64_t keys[] = { 5, 6, 5 }, again[] = { 5, 5 };
	const uint8_t own[] = { 0x12, 0x34, 0x56 }, left[] = { 0x1f }, right[] = { 0xf2 },
		      second[] = { 0x5f }, neither[] = { 0xff, 0xee };
	struct index *x = open_index(100, 16);

	(void)state;
	assert_int_equal(index_add(x, 1, 0, keys, own, 3), STATUS_OK);
	assert_int_equal(first_of(x, keys, neither, 1).backed, 1); /* nobody else has it */
	for (uint64_t seq = 2; seq < 5; seq++)
		assert_int_equal(index_add(x, seq, 0, keys, NULL, 1), STATUS_OK);
	for (int sealed = 0; sealed < 2; sealed++) {
		assert_int_equal(first_of(x, keys, left, 1).backed, 1);
		assert_int_equal(first_of(x, keys, right, 1).backed, 1);
		assert_int_equal(first_of(x, keys, second, 1).backed, 1);
		assert_int_equal(first_of(x, keys, neither, 1).backed, 0);
		assert_int_equal(first_of(x, keys, neither, 1).hits, 1);
		assert_int_equal(first_of(x, keys, NULL, 1).backed, 1);
		assert_int_equal(first_of(x, again, neither, 2).hits, 1);
		index_committed(x, 4, 0);
		assert_int_equal(index_seal(x), STATUS_OK);
	}
	index_close(x);
}

static void numbers_that_leave_no_room_for_flanks_are_refused(void **state)
{
	struct index *x = open_index(100, 16);
	uint64_t got;

	(void)state;
	assert_int_equal(index_post(x, 7, UINT64_MAX >> 8), STATUS_OK);
	assert_int_equal(index_post(x, 7, (UINT64_MAX >> 8) + 1), STATUS_TOO_LARGE);
	assert_int_equal(index_find(x, 7, &got, 1), 1);
	assert_true(got == UINT64_MAX >> 8);
	index_close(x);
}

/* ---- near ----------------------------------------------------------------------------------- */

struct near {
	uint64_t simhash, at; /* the model's place */
	unsigned max_bits;
	size_t count, stop;
};

static unsigned distance(uint64_t a, uint64_t b)
{
	return (unsigned)__builtin_popcountll(a ^ b);
}

static bool next_near(void *ctx, uint64_t seq, unsigned bits)
{
	struct near *n = ctx;

	do {
		n->at++;
		assert_true(n->at <= model->seq);
	} while (distance(model->simhash[n->at], n->simhash) > n->max_bits);
	assert_int_equal(seq, n->at);
	assert_int_equal(bits, distance(model->simhash[seq], n->simhash));
	return ++n->count != n->stop;
}

static void near_articles_come_in_order_of_seq_from_everywhere(void **state)
{
	struct index *x = open_index(90, 0);

	(void)state;
	grow_to(x, 1500);
	for (unsigned max_bits = 0; max_bits <= 64; max_bits += 8) {
		struct near n = { .max_bits = max_bits, .simhash = model->simhash[700] };
		size_t want = 0;

		for (uint64_t seq = 1; seq <= model->seq; seq++)
			want += distance(model->simhash[seq], n.simhash) <= max_bits;
		index_near(x, n.simhash, max_bits, next_near, &n);
		assert_int_equal(n.count, want);
	}
	struct near n = { .max_bits = 64, .stop = 3 };

	index_near(x, 0, 64, next_near, &n);
	assert_int_equal(n.count, 3);
	index_close(x);
}

/* ---- expiry --------------------------------------------------------------------------------- */

static size_t run_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t count = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL)
		count += strlen(e->d_name) == 20 && strcmp(e->d_name + 16, ".run") == 0;
	closedir(dir);
	return count;
}

static void expired_runs_are_unlinked_and_the_rest_is_found(void **state)
{
	struct index *x = open_index(50, 1000);

	(void)state;
	for (uint64_t to = 200; to <= 2000; to += 200) {
		grow_to(x, to);
		model->expired = to > 600 ? to - 600 : 0;
		index_expire(x, model->expired);
		assert_all(x);
	}
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_all(x);
	model->expired = 2000;
	index_expire(x, 2000);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_int_equal(run_files(), 0);
	for (uint64_t key = 0; key < UNLIKE; key++) {
		uint64_t got[4];

		assert_int_equal(index_find(x, key, got, 4), 0);
	}
	index_close(x);
}

/* ---- damage --------------------------------------------------------------------------------- */

static void first_run(char *name, size_t size, unsigned which)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	assert_non_null(dir);
	*name = '\0';
	while ((e = readdir(dir)) != NULL)
		if (strlen(e->d_name) == 20 && which-- == 0)
			snprintf(name, size, "%s/%.32s", folder, e->d_name);
	closedir(dir);
	assert_true(*name != '\0');
}

enum harm { HARM_CUT, HARM_EMPTY, HARM_ZEROED, HARM_FLIPPED, HARM_GONE, HARM_COUNT };

static void harm_run(enum harm harm, unsigned which)
{
	static unsigned char page[4096];
	char name[128];
	off_t length, at;
	int fd;

	first_run(name, sizeof name, which);
	fd = open(name, O_RDWR);
	assert_true(fd >= 0);
	length = lseek(fd, 0, SEEK_END);
	at = (off_t)draw() % (length / 4096) * 4096;
	if (harm == HARM_CUT)
		assert_int_equal(ftruncate(fd, length - 4096), 0);
	if (harm == HARM_EMPTY)
		assert_int_equal(ftruncate(fd, 0), 0);
	if (harm == HARM_ZEROED)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	if (harm == HARM_GONE)
		assert_int_equal(unlink(name), 0);
	if (harm == HARM_FLIPPED) {
		at += (off_t)draw() % 4096;
		assert_int_equal(pread(fd, page, 1, at), 1);
		page[0] ^= (unsigned char)(1u << draw() % 8);
		assert_int_equal(pwrite(fd, page, 1, at), 1);
		page[0] = 0;
	}
	close(fd);
}

/* Nothing that is not so; something may be lacking. */
static void assert_no_lie(struct index *x)
{
	static uint64_t want[FIND_CAP], got[FIND_CAP];

	for (uint64_t key = 0; key < UNLIKE; key++) {
		size_t wanted = model_find(key, want), found = index_find(x, key, got, FIND_CAP);

		for (size_t i = 0, j = 0; i < found; i++, j++) {
			while (j < wanted && want[j] != got[i])
				j++;
			assert_true(j < wanted);
		}
	}
}

static bool count_near(void *ctx, uint64_t seq, unsigned bits)
{
	size_t *count = ctx;

	assert_int_equal(bits, distance(model->simhash[seq], 0));
	return ++*count > 0;
}

static void a_damaged_run_is_set_aside_and_its_gap_filled(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		struct index *x;
		uint64_t from, to;
		size_t count = 0;

		if (model->seq == 0) {
			x = open_index(120, 1000);
			grow_to(x, 1000);
			assert_int_equal(index_seal(x), STATUS_OK);
			index_close(x);
		}
		harm_run((enum harm)(round % HARM_COUNT), (unsigned)(draw() % run_files()));
		x = open_index(120, 1000);
		assert_no_lie(x);
		index_near(x, 0, 64, count_near, &count);
		/* Damage may come to light at the start or in a look-up. */
		assert_true(index_gap(x, &from, &to, 0) || count == model->seq);
		replay(x);
		assert_all(x);
		count = 0;
		index_near(x, 0, 64, count_near, &count);
		assert_int_equal(count, model->seq);
		assert_int_equal(index_seal(x), STATUS_OK);
		assert_false(index_gap(x, &from, &to, 0));
		index_close(x);
		x = open_index(120, 1000);
		assert_false(index_gap(x, &from, &to, 0));
		assert_all(x);
		index_close(x);
	}
}

static void a_gap_is_told_until_what_filled_it_is_sealed(void **state)
{
	struct index *x = open_index(120, 1000);
	uint64_t from, to;

	(void)state;
	grow_to(x, 500);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	harm_run(HARM_GONE, 0);
	for (unsigned i = 0; i < 3; i++) {
		x = open_index(10000, 1000);
		assert_true(index_gap(x, &from, &to, 0));
		replay(x);
		assert_all(x);
		index_close(x);
	}
	x = open_index(10000, 1000);
	replay(x);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	x = open_index(10000, 1000);
	assert_false(index_gap(x, &from, &to, 0));
	assert_all(x);
	index_close(x);
}

static void await_sealer(struct index *x)
{
	while (index_settled(x) == STATUS_BUSY)
		sched_yield();
}

static void await_warmth(struct index *x)
{
	do
		await_sealer(x);
	while (x->warming > 0);
}

static void the_next_table_is_at_hand_before_one_is_full(void **state)
{
	struct index *x = open_index(120, 1000);
	const struct table *next;

	(void)state;
	grow_to(x, 80);
	await_sealer(x);
	assert_null(x->spare);
	grow_to(x, 110);
	await_sealer(x);
	next = x->spare;
	assert_non_null(next);
	grow_to(x, 150);
	assert_ptr_equal(x->active, next);
	assert_all(x);
	index_close(x);
}

static void grow_run_by_run(struct index *x, unsigned runs, unsigned articles)
{
	for (; runs > 0; runs--) {
		grow_to(x, model->seq + articles);
		assert_int_equal(index_seal(x), STATUS_OK);
		await_sealer(x);
	}
}

static struct index *open_again(struct index *x, uint32_t active)
{
	index_close(x);
	x = open_index(active, 1000);
	assert_all(x);
	return x;
}

/* As where a large merge has held up the small ones, or a start has come between. */
static void a_run_that_was_left_behind_goes_with_those_after_it(void **state)
{
	struct index *x = open_index(120, 1000);

	(void)state;
	grow_run_by_run(x, 3, 60);
	assert_int_equal(x->run_count, 3);
	x->runs[1]->level = x->runs[2]->level = 1;
	grow_run_by_run(x, 3, 60);
	assert_int_equal(x->run_count, 6);
	grow_run_by_run(x, 1, 60);
	assert_int_equal(x->run_count, 1);
	assert_int_equal(x->runs[0]->level, 2);
	assert_all(x);
	x = open_again(x, 120);
	assert_int_equal(x->run_count, 1);
	assert_int_equal(x->runs[0]->level, 2);
	index_close(x);
}

static void of_many_alike_the_oldest_are_merged(void **state)
{
	struct index *x = open_index(120, 1000);

	(void)state;
	x->merge_us = INT64_MAX;
	grow_run_by_run(x, 6, 60);
	x->merge_us = 0;
	grow_run_by_run(x, 1, 60);
	assert_int_equal(x->run_count, 4);
	assert_int_equal(x->runs[0]->level, 1);
	for (size_t i = 1; i < x->run_count; i++)
		assert_int_equal(x->runs[i]->level, 0);
	assert_all(x);
	index_close(x);
}

static struct task *make_merge(struct index *x, size_t at)
{
	struct task *t = calloc(1, sizeof *t);

	assert_non_null(t);
	t->kind = TASK_MERGE;
	t->cap = 1000;
	t->run_count = MERGE_RUNS;
	for (size_t i = 0; i < MERGE_RUNS; i++) {
		t->runs[i] = x->runs[at + i];
		t->runs[i]->merging = true;
	}
	x->merging++;
	x->given++;
	return t;
}

/* They are many, and each look-up meets them all, while the large one takes its time. */
static void a_small_merge_goes_ahead_of_a_large_one(void **state)
{
	struct index *x = open_index(700, 1000);
	struct task *large, *small;

	(void)state;
	x->merge_us = INT64_MAX;
	grow_run_by_run(x, MERGE_RUNS, 690);
	grow_run_by_run(x, MERGE_RUNS, 20);
	assert_int_equal(x->run_count, 2 * MERGE_RUNS);
	large = make_merge(x, 0);
	small = make_merge(x, MERGE_RUNS);
	sealer_give(x->sealer, large);
	sealer_give(x->sealer, small);
	while (x->merging == 2)
		seals_adopt(x);
	if (x->merging == 1)
		assert_true(x->runs[0]->level == 0 && x->runs[MERGE_RUNS]->level == 1);
	assert_all(x);
	await_sealer(x);
	assert_int_equal(x->run_count, 2);
	assert_all(x);
	x = open_again(x, 700);
	assert_int_equal(x->run_count, 2);
	index_close(x);
}

/* A merge whose inputs expire before it is taken back: they are closed then. */
static void a_merge_ends_without_what_has_expired(void **state)
{
	struct index *x = open_index(700, 1000);

	(void)state;
	x->merge_us = INT64_MAX;
	grow_run_by_run(x, MERGE_RUNS, 690);
	sealer_give(x->sealer, make_merge(x, 0));
	model->expired = 2 * 690;
	index_expire(x, model->expired);
	while (x->given > 0)
		await_sealer(x);
	assert_int_equal(x->run_count, 1);
	assert_int_equal(x->merging, 0);
	assert_all(x);
	index_close(x);
}

/* What was added again after a renewal stays, though a merge from before is still under way. */
static void what_is_added_after_a_renewal_stays(void **state)
{
	struct index *x = open_index(700, 1000);
	uint64_t from, to;

	(void)state;
	x->merge_us = INT64_MAX;
	grow_run_by_run(x, MERGE_RUNS, 690);
	sealer_give(x->sealer, make_merge(x, 0));
	index_renew(x, 1, 10);
	assert_int_equal(x->run_count, MERGE_RUNS - 1);
	assert_true(index_gap(x, &from, &to, 0) && from == 1);
	for (uint64_t seq = from; seq <= to; seq++)
		add(x, seq);
	index_committed(x, model->seq, 0);
	assert_int_equal(seals_begin(x, model->seq, 0), STATUS_OK);
	while (x->sealing_count > 0)
		seals_adopt(x);
	if (x->merging == 1)
		assert_false(x->runs[x->run_count - 1]->unwanted);
	await_sealer(x);
	assert_true(x->renewed.to == 0 && x->merging == 0);
	while (index_gap(x, &from, &to, 0)) {
		for (uint64_t seq = from; seq <= to; seq++)
			add(x, seq);
		assert_int_equal(index_seal(x), STATUS_OK);
	}
	assert_all(x);
	index_close(x);
}

/* The same four are not tried for ever: what cannot be read is lost, and added again. */
static void a_run_that_cannot_be_read_does_not_stop_merging(void **state)
{
	struct index *x = open_index(120, 1000);
	int nothing = open("/proc/self/mem", O_RDONLY); /* EIO, so far down */
	uint64_t from, to;

	(void)state;
	grow_run_by_run(x, 3, 60);
	assert_true(dup2(nothing, x->runs[1]->fd) >= 0);
	close(nothing);
	grow_run_by_run(x, 1, 60);
	assert_int_equal(x->run_count, 3);
	assert_true(index_gap(x, &from, &to, 0) && from > 1);
	for (uint64_t seq = from; seq <= to; seq++)
		add(x, seq);
	assert_int_equal(index_seal(x), STATUS_OK);
	await_sealer(x);
	x->merge_us = 0;
	grow_run_by_run(x, 3, 60);
	assert_true(x->run_count <= 4);
	assert_all(x);
	index_close(x);
}

static void runs_are_warmed_when_there_are_many_faults_and_memory_lies_idle(void **state)
{
	const uint64_t before = stats_get(STAT_WARMED);
	struct index *x = open_index(120, 1000);
	size_t runs;

	(void)state;
	grow_to(x, 1000);
	assert_int_equal(index_seal(x), STATUS_OK);
	runs = run_files();
	assert_true(runs > 1);
	index_warm(x, 3, UINT64_MAX);
	index_warm(x, 3000, 4096);
	await_sealer(x);
	assert_int_equal(stats_get(STAT_WARMED), before);
	index_warm(x, 6000, UINT64_MAX);
	await_warmth(x);
	assert_int_equal(stats_get(STAT_WARMED), before + runs);
	/* What is cold again at once has no room. */
	index_warm(x, 9000, UINT64_MAX);
	await_sealer(x);
	assert_int_equal(stats_get(STAT_WARMED), before + runs);
	assert_all(x);
	index_close(x);
}

/* Through the map it would be the end of the process. */
static void a_run_that_was_cut_while_it_is_open_is_lost_when_it_is_warmed(void **state)
{
	struct index *x = open_index(120, 1000);

	(void)state;
	grow_to(x, 1000);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	for (unsigned round = 0; round < 20; round++) {
		uint64_t from, to;

		x = open_index(120, 1000);
		harm_run(HARM_CUT, (unsigned)(draw() % run_files()));
		index_warm(x, 1000, UINT64_MAX);
		await_warmth(x);
		assert_true(index_gap(x, &from, &to, 0));
		replay(x);
		assert_all(x);
		assert_int_equal(index_seal(x), STATUS_OK);
		index_close(x);
	}
}

/* The number of the format stands behind the checksum and the magic. */
static void from_a_run_of_another_format_on_all_is_made_again(void **state)
{
	struct index *x = open_index(120, 1000);
	unsigned char page[PAGE_BYTES];
	uint64_t from, to, sum;
	char name[128];
	int fd;

	(void)state;
	grow_to(x, 500);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	first_run(name, sizeof name, 0);
	fd = open(name, O_RDWR);
	assert_int_equal(pread(fd, page, sizeof page, 0), sizeof page);
	assert_int_equal(page[sizeof sum + strlen("reprint run")], RUN_FORMAT);
	page[sizeof sum + strlen("reprint run")] = RUN_FORMAT - 1;
	sum = run_checksum(page, 0);
	memcpy(page, &sum, sizeof sum);
	assert_int_equal(pwrite(fd, page, sizeof page, 0), sizeof page);
	close(fd);
	x = open_index(120, 1000);
	assert_int_equal(access(name, F_OK), -1);
	strcat(name, ".damaged");
	assert_int_equal(access(name, F_OK), -1);
	assert_false(index_gap(x, &from, &to, 0));
	index_sealed_to(x, &from, &to);
	assert_int_equal(from, 0);
	assert_no_lie(x);
	replay(x);
	assert_all(x);
	index_close(x);
}

static void an_article_that_repeats_a_key_leaves_room_for_others(void **state)
{
	struct index *x = open_index(1000, 64);
	uint64_t keys[64], got[64];
	uint8_t flanks[64];
	size_t cut;
	struct candidate c[64];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		keys[i] = 5;
		flanks[i] = (uint8_t)(4 * i + 1);
	}
	for (uint64_t seq = 1; seq <= 40; seq++)
		assert_int_equal(index_add(x, seq, 0, keys, NULL, 1), STATUS_OK);
	assert_int_equal(index_add(x, 41, 0, keys, flanks, 64), STATUS_OK);
	assert_int_equal(index_find(x, 5, got, 64), 41);
	assert_int_equal(index_candidates(x, keys, NULL, 1, c, 64, &cut), 41);
	assert_int_equal(cut, 0);
	index_close(x);
}

static void what_the_manifest_does_not_name_is_deleted(void **state)
{
	struct index *x = open_index(120, 1000);
	char name[128];
	int fd;

	(void)state;
	grow_to(x, 300);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	snprintf(name, sizeof name, "%s/00000000000000ff.run", folder);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	x = open_index(120, 1000);
	assert_int_equal(access(name, F_OK), -1);
	assert_all(x);
	index_close(x);
	snprintf(name, sizeof name, "%s/manifest", folder);
	assert_int_equal(truncate(name, 30), 0);
	x = open_index(120, 1000);
	assert_int_equal(run_files(), 0);
	replay(x);
	assert_all(x);
	index_close(x);
}

static void a_table_that_cannot_be_sealed_goes_on_serving(void **state)
{
	struct index *x = open_index(50, 1000);
	char aside[128];

	(void)state;
	snprintf(aside, sizeof aside, "%s.aside", folder);
	assert_int_equal(rename(folder, aside), 0);
	grow_to(x, 700);
	assert_int_not_equal(index_seal(x), STATUS_OK);
	assert_all(x);
	assert_int_equal(rename(aside, folder), 0);
	assert_int_equal(index_seal(x), STATUS_OK);
	assert_all(x);
	index_close(x);
	x = open_index(50, 1000);
	replay(x);
	assert_all(x);
	index_close(x);
}

static void a_run_that_is_lost_while_a_table_waits_to_be_sealed_is_a_gap(void **state)
{
	struct index *x = open_index(50, 1000);
	uint64_t from = 0, to = 0;
	char aside[128];

	(void)state;
	grow_to(x, 100);
	assert_int_equal(index_seal(x), STATUS_OK);
	snprintf(aside, sizeof aside, "%s.aside", folder);
	assert_int_equal(rename(folder, aside), 0);
	grow_to(x, 200);
	assert_int_not_equal(index_seal(x), STATUS_OK);
	assert_int_equal(rename(aside, folder), 0);
	index_distrust(x, "all");
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	x = open_index(50, 1000);
	assert_true(index_gap(x, &from, &to, 0));
	assert_int_equal(from, 1);
	assert_int_equal(to, 100);
	replay(x);
	assert_all(x);
	index_close(x);
}

static void deliveries_of_a_run_lost_while_tables_wait_do_not_count_as_sealed(void **state)
{
	struct index *x = open_index(50, 1000);
	uint64_t seq, delivery;
	char aside[128];

	(void)state;
	snprintf(aside, sizeof aside, "%s.aside", folder);
	assert_int_equal(rename(folder, aside), 0);
	while (model->seq < 150) {
		add_next(x);
		index_committed(x, model->seq, model->seq);
	}
	assert_int_not_equal(index_seal(x), STATUS_OK); /* three tables, of 50 deliveries each */
	assert_int_equal(rename(aside, folder), 0);
	index_renew(x, 1, 50);
	assert_int_equal(index_seal(x), STATUS_OK);
	index_close(x);
	x = open_index(50, 1000);
	index_sealed_to(x, &seq, &delivery);
	assert_int_equal(delivery, 0);
	index_close(x);
}

static void nothing_counts_as_sealed_before_all_that_is_older(void **state)
{
	struct index *x = open_index(50, 1000);
	char name[128];
	uint64_t seq, delivery;

	(void)state;
	/* Something stands where the first run would be written; the second has its own name. */
	snprintf(name, sizeof name, "%s/0000000000000001.run", folder);
	assert_int_equal(mkdir(name, 0700), 0);
	grow_to(x, 150);
	while (model->seq < 300) {
		add_next(x);
		index_committed(x, model->seq, 0);
		assert_key(x, draw() % UNLIKE);
	}
	index_close(x);
	assert_int_equal(rmdir(name), 0);
	x = open_index(50, 1000);
	index_sealed_to(x, &seq, &delivery);
	assert_true(seq == 0);
	replay(x);
	assert_all(x);
	index_close(x);
}

static void an_article_added_again_has_one_simhash(void **state)
{
	struct column c = { 0 };

	(void)state;
	for (unsigned round = 0; round < 3; round++)
		for (uint64_t seq = 1; seq <= 5; seq++)
			assert_int_equal(column_add(&c, 10 * seq, seq + round), STATUS_OK);
	assert_int_equal(c.count, 5);
	for (uint64_t seq = 1; seq <= 5; seq++)
		assert_true(c.simhashes[seq - 1] == seq + 2);
	column_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		IN_FOLDER(every_posting_is_found_once_while_runs_are_sealed_and_merged),
		IN_FOLDER(sealed_postings_and_a_replay_of_the_rest_are_everything),
		IN_FOLDER(an_index_without_a_folder_keeps_all_in_memory),
		IN_FOLDER(candidates_are_all_articles_that_share_keys_most_hits_first),
		IN_FOLDER(keys_lead_to_the_same_until_something_comes_under_one),
		IN_FOLDER(what_was_marked_long_ago_is_not_known_any_more),
		IN_FOLDER(a_reader_finds_all_that_was_added_while_more_is_and_tables_are_sealed),
		IN_FOLDER(a_reader_beside_the_owner_finds_the_same_candidates),
		IN_FOLDER(a_list_that_is_cut_keeps_its_oldest_and_its_newest),
		IN_FOLDER(a_key_repeated_in_an_article_counts_once),
		IN_FOLDER(a_key_that_some_have_is_backed_by_either_flank),
		IN_FOLDER(numbers_that_leave_no_room_for_flanks_are_refused),
		IN_FOLDER(near_articles_come_in_order_of_seq_from_everywhere),
		IN_FOLDER(an_article_added_again_has_one_simhash),
		IN_FOLDER(expired_runs_are_unlinked_and_the_rest_is_found),
		IN_FOLDER(a_damaged_run_is_set_aside_and_its_gap_filled),
		IN_FOLDER(the_next_table_is_at_hand_before_one_is_full),
		IN_FOLDER(a_run_that_was_left_behind_goes_with_those_after_it),
		IN_FOLDER(of_many_alike_the_oldest_are_merged),
		IN_FOLDER(a_small_merge_goes_ahead_of_a_large_one),
		IN_FOLDER(a_merge_ends_without_what_has_expired),
		IN_FOLDER(what_is_added_after_a_renewal_stays),
		IN_FOLDER(a_run_that_cannot_be_read_does_not_stop_merging),
		IN_FOLDER(runs_are_warmed_when_there_are_many_faults_and_memory_lies_idle),
		IN_FOLDER(a_run_that_was_cut_while_it_is_open_is_lost_when_it_is_warmed),
		IN_FOLDER(from_a_run_of_another_format_on_all_is_made_again),
		IN_FOLDER(an_article_that_repeats_a_key_leaves_room_for_others),
		IN_FOLDER(a_gap_is_told_until_what_filled_it_is_sealed),
		IN_FOLDER(what_the_manifest_does_not_name_is_deleted),
		IN_FOLDER(a_run_that_is_lost_while_a_table_waits_to_be_sealed_is_a_gap),
		IN_FOLDER(deliveries_of_a_run_lost_while_tables_wait_do_not_count_as_sealed),
		IN_FOLDER(nothing_counts_as_sealed_before_all_that_is_older),
		IN_FOLDER(a_table_that_cannot_be_sealed_goes_on_serving),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
