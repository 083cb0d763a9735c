/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_settle.h"

#include <stdlib.h>

#include "base/clock.h"
#include "ingest/watch_tree.h"

/* ---- the heap: heap[i] is due no later than heap[2i+1] and heap[2i+2] ------------------------ */

static void place(struct settle *s, size_t at, struct settling *f)
{
	s->heap[at] = f;
	f->place = at;
}

static void sift_up(struct settle *s, struct settling *f)
{
	size_t at = f->place;

	while (at > 0 && s->heap[(at - 1) / 2]->due_ms > f->due_ms) {
		place(s, at, s->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(s, at, f);
}

static void sift_down(struct settle *s, struct settling *f)
{
	size_t at = f->place;

	for (;;) {
		size_t least = 2 * at + 1;

		if (least + 1 < s->heap_count &&
		    s->heap[least + 1]->due_ms < s->heap[least]->due_ms)
			least++;
		if (least >= s->heap_count || s->heap[least]->due_ms >= f->due_ms)
			break;
		place(s, at, s->heap[least]);
		at = least;
	}
	place(s, at, f);
}

static bool heap_grow(struct settle *s)
{
	size_t cap = s->cap == 0 ? 256 : s->cap * 2;
	struct settling **heap = realloc(s->heap, cap * sizeof(*heap));

	if (heap == NULL)
		return false;
	s->heap = heap;
	s->cap = cap;
	return true;
}

static void heap_put(struct settle *s, struct settling *f)
{
	place(s, s->heap_count++, f);
	sift_up(s, f);
}

static void heap_take(struct settle *s, struct settling *f)
{
	struct settling *last = s->heap[--s->heap_count];

	if (last == f)
		return;
	place(s, f->place, last);
	sift_up(s, last);
	sift_down(s, last);
}

/* ---- the queue of a source ------------------------------------------------------------------- */

static void queue_put(struct settling *f)
{
	struct source *of = f->directory->source;

	f->ripe = true;
	f->next = NULL;
	f->prev = of->last_ripe;
	if (f->prev != NULL)
		f->prev->next = f;
	else
		of->ripe = f;
	of->last_ripe = f;
}

static void queue_take(struct settling *f)
{
	struct source *of = f->directory->source;

	f->ripe = false;
	if (f->prev != NULL)
		f->prev->next = f->next;
	else
		of->ripe = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
	else
		of->last_ripe = f->prev;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void free_file(struct settling *f)
{
	f->directory->source->settling--;
	tree_release(f->directory);
	free(f);
}

void settle_free(struct settle *s)
{
	for (size_t i = 0; i < s->heap_count; i++)
		free_file(s->heap[i]);
	free(s->heap);
	names_free(&s->names);
	*s = (struct settle){ 0 };
}

/* Clipping keeps the heap's order: of two moments the later stays the later, or both are equal. */
void settle_configure(struct settle *s, int64_t settle_ms, int64_t now_ms)
{
	s->settle_ms = settle_ms;
	for (size_t i = 0; i < s->heap_count; i++) {
		if (s->heap[i]->due_ms > now_ms + settle_ms)
			s->heap[i]->due_ms = now_ms + settle_ms;
	}
}

int64_t settle_wait_ms(const struct settle *s, int64_t mtime_ns)
{
	int64_t age = clock_now_ms() - mtime_ns / 1000000;

	if (age >= s->settle_ms)
		return 0;
	return age < 0 ? s->settle_ms : s->settle_ms - age;
}

static struct settling *file_new(struct settle *s, struct directory *d, struct span name)
{
	struct settling *f;

	if (s->count >= s->cap && !heap_grow(s))
		return NULL;
	f = calloc(1, sizeof *f + name.len + 1);
	if (f == NULL)
		return NULL;
	memcpy(f->name, name.p, name.len);
	if (!names_put(&s->names, &f->node, d, span_of(f->name, name.len))) {
		free(f);
		return NULL;
	}
	f->directory = tree_keep(d);
	d->source->settling++;
	s->count++;
	return f;
}

bool settle_put(struct settle *s, struct directory *d, struct span name, uint64_t size,
		int64_t mtime_ns, uint64_t serial, uint64_t looked, int64_t due_ms)
{
	struct settling *f = (struct settling *)names_find(&s->names, d, name);

	if (f != NULL) {
		if (f->size != size || f->mtime_ns != mtime_ns)
			settle_again(s, f, size, mtime_ns, looked, due_ms);
		return true;
	}
	f = file_new(s, d, name);
	if (f == NULL)
		return false;
	f->size = size;
	f->mtime_ns = mtime_ns;
	f->serial = serial;
	f->looked = looked;
	f->due_ms = due_ms;
	heap_put(s, f);
	return true;
}

bool settle_has_room(const struct settle *s, const struct source *of)
{
	return s->count < SETTLE_FILES_MAX && of->settling < SETTLE_SHARE;
}

struct settling *settle_next(const struct settle *s)
{
	return s->heap_count == 0 ? NULL : s->heap[0];
}

void settle_ripen(struct settle *s, struct settling *f)
{
	heap_take(s, f);
	queue_put(f);
}

static void release(struct settle *s, struct settling *f)
{
	s->released += f->awaited;
	f->awaited = false;
}

void settle_again(struct settle *s, struct settling *f, uint64_t size, int64_t mtime_ns,
		  uint64_t looked, int64_t due_ms)
{
	release(s, f);
	f->serial = f->looked;
	f->looked = looked;
	f->size = size;
	f->mtime_ns = mtime_ns;
	if (f->ripe)
		queue_take(f);
	else
		heap_take(s, f);
	f->due_ms = due_ms;
	heap_put(s, f);
}

void settle_remove(struct settle *s, struct settling *f)
{
	release(s, f);
	if (f->ripe)
		queue_take(f);
	else
		heap_take(s, f);
	s->count--;
	names_remove(&s->names, &f->node);
	free_file(f);
}

void settle_forget(struct settle *s, const struct directory *d, struct span name)
{
	struct settling *f = (struct settling *)names_find(&s->names, d, name);

	if (f != NULL)
		settle_remove(s, f);
}
