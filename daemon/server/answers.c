/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/answers.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "index/index.h"
#include "server/client.h"
#include "store/store.h"
#include "wire/reply.h"

#define SLICE_BYTES 65536u
#define SLICE_US 4000
#define TRIES 8u /* of a first slice: runs are removed one after the other */

struct answers {
	struct pipeline *pipeline;
	void (*ready)(void *ctx);
	void *ctx;
	struct answer *waiting; /* the loop's */
	struct answer *offers;  /* the loop's: all that have been begun */
	uint64_t wakes;         /* the loop's: how often answers_wake() came */
	pthread_mutex_t lock;
	pthread_cond_t back;
	/* Under the lock: */
	struct answer *posted, **posted_end;
	size_t away;    /* with the lane */
	size_t offered; /* handed over by offers */
	bool closed;
};

/* ---- on the lane */

/* Under the lock. */
static void post(struct answer *a, bool finished)
{
	struct answers *s = a->answers;

	a->finished |= finished;
	if (!a->posted) {
		a->posted = true;
		a->next = NULL;
		*s->posted_end = a;
		s->posted_end = &a->next;
	}
	s->ready(s->ctx);
}

/* Nothing has been said yet, and nothing done. */
static void begin_again(struct answer *a)
{
	bytes_clear(&a->out);
	free(a->state);
	a->state = NULL;
	a->at = 0;
	a->step = ANSWER_MORE;
}

static void run_slice(const struct lane_view *lane, void *ctx)
{
	struct answer *a = ctx;
	struct answers *s = a->answers;

	a->since_us = clock_monotonic_us();
	a->torn = false;
	a->step = a->slice(a, lane);
	if (a->torn && !a->begun && a->tries++ < TRIES)
		begin_again(a);
	else
		a->begun = true;
	pthread_mutex_lock(&s->lock);
	post(a, true);
	if (--s->away == 0)
		pthread_cond_signal(&s->back);
	pthread_mutex_unlock(&s->lock);
}

