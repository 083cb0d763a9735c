/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/line.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/stats.h"
#include "ingest/job.h"

#define GENERATIONS 256u
#define SPARE_JOBS 64u
#define LONG_LINE 32u /* jobs that no worker has taken */
#define PLENTY 32u    /* jobs that wait for the lane */

struct line {
	pthread_mutex_t lock;
	pthread_cond_t to_work, to_judge, has_room;
	struct job *head, **tail;     /* in order of acceptance, to be judged */
	struct job *work, **work_end; /* of them, those no worker has taken */
	size_t work_count;
	struct job *spare;
	size_t spare_count;
	struct lane_question *questions, **questions_end;
	size_t queued;               /* files and bodies, not jobs */
	size_t load, queue_max;      /* the same, long files by what they count */
	uint64_t generation, oldest; /* the current one; the oldest that may have open jobs */
	size_t open[GENERATIONS];
	size_t ready, ready_bytes, ready_max;
	size_t workers, idle; /* all, and those that wait for work */
	bool judging;         /* the lane is */
	bool called;          /* for help */
	bool stopping;
};

enum status line_open(struct line **out, size_t workers, size_t queue_max, size_t ready_max)
{
	struct line *l = calloc(1, sizeof *l);
	pthread_condattr_t attributes;

	if (l == NULL)
		return STATUS_NO_MEMORY;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&l->to_work, NULL);
	pthread_cond_init(&l->to_judge, &attributes);
	pthread_cond_init(&l->has_room, NULL);
	pthread_condattr_destroy(&attributes);
	l->tail = &l->head;
	l->work_end = &l->work;
	l->questions_end = &l->questions;
	l->workers = workers;
	l->queue_max = queue_max;
	l->ready_max = ready_max;
	l->generation = l->oldest = 1;
	*out = l;
	return STATUS_OK;
}

static void close_jobs(struct job *j)
{
	for (struct job *next; j != NULL; j = next) {
		next = j->next_in_line;
		job_close(j);
	}
}

