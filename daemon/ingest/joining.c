/* SPDX-License-Identifier: BSD-2-Clause */
/* The article's place in the cluster it joins. */
#include "base/arena.h"
#include "ingest/clustering.h"
#include "ingest/desk.h"

/* Tied matches are all that were verified, also those that the verdict does not list. */
static enum status tie(struct ties *t, const struct desk *d, uint64_t *clusters)
{
	const struct verdict *v = &d->out->row.verdict;
	struct arena *scratch = d->lane->scratch;
	struct row row;

	*t = (struct ties){
		.matches = v->matches,
		.clusters = clusters,
		.count = (size_t)v->match_count + v->more,
		.words = fingerprint_words(d->kept.units),
		.paragraphs = v->paragraphs,
	};
	for (size_t i = 0; i < t->count; i++) {
		struct arena_mark mark = arena_mark(scratch);
		enum status st = store_get_light(d->lane->store, &row, t->matches[i].seq, scratch);

		clusters[i] = st == STATUS_OK ? row.verdict.cluster : 0;
		arena_rewind(scratch, mark);
		if (st == STATUS_NO_MEMORY)
			return st;
	}
	return STATUS_OK;
}

/* The centre of a cluster, or its earliest article when the centre is gone. */
static enum status centre_row(const struct desk *d, struct row *out, uint64_t cluster)
{
	struct store *store = d->lane->store;
	enum status st = store_get_light(store, out, cluster, d->lane->scratch);
	uint64_t earliest;

	if (st != STATUS_NOT_FOUND)
		return st;
	st = store_cluster_origin(store, cluster, &earliest);
	return st != STATUS_OK ? st : store_get_light(store, out, earliest, d->lane->scratch);
}

static double near_centre(void *ctx, uint64_t cluster)
{
	const struct desk *d = ctx;
	struct arena *scratch = d->lane->scratch;
	struct arena_mark mark = arena_mark(scratch);
	struct comparison c = { 0 };
	struct probe *probe;
	struct kept other;
	struct row row;

	if (centre_row(d, &row, cluster) != STATUS_OK ||
	    store_kept(&other, &row, scratch) != STATUS_OK ||
	    probe_of(&probe, &d->kept, d->out->keys.shingles, scratch) != STATUS_OK ||
	    compare(&c, probe, &other, scratch) != STATUS_OK)
		c = (struct comparison){ 0 };
	arena_rewind(scratch, mark);
	return c.containment > c.contained_by ? c.containment : c.contained_by;
}

/* Whether the cluster is on another site too, as far as this article's matches tell. */
static bool crosses_sites(const struct ties *t, uint64_t cluster)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->clusters[i] == cluster && t->matches[i].relation == RELATION_CROSS_SITE)
			return true;
	return false;
}

/* As alerting_why() saw it. One without a date claims nothing, and gives way to one that does. */
static bool was_fresh(const struct row *row, const struct pipeline_options *o)
{
	return row->published_ms != ARTICLE_NO_TIME &&
	       row->published_ms >= row->verdict.seen_ms - o->alert_max_age_ms;
}

/* `of` is the cluster's earliest article, unless this one takes its place. */
static void place(struct desk *d, const struct ties *t)
{
	struct assessment *out = d->out;
	uint64_t origin = out->centre;
	struct row row;

	store_cluster_origin(d->lane->store, out->centre, &origin);
	if (store_get_light(d->lane->store, &row, origin, d->lane->scratch) != STATUS_OK)
		return;
	if (store_row_time(&row) <= out->time_ms) {
		out->row.of_seq = origin;
		return;
	}
	out->takes_over =
		crosses_sites(t, out->centre) && !span_equal(row.verdict.id, out->row.verdict.id);
	out->former_fresh = was_fresh(&row, d->options);
}

enum status desk_join(struct desk *d)
{
	struct arena *scratch = d->lane->scratch;
	struct arena_mark mark = arena_mark(scratch);
	const struct verdict *v = &d->out->row.verdict;
	uint64_t *clusters = ARENA_ARRAY(scratch, uint64_t, (size_t)v->match_count + v->more + 1);
	enum status st = STATUS_NO_MEMORY;
	struct ties ties;

	if (clusters != NULL)
		st = tie(&ties, d, clusters);
	if (st == STATUS_OK)
		d->out->centre = clustering_of(&ties, near_centre, d, scratch);
	d->out->row.verdict.cluster = d->out->centre;
	if (st == STATUS_OK && d->out->centre != 0)
		place(d, &ties);
	arena_rewind(scratch, mark);
	return st;
}
