/* SPDX-License-Identifier: BSD-2-Clause */
/* matches, cluster, clusters: verified matches and their stars. */
#include "server/command.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/store.h"
#include "wire/reply.h"
#include "wire/verdict.h"

#define TOP 20u
#define TOP_MAX 10000u
#define MEMBERS_MAX 100000u
#define SITES_MAX 16u /* told of one cluster */

/* "c977". */
static bool cluster_name(struct span s, uint64_t *out)
{
	*out = 0;
	if (s.p == NULL || s.len < 2 || s.len > 19 || s.p[0] != 'c')
		return false;
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return *out > 0;
}

static enum status read_row(const struct lane_view *lane, struct row *out, uint64_t seq)
{
	return store_get(lane->store, out, seq, lane->arena);
}

/* ---- one cluster */

struct members {
	uint64_t cluster;
	uint64_t of;   /* matches: the article asked for */
	uint32_t more; /* matches: not kept with it */
	size_t count;
	uint64_t seqs[];
};

static bool find_cluster(struct answer *a, const struct lane_view *lane, uint64_t *out)
{
	struct span id = request_text(a->request, "id");
	struct row row;
	uint64_t seq;

	/* An article that is called c977 would be found by its full id: names of clusters win. */
	if (cluster_name(id, out))
		return true;
	if (!answer_find(a, lane, "id", &seq))
		return false;
	if (read_row(lane, &row, seq) != STATUS_OK) {
		answer_fail(a, "not_found", "article %llu is not stored any more",
			    (unsigned long long)seq);
		return false;
	}
	*out = row.verdict.cluster;
	return true;
}

/* Members as they are now; a cluster of one has no list and is its own centre. */
static struct members *load_members(struct answer *a, const struct lane_view *lane,
				    uint64_t cluster)
{
	size_t count = store_cluster(lane->store, cluster, NULL, 0);
	size_t room = count == 0 ? 1 : count < MEMBERS_MAX ? count : MEMBERS_MAX;
	struct members *m = answer_state(a, sizeof *m + room * sizeof m->seqs[0]);

	if (m == NULL)
		return NULL;
	m->cluster = cluster;
	m->count = count == 0 ? 1 : store_cluster(lane->store, cluster, m->seqs, room);
	if (count == 0)
		m->seqs[0] = cluster;
	if (m->count > room)
		m->count = room;
	return m;
}

static void put_member(struct answer *a, const struct lane_view *lane, uint64_t cluster,
		       uint64_t seq)
{
	struct arena_mark mark = arena_mark(lane->arena);
	struct row row;

	if (read_row(lane, &row, seq) == STATUS_OK) {
		const struct verdict *v = &row.verdict;
		struct json j = answer_line(a);

		verdict_cluster(&j, "cluster", cluster);
		json_put_number(&j, "seq", v->seq);
		json_put_text(&j, "id", v->id);
		json_put_number(&j, "version", v->version);
		json_put_text(&j, "site", v->site);
		json_put_text(&j, "url", v->url);
		json_put_text(&j, "title", v->title);
		json_put_text(&j, "published", v->published);
		json_key(&j, "seen");
		json_moment(&j, v->seen_ms);
		json_put_word(&j, "verdict", kind_text(v->kind));
		reply_close(&j);
	}
	arena_rewind(lane->arena, mark);
}

enum answer_step cluster_slice(struct answer *a, const struct lane_view *lane)
{
	struct members *m = a->state;
	uint64_t cluster;
	struct row row;

	if (m == NULL) {
		if (!find_cluster(a, lane, &cluster))
			return ANSWER_DONE;
		m = load_members(a, lane, cluster);
		if (m == NULL)
			return answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
		if (m->count == 1 && read_row(lane, &row, m->seqs[0]) != STATUS_OK)
			return answer_fail(a, "not_found", "c%llu: no such cluster",
					   (unsigned long long)cluster);
	}
	while (a->at < m->count && !answer_over(a))
		put_member(a, lane, m->cluster, m->seqs[a->at++]);
	return a->at < m->count ? ANSWER_MORE : answer_end(a);
}

/* ---- the matches of one article */

static void put_match(struct answer *a, const struct match *m)
{
	struct json j = answer_line(a);

	verdict_match_members(&j, m);
	reply_close(&j);
}

