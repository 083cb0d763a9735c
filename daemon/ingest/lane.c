/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/lane_state.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "detect/chrome.h"
#include "index/index.h"
#include "ingest/ahead.h"
#include "ingest/assess.h"
#include "ingest/job.h"
#include "ingest/line.h"
#include "ingest/misses.h"
#include "ingest/replay.h"

#define IDLE_MS 1000u
#define RETRY_MS 200u
#define AGE_EVERY_MS 1000
#define BATCH_BYTES ((size_t)64 << 20)
#define QUESTIONS_SHARE 10  /* of the time that judging takes, one of so many */
#define CREDIT_MAX_US 20000 /* saved up; and what one long question may leave behind */
#define DEBT_MAX_US 20000
#define CHROME_EVERY 20000u /* articles between snapshots of the chrome counts */

/* ---- one batch */

/* What comes after j is left for the next batch. */
static void cut_after(struct lane *l, struct job *j)
{
	struct job **end = &j->next_in_line;

	while (*end != NULL)
		end = &(*end)->next_in_line;
	*end = l->rest;
	l->rest = j->next_in_line;
	j->next_in_line = NULL;
}

/* The chrome counts as they were before a batch that was refused, made again as a start does; a
 * batch that is refused again finds them at hand. */
static enum status unlearn(struct lane *l)
{
	enum status st;

	if (!l->learned)
		return STATUS_OK;
	if (l->unlearned.len > 0) {
		st = chrome_load(l->view.chrome, bytes_span(&l->unlearned));
	} else {
		st = replay_chrome(&l->view);
		if (st == STATUS_OK)
			chrome_save(l->view.chrome, &l->unlearned);
		if (l->unlearned.failed)
			bytes_free(&l->unlearned);
	}
	l->learned = st != STATUS_OK;
	return st;
}

static enum status judge_batch(struct lane *l)
{
	enum status st = unlearn(l);

	memset(l->counted, 0, sizeof l->counted);
	arena_clear(l->view.arena);
	outcomes_init(&l->outcomes);
	l->missing = NULL;
	l->missing_end = &l->missing;
	l->now_ms = clock_now_ms();
	l->begun = false;
	for (struct job *j = l->batch; j != NULL && st == STATUS_OK; j = j->next_in_line) {
		st = lane_do(l, j);
		if (l->begun && store_batch_bytes(l->view.store) > BATCH_BYTES)
			cut_after(l, j);
	}
	return st;
}

/* Before anything is judged: what a purge or a damaged run has taken out of the index. */
static void fill_gaps(struct lane *l)
{
	if (replay_gaps(&l->view) != STATUS_OK)
		log_error("index not mended", "the next start tries again");
}

/* Nothing is missing when the batch is judged, as far as that is known. */
static enum status judge_on_whole(struct lane *l)
{
	enum status st;

	l->begun = false;
	fill_gaps(l);
	st = store_mend(l->view.store);
	return st == STATUS_OK ? judge_batch(l) : st;
}

/* What goes out of the index while the batch is judged, or cannot be read, has been missed by some
 * of it. */
static enum status run_batch(struct lane *l)
{
	enum status st = judge_on_whole(l);

	if ((st == STATUS_OK && index_torn(l->view.index)) ||
	    store_unread(l->view.store) != STATUS_OK) {
		if (l->begun)
			store_abort(l->view.store);
		st = judge_on_whole(l);
		if (st == STATUS_OK)
			st = store_unread(l->view.store);
	}
	if (l->begun && st == STATUS_OK) {
		atomic_store(&l->phase, "committing");
		st = store_commit(l->view.store);
	} else if (l->begun) {
		store_abort(l->view.store);
	}
	return st;
}

/* Only what was committed is kept: a batch that is tried again brings its misses again. */
static void keep_misses(struct lane *l)
{
	for (const struct assessment *a = l->missing; a != NULL; a = a->next) {
		for (uint32_t i = 0; i < a->miss_count; i++) {
			a->misses[i].here = a->row.verdict.seq;
			misses_add(l->view.misses, &a->misses[i]);
		}
	}
}

