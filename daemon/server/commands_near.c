/* SPDX-License-Identifier: BSD-2-Clause */
/* neighbours: what stands within some bits of a SimHash, articles or paragraphs. */
#include "server/command.h"

#include <stdlib.h>

#include "base/arena.h"
#include "fingerprint/fingerprinting.h"
#include "index/index.h"
#include "store/store.h"
#include "wire/reply.h"
#include "wire/verdict.h"

#define FOUND_MAX 100000u
#define BITS 3u

struct neighbour {
	uint64_t seq;
	unsigned bits;
};

struct search {
	uint64_t simhash, self; /* self: the article that was asked about */
	unsigned max_bits;
	bool paragraphs;
	bool cut; /* more than FOUND_MAX */
	size_t count;
	struct neighbour found[];
};

static bool hex_hash(struct span s, uint64_t *out)
{
	*out = 0;
	if (s.p == NULL || s.len != 16)
		return false;
	for (size_t i = 0; i < 16; i++) {
		char c = s.p[i];
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
							: 16;

		if (digit == 16)
			return false;
		*out = *out << 4 | digit;
	}
	return true;
}

static bool read_search(struct answer *a, const struct lane_view *lane, struct search *s)
{
	uint64_t bits;
	struct row row;

	if (!answer_number(a, "bits", BITS, &bits))
		return false;
	if (bits > 64) {
		answer_fail(a, "usage", "\"bits\" is 0 to 64");
		return false;
	}
	s->max_bits = (unsigned)bits;
	s->paragraphs = request_flag(a->request, "paragraphs");
	if (hex_hash(request_text(a->request, "id"), &s->simhash))
		return true;
	if (!answer_row(a, lane, "id", &row))
		return false;
	s->simhash = row.verdict.simhash;
	s->self = row.verdict.seq;
	return true;
}

static void put_neighbour(struct answer *a, const struct verdict *v, unsigned bits,
			  uint32_t paragraph, uint64_t simhash)
{
	struct json j = answer_line(a);

	json_put_number(&j, "bits", bits);
	json_put_number(&j, "seq", v->seq);
	json_put_text(&j, "id", v->id);
	json_put_text(&j, "site", v->site);
	if (paragraph > 0)
		json_put_number(&j, "paragraph", paragraph);
	else
		json_put_text(&j, "title", v->title);
	json_put_hex(&j, "simhash", simhash);
	reply_close(&j);
}

/* ---- articles: one scan of the column of hashes, then the names */

static bool see(void *ctx, uint64_t seq, unsigned bits)
{
	struct search *s = ctx;

	if (seq == s->self)
		return true;
	s->cut = s->count == FOUND_MAX;
	if (s->cut)
		return false;
	s->found[s->count++] = (struct neighbour){ seq, bits };
	return true;
}

static int nearest_first(const void *x, const void *y)
{
	const struct neighbour *a = x, *b = y;

	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void name_neighbour(struct answer *a, const struct lane_view *lane,
			   const struct neighbour *n)
{
	struct arena_mark mark = arena_mark(lane->arena);
	struct row row;

	if (store_get(lane->store, &row, n->seq, lane->arena) == STATUS_OK)
		put_neighbour(a, &row.verdict, n->bits, 0, row.verdict.simhash);
	arena_rewind(lane->arena, mark);
}

static enum answer_step end_search(struct answer *a, const struct search *s)
{
	if (s->cut) {
		struct json j = answer_line(a);

		json_put_flag(&j, "cut", true);
		reply_close(&j);
	}
	return answer_end(a);
}

static enum answer_step near_articles(struct answer *a, const struct lane_view *lane,
				      struct search *s)
{
	while (a->at < s->count && !answer_over(a))
		name_neighbour(a, lane, &s->found[a->at++]);
	return a->at < s->count ? ANSWER_MORE : end_search(a, s);
}

/* ---- paragraphs: a walk over all rows, slice by slice */

struct walk {
	struct answer *answer;
	const struct lane_view *lane;
	struct search *search;
	bool stopped;
};

static bool see_row(void *ctx, const struct row *row)
{
	struct walk *w = ctx;

	if (answer_over(w->answer)) {
		w->stopped = true;
		return false;
	}
	w->answer->at = row->verdict.seq + 1;
	for (uint32_t i = 0; i < row->paragraph_count; i++) {
		struct arena_mark mark = arena_mark(w->lane->arena);
		uint32_t from = row->paragraphs[i];
		uint64_t simhash = simhash_of(row->tokens + from, row->paragraphs[i + 1] - from,
					      w->lane->arena);
		unsigned bits = (unsigned)__builtin_popcountll(simhash ^ w->search->simhash);

		arena_rewind(w->lane->arena, mark);
		if (bits > w->search->max_bits || row->paragraphs[i + 1] == from)
			continue;
		put_neighbour(w->answer, &row->verdict, bits, i + 1, simhash);
	}
	return true;
}

static enum answer_step near_paragraphs(struct answer *a, const struct lane_view *lane,
					struct search *s)
{
	struct walk w = { .answer = a, .lane = lane, .search = s };
	enum status st = store_each(lane->store, a->at, lane->arena, see_row, &w);

	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return answer_fail(a, "failed", "%s", status_text(st));
	return w.stopped ? ANSWER_MORE : answer_end(a);
}

enum answer_step neighbours_slice(struct answer *a, const struct lane_view *lane)
{
	bool first = a->state == NULL;
	struct search *s = answer_state(a, sizeof *s + FOUND_MAX * sizeof s->found[0]);

	if (s == NULL)
		return answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
	if (first && !read_search(a, lane, s))
		return ANSWER_DONE;
	if (s->paragraphs)
		return near_paragraphs(a, lane, s);
	if (first) {
		index_near(lane->index, s->simhash, s->max_bits, see, s);
		answer_doubt(a, lane);
		qsort(s->found, s->count, sizeof s->found[0], nearest_first);
	}
	return near_articles(a, lane, s);
}
