/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_index ARTICLES FOLDER - the index alone, on one core: for each article candidates, then its
 * 72 keys and four names, as many as one of 400 words brings; three in ten are copies of an earlier
 * one and must find it. Committed in batches of 500, whose rows of 450 bytes are synced before.
 * Then sealed, closed, opened again, asked; at last all expire. The keys are made up: no text is
 * read and no row compared. The folder is made and removed.
 *
 * Prints a line "what <tab> value <tab> unit" each. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/files.h"
#include "index/index.h"

#define KEYS 72u
#define NAMES 4u
#define BATCH 500u
#define ROW_BYTES 450u
#define WINDOW 10000u
#define FOUND 256u
#define QUESTIONS 10000u
#define STRETCH 1000000u

/* How many articles took how long; bin b: less than STALL_FIRST_US << b. */
#define STALL_FIRST_US 100
#define STALL_BINS 12u

struct bench {
	struct index *x;
	const char *folder;
	uint64_t count;
	uint32_t *origin; /* of each article: whose keys it has */
	uint64_t missed, stalls[STALL_BINS];
	int64_t longest_us, slowest_window_us, last_tenth_us;
	int64_t longest_cpu_us; /* of its own thread: without the wait for a core */
	int rows;               /* a file */
	int64_t longest_commit_us, commits_us;
	int64_t stretch_us, stretch_cpu_us; /* when the million at hand began */
};

static void must(enum status st, const char *what)
{
	if (st == STATUS_OK)
		return;
	fprintf(stderr, "bench_index: %s: %s\n", what, status_text(st));
	exit(1);
}

static uint64_t random_of(uint64_t n)
{
	return mix64(n * UINT64_C(0x9e3779b97f4a7c15) + 1);
}

static void keys_of(const struct bench *b, uint64_t *keys, uint64_t seq)
{
	for (unsigned k = 0; k < KEYS; k++)
		keys[k] = random_of((uint64_t)b->origin[seq] * 128 + k);
}

static void one_article(struct bench *b, uint64_t seq)
{
	struct candidate found[FOUND];
	uint64_t keys[KEYS];
	size_t n, capped, at = 0;
	bool copy = seq > 1 && random_of(seq) % 10 < 3;

	b->origin[seq] = copy ? b->origin[1 + random_of(~seq) % (seq - 1)] : (uint32_t)seq;
	keys_of(b, keys, seq);
	n = index_candidates(b->x, keys, NULL, KEYS, found, FOUND, &capped);
	while (at < n && b->origin[found[at].seq] != b->origin[seq])
		at++;
	b->missed += copy && at == n;
	must(index_add(b->x, seq, random_of(seq ^ keys[0]), keys, NULL, KEYS), "add");
	for (unsigned k = 0; k < NAMES; k++)
		must(index_post(b->x, random_of(UINT64_C(1) << 61 | (seq * NAMES + k)), seq),
		     "post");
	if (seq % BATCH == 0)
		index_committed(b->x, seq, seq);
}

/* What the store does before the index is told: rows are written and synced. */
static void commit_rows(struct bench *b)
{
	static const char rows[BATCH * ROW_BYTES];
	int64_t start = clock_monotonic_us(), took;

	if (write(b->rows, rows, sizeof rows) != sizeof rows || fdatasync(b->rows) != 0)
		must(STATUS_IO, "rows");
	took = clock_monotonic_us() - start;
	b->commits_us += took;
	if (took > b->longest_commit_us)
		b->longest_commit_us = took;
}

static void note_stall(struct bench *b, int64_t took_us, int64_t took_cpu_us)
{
	unsigned bin = 0;

	while (bin + 1 < STALL_BINS && took_us >= (int64_t)STALL_FIRST_US << bin)
		bin++;
	b->stalls[bin]++;
	if (took_us > b->longest_us)
		b->longest_us = took_us;
	if (took_cpu_us > b->longest_cpu_us)
		b->longest_cpu_us = took_cpu_us;
}

static void print(const char *what, double value, const char *unit)
{
	bool whole = value >= 100 || strcmp(unit, "articles") == 0;

	printf("%s\t%.*f\t%s\n", what, whole ? 0 : 2, value, unit);
	fflush(stdout);
}