static void announce(struct lane *l)
{
	keep_misses(l);
	bytes_free(&l->unlearned);
	l->learned = false;
	for (unsigned i = 0; i < STAT_COUNT; i++)
		if (l->counted[i] > 0)
			stats_add((enum counter)i, l->counted[i]);
	if (l->begun) {
		stats_add(STAT_BATCHES, 1);
		index_committed(l->view.index, l->seq, l->delivery);
	}
	outcomes_tell(&l->outcomes);
	ahead_finish(l->ahead, l->batch);
	line_done(l->line, l->batch);
	l->batch = l->rest;
	l->rest = NULL;
	atomic_store(&l->alerts, l->alert);
	if (l->options.wake != NULL)
		l->options.wake(l->options.wake_ctx);
}

static void note_trouble(struct lane *l, enum status st)
{
	const char *text = st == STATUS_NO_SPACE
				   ? "the disk is full: intake is paused, free some space"
				   : status_text(st);

	if (atomic_load(&l->trouble) == NULL && l->options.tries_max == 0)
		log_error("commit failed", "why=%s; the batch is kept and tried again", text);
	atomic_store(&l->trouble, text);
}

/* False: it could not be committed and is kept. */
static bool try_batch(struct lane *l)
{
	int64_t start_us = clock_monotonic_us(), took_us;
	uint64_t seq = l->seq, delivery = l->delivery, alert = l->alert;
	enum status st;

	atomic_store(&l->phase, "judging");
	st = run_batch(l);
	stats_add(STAT_LANE_STEPS, 1);
	took_us = clock_monotonic_us() - start_us;
	stats_add(STAT_LANE_BUSY_US, (uint64_t)took_us);
	l->credit_us += took_us / QUESTIONS_SHARE;
	if (l->credit_us > CREDIT_MAX_US)
		l->credit_us = CREDIT_MAX_US;
	if (st != STATUS_OK) {
		l->seq = seq;
		l->delivery = delivery;
		l->alert = alert;
		note_trouble(l, st);
		l->retry_us = clock_monotonic_us() + RETRY_MS * 1000;
		l->aged_ms = 0;
		if (++l->tries == l->options.tries_max)
			atomic_store(&l->given_up, st);
		return false;
	}
	l->tries = 0;
	if (atomic_exchange(&l->trouble, NULL) != NULL)
		log_info("commit works again", "intake goes on");
	announce(l);
	return true;
}

/* ---- between batches */

static void save_chrome(struct lane *l)
{
	struct bytes saved = { 0 };

	chrome_save(l->view.chrome, &saved);
	if (!saved.failed && l->seq > l->saved_chrome &&
	    store_put_snapshot(l->view.store, "chrome", l->seq, bytes_span(&saved)) == STATUS_OK)
		l->saved_chrome = l->seq;
	bytes_free(&saved);
}

/* It is tried again every second; said once. What gives up soon has its own word for it. */
static void note_ageing(struct lane *l, enum status st)
{
	if (st != STATUS_OK && l->ageing == STATUS_OK && l->options.tries_max == 0)
		log_error("epochs not renewed", "why=%s; it is tried again", status_text(st));
	l->ageing = st;
}

static void warm_index(struct lane *l)
{
	struct rusage usage;
	struct sysinfo memory;

	if (getrusage(RUSAGE_SELF, &usage) == 0 && sysinfo(&memory) == 0)
		index_warm(l->view.index, (uint64_t)usage.ru_majflt,
			   (uint64_t)memory.freeram * memory.mem_unit / 2);
}

