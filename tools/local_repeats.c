/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "cli.h"
#include "detect/repeats.h"
#include "fingerprint/fingerprinting.h"
#include "local.h"
#include "wire/json.h"
#include "wire/verdict.h"

#define ALERT_RATIO 0.2 /* the daemon's default alert_ratio */
#define SHOWN_BYTES 72u

/* The block that paragraph p (1-based) is a later occurrence in, or NULL. */
static const struct repeat_block *block_of(const struct repeats *r, uint32_t p)
{
	for (uint32_t i = 0; i < r->block_count; i++)
		if (p >= r->blocks[i].again.from && p <= r->blocks[i].again.to)
			return &r->blocks[i];
	return NULL;
}

/* The paragraph that p repeats, where its block has as many paragraphs on both sides; else the
 * first. */
static uint32_t answers(const struct repeat_block *b, uint32_t p)
{
	bool even = b->first.to - b->first.from == b->again.to - b->again.from;

	return even ? b->first.from + (p - b->again.from) : b->first.from;
}

static size_t shown(struct span s)
{
	size_t len = s.len < SHOWN_BYTES ? s.len : SHOWN_BYTES;

	while (len > 0 && len < s.len && ((unsigned char)s.p[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void print_text(const struct cli *cli, const struct article *a, const struct fingerprint *f,
		       const struct repeats *r)
{
	const struct article_part *paragraphs = article_paragraphs(a);
	const char *mark = cli->color ? "\033[33m" : "", *plain = cli->color ? "\033[0m" : "";

	printf("%u paragraphs, %u words, ratio %.2f%s\n", f->paragraph_count,
	       fingerprint_words(f->units), repeats_ratio(r, f),
	       repeats_doubled(r, f, 0) ? ", doubled" : "");
	for (uint32_t p = 1; p <= f->paragraph_count; p++) {
		const struct repeat_block *b = block_of(r, p);
		struct span text = article_view(a, paragraphs[p - 1]);

		if (b != NULL)
			printf("%s%5u %c %-5u%s", mark, p, b->similarity >= 1.0 ? '=' : '~',
			       answers(b, p), plain);
		else
			printf("%5u        ", p);
		printf(" %.*s%s\n", (int)shown(text), text.p, shown(text) < text.len ? "..." : "");
	}
	for (uint32_t i = 0; i < r->block_count; i++) {
		const struct repeat_block *b = &r->blocks[i];

		printf("%u-%u stands again at %u-%u: %u words, %.0f %% alike\n", b->first.from,
		       b->first.to, b->again.from, b->again.to, b->words, 100 * b->similarity);
	}
}

static void print_json(const struct local_file *file, const struct article *a,
		       const struct fingerprint *f, const struct repeats *r)
{
	struct bytes out = { 0 }, id = { 0 };
	struct json j = json_of(&out);

	local_put_id(&id, file, a);
	json_open(&j, '{');
	json_put_text(&j, "file", span_of_text(file->path));
	json_put_text(&j, "id", bytes_span(&id));
	json_put_number(&j, "words", fingerprint_words(f->units));
	json_put_number(&j, "paragraphs", f->paragraph_count);
	verdict_repetition(&j, repeats_ratio(r, f), repeats_doubled(r, f, 0), r->blocks,
			   r->block_count);
	json_close(&j, '}');
	put_u8(&out, '\n');
	if (!out.failed)
		fwrite(out.p, 1, out.len, stdout);
	bytes_free(&out);
	bytes_free(&id);
}

static int one_file(const struct cli *cli, const char *path, double ratio, struct arena *arena)
{
	struct local_file file = { 0 };
	int code = local_read(&file, path) && !file.refused ? CLI_OK : CLI_ERROR;

	for (const struct article *a = articles_first(&file.articles); a != NULL;
	     a = articles_next(&file.articles, a)) {
		struct fingerprint f;
		struct repeats r;

		arena_clear(arena);
		if (fingerprint_of(&f, a, arena) != STATUS_OK ||
		    repeats_find(&r, &f, arena) != STATUS_OK) {
			code = cli_fail(path, "out of memory");
			break;
		}
		if (cli->json)
			print_json(&file, a, &f, &r);
		else
			print_text(cli, a, &f, &r);
		if (code == CLI_OK && r.block_count > 0 && repeats_ratio(&r, &f) >= ratio)
			code = CLI_FOUND;
	}
	local_free(&file);
	return code;
}

int local_repeats(const struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { "ratio", required_argument, NULL, 'r' },
						 { NULL, 0, NULL, 0 } };
	struct arena *arena;
	double ratio = ALERT_RATIO;
	int option, code = CLI_OK;
	char *end;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return CLI_ERROR;
		ratio = strtod(optarg, &end);
		if (end == optarg || *end != '\0' || !(ratio >= 0.0 && ratio <= 1.0))
			return cli_fail("--ratio", "expected a number 0..1, not %s", optarg);
	}
	if (optind == argc)
		return cli_fail("repeats", "no file; reprint repeats FILE|ID");
	arena = arena_open((size_t)1 << 20);
	if (arena == NULL)
		return cli_fail("repeats", "out of memory");
	text_start();
	for (int i = optind; i < argc; i++) {
		int one = one_file(cli, argv[i], ratio, arena);

		code = one > code ? one : code;
	}
	arena_close(arena);
	return code;
}