static enum kind seen_from_there(enum kind kind)
{
	return kind == KIND_EXCERPT ? KIND_CONTAINS : kind == KIND_CONTAINS ? KIND_EXCERPT : kind;
}

/* A later article's match with this one, as this one would tell it. */
static void put_turned(struct answer *a, const struct lane_view *lane, const struct match *m,
		       const struct verdict *later)
{
	struct passage *passages = ARENA_ARRAY(lane->arena, struct passage, m->passage_count);
	struct match turned = *m;

	if (passages == NULL)
		return;
	for (uint32_t i = 0; i < m->passage_count; i++)
		passages[i] = (struct passage){ .here = m->passages[i].there,
						.there = m->passages[i].here,
						.words = m->passages[i].words };
	turned.passages = passages;
	turned.seq = later->seq;
	turned.kind = seen_from_there(m->kind);
	turned.containment = m->contained_by;
	turned.contained_by = m->containment;
	turned.id = later->id;
	turned.site = later->site;
	turned.url = later->url;
	turned.title = later->title;
	turned.published = later->published;
	put_match(a, &turned);
}

static void put_later(struct answer *a, const struct lane_view *lane, uint64_t seq, uint64_t later)
{
	struct arena_mark mark = arena_mark(lane->arena);
	struct row row;

	if (later > seq && read_row(lane, &row, later) == STATUS_OK)
		for (uint32_t i = 0; i < row.verdict.match_count; i++)
			if (row.verdict.matches[i].seq == seq)
				put_turned(a, lane, &row.verdict.matches[i], &row.verdict);
	arena_rewind(lane->arena, mark);
}

/* First those that it matched when it came, then those that came later and matched it. */
enum answer_step matches_slice(struct answer *a, const struct lane_view *lane)
{
	struct members *m = a->state;
	struct row row;

	if (m == NULL) {
		if (!answer_row(a, lane, "id", &row))
			return ANSWER_DONE;
		m = load_members(a, lane, row.verdict.cluster);
		if (m == NULL)
			return answer_fail(a, "no_memory", "%s", status_text(STATUS_NO_MEMORY));
		m->of = row.verdict.seq;
		m->more = row.verdict.more;
		for (uint32_t i = 0; i < row.verdict.match_count; i++)
			put_match(a, &row.verdict.matches[i]);
	}
	while (a->at < m->count && !answer_over(a))
		put_later(a, lane, m->of, m->seqs[a->at++]);
	if (a->at < m->count)
		return ANSWER_MORE;
	if (m->more > 0) {
		struct json j = answer_line(a);

		json_put_number(&j, "more", m->more);
		reply_close(&j);
	}
	return answer_end(a);
}

/* ---- all clusters */

struct found_cluster {
	uint64_t cluster;
	uint64_t members;
	int64_t newest_ms;
};

/* The largest so far: a heap with the smallest of them on top. */
struct chart {
	int64_t since_ms;
	bool failed;
	size_t count, cap, limit; /* limit 0: all */
	struct found_cluster *list;
};

static int by_size(const void *x, const void *y)
{
	const struct found_cluster *a = x, *b = y;

	if (a->members != b->members)
		return a->members > b->members ? -1 : 1;
	return a->cluster < b->cluster ? -1 : a->cluster > b->cluster;
}

static void sink(struct found_cluster *heap, size_t count, size_t at)
{
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
			if (by_size(&heap[child], &heap[least]) > 0)
				least = child;
		if (least == at)
			return;
		struct found_cluster swap = heap[at];

		heap[at] = heap[least];
		heap[least] = swap;
		at = least;
	}
}

static bool grow(struct chart *c)
{
	size_t cap = c->cap == 0 ? 256 : c->cap * 2;
	struct found_cluster *list = realloc(c->list, cap * sizeof *list);

	if (list == NULL) {
		c->failed = true;
		return false;
	}
	c->list = list;
	c->cap = cap;
	return true;
}

static bool see_cluster(void *ctx, uint64_t cluster, size_t members, int64_t newest_ms)
{
	struct chart *c = ctx;
	struct found_cluster one = { cluster, members, newest_ms };

	if (newest_ms < c->since_ms)
		return true;
	if (c->limit == 0 || c->count < c->limit) {
		if (c->count == c->cap && !grow(c))
			return false;
		c->list[c->count++] = one;
		if (c->count == c->limit)
			for (size_t i = c->count / 2; i-- > 0;)
				sink(c->list, c->count, i);
	} else if (by_size(&one, &c->list[0]) < 0) {
		c->list[0] = one;
		sink(c->list, c->count, 0);
	}
	return true;
}

