/* SPDX-License-Identifier: BSD-2-Clause */
#include "index/sealer.h"

#include "base/files.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/turns.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NICENESS 5      /* merges that last too long cost look-ups more than they save */
#define MUCH_SMALLER 3u /* so much of a merge goes ahead of it; a level is four times another */
#define WARM_PAGES 256u /* read at once: a megabyte */

struct sealer {
	char *path, *manifest_path;
	bool sync;
	pthread_t thread;
	/* The thread's: */
	struct manifest manifest;
	uint64_t next_file;
	uint64_t merging; /* postings of the smallest merge under way; 0: none */
	/* Under the lock: */
	pthread_mutex_t lock;
	pthread_cond_t given, done;
	struct task *first, *last; /* waiting */
	struct task *results;
	bool running;
	atomic_bool stopping;
	atomic_size_t ready; /* results waiting; lets sealer_take() look without the lock */
};

char *sealer_run_path(const char *folder, uint64_t file)
{
	char *path;

	return asprintf(&path, "%s/%016" PRIx64 ".run", folder, file) < 0 ? NULL : path;
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static enum status save(struct sealer *s)
{
	return manifest_save(&s->manifest, s->manifest_path, s->sync);
}

static struct manifest_run entry_of(const struct run *r)
{
	return (struct manifest_run){ r->file,
				      r->level,
				      r->info.first_seq,
				      r->info.last_seq,
				      r->info.first_delivery,
				      r->info.last_delivery };
}

/* Opens what was written and names it; on failure the file is gone. */
static enum status adopt(struct sealer *s, struct task *t, const char *path, uint64_t file,
			 const struct manifest *next, size_t at, uint32_t level)
{
	struct manifest before = s->manifest;
	struct manifest_run entry;
	enum status st = run_open(&t->made, path, file);

	s->manifest = *next;
	if (st == STATUS_OK) {
		t->made->level = level;
		entry = entry_of(t->made);
		st = manifest_insert(&s->manifest, at, &entry);
	}
	if (st == STATUS_OK)
		st = save(s);
	if (st == STATUS_OK) {
		manifest_free(&before);
		run_check(t->made, RUN_FIRST_FILTER, t->made->blocks_at);
		return st;
	}
	manifest_free(&s->manifest);
	s->manifest = before;
	run_close(t->made);
	t->made = NULL;
	unlink(path);
	return st;
}

/* A copy that may be changed and thrown away. */
static enum status copy_manifest(struct manifest *to, const struct manifest *from)
{
	*to = *from;
	to->runs = NULL;
	to->run_count = to->run_cap = 0;
	for (size_t i = 0; i < from->run_count; i++)
		if (manifest_insert(to, i, &from->runs[i]) != STATUS_OK) {
			manifest_free(to);
			return STATUS_NO_MEMORY;
		}
	return STATUS_OK;
}

static enum status seal(struct sealer *s, struct task *t)
{
	uint64_t file = s->next_file++;
	char *path = sealer_run_path(s->path, file);
	struct manifest next;
	enum status st;

	if (path == NULL)
		return STATUS_NO_MEMORY;
	st = copy_manifest(&next, &s->manifest);
	if (st != STATUS_OK)
		goto free_path;
	st = run_of_table(path, &t->info, t->table, s->sync);
	if (st != STATUS_OK) {
		manifest_free(&next);
		goto free_path;
	}
	if (t->sealed_seq > next.sealed_seq)
		next.sealed_seq = t->sealed_seq;
	/* Not over a hole that a lost run has left. */
	if (t->sealed_delivery > next.sealed_delivery &&
	    t->info.first_delivery <= next.sealed_delivery + 1)
		next.sealed_delivery = t->sealed_delivery;
	memcpy(next.gaps, t->gaps, sizeof next.gaps);
	next.gap_count = t->gap_count;
	st = adopt(s, t, path, file, &next, next.run_count, 0);
	if (st == STATUS_OK)
		stats_add(STAT_SEALS, 1);

free_path:
	free(path);
	return st;
}

static void urgent_first(struct sealer *s);

/* Between the postings of a merge, or the pages of a warming: what is urgent goes first. */
static bool pause_merge(void *ctx)
{
	struct sealer *s = ctx;

	if (atomic_load_explicit(&s->stopping, memory_order_relaxed))
		return false;
	urgent_first(s);
	return true;
}

/* One that takes in a few small ones stays what it is. */
static uint32_t level_above(struct run *const *runs, size_t count)
{
	uint32_t level = 0;
	size_t alike = 0;

	for (size_t i = 0; i < count; i++)
		level = runs[i]->level > level ? runs[i]->level : level;
	for (size_t i = 0; i < count; i++)
		alike += runs[i]->level == level;
	return level + (alike > 1);
}

static uint64_t postings_of(const struct task *t)
{
	uint64_t postings = 0;

	for (size_t i = 0; i < t->run_count; i++)
		postings += t->runs[i]->info.postings;
	return postings;
}

static enum status merge(struct sealer *s, struct task *t)
{
	uint64_t file = s->next_file++;
	char *path = sealer_run_path(s->path, file);
	uint32_t level = level_above(t->runs, t->run_count);
	uint64_t around = s->merging;
	struct manifest next;
	enum status st;
	size_t at, first;

	if (path == NULL)
		return STATUS_NO_MEMORY;
	t->broken = t->run_count;
	s->merging = postings_of(t);
	st = run_of_runs(path, t->runs, t->run_count, t->cap, s->sync, &t->broken, pause_merge, s);
	s->merging = around;
	if (st == STATUS_OK)
		st = copy_manifest(&next, &s->manifest);
	if (st != STATUS_OK)
		goto unlink;
	first = next.run_count;
	for (size_t i = 0; i < t->run_count; i++) {
		at = manifest_find(&next, t->runs[i]->file);
		if (at == next.run_count)
			continue;
		manifest_remove(&next, at);
		first = at < first ? at : first;
	}
	first = first < next.run_count ? first : next.run_count;
	st = adopt(s, t, path, file, &next, first, level);
	if (st == STATUS_OK)
		stats_add(STAT_MERGES, 1);
	free(path);
	return st;

unlink:
	unlink(path);
	free(path);
	return st;
}

static void set_aside(const struct run *r)
{
	char *name;

	if (asprintf(&name, "%s.damaged", r->path) < 0)
		return;
	if (rename(r->path, name) != 0)
		unlink(r->path);
	free(name);
}

/* Its articles are a gap, and the deliveries from its first on are to be replayed. */
static void lose(struct manifest *m, const struct run_info *info)
{
	gaps_add(m->gaps, &m->gap_count, (struct gap){ info->first_seq, info->last_seq });
	manifest_unseal_deliveries(m, info->first_delivery, info->last_delivery);
}

/* A manifest that cannot be written must not keep disk space: a named run that is missing is a
 * gap, and a gap in what has expired is empty. */
static enum status retire(struct sealer *s, struct task *t)
{
	bool changed = false;

	if (t->again > 0)
		t->table = table_again(t->table, t->cap, t->again);
	else
		table_close(t->table);
	for (size_t i = 0; i < t->run_count; i++) {
		struct run *r = t->runs[i];
		size_t at = manifest_find(&s->manifest, r->file);

		if (at == s->manifest.run_count)
			continue;
		manifest_remove(&s->manifest, at);
		if (run_damaged(r) || r->unwanted)
			lose(&s->manifest, &r->info);
		changed = true;
	}
	if (changed && save(s) != STATUS_OK)
		log_warning("index manifest not written", "path=%s", s->manifest_path);
	for (size_t i = 0; i < t->run_count; i++) {
		if (run_damaged(t->runs[i]) && !t->runs[i]->unwanted)
			set_aside(t->runs[i]);
		else
			unlink(t->runs[i]->path);
		run_close(t->runs[i]);
	}
	return STATUS_OK;
}

static bool something_retires(struct sealer *s)
{
	const struct task *t;

	pthread_mutex_lock(&s->lock);
	for (t = s->first; t != NULL && t->kind != TASK_RETIRE; t = t->next)
		continue;
	pthread_mutex_unlock(&s->lock);
	return t != NULL;
}

/* Given up where something is to go: its disk is waited for, and it may be this run. */
static enum status warm(struct sealer *s, struct task *t)
{
	struct run *r = t->runs[0];
	uint64_t at = RUN_FIRST_FILTER, end = run_pages(r);

	for (; at < end && !run_damaged(r) && pause_merge(s) && !something_retires(s);
	     at += WARM_PAGES)
		run_warm(r, at, at + WARM_PAGES < end ? at + WARM_PAGES : end);
	if (run_damaged(r))
		return STATUS_DAMAGED;
	stats_add(STAT_WARMED, at >= end);
	return STATUS_OK;
}

/* ---- the thread ----------------------------------------------------------------------------- */

/* Runs that nobody reads: what a merge has made one of need not wait, on the disk, for the end of
 * another. Under the lock. */
static bool is_unread(const struct sealer *s, const struct task *t)
{
	bool read = s->merging == 0; /* a run may be warmed just now */

	for (size_t i = 0; i < t->run_count; i++)
		read |= t->runs[i]->merging;
	for (const struct task *other = s->first; other != NULL; other = other->next)
		read |= other->kind == TASK_WARM;
	return !read;
}

/* Whether it goes ahead of what is under way. */
static bool is_urgent(const struct sealer *s, const struct task *t)
{
	if (t->kind == TASK_MERGE)
		return postings_of(t) <= s->merging / MUCH_SMALLER;
	return t->table != NULL || t->again > 0 || (t->kind == TASK_RETIRE && is_unread(s, t));
}

/* The first waiting task, or the first that is urgent; NULL when there is none. */
static struct task *next_task(struct sealer *s, bool only_urgent)
{
	struct task **link = &s->first, *before = NULL, *t;

	while (*link != NULL && only_urgent && !is_urgent(s, *link)) {
		before = *link;
		link = &before->next;
	}
	t = *link;
	if (t == NULL)
		return NULL;
	*link = t->next;
	if (s->last == t)
		s->last = before;
	t->next = NULL;
	return t;
}

static void finish(struct sealer *s, struct task *t)
{
	struct task **link;

	pthread_mutex_lock(&s->lock);
	for (link = &s->results; *link != NULL; link = &(*link)->next)
		continue;
	*link = t;
	atomic_fetch_add_explicit(&s->ready, 1, memory_order_release);
	pthread_cond_signal(&s->done);
	pthread_mutex_unlock(&s->lock);
}

static void perform(struct sealer *s, struct task *t)
{
	if (t->kind == TASK_SEAL)
		t->st = seal(s, t);
	else if (t->kind == TASK_MERGE)
		t->st = merge(s, t);
	else if (t->kind == TASK_WARM)
		t->st = warm(s, t);
	else
		t->st = retire(s, t);
	finish(s, t);
}

static void urgent_first(struct sealer *s)
{
	struct task *t;

	do {
		pthread_mutex_lock(&s->lock);
		t = next_task(s, true);
		pthread_mutex_unlock(&s->lock);
		if (t != NULL)
			perform(s, t);
	} while (t != NULL);
}

static void *work(void *ctx)
{
	struct sealer *s = ctx;
	struct task *t;

	give_way(NICENESS);
	for (;;) {
		pthread_mutex_lock(&s->lock);
		while ((t = next_task(s, false)) == NULL && !atomic_load(&s->stopping))
			pthread_cond_wait(&s->given, &s->lock);
		pthread_mutex_unlock(&s->lock);
		if (t == NULL)
			return NULL;
		perform(s, t);
	}
}

/* Signals are the main thread's. */
static enum status start(struct sealer *s)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&s->thread, NULL, work, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	s->running = rc == 0;
	return status_of_errno(rc);
}

