/* SPDX-License-Identifier: BSD-2-Clause */
/* fingerprint: digest, SimHash and sketch of every article, by several threads, in order. */
#include "commands.h"

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/shingle.h"
#include "fingerprint/winnow.h"
#include "naming.h"
#include "pieces.h"
#include "print.h"

#include <pthread.h>
#include <reprint/article.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS_MAX 256u
#define AHEAD 4u /* pieces a thread that may be under way */

/* A piece on its way: filled by the reader, done by a worker, printed by the reader. */
struct job {
	struct piece piece;
	struct bytes out, errors;
	bool done;
};

/* A ring: [printed, taken) is with workers or done, [taken, filled) waits for one. */
struct ring {
	struct job *jobs;
	size_t cap;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	uint64_t filled, taken, printed;
	bool closed;
	/* What the workers need to know: */
	bool json, paragraphs;
};

struct stamping {
	struct session *session;
	bool failed;
};

/* ---- one article */

static int ascending(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

static void put_sketch(struct json *j, const struct fingerprint *f, struct arena *arena)
{
	size_t count = shingles_count(f->token_count), chosen;
	uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, count + 1);
	uint64_t *sketch = ARENA_ARRAY(arena, uint64_t, count + 1);

	json_key(j, "sketch");
	json_open(j, '[');
	if (hashes != NULL && sketch != NULL) {
		shingles_of(hashes, f->tokens, f->token_count);
		chosen = winnow(sketch, hashes, count, WINNOW_WINDOW, 0);
		qsort(sketch, chosen, sizeof *sketch, ascending);
		for (size_t i = 0; i < chosen; i++)
			if (i == 0 || sketch[i] != sketch[i - 1])
				json_hex(j, &sketch[i], 1);
	}
	json_close(j, ']');
	if (arena_failed(arena))
		j->out->failed = true;
}

static void put_parts(struct json *j, const struct fingerprint *f, struct arena *arena)
{
	json_key(j, "parts");
	json_open(j, '[');
	for (uint32_t i = 0; i < f->paragraph_count; i++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[i];
		size_t count = f->paragraphs[i + 1] - f->paragraphs[i];

		json_open(j, '{');
		json_put_number(j, "n", i + 1);
		json_put_number(j, "words", fingerprint_words(tokens_units(tokens, count)));
		json_put_hex(j, "digest", tokens_hash(tokens, count));
		json_put_hex(j, "simhash", simhash_of(tokens, count, arena));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_json(struct bytes *out, const struct article *a, const char *file,
		     const struct fingerprint *f, bool paragraphs, struct arena *arena)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	put_names(&j, a, file);
	json_key(&j, "digest");
	json_hex(&j, f->digest, 2);
	json_put_hex(&j, "simhash", f->simhash);
	json_put_number(&j, "words", fingerprint_words(f->units));
	json_put_number(&j, "paragraphs", f->paragraph_count);
	put_sketch(&j, f, arena);
	if (paragraphs)
		put_parts(&j, f, arena);
	json_close(&j, '}');
	put_bytes(out, "\n", 1);
}

/* The same line shape as the tools that stamp files: stamps first, then the name. */
static void put_plain(struct bytes *out, const struct article *a, const char *file,
		      const struct fingerprint *f, bool paragraphs, struct arena *arena)
{
	struct bytes id = { 0 };

	name_article(&id, a, file);
	put_format(out, "%016llx%016llx  %016llx  %7u  ", (unsigned long long)f->digest[0],
		   (unsigned long long)f->digest[1], (unsigned long long)f->simhash,
		   fingerprint_words(f->units));
	put_bytes(out, id.p, id.len);
	put_bytes(out, "\n", 1);
	bytes_free(&id);
	for (uint32_t i = 0; paragraphs && i < f->paragraph_count; i++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[i];
		size_t count = f->paragraphs[i + 1] - f->paragraphs[i];

		put_format(out, "%16s%016llx  %016llx  %7u    paragraph %u\n", "",
			   (unsigned long long)tokens_hash(tokens, count),
			   (unsigned long long)simhash_of(tokens, count, arena),
			   fingerprint_words(tokens_units(tokens, count)), i + 1);
	}
}

/* ---- a piece, on a worker */

static void on_text_problem(void *ctx, enum status st, const struct text_problem *problem)
{
	struct job *job = ctx;

	put_format(&job->errors, "reprint: fingerprint: %s: %s\n", job->piece.file,
		   problem->why[0] != '\0' ? problem->why : status_text(st));
}

static void stamp_piece(const struct ring *ring, struct job *job, struct articles *articles,
			struct arena *arena)
{
	struct text_input in = { .bytes = bytes_span(&job->piece.bytes),
				 .format = job->piece.format,
				 .first_line = job->piece.first_line };
	struct text_problem problem = { 0 };
	struct fingerprint f;
	enum status st;

	articles_clear(articles);
	st = text_read(articles, &in, &problem, on_text_problem, job);
	if (st != STATUS_OK)
		on_text_problem(job, st, &problem);
	for (const struct article *a = articles_first(articles); a != NULL;
	     a = articles_next(articles, a)) {
		arena_clear(arena);
		if (fingerprint_of(&f, a, arena) != STATUS_OK)
			job->out.failed = true;
		else if (ring->json)
			put_json(&job->out, a, job->piece.file, &f, ring->paragraphs, arena);
		else
			put_plain(&job->out, a, job->piece.file, &f, ring->paragraphs, arena);
	}
}

static void *work(void *ctx)
{
	struct ring *ring = ctx;
	struct articles articles = { 0 };
	struct arena *arena = arena_open(1u << 20);

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		struct job *job;

		while (ring->taken == ring->filled && !ring->closed)
			pthread_cond_wait(&ring->work, &ring->lock);
		if (ring->taken == ring->filled)
			break;
		job = &ring->jobs[ring->taken++ % ring->cap];
		pthread_mutex_unlock(&ring->lock);
		if (arena != NULL)
			stamp_piece(ring, job, &articles, arena);
		else
			job->out.failed = true;
		pthread_mutex_lock(&ring->lock);
		job->done = true;
		pthread_cond_signal(&ring->done);
	}
	pthread_mutex_unlock(&ring->lock);
	arena_close(arena);
	articles_free(&articles);
	return NULL;
}