static bool read_limits(struct answer *a, struct chart *c)
{
	struct span since = request_text(a->request, "since");
	uint64_t top;

	if (!answer_number(a, "top", TOP, &top))
		return false;
	c->since_ms = INT64_MIN;
	if (since.p != NULL && !clock_parse(&c->since_ms, since)) {
		answer_fail(a, "usage", "\"since\" is not a moment such as 2026-11-23T03:00:00Z");
		return false;
	}
	c->limit = request_flag(a->request, "all") ? 0 : top > TOP_MAX ? TOP_MAX : (size_t)top;
	return true;
}

/* Whether a site was told already; takes it as told. */
static bool told(struct span *sites, size_t *count, struct span site)
{
	for (size_t i = 0; i < *count; i++)
		if (span_equal(sites[i], site))
			return true;
	if (*count < SITES_MAX)
		sites[(*count)++] = site;
	return false;
}

static void put_sites(struct json *j, const struct lane_view *lane, const uint64_t *seqs,
		      size_t count)
{
	struct span sites[SITES_MAX];
	size_t site_count = 0;

	json_key(j, "sites");
	json_open(j, '[');
	for (size_t i = 0; i < count && site_count < SITES_MAX; i++) {
		struct row row;
		struct span site;

		if (read_row(lane, &row, seqs[i]) != STATUS_OK || row.verdict.site.p == NULL)
			continue;
		site = span_of(arena_copy(lane->arena, row.verdict.site), row.verdict.site.len);
		if (site.p != NULL && !told(sites, &site_count, site))
			json_text(j, site);
	}
	json_close(j, ']');
}

static void put_cluster(struct answer *a, const struct lane_view *lane,
			const struct found_cluster *c)
{
	struct arena_mark mark = arena_mark(lane->arena);
	uint64_t seqs[64], origin;
	size_t count = store_cluster(lane->store, c->cluster, seqs, 64);
	struct json j = answer_line(a);
	struct row row;

	verdict_cluster(&j, "cluster", c->cluster);
	json_put_number(&j, "members", c->members);
	json_key(&j, "newest");
	json_moment(&j, c->newest_ms);
	put_sites(&j, lane, seqs, count < 64 ? count : 64);
	if (store_cluster_origin(lane->store, c->cluster, &origin) == STATUS_OK &&
	    read_row(lane, &row, origin) == STATUS_OK) {
		json_put_text(&j, "of", row.verdict.id);
		json_put_text(&j, "title", row.verdict.title);
		json_put_text(&j, "published", row.verdict.published);
	}
	reply_close(&j);
	arena_rewind(lane->arena, mark);
}

/* The first slice runs over the members' table alone; the rest looks up what is told. */
static enum answer_step choose_clusters(struct answer *a, const struct lane_view *lane)
{
	struct chart c = { 0 };
	struct found_cluster *chosen;
	enum status st;

	if (!read_limits(a, &c))
		return ANSWER_DONE;
	st = store_each_cluster(lane->store, see_cluster, &c);
	if (st == STATUS_OK && c.failed)
		st = STATUS_NO_MEMORY;
	/* One more, empty, marks the end. */
	chosen = st == STATUS_OK ? answer_state(a, (c.count + 1) * sizeof *chosen) : NULL;
	if (chosen != NULL && c.count > 0) {
		qsort(c.list, c.count, sizeof *c.list, by_size);
		memcpy(chosen, c.list, c.count * sizeof *chosen);
	}
	free(c.list);
	if (chosen == NULL)
		return answer_fail(a, "failed", "%s",
				   status_text(st == STATUS_OK ? STATUS_NO_MEMORY : st));
	return ANSWER_MORE;
}

enum answer_step clusters_slice(struct answer *a, const struct lane_view *lane)
{
	const struct found_cluster *list = a->state;

	if (list == NULL)
		return choose_clusters(a, lane);
	while (list[a->at].cluster != 0 && !answer_over(a))
		put_cluster(a, lane, &list[a->at++]);
	return list[a->at].cluster != 0 ? ANSWER_MORE : answer_end(a);
}
