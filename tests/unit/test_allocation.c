/* SPDX-License-Identifier: BSD-2-Clause */
/* Linked with every allocation of ours wrapped; those of libraries are not (see the Makefile). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index/index.h"
#include "ingest/pipeline.h"
#include "store/store.h"

#define ARTICLES 100u /* a round, in one submission or one each */
#define ROUNDS 4u     /* to warm up */

static atomic_size_t taken;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	atomic_fetch_add(&taken, 1);
	return __real_realloc(p, size);
}

struct world {
	char folder[64];
	struct store *store;
	struct index *index;
	struct pipeline *pipeline;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t pending, verdicts;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int open_world(void **state)
{
	static struct world w;
	struct store_options so = { .path = w.folder, .map_size = 1 << 26, .keep_text = true };
	struct index_options io = { .path = NULL };
	/* One worker: of two, one may have had nothing to do until it is counted. */
	struct pipeline_options po = { .threads = 1,
				       .batch_max = 50,
				       .queue_max = 64,
				       .max_file_bytes = 1 << 20,
				       .keep_text = true };

	w = (struct world){ .folder = "/tmp/reprint-allocation-XXXXXX",
			    .lock = PTHREAD_MUTEX_INITIALIZER,
			    .changed = PTHREAD_COND_INITIALIZER };
	if (mkdtemp(w.folder) == NULL || store_open(&w.store, &so) != STATUS_OK ||
	    index_open(&w.index, &io) != STATUS_OK)
		return 1;
	po.store = w.store;
	po.index = w.index;
	*state = &w;
	return pipeline_open(&w.pipeline, &po) != STATUS_OK;
}

static int close_world(void **state)
{
	struct world *w = *state;

	pipeline_close(w->pipeline);
	index_close(w->index);
	store_close(w->store);
	return nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void told(void *ctx, const struct verdict *v, enum status st, const char *why, bool last)
{
	struct world *w = ctx;

	(void)why;
	pthread_mutex_lock(&w->lock);
	w->verdicts += v != NULL && st == STATUS_OK;
	w->pending -= last;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void submit(struct world *w, const char *bytes, const char *name, bool store)
{
	struct submission s = { .bytes = span_of_text(bytes),
				.name = span_of_text(name),
				.first_line = 1,
				.store = store,
				.tell_known = true };

	pthread_mutex_lock(&w->lock);
	w->pending++;
	pthread_mutex_unlock(&w->lock);
	assert_int_equal(pipeline_submit(w->pipeline, &s, true, told, w), STATUS_OK);
}

static void wait_for_all(struct world *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->pending > 0)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

/* Article n of a round: half are a copy of one of the round before. */
static size_t put_words(char *out, unsigned round, unsigned n, const char *end)
{
	uint32_t x = (n % 2 == 0 ? 7919 * (round + 1) : 7919) + n * 104729;
	size_t len = 0;

	for (unsigned w = 0; w < 240; w++) {
		x = x * 1664525 + 1013904223;
		len += (size_t)sprintf(out + len, "w%u%s", (unsigned)(x >> 20),
				       w % 40 == 39 ? end : " ");
	}
	return len;
}

static void submit_lines(struct world *w, unsigned round, bool store)
{
	static char lines[ARTICLES * 4096];
	size_t len = 0;

	for (unsigned n = 0; n < ARTICLES; n++) {
		len += (size_t)sprintf(lines + len,
				       "{\"id\":\"l%u.%u\",\"site\":\"s%u.example\",\"text\":\"",
				       round, n, n % 7);
		len += put_words(lines + len, round, n, "\\n");
		len += (size_t)sprintf(lines + len, "\"}\n");
	}
	submit(w, lines, "news.jsonl", store);
	wait_for_all(w);
}

static void submit_texts(struct world *w, unsigned round, bool store)
{
	char text[4096], name[64];

	for (unsigned n = 0; n < ARTICLES; n++) {
		put_words(text, round, n, "\n\n");
		sprintf(name, "t%u.%u.txt", round, n);
		submit(w, text, name, store);
		wait_for_all(
			w); /* one at a time, so that few jobs are in use, and all of them warm */
	}
}

#define SEGMENTS 256u /* of the table of postings, which double one by one */

static size_t taken_by(struct world *w, void (*round_of)(struct world *, unsigned, bool),
		       unsigned round, bool store)
{
	size_t before = atomic_load(&taken);

	w->verdicts = 0;
	round_of(w, round, store);
	assert_int_equal(w->verdicts, ARTICLES);
	return atomic_load(&taken) - before;
}

/* An article that is judged takes nothing; what is stored makes tables grow, by doubling. Who was
 * idle in the first rounds, as a worker may be whom the lane does not need, is cold for longer. */
static void assert_warm(struct world *w, void (*round_of)(struct world *, unsigned, bool))
{
	unsigned round = 0;

	for (; round < ROUNDS; round++) {
		round_of(w, round, true);
		round_of(w, round + 100, false);
	}
	assert_in_range(taken_by(w, round_of, ROUNDS, true), 0, SEGMENTS + ARTICLES / 2);
	while (taken_by(w, round_of, round + 100, false) > 0)
		assert_in_range(++round, 0, 3 * ROUNDS);
}

static void json_lines_take_no_memory_of_ours_once_warm(void **state)
{
	assert_warm(*state, submit_lines);
}

static void texts_take_no_memory_of_ours_once_warm(void **state)
{
	assert_warm(*state, submit_texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_lines_take_no_memory_of_ours_once_warm,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(texts_take_no_memory_of_ours_once_warm, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