/* ---- the reader, which is also the printer */

/* Waits for the oldest job and prints it. */
static void print_oldest(struct ring *ring, struct stamping *s)
{
	struct job *job = &ring->jobs[ring->printed % ring->cap];

	pthread_mutex_lock(&ring->lock);
	while (!job->done)
		pthread_cond_wait(&ring->done, &ring->lock);
	pthread_mutex_unlock(&ring->lock);
	if (job->out.failed) {
		session_error(s->session, "%s: %s", job->piece.file, status_text(STATUS_NO_MEMORY));
		s->failed = true;
	} else if (job->out.len > 0) {
		fwrite(job->out.p, 1, job->out.len, stdout);
	}
	if (job->errors.len > 0) {
		fwrite(job->errors.p, 1, job->errors.len, stderr);
		s->failed = true;
	}
	piece_free(&job->piece);
	bytes_free(&job->out);
	bytes_free(&job->errors);
	job->done = false;
	ring->printed++;
}

static void on_problem(void *ctx, const char *file, const char *why)
{
	struct stamping *s = ctx;

	session_error(s->session, "%s: %s", file, why);
	s->failed = true;
}

static void feed(struct ring *ring, struct pieces *pieces, struct stamping *s)
{
	struct piece piece;
	enum status st;

	while ((st = pieces_next(pieces, &piece)) == STATUS_OK) {
		if (ring->filled - ring->printed == ring->cap)
			print_oldest(ring, s);
		ring->jobs[ring->filled % ring->cap] = (struct job){ .piece = piece };
		pthread_mutex_lock(&ring->lock);
		ring->filled++;
		pthread_cond_signal(&ring->work);
		pthread_mutex_unlock(&ring->lock);
	}
	if (st != STATUS_NOT_FOUND)
		on_problem(s, "-", status_text(st));
	while (ring->printed < ring->filled)
		print_oldest(ring, s);
}

static int run_ring(struct ring *ring, struct pieces *pieces, struct stamping *s, unsigned threads)
{
	pthread_t ids[THREADS_MAX];
	unsigned started = 0;

	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->work, NULL);
	pthread_cond_init(&ring->done, NULL);
	while (started < threads && pthread_create(&ids[started], NULL, work, ring) == 0)
		started++;
	if (started > 0)
		feed(ring, pieces, s);
	else
		on_problem(s, "-", "no thread could be started");
	pthread_mutex_lock(&ring->lock);
	ring->closed = true;
	pthread_cond_broadcast(&ring->work);
	pthread_mutex_unlock(&ring->lock);
	while (started > 0)
		pthread_join(ids[--started], NULL);
	pthread_cond_destroy(&ring->done);
	pthread_cond_destroy(&ring->work);
	pthread_mutex_destroy(&ring->lock);
	return s->failed ? EXIT_ERROR : EXIT_FINE;
}

static unsigned thread_count(uint64_t wanted)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = wanted > 0 ? wanted : cores > 0 ? (uint64_t)cores : 1;

	return (unsigned)(n < THREADS_MAX ? n : THREADS_MAX);
}

int run_fingerprint(struct session *session, struct args *a)
{
	struct stamping s = { .session = session };
	struct ring ring = { .json = session->json };
	struct pieces *pieces;
	uint64_t wanted = 0;
	unsigned threads;
	int code;

	ring.paragraphs = args_flag(a, "--paragraphs");
	args_number(a, "--threads", &wanted);
	if (!args_rest(a, 1, -1))
		return session_usage(session, a);
	threads = thread_count(wanted);
	ring.cap = AHEAD * threads;
	ring.jobs = calloc(ring.cap, sizeof *ring.jobs);
	if (ring.jobs == NULL ||
	    pieces_open(&pieces, a->words, a->count, on_problem, &s) != STATUS_OK) {
		free(ring.jobs);
		return session_error(session, "%s", status_text(STATUS_NO_MEMORY));
	}
	text_start();
	code = run_ring(&ring, pieces, &s, threads);
	pieces_close(pieces);
	free(ring.jobs);
	return code;
}
