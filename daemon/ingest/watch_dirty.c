/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_dirty.h"

#include "ingest/watch_tree.h"

uint64_t dirty_serial(struct dirty *q)
{
	return ++q->serial;
}

static void enter(struct dirty *q, struct directory *d, uint64_t serial, bool peek)
{
	tree_keep(d);
	d->queued = true;
	d->peek = peek;
	d->serial = serial;
	d->queue_next = NULL;
	q->count++;
	turns_add(&q->turns, TURN_LIST, d->source);
}

static void append(struct dirty *q, struct directory *d, uint64_t serial, bool peek)
{
	struct source *s = d->source;

	enter(q, d, serial, peek);
	if (s->dirty != NULL)
		s->last_dirty->queue_next = d;
	else
		s->dirty = d;
	s->last_dirty = d;
}

void dirty_mark(struct dirty *q, struct directory *d, uint64_t serial)
{
	if (d->gone)
		return;
	if (d->queued)
		d->peek = false;
	else
		append(q, d, serial, false);
}

void dirty_mark_front(struct dirty *q, struct directory *d, uint64_t serial)
{
	struct source *s = d->source;
	struct directory **link = &s->dirty;

	if (d->queued) {
		d->peek = false;
		return;
	}
	/* Sources that a listing of their root finds come in the order of directories. */
	if (d == s->folder)
		turns_add_front(&q->turns, TURN_LIST, s);
	enter(q, d, serial, false);
	/* Older marks there may be when the listing is that of the source's root. */
	while (*link != NULL && (*link)->serial < serial)
		link = &(*link)->queue_next;
	if (*link == NULL)
		s->last_dirty = d;
	d->queue_next = *link;
	*link = d;
}

void dirty_mark_all(struct dirty *q, const struct tree *t)
{
	uint64_t serial = dirty_serial(q);

	q->rescan_serial = serial;
	for (size_t i = 0; i < t->root_count; i++) {
		struct directory *top = t->roots[i].top;

		for (struct directory *d = top; d != NULL; d = tree_next(d, top))
			dirty_mark(q, d, serial);
	}
}

void dirty_peek(struct dirty *q, const struct tree *t)
{
	uint64_t serial = dirty_serial(q);

	for (size_t i = 0; i < t->root_count; i++) {
		struct directory *top = t->roots[i].top;

		if (tree_root_moved(t, top))
			dirty_mark(q, top, serial);
		for (struct directory *d = top; d != NULL && t->polled + t->troubled > 0;
		     d = tree_next(d, top)) {
			if ((d->polled || d->trouble == TROUBLE_UNREADABLE) && !d->queued)
				append(q, d, serial, true);
		}
	}
}

struct directory *dirty_take(struct dirty *q, struct source *s)
{
	struct directory *d = s->dirty;

	if (d == NULL)
		return NULL;
	s->dirty = d->queue_next;
	d->queued = false;
	d->queue_next = NULL;
	q->count--;
	return d;
}

void dirty_done(struct dirty *q, struct directory *d)
{
	q->released += d->awaited;
	d->awaited = false;
	tree_release(d);
}

void dirty_forget(struct dirty *q)
{
	for (struct source *s; (s = turns_take(&q->turns, TURN_LIST)) != NULL;) {
		for (struct directory *d = dirty_take(q, s); d != NULL; d = dirty_take(q, s))
			dirty_done(q, d);
		tree_release(s->folder);
	}
}
