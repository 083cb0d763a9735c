/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/arena.h"

#include <reprint/article.h>
#include <stdlib.h>

#define WEEK_MS (7 * INT64_C(86400000))

/* One place where members are kept: an epoch, or the batch. Each is in order; reading merges. */
struct source {
	struct kv_cursor cursor; /* of an epoch */
	const struct member *at, *end;
	struct member member; /* the next one; cluster 0: none */
};

#define FEW_SOURCES 16u /* as many epochs as there usually are, and the batch */

struct merge {
	struct store *s;
	struct source *sources, few[FEW_SOURCES];
	size_t count;
	struct member member; /* the current one; cluster 0: at the end */
};

static void load(struct source *source)
{
	struct kv_cursor *c = &source->cursor;

	if (source->end != NULL)
		source->member = source->at < source->end ? *source->at : (struct member){ 0 };
	else
		source->member = c->found ? member_of(c->key, c->value) : (struct member){ 0 };
}

static void pull(struct source *source)
{
	if (source->end != NULL)
		source->at++;
	else
		kv_next(&source->cursor);
	load(source);
}

/* Only epochs that may hold entries of clusters at or above `from`: a cluster is never older than
 * its first article. */
static enum status merge_begin(struct merge *m, struct store *s, uint64_t from)
{
	char key[KV_NUMBER_BYTES];
	struct source *batch;

	*m = (struct merge){ .s = s, .sources = m->few };
	if (s->epoch_count >= FEW_SOURCES)
		m->sources = calloc(s->epoch_count + 1, sizeof *m->sources);
	if (m->sources == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < s->epoch_count; i++) {
		struct source *source = &m->sources[m->count];

		if (from > 1 && s->epochs[i]->next[TABLE_ROWS] <= from)
			continue;
		kv_seek(&source->cursor, epoch_reader(s->epochs[i]), TABLE_CLUSTERS,
			kv_number(key, from));
		load(source);
		m->count++;
	}
	batch = &m->sources[m->count++];
	batch->at = s->batch.members;
	batch->end = batch->at + s->batch.member_count;
	if (batch->end == NULL)
		m->count--;
	while (batch->at < batch->end && batch->at->cluster < from)
		batch->at++;
	if (batch->end != NULL)
		load(batch);
	return STATUS_OK;
}

static enum status merge_end(struct merge *m)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < m->count; i++) {
		if (m->sources[i].cursor.txn != NULL && st == STATUS_OK)
			st = m->sources[i].cursor.txn->st;
		kv_leave(&m->sources[i].cursor);
	}
	if (m->sources != m->few)
		free(m->sources);
	return st;
}

/* The least of all that are next. The same entry in two places comes once. */
static bool merge_next(struct merge *m)
{
	struct member before = m->member;

	do {
		struct source *least = NULL;

		for (size_t i = 0; i < m->count; i++)
			if (m->sources[i].member.cluster != 0 &&
			    (least == NULL ||
			     member_order(&m->sources[i].member, &least->member) < 0))
				least = &m->sources[i];
		m->member = least == NULL ? (struct member){ 0 } : least->member;
		if (least != NULL)
			pull(least);
	} while (m->member.cluster != 0 &&
		 (member_order(&m->member, &before) == 0 || !state_live(m->s, m->member.seq)));
	return m->member.cluster != 0;
}

enum status store_cluster_origin(struct store *s, uint64_t cluster, uint64_t *out_seq)
{
	return store_cluster_former(s, cluster, UINT64_MAX, out_seq);
}

enum status store_cluster_former(struct store *s, uint64_t cluster, uint64_t seq, uint64_t *out_seq)
{
	struct merge m;
	enum status st = merge_begin(&m, s, cluster);
	bool found = false;

	if (st != STATUS_OK)
		return st;
	while (!found && merge_next(&m) && m.member.cluster == cluster)
		found = m.member.seq < seq;
	st = merge_end(&m);
	if (st == STATUS_OK && !found)
		return STATUS_NOT_FOUND;
	*out_seq = m.member.seq;
	return st;
}

size_t store_cluster(struct store *s, uint64_t cluster, uint64_t *out, size_t cap)
{
	struct merge m;
	size_t count = 0;

	if (merge_begin(&m, s, cluster) != STATUS_OK)
		return 0;
	for (; merge_next(&m) && m.member.cluster == cluster; count++)
		if (count < cap)
			out[count] = m.member.seq;
	merge_end(&m);
	return count;
}

enum status store_each_cluster(struct store *s, store_cluster_fn fn, void *ctx)
{
	struct merge m;
	enum status st = merge_begin(&m, s, 1);
	bool on = true;

	if (st != STATUS_OK)
		return st;
	merge_next(&m);
	while (on && m.member.cluster != 0) {
		uint64_t cluster = m.member.cluster;
		int64_t newest_ms = m.member.time_ms;
		size_t members = 0;

		for (; m.member.cluster == cluster; members++, merge_next(&m))
			newest_ms = m.member.time_ms;
		if (members >= 2)
			on = fn(ctx, cluster, members, newest_ms);
	}
	return merge_end(&m);
}

int64_t store_row_time(const struct row *row)
{
	int64_t seen = row->verdict.seen_ms;

	if (row->published_ms == ARTICLE_NO_TIME || row->published_ms > seen)
		return seen;
	return row->published_ms < seen - WEEK_MS ? seen - WEEK_MS : row->published_ms;
}

/* Any entry at all, also of rows that are gone: the centre has been entered with the first. */
static bool has_entry(struct store *s, uint64_t cluster)
{
	char key[KV_NUMBER_BYTES];
	struct span value;

	for (size_t i = 0; i < s->batch.member_count; i++)
		if (s->batch.members[i].cluster == cluster)
			return true;
	for (size_t i = s->epoch_count; i-- > 0;) {
		if (s->epochs[i]->next[TABLE_ROWS] <= cluster)
			break;
		if (kv_get(epoch_reader(s->epochs[i]), TABLE_CLUSTERS, kv_number(key, cluster),
			   &value))
			return true;
	}
	return false;
}

static enum status enter_centre(struct store *s, uint64_t cluster)
{
	struct arena_mark mark = arena_mark(s->batch.arena);
	struct member m = { .cluster = cluster, .seq = cluster };
	struct row centre;
	enum status st = store_get_light(s, &centre, cluster, s->batch.arena);

	if (st == STATUS_OK)
		m.time_ms = store_row_time(&centre);
	if (st != STATUS_NO_MEMORY)
		arena_rewind(s->batch.arena, mark);
	if (st == STATUS_OK)
		return batch_member(&s->batch, &m);
	return st == STATUS_NO_MEMORY ? st : STATUS_OK; /* a centre that is gone is no member */
}

enum status store_put_member(struct store *s, uint64_t cluster, uint64_t seq, int64_t time_ms)
{
	struct member m = { cluster, time_ms, seq };
	enum status st = STATUS_OK;

	if (seq == cluster)
		return STATUS_OK;
	if (!has_entry(s, cluster))
		st = enter_centre(s, cluster);
	return st == STATUS_OK ? batch_member(&s->batch, &m) : st;
}
