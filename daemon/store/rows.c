/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/arena.h"
#include "store/record.h"
#include "store/recent.h"

/* For who looks at rows before they are committed, too. */
static void keep_recent(struct store *s, uint64_t seq, struct span row,
			const uint64_t bases[RECORD_BASES])
{
	bool crowded = recent_crowded(s->recent, seq, row.len);

	if (crowded)
		state_alone(s);
	recent_put(s->recent, seq, row, bases);
	if (!crowded)
		return;
	recent_settle(s->recent);
	state_not_alone(s);
}

enum status store_put(struct store *s, struct row *row)
{
	uint64_t seq = state_next(s, TABLE_ROWS), bases[RECORD_BASES];
	enum status st;

	row->verdict.seq = seq;
	if (row->verdict.cluster == 0)
		row->verdict.cluster = seq;
	bytes_clear(&s->scratch);
	record_put_row(&s->scratch, row);
	if (s->scratch.failed)
		return STATUS_NO_MEMORY;
	st = batch_append(&s->batch, TABLE_ROWS, bytes_span(&s->scratch));
	if (st != STATUS_OK)
		return st;
	st = texts_put(s, row);
	if (st != STATUS_OK) {
		s->batch.table[TABLE_ROWS].count--; /* rows and texts go in step */
		return st;
	}
	bases_choose(s, row, bases);
	keep_recent(s, seq, s->batch.table[TABLE_ROWS].values[s->batch.table[TABLE_ROWS].count - 1],
		    bases);
	return STATUS_OK;
}

void store_expect(const struct store *s, const uint64_t *seqs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		recent_expect(s->recent, seqs[i]);
}

void store_prefetch(const struct store *s, uint64_t seq)
{
	recent_prefetch(s->recent, seq);
}

/* Also of what was forgotten: others may be told by it until the next purge. */
static enum status find_base(void *ctx, struct span *row, uint64_t seq, struct arena *arena)
{
	return state_value(ctx, TABLE_ROWS, seq, row, arena);
}

/* A committed row as it was put. */
static enum status unpack(struct store *s, uint64_t seq, struct span *row, struct arena *arena)
{
	const struct epoch *e;

	if (!record_is_packed(*row))
		return STATUS_OK;
	e = state_epoch_of(s, TABLE_ROWS, seq);
	return record_read(row, seq, e == NULL ? NULL : e->code,
			   &(struct record_reader){ find_base, s, s->site_cache }, arena);
}

/* The encoded row, unless it was forgotten. */
static enum status row_value(struct store *s, uint64_t seq, struct span *out, struct arena *arena)
{
	enum status st = STATUS_NOT_FOUND;

	if (!meta_buried(&s->meta, seq))
		st = state_value(s, TABLE_ROWS, seq, out, arena);
	return st == STATUS_OK ? unpack(s, seq, out, arena) : st;
}

enum status store_get_light(struct store *s, struct row *out, uint64_t seq, struct arena *arena)
{
	struct span value;
	enum status st = row_value(s, seq, &value, arena);

	if (st == STATUS_OK)
		st = record_take_light(out, value, arena);
	out->verdict.seq = seq;
	state_note(s, seq, st);
	return st;
}

enum status store_glimpse(struct store *s, struct glimpse *out, uint64_t seq, struct arena *arena)
{
	struct span value;
	enum status st = row_value(s, seq, &value, arena);

	if (st == STATUS_OK)
		st = record_take_glimpse(out, value, arena);
	state_note(s, seq, st);
	return st;
}

enum status store_look_on(const struct store *s, struct row *out, uint64_t seq,
			  const struct glimpse *glimpse, struct arena *arena)
{
	enum status st = record_take_light(out, glimpse->encoded, arena);

	out->verdict.seq = seq;
	state_note(s, seq, st);
	return st;
}

/* One after the other into memory of their own, so that what they are views of can be given back.
 */
