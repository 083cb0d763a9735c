/* SPDX-License-Identifier: BSD-2-Clause */
/* calibrate: the labelled pairs, compared with what the daemon would have left out of each when it
 * came, and judged under one threshold after the other. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli.h"
#include "detect/chrome.h"
#include "detect/page_line.h"
#include "detect/mask.h"
#include "detect/pair.h"
#include "detect/repeats.h"
#include "fingerprint/fingerprinting.h"
#include "labels.h"
#include "local.h"
#include "plot.h"
#include "text/quoted.h"
#include "verdicts.h"
#include "wire/json.h"

/* An article that a label names. */
struct named {
	struct span id;
	const struct article *article; /* NULL: not among the articles */
	size_t order;
	struct kept kept;
};

struct run {
	const struct cli *cli;
	struct labels labels;
	struct verdicts verdicts; /* the daemon's */
	struct score daemon;      /* of copies */
	struct local_file articles;
	struct named *names; /* by id */
	size_t name_count;
	struct labelled *pairs;
	size_t pair_count, unknown;
	struct arena *arena, *scratch;
};

/* ---- which articles are meant */

static int by_id(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	size_t less = a->id.len < b->id.len ? a->id.len : b->id.len;
	int order = memcmp(a->id.p, b->id.p, less);

	return order != 0 ? order : (a->id.len > b->id.len) - (a->id.len < b->id.len);
}

static struct named *find_name(const struct run *r, struct span id)
{
	struct named key = { .id = id };

	return bsearch(&key, r->names, r->name_count, sizeof key, by_id);
}

static bool collect_names(struct run *r)
{
	size_t kept = 0;

	r->names = calloc(2 * r->labels.count + 1, sizeof *r->names);
	if (r->names == NULL)
		return false;
	for (size_t i = 0; i < r->labels.count; i++) {
		r->names[2 * i].id = r->labels.all[i].a;
		r->names[2 * i + 1].id = r->labels.all[i].b;
	}
	r->name_count = 2 * r->labels.count;
	qsort(r->names, r->name_count, sizeof *r->names, by_id);
	for (size_t i = 0; i < r->name_count; i++)
		if (kept == 0 || by_id(&r->names[kept - 1], &r->names[i]) != 0)
			r->names[kept++] = r->names[i];
	r->name_count = kept;
	return true;
}

/* ---- the articles in their order, as the lane has them */

static const uint8_t *quoted_of(const struct article *a, struct arena *arena)
{
	const struct article_part *paragraphs = article_paragraphs(a);
	uint8_t *is = ARENA_ARRAY(arena, uint8_t, (size_t)a->paragraph_count + 1);

	for (uint32_t p = 0; is != NULL && p < a->paragraph_count; p++)
		is[p] = quoted(article_view(a, paragraphs[p]));
	return is;
}

/* What is kept of one article when it comes; then its lines are counted for its site. */
static enum status pass(struct kept *out, struct chrome *chrome, const struct article *a,
			bool look_alike, struct arena *arena)
{
	struct span site = article_view(a, a->site);
	struct fingerprint f;
	struct repeats found;
	const struct page_line *lines;
	uint32_t left_out;
	enum status st = fingerprint_of(&f, a, arena);

	if (st == STATUS_OK)
		st = repeats_find(&found, &f, arena);
	if (st == STATUS_OK)
		st = page_lines_of(&lines, &f, article_hints(a), article_view(a, a->title), arena);
	if (st == STATUS_OK)
		st = mask_of(out, &left_out, &f, &found, chrome, site, lines, arena);
	if (st != STATUS_OK)
		return st;
	out->quoted = quoted_of(a, arena);
	return look_alike ? STATUS_OK : chrome_learn(chrome, site, lines, f.paragraph_count, NULL);
}

/* The first article of an id counts, as the first one delivered. */
static enum status pass_all(struct run *r, struct chrome *chrome)
{
	struct bytes id = { 0 };
	size_t order = 0;
	enum status st = STATUS_OK;

	for (const struct article *a = articles_first(&r->articles.articles);
	     a != NULL && st == STATUS_OK; a = articles_next(&r->articles.articles, a)) {
		struct kept kept;
		struct named *n;
		bool meant;

		bytes_clear(&id);
		local_put_id(&id, &r->articles, a);
		n = find_name(r, bytes_span(&id));
		meant = n != NULL && n->article == NULL;
		st = pass(&kept, chrome, a, verdicts_look_alike(&r->verdicts, bytes_span(&id)),
			  meant ? r->arena : r->scratch);
		if (meant)
			*n = (struct named){ n->id, a, order, kept };
		arena_clear(r->scratch);
		order++;
	}
	bytes_free(&id);
	return st;
}

static enum status find_articles(struct run *r)
{
	struct chrome *chrome;
	enum status st = chrome_open(&chrome);

	if (st != STATUS_OK)
		return st;
	st = pass_all(r, chrome);
	chrome_close(chrome);
	return st;
}

/* ---- comparing */