void line_close(struct line *l)
{
	if (l == NULL)
		return;
	close_jobs(l->head);
	close_jobs(l->spare);
	pthread_cond_destroy(&l->to_work);
	pthread_cond_destroy(&l->to_judge);
	pthread_cond_destroy(&l->has_room);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* Files or bodies in a job. */
static size_t weight(const struct job *j)
{
	return j->kind == JOB_PROBE && j->file_count > 0 ? j->file_count : 1;
}

static size_t load_of(const struct job *j)
{
	size_t load = weight(j);

	for (size_t i = 0; j->kind != JOB_BODY && i < j->file_count; i++) {
		uint64_t parts = j->files[i].size / LINE_LOAD_BYTES;

		load += (size_t)(parts < LINE_LOAD_MAX ? parts : LINE_LOAD_MAX - 1);
	}
	return load;
}

size_t line_room(struct line *l)
{
	size_t room;

	pthread_mutex_lock(&l->lock);
	room = l->load < l->queue_max && !l->stopping ? l->queue_max - l->load : 0;
	pthread_mutex_unlock(&l->lock);
	return room;
}

struct job *line_job(struct line *l)
{
	struct job *j;

	pthread_mutex_lock(&l->lock);
	j = l->spare;
	if (j != NULL) {
		l->spare = j->next_in_line;
		l->spare_count--;
	}
	pthread_mutex_unlock(&l->lock);
	if (j == NULL)
		return job_open();
	j->next_in_line = NULL;
	return j;
}

void line_return(struct line *l, struct job *j)
{
	job_clear(j);
	pthread_mutex_lock(&l->lock);
	if (l->spare_count < SPARE_JOBS) {
		j->next_in_line = l->spare;
		l->spare = j;
		l->spare_count++;
		j = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	job_close(j);
}

/* With the lock held. */
static void append(struct line *l, struct job *j, uint64_t generation, bool ready)
{
	j->generation = generation;
	j->ready = ready;
	j->next_in_line = NULL;
	*l->tail = j;
	l->tail = &j->next_in_line;
	l->open[generation % GENERATIONS]++;
	l->queued += weight(j);
	l->load += j->load = load_of(j);
	stats_set(STAT_QUEUED, l->queued);
	if (ready) {
		l->ready++;
		pthread_cond_signal(&l->to_judge);
		return;
	}
	j->next_to_work = NULL;
	*l->work_end = j;
	l->work_end = &j->next_to_work;
	l->work_count++;
	pthread_cond_signal(&l->to_work);
}

enum status line_accept(struct line *l, struct job *j, bool wait, bool ready)
{
	enum status st = STATUS_OK;

	pthread_mutex_lock(&l->lock);
	while (wait && l->load >= l->queue_max && !l->stopping)
		pthread_cond_wait(&l->has_room, &l->lock);
	if (l->stopping)
		st = STATUS_CLOSED;
	else if (l->load >= l->queue_max)
		st = STATUS_BUSY;
	else
		append(l, j, l->generation, ready);
	pthread_mutex_unlock(&l->lock);
	return st;
}

void line_accept_child(struct line *l, struct job *j, const struct job *parent)
{
	pthread_mutex_lock(&l->lock);
	append(l, j, parent->generation, false);
	pthread_mutex_unlock(&l->lock);
}

/* With the lock held; NULL when there is none. */
static struct job *take_work(struct line *l)
{
	struct job *j = l->work;

	if (j == NULL)
		return NULL;
	l->work = j->next_to_work;
	l->work_count--;
	if (l->work == NULL)
		l->work_end = &l->work;
	return j;
}

/* With the lock held. The head is never waited with: what is ready may be waiting behind it. */
static bool may_work(const struct line *l)
{
	return l->work != NULL && (l->ready_bytes <= l->ready_max || l->work == l->head);
}

/* With the lock held. The last worker that is free leaves its processor to the lane while that has
 * plenty to judge: with one worker a core, more would be at work than there are cores, and the lane
 * would wait for its turn. */
static bool stays_back(const struct line *l)
{
	return l->workers > 1 && l->idle == 1 && l->judging && l->ready >= PLENTY;
}

bool line_work(struct line *l, struct job **out)
{
	bool on;

	pthread_mutex_lock(&l->lock);
	l->idle++;
	while ((stays_back(l) || (!l->called && !may_work(l))) && !(l->stopping && l->queued == 0))
		pthread_cond_wait(&l->to_work, &l->lock);
	l->idle--;
	on = l->called || l->work != NULL;
	*out = l->called ? NULL : take_work(l);
	pthread_mutex_unlock(&l->lock);
	return on;
}

/* With the lock held: for who stayed back. */
static void wake_worker(struct line *l)
{
	if (l->idle > 0 && (l->called || may_work(l)))
		pthread_cond_signal(&l->to_work);
}

struct job *line_work_more(struct line *l)
{
	struct job *j;

	pthread_mutex_lock(&l->lock);
	j = l->work_count < LONG_LINE || l->called || !may_work(l) ? NULL : take_work(l);
	pthread_mutex_unlock(&l->lock);
	return j;
}

void line_call(struct line *l, bool help)
{
	pthread_mutex_lock(&l->lock);
	l->called = help;
	if (help)
		pthread_cond_broadcast(&l->to_work);
	pthread_mutex_unlock(&l->lock);
}

void line_ready(struct line *l, struct job *j)
{
	size_t bytes = job_bytes(j);

	pthread_mutex_lock(&l->lock);
	j->ready = true;
	j->ready_bytes = bytes;
	l->ready++;
	l->ready_bytes += bytes;
	if (l->head == j)
		pthread_cond_signal(&l->to_judge);
	pthread_mutex_unlock(&l->lock);
}

void line_ask(struct line *l, struct lane_question *q)
{
	q->next = NULL;
	pthread_mutex_lock(&l->lock);
	*l->questions_end = q;
	l->questions_end = &q->next;
	pthread_cond_signal(&l->to_judge);
	pthread_mutex_unlock(&l->lock);
}

static bool something_to_do(const struct line *l, size_t articles_max)
{
	return l->questions != NULL || (articles_max > 0 && l->head != NULL && l->head->ready) ||
	       (l->stopping && l->queued == 0);
}

static void wait_for_work(struct line *l, size_t articles_max, unsigned wait_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (!something_to_do(l, articles_max))
		if (pthread_cond_timedwait(&l->to_judge, &l->lock, &until) == ETIMEDOUT)
			break;
}

/* Cuts the ready jobs off the head of the line, up to about articles_max articles. */
static void take_ready(struct line *l, struct lane_turn *turn, size_t articles_max)
{
	struct job **end = &turn->jobs;

	while (l->head != NULL && l->head->ready && turn->articles < articles_max) {
		struct job *j = l->head;

		l->head = j->next_in_line;
		j->next_in_line = NULL;
		*end = j;
		end = &j->next_in_line;
		l->ready--;
		turn->articles += j->piece_count > 0 ? j->piece_count : 1;
	}
	if (l->head == NULL)
		l->tail = &l->head;
}

struct lane_turn line_turn(struct line *l, size_t articles_max, unsigned wait_ms)
{
	struct lane_turn turn = { 0 };

	pthread_mutex_lock(&l->lock);
	l->judging = false;
	if (!something_to_do(l, articles_max))
		wake_worker(l);
	wait_for_work(l, articles_max, wait_ms);
	turn.questions = l->questions;
	l->questions = NULL;
	l->questions_end = &l->questions;
	take_ready(l, &turn, articles_max);
	l->judging = turn.jobs != NULL;
	if (!stays_back(l))
		wake_worker(l);
	turn.stopped =
		l->stopping && l->head == NULL && turn.jobs == NULL && turn.questions == NULL;
	pthread_mutex_unlock(&l->lock);
	return turn;
}

void line_done(struct line *l, struct job *jobs)
{
	for (struct job *j = jobs, *next; j != NULL; j = next) {
		next = j->next_in_line;
		pthread_mutex_lock(&l->lock);
		l->open[j->generation % GENERATIONS]--;
		l->queued -= weight(j);
		l->load -= j->load;
		l->ready_bytes -= j->ready_bytes;
		stats_set(STAT_QUEUED, l->queued);
		pthread_mutex_unlock(&l->lock);
		line_return(l, j);
	}
	pthread_mutex_lock(&l->lock);
	pthread_cond_broadcast(&l->has_room);
	if (l->work != NULL)
		pthread_cond_broadcast(&l->to_work);
	/* A stopped line may just have become empty: everybody should see it. */
	if (l->stopping && l->queued == 0) {
		pthread_cond_broadcast(&l->to_work);
		pthread_cond_signal(&l->to_judge);
	}
	pthread_mutex_unlock(&l->lock);
}

void line_stop(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->to_work);
	pthread_cond_broadcast(&l->to_judge);
	pthread_cond_broadcast(&l->has_room);
	pthread_mutex_unlock(&l->lock);
}

bool line_stopping(struct line *l)
{
	bool stopping;

	pthread_mutex_lock(&l->lock);
	stopping = l->stopping;
	pthread_mutex_unlock(&l->lock);
	return stopping;
}

/* With the lock held: passes over the generations in which nothing is open any more. */
static void advance(struct line *l)
{
	while (l->oldest < l->generation && l->open[l->oldest % GENERATIONS] == 0)
		l->oldest++;
}

uint64_t line_mark(struct line *l)
{
	uint64_t mark;

	pthread_mutex_lock(&l->lock);
	advance(l);
	mark = l->generation;
	/* With every generation in use the mark stays open and covers a little more: later, never
	 * wrong. */
	if (l->generation + 1 - l->oldest < GENERATIONS)
		l->generation++;
	pthread_mutex_unlock(&l->lock);
	return mark;
}

bool line_reached(struct line *l, uint64_t mark)
{
	bool reached;

	pthread_mutex_lock(&l->lock);
	advance(l);
	reached = l->oldest > mark ||
		  (mark == l->generation && l->oldest == mark && l->open[mark % GENERATIONS] == 0);
	pthread_mutex_unlock(&l->lock);
	return reached;
}

size_t line_queued(struct line *l)
{
	size_t queued;

	pthread_mutex_lock(&l->lock);
	queued = l->queued;
	pthread_mutex_unlock(&l->lock);
	return queued;
}
