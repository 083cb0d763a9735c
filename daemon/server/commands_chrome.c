/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome: what is left out of a site's articles. The counts know a line by its hash alone; its
 * words are looked for in the site's newest articles, backwards, slice by slice. */
#include "server/command.h"

#include <stdlib.h>

#include "base/arena.h"
#include "detect/chrome.h"
#include "detect/page_line.h"
#include "server/paragraphs.h"
#include "store/store.h"
#include "wire/reply.h"

#define ROWS_MAX 200000u /* articles of any site that are looked through */
#define TEXT_BYTES 240u  /* told of one line */

struct left_out {
	struct chrome_line line;
	uint64_t seq;       /* the newest article that has it; 0: not found */
	int64_t seen_ms;    /* when that came */
	uint32_t paragraph; /* 1-based, there */
	uint32_t units;
	uint16_t text_len;
	bool cut, has_text;
	char text[TEXT_BYTES];
};

struct search {
	struct span site; /* of the request, which outlives the answer */
	uint32_t articles, count, missing;
	uint64_t oldest, looked;
	bool telling;
	struct left_out lines[]; /* [count], by hash; while telling: most seen first */
};

static int by_hash(const void *x, const void *y)
{
	const struct left_out *a = x, *b = y;

	return a->line.hash < b->line.hash ? -1 : a->line.hash > b->line.hash;
}

static int most_seen_first(const void *x, const void *y)
{
	const struct left_out *a = x, *b = y;

	if (a->line.articles != b->line.articles)
		return a->line.articles > b->line.articles ? -1 : 1;
	return by_hash(x, y);
}

/* ---- the words of the lines */

/* As much as fits, not in the middle of a character. */
static void keep_text(struct left_out *l, struct span text)
{
	size_t len = text.len < TEXT_BYTES ? text.len : TEXT_BYTES;

	while (len > 0 && len < text.len && ((unsigned char)text.p[len] & 0xc0) == 0x80)
		len--;
	memcpy(l->text, text.p, len);
	l->text_len = (uint16_t)len;
	l->cut = len < text.len;
	l->has_text = true;
}

/* The wanted lines that stand in a row, in its order. */
struct finds {
	struct left_out *lines[CHROME_LINES];
	uint32_t count;
};

static void find_line(struct search *s, struct finds *f, const struct row *row, uint32_t paragraph,
		      uint64_t hash, uint32_t units)
{
	struct left_out key = { .line = { .hash = hash } }, *l;

	l = bsearch(&key, s->lines, s->count, sizeof key, by_hash);
	if (hash == 0 || l == NULL || l->seq != 0 || f->count == CHROME_LINES)
		return;
	l->seq = row->verdict.seq;
	l->seen_ms = row->verdict.seen_ms;
	l->paragraph = paragraph + 1;
	l->units = units;
	f->lines[f->count++] = l;
}

static void find_lines(struct search *s, struct finds *f, const struct row *row,
		       const struct page_line *lines)
{
	for (uint32_t i = 0; i < row->paragraph_count; i++) {
		find_line(s, f, row, i, lines[i].hash, lines[i].units);
		find_line(s, f, row, i, lines[i].shape, lines[i].units);
	}
}

/* As the chrome counts know the row's paragraphs. */
static const struct page_line *row_lines(const struct row *row, struct arena *arena)
{
	struct fingerprint f = { .tokens = row->tokens,
				 .token_count = row->token_count,
				 .paragraphs = row->paragraphs,
				 .paragraph_count = row->paragraph_count };
	const struct page_line *lines;

	return page_lines_of(&lines, &f, NULL, (struct span){ NULL, 0 }, arena) == STATUS_OK ? lines
											     : NULL;
}

static void take_texts(const struct finds *f, const struct lane_view *lane, uint64_t seq)
{
	struct span text, line = { NULL, 0 };
	uint32_t at = 0;

	if (store_text(lane->store, &text, seq, lane->arena) != STATUS_OK)
		return;
	for (uint32_t i = 0; i < f->count; i++) {
		for (; at < f->lines[i]->paragraph; at++)
			line = text_next_line(&text);
		if (line.p != NULL)
			keep_text(f->lines[i], line);
	}
}