static void keep_house(struct lane *l)
{
	int64_t now_ms = clock_now_ms();
	uint64_t expired = 0;

	atomic_store(&l->phase, "keeping house");
	if (l->batch == NULL && l->seq >= l->saved_chrome + CHROME_EVERY)
		save_chrome(l);
	if (l->batch == NULL)
		fill_gaps(l);
	if (now_ms >= l->aged_ms && now_ms - l->aged_ms < AGE_EVERY_MS)
		return;
	l->aged_ms = now_ms;
	note_ageing(l, store_age(l->view.store, now_ms, &expired));
	if (expired != 0)
		index_expire(l->view.index, expired);
	warm_index(l);
}

static void take_options(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	if (l->changed) {
		l->next.roots = l->options.roots;
		l->options = l->next;
		l->thresholds = l->next_thresholds;
		ahead_believe(l->ahead, l->options.believe_site);
	}
	l->changed = false;
	pthread_mutex_unlock(&l->lock);
}

/* While jobs wait questions get a part of the time that judging takes, in the order in which they
 * were asked; else all are answered. */
static void answer(struct lane *l, bool jobs_wait)
{
	int64_t begun_us = clock_monotonic_us();

	while (l->questions != NULL && (!jobs_wait || l->credit_us > 0)) {
		struct lane_question *q = l->questions;
		int64_t now_us;

		l->questions = q->next; /* fn may give the question's memory away */
		q->fn(&l->view, q->ctx);
		stats_add(STAT_LANE_STEPS, 1);
		arena_clear(l->view.arena);
		arena_clear(l->view.scratch);
		now_us = clock_monotonic_us();
		l->credit_us -= now_us - begun_us;
		begun_us = now_us;
	}
	if (l->credit_us < -DEBT_MAX_US)
		l->credit_us = -DEBT_MAX_US;
}

static void take_questions(struct lane *l, struct lane_question *asked)
{
	struct lane_question **end = &l->questions;

	while (*end != NULL)
		end = &(*end)->next;
	*end = asked;
}

static const char almost_full[] = "the disk is almost full: intake is paused, free some space";

/* What is left of the disk is for cursors, so that alerts flow on, and for expiry. Who does not
 * wait for room leaves none. */
static bool short_of_room(struct lane *l)
{
	bool was = atomic_load(&l->trouble) == almost_full;
	bool is = l->options.tries_max == 0 && !line_stopping(l->line) &&
		  store_short(l->view.store, was);

	if (is && !was) {
		log_warning("intake paused",
			    "the disk is almost full; it goes on when there is room");
		atomic_store(&l->trouble, almost_full);
	} else if (was && !is) {
		log_info("intake goes on", "there is room on the disk again");
		atomic_store(&l->trouble, NULL);
	}
	return is;
}

/* A stop does not wait for room on the disk. */
static void give_up(struct lane *l)
{
	bool stops = lane_given_up(l) == STATUS_OK;
	const char *why = stops ? "the daemon stops" : "not judged: the store takes no more";

	if (stops)
		log_error("stopped with an uncommitted batch",
			  "its files are read again at the next start");
	if (unlearn(l) != STATUS_OK)
		l->seq = l->saved_chrome; /* no snapshot of them */
	while (l->batch != NULL) {
		for (struct job *j = l->batch; j != NULL; j = j->next_in_line) {
			ahead_leave(l->ahead, j);
			if (j->fn != NULL)
				j->fn(j->fn_ctx, NULL, STATUS_CLOSED, why, true);
		}
		ahead_finish(l->ahead, l->batch);
		line_done(l->line, l->batch);
		l->batch = l->rest;
		l->rest = NULL;
	}
}

/* As long as batches are taken. */
static void try_batches(struct lane *l)
{
	while (l->batch != NULL && lane_given_up(l) == STATUS_OK &&
	       clock_monotonic_us() >= l->retry_us && try_batch(l))
		;
	if (l->batch != NULL && (line_stopping(l->line) || lane_given_up(l) != STATUS_OK))
		give_up(l);
}

