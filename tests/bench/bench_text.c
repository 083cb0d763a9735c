/* SPDX-License-Identifier: BSD-2-Clause */
/* The articles of the given files as text_read() sees them, a JSON line each; with -q as the first
 * argument only how fast that was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "text/gunzip.h"
#include "text/text.h"

static bool load(struct bytes *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n = 1;

	if (f == NULL)
		return false;
	while (n > 0 && bytes_reserve(out, 65536)) {
		n = fread(out->p + out->len, 1, 65536, f);
		out->len += n;
	}
	fclose(f);
	return !out->failed;
}

static json_t *value_of(const struct article *a, struct article_part part)
{
	struct span s = article_view(a, part);

	return s.p == NULL ? json_null() : json_stringn(s.p, s.len);
}

static void print(const char *path, const struct article *a)
{
	json_t *o = json_object();

	json_object_set_new(o, "file", json_string(path));
	json_object_set_new(o, "id", value_of(a, a->id));
	json_object_set_new(o, "site", value_of(a, a->site));
	json_object_set_new(o, "url", value_of(a, a->url));
	json_object_set_new(o, "title", value_of(a, a->title));
	json_object_set_new(o, "published", value_of(a, a->published));
	json_object_set_new(o, "text", value_of(a, a->text));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static void tell(void *ctx, enum status st, const struct text_problem *problem)
{
	fprintf(stderr, "%s: %s: %s\n", (const char *)ctx, status_text(st), problem->why);
}

static void read_one(char *path, struct articles *articles, bool quiet, size_t *bytes)
{
	struct bytes raw = { 0 }, plain = { 0 };
	struct text_problem problem = { 0 };
	bool gzip;
	enum text_format format = text_format_of_name(span_of_text(path), &gzip);
	enum status st;

	if (!load(&raw, path))
		perror(path);
	st = gzip ? gunzip(&plain, bytes_span(&raw), (size_t)1 << 30) : STATUS_OK;
	struct span input = gzip ? bytes_span(&plain) : bytes_span(&raw);
	if (format == TEXT_UNKNOWN)
		format = text_format_of_bytes(input);
	struct text_input in = { .bytes = input, .format = format };

	articles_clear(articles);
	int64_t from = clock_monotonic_us();
	if (st == STATUS_OK)
		st = text_read(articles, &in, &problem, quiet ? NULL : tell, path);
	int64_t took = clock_monotonic_us() - from;
	*bytes += input.len;
	if (quiet)
		fprintf(stderr, "%s: %zu articles, %.1f MB/s, %.0f articles/s\n", path,
			articles->count, (double)input.len / (double)(took + 1),
			(double)articles->count * 1e6 / (double)(took + 1));
	if (st != STATUS_OK)
		fprintf(stderr, "%s: %s: %s\n", path, status_text(st), problem.why);
	for (const struct article *a = articles_first(articles); a != NULL && !quiet;
	     a = articles_next(articles, a))
		print(path, a);
	bytes_free(&raw);
	bytes_free(&plain);
}

int main(int argc, char **argv)
{
	struct articles articles = { 0 };
	bool quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	int64_t from = clock_monotonic_us();
	size_t bytes = 0;

	text_start();
	for (int i = 1 + quiet; i < argc; i++)
		read_one(argv[i], &articles, quiet, &bytes);
	fprintf(stderr, "%.1f MB/s over all\n",
		(double)bytes / (double)(clock_monotonic_us() - from + 1));
	articles_free(&articles);
	return 0;
}
