/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/assess.h"

#include "base/arena.h"
#include "detect/judge.h"
#include "detect/mask.h"
#include "fingerprint/fingerprinting.h"
#include "index/index.h"
#include "ingest/ahead.h"
#include "ingest/desk.h"
#include "ingest/job.h"

#define SAME_NAME_MAX 64u

static struct span absent(void)
{
	return (struct span){ NULL, 0 };
}

/* ---- is it new? */

/* The newest row under a key for which the names really are equal, and which has the same owner. */
static uint64_t find_previous(const struct desk *d, uint64_t key, bool by_id, struct row *row)
{
	const struct naming *n = &d->out->name;
	uint64_t found[SAME_NAME_MAX];
	size_t count = index_find(d->lane->index, key, found, SAME_NAME_MAX);
	struct arena_mark mark = arena_mark(d->lane->scratch);

	for (size_t i = 0; i < count; i++) {
		if (store_get_light(d->lane->store, row, found[i], d->lane->scratch) != STATUS_OK)
			continue;
		if ((by_id ? span_equal(row->verdict.id, n->id)
			   : span_equal(row->canonical, d->out->row.canonical)) &&
		    naming_owns(n, &row->verdict))
			return found[i];
		arena_rewind(d->lane->scratch, mark);
	}
	return 0;
}

static bool same_text(const struct row *row, const struct fingerprint *f)
{
	return row->verdict.digest[0] == f->digest[0] && row->verdict.digest[1] == f->digest[1] &&
	       row->token_count == f->token_count &&
	       memcmp(row->tokens, f->tokens, f->token_count * sizeof *f->tokens) == 0;
}

/* Finds the version before; known when nothing has changed since. */
static void recognise(struct desk *d)
{
	struct assessment *out = d->out;
	struct arena_mark mark = arena_mark(d->lane->scratch);
	struct span owner = naming_owner(&out->name);
	bool by_id = true;
	struct row row;

	d->previous = find_previous(d, naming_key(KEY_ID, out->name.id, absent(), d->lane->secret),
				    true, &row);
	if (out->name.passing && d->previous != 0 && !same_text(&row, &d->piece->print))
		d->previous = 0;
	if (d->previous == 0 && owner.p != NULL && out->row.canonical.p != NULL) {
		by_id = false;
		d->previous = find_previous(
			d, naming_key(KEY_WORK, owner, out->row.canonical, d->lane->secret), false,
			&row);
	}
	out->row.verdict.version = 1;
	if (d->previous != 0) {
		bool same = same_text(&row, &d->piece->print);

		out->known = same && by_id;
		out->row.verdict.version = row.verdict.version + (same ? 0 : 1);
		out->row.verdict.revises = same ? 0 : d->previous;
		if (out->known)
			out->row.verdict.seq = d->previous;
		if (same && !by_id) {
			out->row.verdict.version = 1;
			d->previous = 0;
		}
	}
	arena_rewind(d->lane->scratch, mark);
}

/* ---- what is left out of it */

static enum status mask(struct desk *d)
{
	struct span site = d->out->name.site_known ? d->out->name.site : absent();
	struct row *row = &d->out->row;
	enum status st =
		mask_of(&d->kept, &row->verdict.chrome, &d->piece->print, &d->piece->repeats,
			d->lane->chrome, site, d->piece->lines, d->lane->arena);

	if (st != STATUS_OK)
		return st;
	row->masked = d->kept.masked;
	row->masked_count = d->kept.masked_count;
	d->kept.quoted = d->piece->quoted;
	return STATUS_OK;
}

/* What was seen ahead counts only if the same was left out of the article. */
static bool same_mask(const struct kept *a, const struct kept *b)
{
	return a->masked_count == b->masked_count &&
	       memcmp(a->masked, b->masked, a->masked_count * sizeof *a->masked) == 0;
}

static enum status find_keys(struct desk *d)
{
	if (d->seen != NULL && !same_mask(&d->seen->kept, &d->kept))
		d->seen = NULL;
	if (d->seen == NULL)
		return keys_of(&d->out->keys, &d->kept, d->lane->secret, d->lane->arena);
	d->out->keys = d->seen->keys;
	return STATUS_OK;
}

static uint32_t chrome_units(const struct desk *d)
{
	const struct row *row = &d->out->row;
	uint32_t units = 0;

	for (uint32_t m = 0; m < row->masked_count; m++)
		if (row->masked[m].chrome)
			units += tokens_units(row->tokens + row->masked[m].from,
					      row->masked[m].count);
	return units;
}

