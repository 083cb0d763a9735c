/* SPDX-License-Identifier: BSD-2-Clause */
/* The lane's part of one job: is the delivery known, assess, store, alert. */
#include "ingest/lane_state.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/stats.h"
#include "ingest/ahead.h"
#include "ingest/alerting.h"
#include "ingest/arrival.h"
#include "ingest/assess.h"
#include "ingest/job.h"
#include "ingest/learning.h"
#include "ingest/replay.h"

/* ---- one article */

static enum status begin_once(struct lane *l)
{
	enum status st;

	if (l->begun)
		return STATUS_OK;
	st = store_begin(l->view.store, l->now_ms);
	l->begun = st == STATUS_OK;
	return st;
}

static enum status tell(struct lane *l, struct job *j, const struct verdict *v, enum status st,
			const char *why, bool last)
{
	return outcomes_add(&l->outcomes, l->view.arena, j, v, st, why, last);
}

static enum status tell_verdict(struct lane *l, struct job *j, struct assessment *a)
{
	if (j->fn == NULL)
		return STATUS_OK;
	assess_names(&a->row.verdict, a->row.of_seq, &l->view);
	return tell(l, j, &a->row.verdict, STATUS_OK, NULL, false);
}

/* Of an article that is nothing new: what was said when it came, under the names it has now. */
static enum status tell_known(struct lane *l, struct job *j, struct assessment *a)
{
	struct verdict now = a->row.verdict, *v = &a->row.verdict;
	struct row stored;
	enum status st = store_get(l->view.store, &stored, now.seq, l->view.arena);

	if (st != STATUS_OK)
		return st;
	*v = stored.verdict;
	v->id = now.id;
	v->source = now.source;
	v->site = now.site;
	v->file = now.file;
	v->url = now.url;
	v->title = now.title;
	v->published = now.published;
	a->row.of_seq = stored.of_seq;
	return tell_verdict(l, j, a);
}

/* Everything that makes the article findable: its shingle keys, names, digest. */
static enum status post(struct lane *l, const struct assessment *a)
{
	return replay_post(l->view.index, &a->row, &a->keys, l->view.secret);
}

static enum status remember(struct lane *l, struct assessment *a)
{
	struct row *row = &a->row;
	enum status st = begin_once(l);

	if (st == STATUS_OK)
		st = store_put(l->view.store, row);
	if (st == STATUS_OK && a->centre != 0)
		st = store_put_member(l->view.store, a->centre, row->verdict.seq, a->time_ms);
	if (st == STATUS_OK)
		st = post(l, a);
	if (st != STATUS_OK)
		return st;
	l->seq = row->verdict.seq;
	return STATUS_OK;
}

static enum succession succession_of(const struct assessment *a)
{
	if (!a->takes_over)
		return SUCCESSION_NONE;
	return a->former_fresh ? SUCCESSION_OF_FRESH : SUCCESSION_OF_SILENT;
}

static enum status raise_alert(struct lane *l, const struct job *j, const struct assessment *a)
{
	int64_t file_ms = j->kind == JOB_FILE ? j->files->mtime_ns / 1000000 : l->now_ms;
	uint32_t why = 0;
	enum status st;

	if (j->kind == JOB_FILE || j->submission.alert)
		why = alerting_why(&a->row.verdict, succession_of(a), a->row.published_ms, file_ms,
				   l->now_ms, &l->options);
	if (why == 0)
		return STATUS_OK;
	st = store_put_alert(l->view.store, &l->alert, a->row.verdict.seq, why);
	if (st == STATUS_OK)
		lane_count(l, STAT_ALERTS, 1);
	return st;
}

static void count(struct lane *l, const struct assessment *a)
{
	const struct verdict *v = &a->row.verdict;

	lane_count(l, STAT_ARTICLES, 1);
	lane_count(l, STAT_REVISIONS, v->revises != 0);
	lane_count(l, STAT_MATCHED, v->match_count > 0);
	lane_count(l, STAT_REPEATING, v->ratio > 0 && v->ratio >= l->options.alert_ratio);
}