static void *run(void *arg)
{
	struct lane *l = arg;
	struct lane_turn turn;

	for (;;) {
		/* Questions are answered meanwhile. */
		bool waiting = l->batch != NULL || short_of_room(l);

		atomic_store(&l->phase, l->batch != NULL ? "waiting to try again" : "waiting");
		turn = line_turn(l->line, waiting ? 0 : l->options.batch_max,
				 l->questions != NULL ? 0
				 : waiting            ? RETRY_MS
						      : IDLE_MS);
		take_options(l);
		atomic_store(&l->phase, "answering");
		take_questions(l, turn.questions);
		answer(l, turn.jobs != NULL);
		if (!waiting)
			l->batch = turn.jobs;
		try_batches(l);
		keep_house(l);
		if (turn.stopped)
			return NULL;
	}
}

/* ---- life */

enum status lane_open(struct lane **out, struct line *line, struct ahead *ahead,
		      const struct pipeline_options *o)
{
	struct lane *l = calloc(1, sizeof *l);
	struct store_totals totals;
	enum status st = STATUS_NO_MEMORY;

	if (l == NULL)
		return STATUS_NO_MEMORY;
	l->line = line;
	l->ahead = ahead;
	l->options = *o;
	l->view.store = o->store;
	l->view.index = o->index;
	l->view.secret = store_secret(o->store);
	l->thresholds = *(o->thresholds != NULL ? o->thresholds : judge_defaults());
	l->view.thresholds = &l->thresholds;
	l->view.arena = arena_open((size_t)1 << 20);
	l->view.scratch = arena_open((size_t)1 << 20);
	if (l->view.arena == NULL || l->view.scratch == NULL)
		goto close_arenas;
	st = misses_open(&l->view.misses);
	if (st != STATUS_OK)
		goto close_arenas;
	st = chrome_open(&l->view.chrome);
	if (st != STATUS_OK)
		goto close_misses;
	st = replay(&l->view, &l->saved_chrome);
	if (st != STATUS_OK)
		goto close_chrome;
	store_totals(o->store, &totals);
	l->seq = totals.newest_seq;
	l->delivery = totals.newest_delivery;
	l->alert = totals.alerts;
	ahead_use(ahead, &l->view);
	ahead_believe(ahead, o->believe_site);
	atomic_store(&l->alerts, l->alert);
	atomic_store(&l->phase, "waiting");
	pthread_mutex_init(&l->lock, NULL);
	if (pthread_create(&l->thread, NULL, run, l) != 0) {
		st = STATUS_NO_MEMORY;
		goto destroy_lock;
	}
	*out = l;
	return STATUS_OK;

destroy_lock:
	pthread_mutex_destroy(&l->lock);
close_chrome:
	chrome_close(l->view.chrome);
close_misses:
	misses_close(l->view.misses);
close_arenas:
	arena_close(l->view.scratch);
	arena_close(l->view.arena);
	free(l);
	return st;
}

void lane_close(struct lane *l)
{
	if (l == NULL)
		return;
	pthread_join(l->thread, NULL);
	save_chrome(l);
	bytes_free(&l->unlearned);
	pthread_mutex_destroy(&l->lock);
	chrome_close(l->view.chrome);
	misses_close(l->view.misses);
	arena_close(l->view.scratch);
	arena_close(l->view.arena);
	free(l);
}

void lane_configure(struct lane *l, const struct pipeline_options *o)
{
	pthread_mutex_lock(&l->lock);
	l->next = *o;
	l->next_thresholds = *(o->thresholds != NULL ? o->thresholds : judge_defaults());
	l->changed = true;
	pthread_mutex_unlock(&l->lock);
}

uint64_t lane_alerts(const struct lane *l)
{
	return atomic_load(&l->alerts);
}

const char *lane_phase(const struct lane *l)
{
	return atomic_load(&l->phase);
}

const char *lane_trouble(const struct lane *l)
{
	return atomic_load(&l->trouble);
}

enum status lane_given_up(const struct lane *l)
{
	return atomic_load(&l->given_up);
}