static enum status compare_pair(struct run *r, struct labelled *out, const struct named *here,
				const struct named *there)
{
	enum status st = pair_compare(&out->numbers, &here->kept, &there->kept, r->scratch);

	if (st != STATUS_OK)
		return st;
	out->numbers.passages = NULL;
	out->known = pair_acquainted(here->article, there->article);
	out->known.here_units = here->kept.units;
	out->known.there_units = there->kept.units;
	out->too_short = judge_short(here->kept.units) || judge_short(there->kept.units);
	arena_clear(r->scratch);
	return STATUS_OK;
}

static void count_daemon(struct score *s, bool copy, enum truth truth)
{
	s->hits += copy && truth == TRUTH_COPY;
	s->misses += !copy && truth == TRUTH_COPY;
	s->false_hits += copy && truth == TRUTH_OTHER;
}

static enum status compare_pairs(struct run *r)
{
	enum status st = STATUS_OK;

	r->pairs = calloc(r->labels.count + 1, sizeof *r->pairs);
	if (r->pairs == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < r->labels.count && st == STATUS_OK; i++) {
		struct named *a = find_name(r, r->labels.all[i].a);
		struct named *b = find_name(r, r->labels.all[i].b);
		struct labelled *p = &r->pairs[r->pair_count];
		bool later;

		if (a->article == NULL || b->article == NULL) {
			r->unknown++;
			continue;
		}
		later = a->order > b->order;
		p->truth = r->labels.all[i].truth;
		st = compare_pair(r, p, later ? a : b, later ? b : a);
		count_daemon(&r->daemon, verdicts_copy(&r->verdicts, a->id, b->id), p->truth);
		r->pair_count++;
	}
	calibration_shares(&r->daemon);
	return st;
}

/* ---- telling */

/* One key moved alone, the others as they are by default. */
static void sweep(struct plot *p, const struct run *r, size_t key)
{
	const struct calibration_key *k = calibration_key(key);

	*p = (struct plot){ .title = k->name, .now = calibration_get(judge_defaults(), key) };
	for (double at = k->low; at < k->high + k->step / 2 && p->count < PLOT_POINTS;
	     at = k->low + (double)p->count * k->step) {
		struct thresholds moved = *judge_defaults();

		calibration_set(&moved, key, at);
		p->at[p->count] = at;
		p->score[p->count++] = calibration_score(r->pairs, r->pair_count, &moved, key);
	}
}

static void put_share(struct json *j, const char *key, double share)
{
	json_key(j, key);
	if (isnan(share))
		json_null(j);
	else
		json_share(j, share);
}

static void put_score(struct json *j, const struct score *s)
{
	put_share(j, "precision", s->precision);
	put_share(j, "recall", s->recall);
	put_share(j, "f1", s->f1);
	json_put_number(j, "hits", s->hits);
	json_put_number(j, "false_hits", s->false_hits);
	json_put_number(j, "misses", s->misses);
}

static void print_line(struct bytes *line)
{
	put_u8(line, '\n');
	if (!line->failed)
		fwrite(line->p, 1, line->len, stdout);
	bytes_clear(line);
}

static void tell_json(const struct plot *p, const struct advice *a)
{
	struct bytes line = { 0 };

	for (size_t i = 0; i <= p->count; i++) {
		struct json j = json_of(&line);

		json_open(&j, '{');
		json_put_word(&j, "key", p->title);
		if (i < p->count) {
			json_put_share(&j, "at", p->at[i]);
			put_score(&j, &p->score[i]);
		} else {
			json_put_share(&j, "default", p->now);
			json_put_share(&j, "advised", a->value);
			json_put_flag(&j, "enough", a->enough);
			json_put_number(&j, "wanted", a->wanted);
			json_put_number(&j, "others", a->others);
			put_share(&j, "f1_before", a->before.f1);
			put_share(&j, "f1_after", a->after.f1);
		}
		json_close(&j, '}');
		print_line(&line);
	}
	bytes_free(&line);
}

static void print_share(double share)
{
	if (isnan(share))
		fputs("      -", stdout);
	else
		printf("  %.3f", share);
}

static void tell_text(const struct plot *p, const struct advice *a, const char *pairs)
{
	plot_text(stdout, p);
	printf("\n  %8s  precis.  recall     F1   right  false  missed   (%u wanted and %u other "
	       "pairs %s)\n",
	       "at", a->wanted, a->others, pairs);
	for (size_t i = 0; i < p->count; i++) {
		const struct score *s = &p->score[i];

		printf("  %8g ", p->at[i]);
		print_share(s->precision);
		print_share(s->recall);
		print_share(s->f1);
		printf("%8u%7u%8u\n", s->hits, s->false_hits, s->misses);
	}
	putchar('\n');
}

static bool moved(const struct advice *a, size_t key)
{
	return fabs(a->value - calibration_get(judge_defaults(), key)) > 1e-9;
}