/* What this thread has had of a core. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void end_stretch(struct bench *b, uint64_t seq, int64_t now, int64_t cpu)
{
	char what[64];

	snprintf(what, sizeof what, "the million up to %" PRIu64, seq);
	print(what, STRETCH * 1e6 / (double)(now - b->stretch_us), "articles/s");
	print("the same, in a core's time", STRETCH * 1e6 / (double)(cpu - b->stretch_cpu_us),
	      "articles/s");
	b->stretch_us = now;
	b->stretch_cpu_us = cpu;
}

static void fill(struct bench *b)
{
	int64_t before = clock_monotonic_us(), window = before, cpu_before = cpu_us();

	b->stretch_us = before;
	b->stretch_cpu_us = cpu_before;
	for (uint64_t seq = 1; seq <= b->count; seq++) {
		int64_t now, cpu;

		if (seq == b->count - b->count / 10 + 1)
			b->last_tenth_us = before;
		if (seq % BATCH == 0) {
			commit_rows(b);
			before = clock_monotonic_us();
			cpu_before = cpu_us();
		}
		one_article(b, seq);
		now = clock_monotonic_us();
		cpu = cpu_us();
		note_stall(b, now - before, cpu - cpu_before);
		before = now;
		cpu_before = cpu;
		if (seq % STRETCH == 0)
			end_stretch(b, seq, now, cpu);
		if (seq % WINDOW != 0)
			continue;
		if (now - window > b->slowest_window_us)
			b->slowest_window_us = now - window;
		window = now;
	}
	b->last_tenth_us = before - b->last_tenth_us;
}

static size_t rss_anon_mb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	size_t kb = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "RssAnon: %zu", &kb);
	if (f != NULL)
		fclose(f);
	return kb / 1024;
}

static void report_fill(const struct bench *b, int64_t took_us)
{
	char what[64];

	print("candidates and add", (double)b->count * 1e6 / (double)took_us, "articles/s");
	print("the last tenth of them", (double)(b->count / 10) * 1e6 / (double)b->last_tenth_us,
	      "articles/s");
	if (b->slowest_window_us > 0)
		print("slowest 10000 of them", WINDOW * 1e6 / (double)b->slowest_window_us,
		      "articles/s");
	print("copies missed", (double)b->missed, "articles");
	print("RssAnon", (double)rss_anon_mb(), "MB");
	print("longest call", (double)b->longest_us / 1e3, "ms");
	print("longest call, in a core's time", (double)b->longest_cpu_us / 1e3, "ms");
	print("longest commit of 500 rows", (double)b->longest_commit_us / 1e3, "ms");
	print("all commits", (double)b->commits_us * 1e2 / (double)took_us, "% of the time");
	for (unsigned bin = 3; bin < STALL_BINS; bin++) {
		if (b->stalls[bin] == 0)
			continue;
		snprintf(what, sizeof what, "that took %.1f ms, up to twice as long",
			 (double)((int64_t)STALL_FIRST_US << (bin - 1)) / 1e3);
		print(what, (double)b->stalls[bin], "articles");
	}
}

static double since_ms(int64_t start_us)
{
	return (double)(clock_monotonic_us() - start_us) / 1e3;
}

static void seal_and_reopen(struct bench *b, const struct index_options *o)
{
	int64_t start = clock_monotonic_us();

	index_committed(b->x, b->count, b->count);
	must(index_seal(b->x), "seal");
	print("sealed and merged to the end", since_ms(start), "ms");
	print("disk an article", (double)files_folder_bytes(b->folder) / (double)b->count, "bytes");
	index_close(b->x);
	start = clock_monotonic_us();
	must(index_open(&b->x, o), "reopen");
	print("reopened", since_ms(start), "ms");
}

static void ask(struct bench *b)
{
	int64_t start = clock_monotonic_us();
	struct candidate found[FOUND];
	uint64_t keys[KEYS];
	size_t capped;

	for (uint64_t i = 0; i < QUESTIONS; i++) {
		keys_of(b, keys, 1 + random_of(i) % b->count);
		index_candidates(b->x, keys, NULL, KEYS, found, FOUND, &capped);
	}
	print("candidates, all sealed", since_ms(start) * 1e3 / QUESTIONS, "us");
}

/* Of everything: what the call costs the lane, and the disk that comes back beside it. */
static void expire(struct bench *b)
{
	uint64_t before = files_folder_bytes(b->folder);
	int64_t start = clock_monotonic_us();

	index_expire(b->x, b->count);
	print("expiry, the call", since_ms(start), "ms");
	must(index_seal(b->x), "seal");
	print("expiry, disk returned",
	      (double)(before - files_folder_bytes(b->folder)) * 100 / (double)before, "%");
}

/* Without a name: it goes with the process. */
static int open_rows(const char *folder)
{
	int fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		must(STATUS_IO, "rows");
	return fd;
}

int main(int argc, char **argv)
{
	struct bench b = { .folder = argc == 3 ? argv[2] : NULL };
	struct index_options o = { .path = b.folder };
	int64_t start;

	b.count = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
	if (b.count == 0 || b.count >= UINT32_MAX) {
		fprintf(stderr, "bench_index: ARTICLES FOLDER\n");
		return 2;
	}
	b.origin = calloc(b.count + 1, sizeof *b.origin);
	if (b.origin == NULL || files_folder(b.folder, false) != STATUS_OK)
		must(STATUS_NO_MEMORY, "folder");
	must(index_open(&b.x, &o), "open");
	b.rows = open_rows(b.folder);
	start = clock_monotonic_us();
	fill(&b);
	report_fill(&b, clock_monotonic_us() - start);
	seal_and_reopen(&b, &o);
	ask(&b);
	expire(&b);
	index_close(b.x);
	files_remove_folder(b.folder);
	free(b.origin);
	return 0;
}