static enum status do_article(struct lane *l, struct job *j, struct piece *piece)
{
	struct assessment *a = arena_take_zeroed(l->view.arena, 1, sizeof *a);
	const struct foresight *seen = ahead_of(l->ahead, j, piece);
	enum status st = a == NULL ? STATUS_NO_MEMORY
				   : assess(a, &l->view, j, piece, seen, &l->options, l->now_ms);
	bool store = j->kind == JOB_FILE || j->submission.store;

	stats_add(STAT_LANE_STEPS, 1);
	if (st != STATUS_OK)
		return st;
	if (a->known) {
		ahead_known(l->ahead);
		lane_count(l, STAT_ARTICLES_KNOWN, 1);
		if (j->kind == JOB_BODY && j->submission.tell_known)
			return tell_known(l, j, a);
		return STATUS_OK;
	}
	if (store) {
		st = remember(l, a);
		if (st != STATUS_OK)
			return st;
		l->learned = true;
		learning_take(l->view.chrome, &a->row, piece->lines, l->view.scratch);
		count(l, a);
		if (a->miss_count > 0) {
			*l->missing_end = a;
			l->missing_end = &a->next;
		}
		st = raise_alert(l, j, a);
	}
	return st == STATUS_OK ? tell_verdict(l, j, a) : st;
}

/* ---- one job */

static enum status do_articles(struct lane *l, struct job *j)
{
	enum status st = STATUS_OK;

	for (const struct job_problem *p = j->problems; p != NULL && st == STATUS_OK; p = p->next) {
		st = tell(l, j, NULL, p->st, p->why, false);
		if (j->kind == JOB_FILE && p->st == STATUS_OK) {
			log_warning("file mended", "path=%s why=%s", j->files->path, p->why);
		} else if (j->kind == JOB_FILE && st == STATUS_OK) {
			st = begin_once(l);
			if (st == STATUS_OK)
				st = arrival_reject(&l->view, j, p->why, l->now_ms);
		}
	}
	for (size_t i = 0; i < j->piece_count && st == STATUS_OK; i++)
		st = do_article(l, j, &j->pieces[i]);
	return st;
}

static enum status do_file(struct lane *l, struct job *j)
{
	bool known = false;
	enum status st;

	if (j->st == STATUS_NOT_FOUND) /* gone before it was read: nothing was delivered */
		return STATUS_OK;
	if (j->st == STATUS_OK)
		known = arrival_known(&l->view, j, l->options.roots);
	if (known) {
		lane_count(l, STAT_FILES_KNOWN, 1);
		if (arrival_recorded(&l->view, j))
			return STATUS_OK;
	}
	st = begin_once(l);
	if (st == STATUS_OK && j->st == STATUS_UNSUPPORTED)
		lane_count(l, STAT_FILES_IGNORED, 1);
	else if (st == STATUS_OK && j->st != STATUS_OK)
		st = arrival_reject(&l->view, j, j->why, l->now_ms);
	else if (st == STATUS_OK && !known)
		st = do_articles(l, j);
	if (st == STATUS_OK)
		st = arrival_record(&l->view, j, &l->delivery);
	if (st == STATUS_OK && j->st == STATUS_OK && !known)
		lane_count(l, STAT_FILES, 1);
	return st;
}

enum status lane_do(struct lane *l, struct job *j)
{
	enum status st = STATUS_OK;

	switch (j->kind) {
	case JOB_PROBE:
		arrival_probe(&l->view, l->line, j);
		break;
	case JOB_FILE:
		st = do_file(l, j);
		break;
	case JOB_BODY:
		if (j->st == STATUS_OK)
			st = do_articles(l, j);
		if (st == STATUS_OK)
			st = tell(l, j, NULL, j->st, j->st == STATUS_OK ? NULL : j->why, true);
		break;
	}
	ahead_leave(l->ahead, j);
	return st;
}