/* ---- the owner ------------------------------------------------------------------------------ */

enum status sealer_open(struct sealer **out, const char *path, struct manifest *manifest,
			uint64_t next_file, bool sync)
{
	struct sealer *s = calloc(1, sizeof *s);
	enum status st = STATUS_NO_MEMORY;

	if (s == NULL)
		return st;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->given, NULL);
	pthread_cond_init(&s->done, NULL);
	s->next_file = next_file;
	s->sync = sync;
	s->path = strdup(path);
	s->manifest_path = files_path(path, "manifest");
	if (s->path != NULL && s->manifest_path != NULL)
		st = start(s);
	if (st != STATUS_OK) {
		sealer_close(s);
		return st;
	}
	pthread_mutex_lock(&s->lock);
	s->manifest = *manifest;
	*manifest = (struct manifest){ 0 };
	pthread_mutex_unlock(&s->lock);
	*out = s;
	return STATUS_OK;
}

void sealer_stop(struct sealer *s)
{
	if (!s->running)
		return;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stopping, true);
	pthread_cond_signal(&s->given);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	s->running = false;
}

void sealer_close(struct sealer *s)
{
	if (s == NULL)
		return;
	sealer_stop(s);
	manifest_free(&s->manifest);
	pthread_cond_destroy(&s->done);
	pthread_cond_destroy(&s->given);
	pthread_mutex_destroy(&s->lock);
	free(s->manifest_path);
	free(s->path);
	free(s);
}

void sealer_give(struct sealer *s, struct task *t)
{
	t->next = NULL;
	pthread_mutex_lock(&s->lock);
	if (s->last == NULL)
		s->first = t;
	else
		s->last->next = t;
	s->last = t;
	pthread_cond_signal(&s->given);
	pthread_mutex_unlock(&s->lock);
}

struct task *sealer_take(struct sealer *s)
{
	struct task *t;

	if (atomic_load_explicit(&s->ready, memory_order_acquire) == 0)
		return NULL;
	pthread_mutex_lock(&s->lock);
	t = s->results;
	s->results = t->next;
	atomic_fetch_sub_explicit(&s->ready, 1, memory_order_relaxed);
	pthread_mutex_unlock(&s->lock);
	t->next = NULL;
	return t;
}

void sealer_wait(struct sealer *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->results == NULL)
		pthread_cond_wait(&s->done, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