/* ---- what is said of it */

static void conclude(struct desk *d)
{
	struct verdict *v = &d->out->row.verdict;
	const struct fingerprint *f = &d->piece->print;
	const struct repeats *r = &d->piece->repeats;

	v->kind = v->match_count > 0           ? v->matches[0].kind
		  : judge_short(d->kept.units) ? KIND_SHORT
					       : KIND_UNIQUE;
	v->ratio = repeats_ratio(r, f);
	v->doubled = repeats_doubled(r, f, chrome_units(d));
	v->blocks = r->blocks;
	v->block_count = r->block_count;
}

static void begin(struct desk *d)
{
	const struct article *a = d->piece->article;
	const struct fingerprint *f = &d->piece->print;
	const struct naming *n = &d->out->name;
	struct row *row = &d->out->row;
	struct verdict *v = &row->verdict;

	v->id = n->id;
	v->source = n->source;
	v->site = n->site;
	v->file = n->file;
	v->url = article_view(a, a->url);
	v->title = article_view(a, a->title);
	v->published = article_view(a, a->published);
	v->seen_ms = d->now_ms;
	v->words = fingerprint_words(f->units);
	v->paragraphs = f->paragraph_count;
	v->simhash = f->simhash;
	v->digest[0] = f->digest[0];
	v->digest[1] = f->digest[1];
	row->canonical = article_view(a, a->canonical);
	row->published_ms = a->published_ms;
	row->units = f->units;
	row->tokens = f->tokens;
	row->token_count = f->token_count;
	row->paragraphs = f->paragraphs;
	row->paragraph_count = f->paragraph_count;
	row->quoted = d->piece->quoted;
	row->text = d->options->keep_text ? article_view(a, a->text) : absent();
	row->packed = d->piece->packed;
	row->packed_with = d->piece->packed_with;
	d->out->time_ms = store_row_time(row);
}

enum status assess(struct assessment *out, const struct lane_view *lane, const struct job *j,
		   const struct piece *piece, const struct foresight *seen,
		   const struct pipeline_options *o, int64_t now_ms)
{
	struct desk d = { .out = out,
			  .lane = lane,
			  .job = j,
			  .piece = piece,
			  .seen = seen,
			  .options = o,
			  .now_ms = now_ms };
	enum status st;

	*out = (struct assessment){ 0 };
	st = naming_of(&out->name, j, piece->article, o->believe_site, lane->arena);
	if (st != STATUS_OK)
		return st;
	begin(&d);
	recognise(&d);
	if (out->known)
		return STATUS_OK;
	st = mask(&d);
	if (st == STATUS_OK)
		st = find_keys(&d);
	if (st == STATUS_OK)
		st = desk_match(&d);
	if (st != STATUS_OK)
		return st;
	conclude(&d);
	return desk_join(&d);
}

/* ---- for others */

static struct span copied(struct arena *arena, struct span s)
{
	char *p = s.p == NULL ? NULL : arena_copy(arena, s);

	return p == NULL ? absent() : span_of(p, s.len);
}

void assess_names(struct verdict *v, uint64_t of_seq, const struct lane_view *lane)
{
	struct match *named = ARENA_ARRAY(lane->arena, struct match, (size_t)v->match_count + 1);
	struct arena_mark mark = arena_mark(lane->scratch);
	struct row row;

	for (uint32_t i = 0; i < v->match_count; i++)
		store_prefetch(lane->store, v->matches[i].seq);
	if (of_seq != 0 && store_get_light(lane->store, &row, of_seq, lane->scratch) == STATUS_OK)
		v->of = copied(lane->arena, row.verdict.id);
	for (uint32_t i = 0; named != NULL && i < v->match_count; i++) {
		named[i] = v->matches[i];
		if (store_get_light(lane->store, &row, named[i].seq, lane->scratch) != STATUS_OK)
			continue;
		named[i].id = copied(lane->arena, row.verdict.id);
		named[i].site = copied(lane->arena, row.verdict.site);
		named[i].url = copied(lane->arena, row.verdict.url);
		named[i].title = copied(lane->arena, row.verdict.title);
		named[i].published = copied(lane->arena, row.verdict.published);
		arena_rewind(lane->scratch, mark);
	}
	arena_rewind(lane->scratch, mark);
	if (named != NULL)
		v->matches = named;
}