static void free_answers(struct answers *s)
{
	pthread_cond_destroy(&s->back);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void free_answer(struct answer *a)
{
	free(a->state);
	bytes_free(&a->out);
	free(a);
}

bool answers_take(struct answer *a, bool last)
{
	struct answers *s = a->answers;
	bool gone;

	pthread_mutex_lock(&s->lock);
	if (!s->closed)
		return true;
	gone = last && --s->offered == 0;
	pthread_mutex_unlock(&s->lock);
	if (last)
		free_answer(a);
	if (gone)
		free_answers(s);
	return false;
}

void answers_give(struct answer *a, bool last, bool flush)
{
	struct answers *s = a->answers;

	if (last)
		s->offered--;
	if (last || flush)
		post(a, last);
	pthread_mutex_unlock(&s->lock);
}

void answers_enter(struct answers *s)
{
	pthread_mutex_lock(&s->lock);
	s->away++;
	pthread_mutex_unlock(&s->lock);
}

void answers_leave(struct answers *s)
{
	pthread_mutex_lock(&s->lock);
	if (--s->away == 0)
		pthread_cond_signal(&s->back);
	pthread_mutex_unlock(&s->lock);
}

void *answer_state(struct answer *a, size_t size)
{
	if (a->state == NULL)
		a->state = calloc(1, size);
	return a->state;
}

struct json answer_line(struct answer *a)
{
	return reply_open(&a->out, request_tag(a->request));
}

enum answer_step answer_end(struct answer *a)
{
	reply_ok(&a->out, request_tag(a->request), true);
	return ANSWER_DONE;
}

enum answer_step answer_fail(struct answer *a, const char *code, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	bytes_clear(&a->out);
	reply_error(&a->out, request_tag(a->request), code, message);
	return ANSWER_DONE;
}

bool answer_over(const struct answer *a)
{
	return a->out.len > SLICE_BYTES || clock_monotonic_us() - a->since_us > SLICE_US;
}

void answer_doubt(struct answer *a, const struct lane_view *lane)
{
	a->torn |= index_torn(lane->index);
}

bool answer_find(struct answer *a, const struct lane_view *lane, const char *key, uint64_t *out_seq)
{
	struct span id = request_text(a->request, key);
	enum status st;

	if (id.p == NULL) {
		answer_fail(a, "usage", "\"%s\" is missing: which article?", key);
		return false;
	}
	st = pipeline_find(lane, id, out_seq);
	if (st == STATUS_OK)
		return true;
	if (st == STATUS_NOT_FOUND) {
		answer_doubt(a, lane);
		answer_fail(a, "not_found", "%.*s: no such article is stored",
			    (int)(id.len > 300 ? 300 : id.len), id.p);
	} else {
		answer_fail(a, "failed", "%s", status_text(st));
	}
	return false;
}

bool answer_row(struct answer *a, const struct lane_view *lane, const char *key, struct row *out)
{
	uint64_t seq;
	enum status st;

	if (!answer_find(a, lane, key, &seq))
		return false;
	answer_doubt(a, lane); /* there may be a later version */
	st = store_get(lane->store, out, seq, lane->arena);
	if (st == STATUS_OK)
		return true;
	answer_fail(a, st == STATUS_NOT_FOUND ? "not_found" : "failed", "article %llu: %s",
		    (unsigned long long)seq, status_text(st));
	return false;
}

bool answer_number(struct answer *a, const char *key, uint64_t fallback, uint64_t *out)
{
	enum status st = request_number(a->request, key, out);

	if (st == STATUS_NOT_FOUND)
		*out = fallback;
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		return true;
	answer_fail(a, "usage", "\"%s\" is not a whole number", key);
	return false;
}

/* ---- on the loop */

static void leave_offers(struct answer *a)
{
	struct answer **link = &a->answers->offers;

	while (*link != NULL && *link != a)
		link = &(*link)->next_offered;
	if (*link != NULL)
		*link = a->next_offered;
}

static void end_answer(struct answer *a)
{
	struct call *c = a->call;

	leave_offers(a);
	free_answer(a);
	call_done(c);
}

static void leave_waiting(struct answer *a)
{
	struct answer **link = &a->answers->waiting;

	while (*link != a)
		link = &(*link)->next;
	*link = a->next;
	a->waiting = false;
}

static void on_gone(struct call *c)
{
	struct answer *a = c->state;

	/* With the lane: it comes back and ends then. */
	if (a->waiting)
		leave_waiting(a);
	else if (!a->paused)
		return;
	end_answer(a);
}

static void on_room(struct call *c)
{
	struct answer *a = c->state;

	if (a->paused)
		answers_ask(a);
}

struct answer *answers_begin(struct answers *s, struct call *c, answer_fn slice)
{
	struct answer *a = calloc(1, sizeof *a);

	if (a == NULL) {
		call_fail(c, "no_memory", status_text(STATUS_NO_MEMORY));
		return NULL;
	}
	a->answers = s;
	a->call = c;
	a->request = c->request;
	a->slice = slice;
	a->question.fn = run_slice;
	a->question.ctx = a;
	c->state = a;
	c->gone = on_gone;
	c->room = on_room;
	return a;
}

static void wait_for_wake(struct answer *a)
{
	a->waiting = true;
	a->next = a->answers->waiting;
	a->answers->waiting = a;
}

static void ask_offer(struct answer *a)
{
	struct answers *s = a->answers;

	leave_offers(a);
	a->next_offered = s->offers;
	s->offers = a;
	pthread_mutex_lock(&s->lock);
	s->offered++;
	pthread_mutex_unlock(&s->lock);
	if (a->offer(a))
		return;
	pthread_mutex_lock(&s->lock);
	s->offered--;
	pthread_mutex_unlock(&s->lock);
	leave_offers(a);
	wait_for_wake(a);
}

void answers_ask(struct answer *a)
{
	a->paused = false;
	a->finished = false;
	a->wakes_seen = a->answers->wakes;
	if (a->offer != NULL) {
		ask_offer(a);
		return;
	}
	answers_enter(a->answers);
	pipeline_ask(a->answers->pipeline, &a->question);
}

void answers_drop(struct answer *a, const char *code, const char *message)
{
	reply_error(&a->call->out, request_tag(a->request), code, message);
	end_answer(a);
}

/* One answer that was posted: its lines to the peer, then on as its step says. */
static void deliver(struct answer *a, bool finished)
{
	struct call *c = a->call;

	if (c->out.failed) {
		/* The peer is told the truth rather than a line with a hole in it. */
		bytes_free(&c->out);
		reply_error(&c->out, request_tag(a->request), "no_memory",
			    status_text(STATUS_NO_MEMORY));
		a->step = ANSWER_DONE;
	}
	call_send(c);
	if (!finished)
		return;
	if (a->step == ANSWER_DONE || call_gone(c)) {
		end_answer(a);
	} else if (a->step == ANSWER_WAIT && a->wakes_seen == a->answers->wakes) {
		wait_for_wake(a);
	} else if (call_full(c)) {
		a->paused = true;
	} else {
		answers_ask(a);
	}
}

void answers_collect(struct answers *s)
{
	struct answer *first;

	pthread_mutex_lock(&s->lock);
	first = s->posted;
	s->posted = NULL;
	s->posted_end = &s->posted;
	pthread_mutex_unlock(&s->lock);
	while (first != NULL) {
		struct answer *a = first;
		struct bytes swap = a->call->out; /* empty: what it had is sent */
		bool finished;

		pthread_mutex_lock(&s->lock);
		first = a->next;
		a->posted = false;
		finished = a->finished;
		a->call->out = a->out;
		a->out = swap;
		pthread_mutex_unlock(&s->lock);
		deliver(a, finished);
	}
}

void answers_wake(struct answers *s)
{
	struct answer *first = s->waiting;

	s->wakes++;
	s->waiting = NULL;
	while (first != NULL) {
		struct answer *a = first;

		first = a->next;
		a->waiting = false;
		answers_ask(a);
	}
}

/* ---- life */

enum status answers_open(struct answers **out, struct pipeline *pipeline, void (*ready)(void *ctx),
			 void *ctx)
{
	struct answers *s = calloc(1, sizeof *s);

	if (s == NULL)
		return STATUS_NO_MEMORY;
	s->pipeline = pipeline;
	s->ready = ready;
	s->ctx = ctx;
	s->posted_end = &s->posted;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->back, NULL);
	*out = s;
	return STATUS_OK;
}

/* Offers that are still with the lane go on without their calls. */
static void part_from_offers(struct answers *s)
{
	for (struct answer *a = s->offers, *next; a != NULL; a = next) {
		struct call *c = a->call;

		next = a->next_offered;
		a->call = NULL;
		a->request = NULL;
		call_done(c);
	}
}

/* What came back and was not collected. */
static void end_posted(struct answers *s)
{
	for (struct answer *a = s->posted, *next; a != NULL; a = next) {
		next = a->next;
		if (a->finished)
			end_answer(a);
	}
}

void answers_close(struct answers *s)
{
	bool gone;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	while (s->away > 0)
		pthread_cond_wait(&s->back, &s->lock);
	/* In one piece: from here on the lane frees the offers that are left. */
	s->closed = true;
	end_posted(s);
	part_from_offers(s);
	gone = s->offered == 0;
	pthread_mutex_unlock(&s->lock);
	if (gone)
		free_answers(s);
}
