/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "ingest/watch_events.h"
#include "ingest/watch_list.h"
#include "ingest/watch_sync.h"

#define SWEEP_WATCHES 256u /* given back in one turn; each brings an event */
#define POLLS_A_RESCAN 10  /* polled directories are looked at so often between two rescans */

/* All work is done in turn(), once per turn of the loop while there is some; everything else only
 * notes and wakes it. So no callback of ours ever runs inside a caller's call. */
struct watch {
	uv_poll_t readable; /* the inotify descriptor */
	uv_idle_t turn;     /* active while there is work */
	uv_timer_t settled;
	uv_timer_t rescan;
	uv_timer_t poll;
	unsigned open_handles;
	int inotify; /* -1: none */
	struct tree tree;
	struct basket basket;
	struct settle settle;
	struct lister list;
	struct syncs syncs;
	watch_found_fn found;
	void *ctx;
	bool full;   /* the receiver has no room */
	bool roomed; /* watch_room() came while it was offered some */
};

/* ---- the turn -------------------------------------------------------------------------------- */

static void on_settled(uv_timer_t *timer);

static void set_gauges(const struct watch *w)
{
	stats_set(STAT_WATCHES, w->tree.wds.count);
	stats_set(STAT_POLLED, w->tree.polled);
	stats_set(STAT_DIRTY, list_waiting(&w->list));
	stats_set(STAT_SETTLING, w->settle.count);
	stats_set(STAT_SLOWED, w->list.slowed);
}

static void offer(struct watch *w)
{
	if (w->full)
		return;
	w->roomed = false;
	w->full = !basket_offer(&w->basket, w->found, w->ctx) && !w->roomed;
}

static void hand_over(struct watch *w)
{
	offer(w);
	list_settled(&w->list);
	if (!w->full)
		list_slice(&w->list);
	offer(w);
}

/* Is there something that can be done now? Else the loop may sleep. */
static bool has_work(const struct watch *w, int64_t settles_in_ms)
{
	if (syncs_are_new(&w->syncs) || settles_in_ms == 0)
		return true;
	return !w->full && (w->basket.count > 0 || list_can_work(&w->list));
}

static void on_turn(uv_idle_t *handle)
{
	struct watch *w = handle->data;
	int64_t settles_in_ms;
	bool sweeping;

	if (syncs_are_new(&w->syncs)) {
		events_drain(&w->list, w->inotify);
		syncs_have_read(&w->syncs);
	}
	hand_over(w);
	sweeping = tree_sweep(&w->tree, SWEEP_WATCHES);
	watch_syncs_advance(&w->syncs, &w->list);
	set_gauges(w);
	settles_in_ms = list_settles_in_ms(&w->list);
	if (settles_in_ms > 0)
		uv_timer_start(&w->settled, on_settled, (uint64_t)settles_in_ms, 0);
	if (!sweeping && !has_work(w, settles_in_ms))
		uv_idle_stop(&w->turn);
}

static void wake(struct watch *w)
{
	uv_idle_start(&w->turn, on_turn);
}

static void on_settled(uv_timer_t *timer)
{
	wake(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)events;
	if (status < 0)
		log_error("feeds", "inotify: %s", uv_strerror(status));
	events_drain(&w->list, w->inotify);
	wake(w);
}

/* A rescan that takes longer than its period is not begun anew: what is at the end of the queue
 * must have its turn. */
static void on_rescan(uv_timer_t *timer)
{
	struct watch *w = timer->data;

	if (!list_is_rescanning(&w->list))
		dirty_mark_all(&w->list.dirty, &w->tree);
	wake(w);
}

static void on_poll(uv_timer_t *timer)
{
	struct watch *w = timer->data;

	dirty_peek(&w->list.dirty, &w->tree);
	wake(w);
}

/* ---- opening and closing --------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct watch *w = handle->data;

	if (--w->open_handles == 0)
		free(w);
}

static void close_handle(uv_handle_t *handle)
{
	uv_close(handle, on_closed);
}

static void init_handle(struct watch *w, uv_handle_t *handle)
{
	handle->data = w;
	w->open_handles++;
}

/* Of these only uv_poll_init() can fail. */
static enum status init_handles(struct watch *w, uv_loop_t *loop)
{
	if (w->inotify >= 0) {
		if (uv_poll_init(loop, &w->readable, w->inotify) != 0)
			return STATUS_IO;
		init_handle(w, (uv_handle_t *)&w->readable);
		uv_poll_start(&w->readable, UV_READABLE, on_readable);
	}
	uv_idle_init(loop, &w->turn);
	init_handle(w, (uv_handle_t *)&w->turn);
	uv_timer_init(loop, &w->settled);
	init_handle(w, (uv_handle_t *)&w->settled);
	uv_timer_init(loop, &w->rescan);
	init_handle(w, (uv_handle_t *)&w->rescan);
	uv_timer_init(loop, &w->poll);
	init_handle(w, (uv_handle_t *)&w->poll);
	return STATUS_OK;
}