/* One row back; false: there is nothing more to look for. */
static bool look_back(struct answer *a, const struct lane_view *lane, struct search *s)
{
	struct arena_mark mark = arena_mark(lane->arena);
	struct finds *f = ARENA_ARRAY(lane->arena, struct finds, 1);
	const struct page_line *lines;
	struct row row;

	if (f == NULL || s->missing == 0 || a->at == 0 || a->at < s->oldest ||
	    s->looked == ROWS_MAX)
		return false;
	f->count = 0;
	s->looked++;
	if (store_get_light(lane->store, &row, a->at--, lane->arena) == STATUS_OK &&
	    span_equal(row.verdict.site, s->site) && (lines = row_lines(&row, lane->arena)) != NULL)
		find_lines(s, f, &row, lines);
	s->missing -= f->count;
	if (f->count > 0)
		take_texts(f, lane, row.verdict.seq);
	arena_rewind(lane->arena, mark);
	return true;
}

/* ---- the answer */

/* The state, with every line of the site; NULL: the answer has failed. */
static struct search *begin_search(struct answer *a, const struct lane_view *lane)
{
	struct span site = request_text(a->request, "site");
	uint32_t articles = chrome_articles(lane->chrome, site), count;
	struct chrome_line *lines;
	struct store_totals totals;
	struct search *s;

	if (site.p == NULL) {
		answer_fail(a, "usage", "\"site\" is missing: which one?");
		return NULL;
	}
	if (articles == 0) {
		answer_fail(a, "not_found", "%.*s: no article of this site was counted",
			    (int)(site.len > 300 ? 300 : site.len), site.p);
		return NULL;
	}
	lines = ARENA_ARRAY(lane->arena, struct chrome_line, CHROME_LINES);
	count = lines == NULL ? 0 : chrome_lines(lane->chrome, lines, site);
	s = lines == NULL ? NULL : answer_state(a, sizeof *s + count * sizeof s->lines[0]);
	if (s == NULL) {
		answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++)
		s->lines[i].line = lines[i];
	qsort(s->lines, count, sizeof s->lines[0], by_hash);
	store_totals(lane->store, &totals);
	s->site = site;
	s->articles = articles;
	s->count = s->missing = count;
	s->oldest = totals.oldest_seq;
	a->at = totals.newest_seq;
	return s;
}

static void put_head(struct answer *a, const struct search *s)
{
	struct json j = answer_line(a);

	json_put_text(&j, "site", s->site);
	json_put_number(&j, "articles", s->articles);
	json_put_number(&j, "lines", s->count);
	json_put_number(&j, "words_not_found", s->missing);
	json_put_share(&j, "short_below_words", PAGE_LINE_TEXT_UNITS / 2.0);
	reply_close(&j);
}

/* Where the words were found; null: nowhere. */
static void put_example(struct json *j, const struct left_out *l)
{
	json_put_text(j, "text",
		      l->has_text ? span_of(l->text, l->text_len) : (struct span){ NULL, 0 });
	json_put_flag(j, "cut", l->cut);
	json_key(j, "example");
	if (l->seq == 0)
		json_null(j);
	else
		json_number(j, l->seq);
	json_key(j, "last_seen");
	if (l->seq == 0)
		json_null(j);
	else
		json_moment(j, l->seen_ms);
}

static void put_line(struct answer *a, const struct search *s, const struct left_out *l)
{
	enum chrome_reason why = chrome_reason_of(&l->line, l->units);
	struct json j = answer_line(a);

	json_put_flag(&j, "left_out", why != CHROME_NONE);
	json_put_number(&j, "seen_in", l->line.articles);
	json_put_number(&j, "of", s->articles);
	json_put_number(&j, "enough", chrome_enough(&l->line, l->units));
	json_put_number(&j, "articles_since", l->line.since);
	json_key(&j, "words");
	if (l->seq == 0)
		json_null(&j);
	else
		json_number(&j, fingerprint_words(l->units));
	put_example(&j, l);
	json_put_share(&j, "weight", l->line.weight);
	json_key(&j, "why");
	if (why == CHROME_NONE)
		json_null(&j);
	else
		json_word(&j, chrome_reason_text(why));
	reply_close(&j);
}

enum answer_step chrome_slice(struct answer *a, const struct lane_view *lane)
{
	struct search *s = a->state;

	if (s == NULL)
		s = begin_search(a, lane);
	if (s == NULL)
		return ANSWER_DONE;
	if (!s->telling) {
		while (look_back(a, lane, s))
			if (answer_over(a))
				return ANSWER_MORE;
		s->telling = true;
		qsort(s->lines, s->count, sizeof s->lines[0], most_seen_first);
		put_head(a, s);
		a->at = 0;
	}
	while (a->at < s->count && !answer_over(a))
		put_line(a, s, &s->lines[a->at++]);
	return a->at < s->count ? ANSWER_MORE : answer_end(a);
}