/* The configuration that is advised; keys that stay are comments. */
static void tell_advice(const struct advice *advice)
{
	puts("# advised for reprintd.conf");
	for (size_t key = 0; key < CALIBRATION_KEYS; key++) {
		const struct advice *a = &advice[key];
		const char *name = calibration_key(key)->name;

		if (moved(a, key))
			printf("%s = %g  # F1 %.3f instead of %.3f\n", name, a->value, a->after.f1,
			       a->before.f1);
		else if (!a->enough)
			printf("#%s = %g  # %u wanted and %u other pairs: too few to say\n", name,
			       a->value, a->wanted, a->others);
		else
			printf("#%s = %g  # F1 %.3f; nothing better by %u pairs\n", name, a->value,
			       a->before.f1, CALIBRATION_GAIN);
	}
}

static int draw(const struct plot *plots, size_t count, const char *path)
{
	FILE *to = fopen(path, "w");
	bool good;

	if (to == NULL)
		return cli_fail(path, "cannot be written");
	plot_svg(to, plots, count);
	good = !ferror(to);
	if (fclose(to) != 0 || !good)
		return cli_fail(path, "not everything could be written");
	return CLI_OK;
}

/* What the daemon itself called copies: with its choice of candidates, and as configured. */
static void tell_daemon(const struct run *r)
{
	const struct score *s = &r->daemon;
	struct bytes line = { 0 };
	struct json j = json_of(&line);

	if (r->cli->json) {
		json_open(&j, '{');
		json_put_word(&j, "key", "daemon");
		put_score(&j, s);
		json_close(&j, '}');
		print_line(&line);
	} else {
		fputs("copies as reprintd finds them now: precision", stdout);
		print_share(s->precision);
		fputs(", recall", stdout);
		print_share(s->recall);
		fputs(", F1", stdout);
		print_share(s->f1);
		printf(" (%u right, %u false, %u missed)\n\n", s->hits, s->false_hits, s->misses);
	}
	bytes_free(&line);
}

static int tell(const struct run *r, const char *svg)
{
	struct advice advice[CALIBRATION_KEYS];
	struct thresholds t = *judge_defaults();
	struct plot *plots = calloc(CALIBRATION_KEYS, sizeof *plots);
	size_t count = 0;
	int code = CLI_OK;

	if (plots == NULL)
		return cli_fail("calibrate", "%s", status_text(STATUS_NO_MEMORY));
	tell_daemon(r);
	calibration_advise(advice, &t, r->pairs, r->pair_count);
	for (size_t key = 0; key < CALIBRATION_KEYS; key++) {
		if (advice[key].wanted + advice[key].others == 0)
			continue;
		sweep(&plots[count], r, key);
		plots[count].advised = advice[key].value;
		if (r->cli->json)
			tell_json(&plots[count], &advice[key]);
		else
			tell_text(&plots[count], &advice[key], calibration_key(key)->pairs);
		count++;
	}
	if (!r->cli->json)
		tell_advice(advice);
	if (svg != NULL)
		code = draw(plots, count, svg);
	free(plots);
	return code;
}

/* ---- the run */

static int calibrate(struct run *r, const char *articles, const char *labels, const char *svg)
{
	enum status st;

	if (!labels_read(&r->labels, labels, r->arena) || !local_read(&r->articles, articles) ||
	    !verdicts_read(&r->verdicts, articles, r->arena))
		return CLI_ERROR;
	if (!collect_names(r))
		return cli_fail("calibrate", "%s", status_text(STATUS_NO_MEMORY));
	st = find_articles(r);
	if (st == STATUS_OK)
		st = compare_pairs(r);
	if (st != STATUS_OK)
		return cli_fail("calibrate", "%s", status_text(st));
	fprintf(stderr,
		"reprint: %zu labelled pairs compared, %zu of unknown articles, %zu lines "
		"of labels passed over\n",
		r->pair_count, r->unknown, r->labels.passed_over);
	if (r->pair_count == 0)
		return cli_fail(labels, "no label names two of the articles");
	return tell(r, svg);
}

int local_calibrate(const struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = { { "articles", required_argument, NULL, 'a' },
						 { "labels", required_argument, NULL, 'l' },
						 { "svg", required_argument, NULL, 's' },
						 { NULL, 0, NULL, 0 } };
	const char *articles = NULL, *labels = NULL, *svg = NULL;
	struct run r = { .cli = cli };
	int option, code = CLI_ERROR;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return CLI_ERROR;
		*(option == 'a' ? &articles : option == 'l' ? &labels : &svg) = optarg;
	}
	if (articles == NULL || labels == NULL || optind != argc || strcmp(articles, "-") == 0)
		return cli_fail("calibrate", "give --articles FILE and --labels FILE");
	text_start();
	r.arena = arena_open((size_t)1 << 20);
	r.scratch = arena_open((size_t)1 << 20);
	if (r.arena != NULL && r.scratch != NULL)
		code = calibrate(&r, articles, labels, svg);
	else
		cli_fail("calibrate", "%s", status_text(STATUS_NO_MEMORY));
	labels_free(&r.labels);
	verdicts_free(&r.verdicts);
	local_free(&r.articles);
	free(r.names);
	free(r.pairs);
	arena_close(r.scratch);
	arena_close(r.arena);
	return code;
}