enum status watch_open(struct watch **out, const struct watch_options *o)
{
	struct watch *w = calloc(1, sizeof *w);
	enum status st;

	if (w == NULL)
		return STATUS_NO_MEMORY;
	w->found = o->found;
	w->ctx = o->ctx;
	w->inotify = events_open();
	if (w->inotify < 0)
		log_error("feeds", "inotify: %s; everything is polled", strerror(errno));
	st = tree_open(&w->tree, o->roots, o->root_count, w->inotify, o->max_watches);
	if (st != STATUS_OK)
		goto close_inotify;
	st = init_handles(w, o->loop);
	if (st != STATUS_OK)
		goto close_tree;
	list_init(&w->list, &w->tree, &w->basket, &w->settle);
	watch_configure(w, o->settle_ms, o->rescan_s);
	dirty_mark_all(&w->list.dirty, &w->tree);
	wake(w);
	*out = w;
	return STATUS_OK;

close_tree:
	tree_close(&w->tree);
close_inotify:
	if (w->inotify >= 0)
		close(w->inotify);
	free(w);
	return st;
}

void watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	watch_syncs_close(&w->syncs);
	close_handle((uv_handle_t *)&w->turn);
	close_handle((uv_handle_t *)&w->settled);
	close_handle((uv_handle_t *)&w->rescan);
	close_handle((uv_handle_t *)&w->poll);
	if (w->inotify >= 0) {
		close_handle((uv_handle_t *)&w->readable);
		close(w->inotify);
	}
	list_close(&w->list);
	settle_free(&w->settle);
	basket_close(&w->basket);
	tree_close(&w->tree);
	set_gauges(w);
}

void watch_configure(struct watch *w, int64_t settle_ms, int64_t rescan_s)
{
	uint64_t rescan_ms = (uint64_t)(rescan_s < 1 ? 1 : rescan_s) * 1000;
	uint64_t poll_ms = rescan_ms < 10000 ? 1000 : rescan_ms / POLLS_A_RESCAN;

	settle_configure(&w->settle, settle_ms < 0 ? 0 : settle_ms, clock_monotonic_us() / 1000);
	uv_timer_start(&w->rescan, on_rescan, rescan_ms, rescan_ms);
	uv_timer_start(&w->poll, on_poll, poll_ms, poll_ms);
	wake(w);
}

/* ---- asking ---------------------------------------------------------------------------------- */

void watch_room(struct watch *w)
{
	w->full = false;
	w->roomed = true;
	wake(w);
}

void watch_rescan(struct watch *w)
{
	dirty_mark_all(&w->list.dirty, &w->tree);
	wake(w);
}

enum status watch_sync(struct watch *w, struct span path, watch_sync_fn done, void *ctx)
{
	enum status st = watch_syncs_add(&w->syncs, path, done, ctx);

	if (st == STATUS_OK)
		wake(w);
	return st;
}

void watch_sync_cancel(struct watch *w, void *ctx)
{
	watch_syncs_cancel(&w->syncs, ctx);
}

size_t watch_slowed(const struct watch *w, struct span *names, size_t cap)
{
	const struct source *s = w->list.dirty.turns.first;
	size_t count = 0;

	for (; s != NULL && count < cap; s = s->next[TURN_LIST]) {
		const struct directory *d = s->folder;

		if (s->slowed)
			names[count++] =
				span_of_text(d->depth == 0 ? w->tree.roots[d->root].path : d->name);
	}
	return count;
}

const char *watch_trouble(const struct watch *w)
{
	static char sentence[TREE_SENTENCE_BYTES];
	const struct directory *d = tree_first_troubled(&w->tree);
	size_t len;

	if (w->inotify < 0)
		return "inotify cannot be used: all directories are polled";
	if (d != NULL) {
		tree_sentence(&w->tree, d, sentence);
		len = strlen(sentence);
		if (w->tree.troubled > 1)
			snprintf(sentence + len, sizeof sentence - len, ", and %zu more",
				 w->tree.troubled - 1);
		return sentence;
	}
	if (w->tree.refused > 0) {
		snprintf(sentence, sizeof sentence,
			 "no more inotify watches: %zu directories are polled "
			 "(raise fs.inotify.max_user_watches)",
			 w->tree.refused);
		return sentence;
	}
	return NULL;
}
