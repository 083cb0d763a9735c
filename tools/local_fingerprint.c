/* SPDX-License-Identifier: BSD-2-Clause */
/* Fingerprints many files with some threads; lines come out in the order of the files. */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli.h"
#include "fingerprint/fingerprinting.h"
#include "local.h"
#include "print.h"
#include "wire/json.h"

/* Files are taken and printed some at a time: few, so that no thread ends long before another. */
#define BATCH_MAX 32u
#define BATCHES 16u /* of a thread, at least */

struct run {
	const struct cli *cli;
	bool paragraphs;
	struct local_path *paths;
	size_t count;
	pthread_mutex_t lock;
	pthread_cond_t turn;
	size_t batch;   /* files that a thread takes at once */
	size_t next;    /* file to take */
	size_t printed; /* file whose turn it is to print */
	bool failed;
};

static void put_sketch(struct json *j, const uint16_t *tokens, size_t count, struct arena *arena)
{
	uint64_t *sketch;
	size_t n = local_sketch(&sketch, tokens, count, arena);

	json_key(j, "sketch");
	json_open(j, '[');
	for (size_t i = 0; i < n; i++)
		json_hex(j, &sketch[i], 1);
	json_close(j, ']');
}

static void put_paragraphs(struct json *j, const struct fingerprint *f, struct arena *arena)
{
	json_key(j, "each");
	json_open(j, '[');
	for (uint32_t p = 0; p < f->paragraph_count; p++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[p];
		size_t count = f->paragraphs[p + 1] - f->paragraphs[p];

		json_open(j, '{');
		json_put_number(j, "paragraph", p + 1);
		json_put_number(j, "words", fingerprint_words(tokens_units(tokens, count)));
		json_put_hex(j, "simhash", simhash_of(tokens, count, arena));
		json_put_hex(j, "hash", tokens_hash(tokens, count));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_json(struct bytes *out, const struct run *r, const struct local_file *file,
		     struct span id, const struct fingerprint *f, struct arena *arena)
{
	struct json j = json_of(out);

	json_open(&j, '{');
	json_put_text(&j, "file", span_of_text(file->path));
	json_put_text(&j, "id", id);
	json_key(&j, "digest");
	json_hex(&j, f->digest, 2);
	json_put_hex(&j, "simhash", f->simhash);
	json_put_number(&j, "words", fingerprint_words(f->units));
	json_put_number(&j, "paragraphs", f->paragraph_count);
	put_sketch(&j, f->tokens, f->token_count, arena);
	if (r->paragraphs)
		put_paragraphs(&j, f, arena);
	json_close(&j, '}');
	put_u8(out, '\n');
}

static void put_human(struct bytes *out, const struct run *r, struct span id,
		      const struct fingerprint *f, struct arena *arena)
{
	uint64_t *sketch;
	size_t n = local_sketch(&sketch, f->tokens, f->token_count, arena);

	put_hex64(out, f->digest[0]);
	put_hex64(out, f->digest[1]);
	put_u8(out, ' ');
	put_hex64(out, f->simhash);
	put_decimal(out, fingerprint_words(f->units), 7);
	put_text(out, " words ");
	print_into(out, id);
	for (size_t i = 0; i < n; i++) {
		put_u8(out, i == 0 ? ' ' : ':');
		put_hex32(out, (uint32_t)(sketch[i] >> 32));
	}
	put_u8(out, '\n');
	for (uint32_t p = 0; r->paragraphs && p < f->paragraph_count; p++) {
		const uint16_t *tokens = f->tokens + f->paragraphs[p];
		size_t count = f->paragraphs[p + 1] - f->paragraphs[p];

		put_format(out, "%32u %016llx %6u words\n", p + 1,
			   (unsigned long long)simhash_of(tokens, count, arena),
			   fingerprint_words(tokens_units(tokens, count)));
	}
}

/* What a thread keeps from file to file. */
struct worker {
	struct local_file file;
	struct bytes out, id;
	struct arena *arena;
};

static bool one_file(struct worker *w, const struct run *r, const struct local_path *path)
{
	bool ok = local_read_found(&w->file, path) && !w->file.refused;

	for (const struct article *a = articles_first(&w->file.articles); a != NULL;
	     a = articles_next(&w->file.articles, a)) {
		struct fingerprint f;

		arena_clear(w->arena);
		bytes_clear(&w->id);
		local_put_id(&w->id, &w->file, a);
		if (fingerprint_of(&f, a, w->arena) != STATUS_OK) {
			cli_fail(path->name, "out of memory");
			ok = false;
		} else if (r->cli->json) {
			put_json(&w->out, r, &w->file, bytes_span(&w->id), &f, w->arena);
		} else {
			put_human(&w->out, r, bytes_span(&w->id), &f, w->arena);
		}
	}
	return ok && !w->out.failed;
}

/* Waits until every file before these is printed. */
static void print_in_turn(struct run *r, size_t from, size_t to, const struct bytes *out, bool ok)
{
	pthread_mutex_lock(&r->lock);
	while (r->printed != from)
		pthread_cond_wait(&r->turn, &r->lock);
	ok &= out->len == 0 || fwrite(out->p, 1, out->len, stdout) == out->len;
	r->failed |= !ok;
	r->printed = to;
	pthread_cond_broadcast(&r->turn);
	pthread_mutex_unlock(&r->lock);
}

static bool take_files(struct run *r, size_t *out_from, size_t *out_to)
{
	pthread_mutex_lock(&r->lock);
	*out_from = r->next;
	*out_to = r->count - r->next < r->batch ? r->count : r->next + r->batch;
	r->next = *out_to;
	pthread_mutex_unlock(&r->lock);
	return *out_from < *out_to;
}

static void *run_files(void *arg)
{
	struct run *r = arg;
	struct worker w = { .arena = arena_open((size_t)1 << 20) };
	size_t from, to;

	while (take_files(r, &from, &to)) {
		bool ok = w.arena != NULL;

		bytes_clear(&w.out);
		for (size_t i = from; w.arena != NULL && i < to; i++)
			ok &= one_file(&w, r, &r->paths[i]);
		print_in_turn(r, from, to, &w.out, ok);
	}
	arena_close(w.arena);
	bytes_free(&w.id);
	bytes_free(&w.out);
	local_free(&w.file);
	return NULL;
}

static void run_threads(struct run *r, size_t threads)
{
	pthread_t all[64];
	size_t started = 0;

	threads = threads < 64 ? threads : 64;
	r->batch = r->count / (threads * BATCHES) + 1;
	if (r->batch > BATCH_MAX)
		r->batch = BATCH_MAX;
	while (started + 1 < threads && pthread_create(&all[started], NULL, run_files, r) == 0)
		started++;
	run_files(r);
	while (started > 0)
		pthread_join(all[--started], NULL);
}

int local_fingerprint(const struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { "threads", required_argument, NULL, 't' },
						 { "paragraphs", no_argument, NULL, 'p' },
						 { NULL, 0, NULL, 0 } };
	struct run r = { .cli = cli,
			 .lock = PTHREAD_MUTEX_INITIALIZER,
			 .turn = PTHREAD_COND_INITIALIZER };
	long threads = sysconf(_SC_NPROCESSORS_ONLN);
	size_t failed;
	int option;
	char *end;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p') {
			r.paragraphs = true;
			continue;
		}
		if (option != 't')
			return CLI_ERROR;
		threads = strtol(optarg, &end, 10);
		if (*end != '\0' || threads < 1 || threads > 64)
			return cli_fail("--threads", "expected 1..64, not %s", optarg);
	}
	if (optind == argc)
		return cli_fail("fingerprint", "no path; reprint fingerprint PATH...");
	text_start();
	r.paths = local_expand(argv + optind, argc - optind, &r.count, &failed);
	run_threads(&r, threads > 0 ? (size_t)threads : 1);
	local_free_paths(r.paths, r.count);
	return r.failed || failed > 0 ? CLI_ERROR : CLI_OK;
}