static enum status keep_names(struct store *s, struct match *m, struct arena *arena,
			      struct arena_mark mark)
{
	struct span *const names[] = { &m->id, &m->site, &m->url, &m->title, &m->published };
	size_t count = sizeof names / sizeof *names;
	const char *at;

	bytes_clear(&s->scratch);
	for (size_t i = 0; i < count; i++)
		put_bytes(&s->scratch, names[i]->p, names[i]->len);
	arena_rewind(arena, mark);
	at = s->scratch.failed ? NULL : arena_copy(arena, bytes_span(&s->scratch));
	if (at == NULL)
		return STATUS_NO_MEMORY;
	for (size_t i = 0; i < count; at += names[i++]->len)
		if (names[i]->p != NULL)
			names[i]->p = at;
	return STATUS_OK;
}

/* Names of the other side, where it is still known. */
static enum status name_match(struct store *s, struct match *m, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	struct row other;
	enum status st = store_get_light(s, &other, m->seq, arena);

	if (st != STATUS_OK)
		return st == STATUS_NO_MEMORY ? st : STATUS_OK;
	m->id = other.verdict.id;
	m->site = other.verdict.site;
	m->url = other.verdict.url;
	m->title = other.verdict.title;
	m->published = other.verdict.published;
	return keep_names(s, m, arena, mark);
}

static enum status name_others(struct store *s, struct row *out, struct arena *arena)
{
	struct verdict *v = &out->verdict;
	struct match *matches = ARENA_ARRAY(arena, struct match, v->match_count);
	enum status st = STATUS_OK;

	if (matches == NULL)
		return STATUS_NO_MEMORY;
	for (uint32_t i = 0; i < v->match_count && st == STATUS_OK; i++) {
		matches[i] = v->matches[i];
		st = name_match(s, &matches[i], arena);
	}
	v->matches = matches;
	return st;
}

/* The cluster's earliest article as it is now: one that came later may be older. */
static enum status name_origin(struct store *s, struct row *out, struct arena *arena)
{
	struct match of = { 0 };
	enum status st = store_cluster_origin(s, out->verdict.cluster, &of.seq);

	if (st == STATUS_NOT_FOUND || of.seq == out->verdict.seq)
		of.seq = 0;
	st = st == STATUS_NOT_FOUND ? STATUS_OK : st;
	if (st == STATUS_OK && of.seq != 0)
		st = name_match(s, &of, arena);
	out->of_seq = of.seq;
	out->verdict.of = of.id;
	return st;
}

enum status store_get(struct store *s, struct row *out, uint64_t seq, struct arena *arena)
{
	struct span value;
	enum status st = row_value(s, seq, &value, arena);

	if (st == STATUS_OK)
		st = record_take_row(out, value, arena);
	out->verdict.seq = seq;
	state_note(s, seq, st);
	if (st == STATUS_OK)
		st = name_others(s, out, arena);
	return st == STATUS_OK ? name_origin(s, out, arena) : st;
}

struct each_row {
	struct store *s;
	struct arena *arena;
	store_row_fn fn;
	void *ctx;
	enum status st;
};

static bool show_row(void *ctx, uint64_t seq, struct span value)
{
	struct each_row *each = ctx;
	struct arena_mark mark = arena_mark(each->arena);
	struct row row;
	bool on = true;

	if (meta_buried(&each->s->meta, seq))
		return true;
	each->st = unpack(each->s, seq, &value, each->arena);
	if (each->st == STATUS_OK)
		each->st = record_take_row(&row, value, each->arena);
	row.verdict.seq = seq;
	if (each->st == STATUS_OK)
		on = each->fn(each->ctx, &row);
	arena_rewind(each->arena, mark);
	return on && each->st == STATUS_OK;
}

enum status store_each(struct store *s, uint64_t from, struct arena *arena, store_row_fn fn,
		       void *ctx)
{
	struct each_row each = { s, arena, fn, ctx, STATUS_OK };
	enum status st = state_each(s, TABLE_ROWS, from, show_row, &each);

	return each.st == STATUS_OK ? st : each.st;
}
