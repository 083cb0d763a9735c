/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include "fingerprint/kernel.h"
#include "index/column.h"

#include <stdlib.h>

#define HITS 256u

/* The column of one table or run. Stretches are scanned; hits[] are those near enough in the
 * stretch at hand. */
struct stream {
	const struct column *column;    /* of a table */
	struct run *run;                /* or of a run */
	const struct run_column *block; /* of the run: the stretch at hand */
	uint64_t page;                  /* and the next one */
	const uint64_t *simhashes;      /* the stretch; NULL: none yet */
	size_t count, next;             /* of it; scanned so far */
	uint32_t hits[HITS];
	size_t hit, hit_count;
	uint64_t seq; /* of the one found; 0: at the end */
	unsigned bits;
};

struct query {
	uint64_t simhash, expired_seq;
	unsigned max_bits;
};

static unsigned distance(uint64_t a, uint64_t b)
{
	return (unsigned)__builtin_popcountll(a ^ b);
}

static uint64_t seq_at(const struct stream *s, size_t i)
{
	return s->run == NULL ? s->column->seqs[i] : s->block->base + s->block->seqs[i];
}

/* The next stretch: a page of a run, or all of a table at once. */
static bool next_stretch(struct stream *s)
{
	s->next = 0;
	if (s->run == NULL) {
		if (s->simhashes != NULL)
			return false;
		s->simhashes = s->column->simhashes;
		s->count = s->column->count;
		return s->count > 0;
	}
	if (s->page == s->run->info.column_pages)
		return false;
	s->block = run_column(s->run, s->page++);
	if (s->block == NULL)
		return false;
	s->simhashes = s->block->simhashes;
	s->count = s->block->count;
	return true;
}

static bool scan(struct stream *s, const struct query *q)
{
	size_t rest = s->next;

	s->hit = s->hit_count = 0;
	if (s->next == s->count)
		return false;
	s->hit_count = hamming_scan(s->hits, HITS, &rest, s->simhashes + s->next,
				    s->count - s->next, q->simhash, q->max_bits);
	for (size_t i = 0; i < s->hit_count; i++)
		s->hits[i] += (uint32_t)s->next;
	s->next += rest;
	return true;
}

static void stream_next(struct stream *s, const struct query *q)
{
	do {
		while (s->hit < s->hit_count) {
			size_t i = s->hits[s->hit++];

			s->seq = seq_at(s, i);
			s->bits = distance(s->simhashes[i], q->simhash);
			if (s->seq > q->expired_seq)
				return;
		}
	} while (scan(s, q) || (next_stretch(s) && scan(s, q)));
	s->seq = 0;
}

static size_t streams_begin(struct index *x, struct stream *streams, const struct query *q)
{
	size_t n = 0;

	for (size_t i = 0; i < x->run_count; i++)
		streams[n++] = (struct stream){ .run = x->runs[i] };
	for (size_t i = 0; i < x->sealing_count; i++)
		streams[n++] = (struct stream){ .column = table_column(x->sealing[i]->table) };
	if (x->active != NULL && column_sort(table_column(x->active)) == STATUS_OK)
		streams[n++] = (struct stream){ .column = table_column(x->active) };
	for (size_t i = 0; i < n; i++)
		stream_next(&streams[i], q);
	return n;
}

void index_near(struct index *x, uint64_t simhash, unsigned max_bits, index_near_fn fn, void *ctx)
{
	struct query q = { simhash, x->expired_seq, max_bits };
	struct stream *streams;
	uint64_t last = 0;
	size_t count;
	bool on = true;

	seals_adopt(x);
	streams = calloc(1 + x->sealing_count + x->run_count, sizeof *streams);
	if (streams == NULL)
		return;
	count = streams_begin(x, streams, &q);
	while (on) {
		struct stream *least = NULL;

		for (size_t i = 0; i < count; i++)
			if (streams[i].seq != 0 && (least == NULL || streams[i].seq < least->seq))
				least = &streams[i];
		if (least == NULL)
			break;
		if (least->seq != last)
			on = fn(ctx, least->seq, least->bits);
		last = least->seq;
		stream_next(least, &q);
	}
	free(streams);
	for (size_t i = 0; i < x->run_count; i++)
		x->broken |= run_damaged(x->runs[i]);
	if (x->broken)
		seals_set_aside(x);
}
