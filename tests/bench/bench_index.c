/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_index [ARTICLES [HOT]] - articles a second through index_candidates(), index_add() and
 * three index_post(), on one core: 25 keys each, three in ten copies of an earlier article, HOT
 * further keys that one article in four has (boilerplate; 0). Committed in batches of 500; every
 * copy must find its original. Then reopening, and a SimHash question over everything. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/stats.h"
#include "index/index.h"

#define KEYS 25u
#define HOT_MAX 64u
#define BATCH 500u
#define WINDOW 10000u

struct bench {
	struct index *x;
	const char *folder;
	uint64_t count;
	unsigned hot;
	uint32_t *origin; /* of each article: whose keys it has */
	uint64_t missed, capped;
};

static uint64_t random_of(uint64_t n)
{
	return mix64(n * UINT64_C(0x9e3779b97f4a7c15) + 1);
}

static size_t keys_of(const struct bench *b, uint64_t *keys, uint64_t seq)
{
	size_t count = KEYS;

	for (unsigned k = 0; k < KEYS; k++)
		keys[k] = random_of((uint64_t)b->origin[seq] * 64 + k);
	for (unsigned h = 0; seq % 4 == 0 && h < b->hot; h++)
		keys[count++] = random_of(UINT64_C(1) << 60 | h);
	return count;
}

static void must(enum status st, const char *what)
{
	if (st == STATUS_OK)
		return;
	fprintf(stderr, "bench_index: %s: %s\n", what, status_text(st));
	exit(1);
}

static void one_article(struct bench *b, uint64_t seq)
{
	uint64_t keys[KEYS + HOT_MAX];
	struct candidate found[256];
	size_t count, n, capped, at = 0;
	bool copy = seq > 1 && random_of(seq) % 10 < 3;

	b->origin[seq] = copy ? b->origin[1 + random_of(~seq) % (seq - 1)] : (uint32_t)seq;
	count = keys_of(b, keys, seq);
	n = index_candidates(b->x, keys, count, found, 256, &capped);
	while (at < n && b->origin[found[at].seq] != b->origin[seq])
		at++;
	b->missed += copy && at == n;
	b->capped += capped;
	must(index_add(b->x, seq, random_of(seq ^ keys[0]), keys, count), "add");
	for (unsigned k = 0; k < 3; k++)
		must(index_post(b->x, random_of(UINT64_C(1) << 61 | (seq * 4 + k)), seq), "post");
}

static size_t rss_anon_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	size_t kb = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		sscanf(line, "RssAnon: %zu", &kb);
	if (f != NULL)
		fclose(f);
	return kb;
}

static void report(const struct bench *b, uint64_t seq, int64_t start_us, int64_t slowest_us,
		   int64_t stall_us)
{
	double s = (double)(clock_monotonic_us() - start_us) / 1e6;

	printf("%9llu articles %7.0f/s on average, %7.0f/s in the slowest %u, longest call %.1f "
	       "ms, "
	       "RssAnon %zu MB, %.0f bytes an article on disk, %llu runs, %llu missed, %llu "
	       "capped\n",
	       (unsigned long long)seq, (double)seq / s, WINDOW * 1e6 / (double)slowest_us, WINDOW,
	       (double)stall_us / 1e3, rss_anon_kb() / 1024,
	       (double)files_folder_bytes(b->folder) / (double)seq,
	       (unsigned long long)stats_get(STAT_RUNS), (unsigned long long)b->missed,
	       (unsigned long long)b->capped);
	fflush(stdout);
}

static void fill(struct bench *b)
{
	int64_t start = clock_monotonic_us(), window = start, slowest = 1, stall = 0;

	for (uint64_t seq = 1; seq <= b->count; seq++) {
		int64_t before = clock_monotonic_us(), now;

		one_article(b, seq);
		if (seq % BATCH == 0)
			index_committed(b->x, seq, seq);
		now = clock_monotonic_us();
		stall = now - before > stall ? now - before : stall;
		if (seq % WINDOW == 0) {
			slowest = now - window > slowest ? now - window : slowest;
			window = now;
		}
		if (seq == 100000 || seq == 1000000 || seq % 10000000 == 0 || seq == b->count)
			report(b, seq, start, slowest, stall);
	}
}

static bool count_near(void *ctx, uint64_t seq, unsigned bits)
{
	(void)seq;
	(void)bits;
	++*(uint64_t *)ctx;
	return true;
}

static void ask(struct bench *b)
{
	uint64_t near = 0, keys[KEYS + HOT_MAX];
	struct candidate found[256];
	size_t capped;
	int64_t start = clock_monotonic_us(), took, worst = 0, all;

	for (unsigned i = 0; i < 5; i++) {
		start = clock_monotonic_us();
		index_near(b->x, random_of(i), 3, count_near, &near);
	}
	printf("SimHash question over everything: %.1f ms warm\n",
	       (double)(clock_monotonic_us() - start) / 1e3);
	all = clock_monotonic_us();
	for (uint64_t i = 0; i < 10000; i++) {
		size_t count = keys_of(b, keys, 1 + random_of(i) % b->count);

		start = clock_monotonic_us();
		index_candidates(b->x, keys, count, found, 256, &capped);
		took = clock_monotonic_us() - start;
		worst = took > worst ? took : worst;
	}
	printf("random look-ups: %.1f us each, %.2f ms the worst of 10,000\n",
	       (double)(clock_monotonic_us() - all) / 1e4, (double)worst / 1e3);
}

static void reopen(struct bench *b)
{
	struct index_options o = { .path = b->folder };
	int64_t start = clock_monotonic_us();
	uint64_t seq, delivery;

	must(index_seal(b->x), "seal");
	printf("sealed and merged to the end in %.2f s\n",
	       (double)(clock_monotonic_us() - start) / 1e6);
	start = clock_monotonic_us();
	index_close(b->x);
	printf("closed in %.2f s\n", (double)(clock_monotonic_us() - start) / 1e6);
	start = clock_monotonic_us();
	must(index_open(&b->x, &o), "reopen");
	index_sealed_to(b->x, &seq, &delivery);
	printf("reopened in %.3f s, sealed to %llu\n", (double)(clock_monotonic_us() - start) / 1e6,
	       (unsigned long long)seq);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/bench_index_XXXXXX";
	struct bench b = { .folder = mkdtemp(folder),
			   .count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
			   .hot = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0 };

	if (b.folder == NULL || b.count == 0 || b.count > UINT32_MAX - 1 || b.hot > HOT_MAX) {
		fprintf(stderr, "bench_index: [ARTICLES [HOT, at most %u]]\n", HOT_MAX);
		return 2;
	}
	b.origin = calloc(b.count + 1, sizeof *b.origin);
	if (b.origin == NULL)
		return 1;
	must(index_open(&b.x, &(struct index_options){ .path = b.folder }), "open");
	fill(&b);
	reopen(&b);
	ask(&b);
	index_close(b.x);
	files_remove_folder(b.folder);
	free(b.origin);
	return 0;
}
