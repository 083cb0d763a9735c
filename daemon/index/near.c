/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/state.h"

#include <stdlib.h>

/* The column of one table or run, read on to the next SimHash that is near enough. */
struct stream {
	const struct column *column; /* of a table */
	struct run *run;             /* or of a run */
	const struct run_block *block;
	uint64_t page;
	size_t at;
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

static void stream_table(struct stream *s, const struct query *q)
{
	const struct column *c = s->column;

	while (s->at < c->count) {
		size_t i = s->at++;

		s->bits = distance(c->simhashes[i], q->simhash);
		if (s->bits <= q->max_bits && c->seqs[i] > q->expired_seq) {
			s->seq = c->seqs[i];
			return;
		}
	}
	s->seq = 0;
}

static void stream_run(struct stream *s, const struct query *q)
{
	for (;;) {
		if (s->block == NULL && s->page < s->run->info.column_pages) {
			s->block = run_column(s->run, s->page++);
			s->at = 0;
		}
		if (s->block == NULL) {
			s->seq = 0;
			return;
		}
		while (s->at < s->block->count) {
			size_t i = s->at++;

			s->bits = distance(s->block->keys[i], q->simhash);
			s->seq = s->block->base + s->block->numbers[i];
			if (s->bits <= q->max_bits && s->seq > q->expired_seq)
				return;
		}
		s->block = NULL;
	}
}

static void stream_next(struct stream *s, const struct query *q)
{
	if (s->run != NULL)
		stream_run(s, q);
	else
		stream_table(s, q);
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
		x->broken |= x->runs[i]->damaged;
	if (x->broken)
		seals_set_aside(x);
}
