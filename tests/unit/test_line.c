/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/job.h"
#include "ingest/line.h"

enum {
	LONG = 32,  /* from here on a worker takes more than one */
	PLENTY = 32 /* for the lane */
};

static struct job *accepted(struct line *l, bool ready)
{
	struct job *j = line_job(l);

	assert_non_null(j);
	j->kind = JOB_BODY;
	assert_int_equal(line_accept(l, j, false, ready), STATUS_OK);
	return j;
}

static struct job *work_of(struct line *l)
{
	struct job *j;

	assert_true(line_work(l, &j));
	return j;
}

static void jobs_are_judged_in_the_order_of_acceptance(void **state)
{
	struct line *l;
	struct job *a, *b, *c;
	struct lane_turn turn;

	(void)state;
	assert_int_equal(line_open(&l, 2, 8, SIZE_MAX), STATUS_OK);
	a = accepted(l, false);
	b = accepted(l, false);
	c = accepted(l, false);
	assert_ptr_equal(work_of(l), a);
	assert_ptr_equal(work_of(l), b);
	assert_ptr_equal(work_of(l), c);
	line_ready(l, c);
	line_ready(l, b);
	turn = line_turn(l, 100, 0);
	assert_null(turn.jobs);
	line_ready(l, a);
	turn = line_turn(l, 100, 0);
	assert_ptr_equal(turn.jobs, a);
	assert_ptr_equal(a->next_in_line, b);
	assert_ptr_equal(b->next_in_line, c);
	assert_null(c->next_in_line);
	line_done(l, turn.jobs);
	assert_int_equal(line_queued(l), 0);
	line_close(l);
}

static void a_full_line_refuses_until_jobs_are_done(void **state)
{
	struct line *l;
	struct job *extra;

	(void)state;
	assert_int_equal(line_open(&l, 2, 2, SIZE_MAX), STATUS_OK);
	accepted(l, true);
	accepted(l, true);
	extra = line_job(l);
	assert_int_equal(line_accept(l, extra, false, true), STATUS_BUSY);
	assert_int_equal(line_room(l), 0);
	line_done(l, line_turn(l, 100, 0).jobs);
	assert_int_equal(line_room(l), 2);
	assert_int_equal(line_accept(l, extra, false, true), STATUS_OK);
	line_done(l, line_turn(l, 100, 0).jobs);
	line_close(l);
}

static void a_long_file_counts_for_several_whatever_it_is_when_it_is_read(void **state)
{
	struct job_file files[2] = { { .size = 3 * LINE_LOAD_BYTES + 1 }, { .size = UINT64_MAX } };
	struct line *l;
	struct job *j;

	(void)state;
	assert_int_equal(line_open(&l, 2, 1000, SIZE_MAX), STATUS_OK);
	for (size_t count = 1; count <= 2; count++) {
		j = line_job(l);
		j->kind = count == 1 ? JOB_FILE : JOB_PROBE;
		j->files = files;
		j->file_count = count;
		assert_int_equal(line_accept(l, j, false, true), STATUS_OK);
		assert_int_equal(line_room(l), count == 1 ? 996 : 1000 - 4 - LINE_LOAD_MAX);
		assert_int_equal(line_queued(l), count);
		files[0].size = count == 1 ? 0 : files[0].size;
		line_done(l, line_turn(l, 100, 0).jobs);
		assert_int_equal(line_room(l), 1000);
		files[0].size = 3 * LINE_LOAD_BYTES;
	}
	line_close(l);
}

static void a_mark_is_reached_when_what_came_before_is_done(void **state)
{
	struct line *l;
	struct lane_turn first;
	uint64_t mark, later;

	(void)state;
	assert_int_equal(line_open(&l, 2, 8, SIZE_MAX), STATUS_OK);
	mark = line_mark(l);
	assert_true(line_reached(l, mark));
	accepted(l, true);
	mark = line_mark(l);
	assert_false(line_reached(l, mark));
	first = line_turn(l, 1, 0);
	accepted(l, true);
	later = line_mark(l);
	line_done(l, first.jobs);
	assert_true(line_reached(l, mark));
	assert_false(line_reached(l, later));
	line_done(l, line_turn(l, 1, 0).jobs);
	assert_true(line_reached(l, later));
	line_close(l);
}

static void a_mark_covers_what_a_job_leads_to(void **state)
{
	struct line *l;
	struct lane_turn probe;
	struct job *child;
	uint64_t mark;

	(void)state;
	assert_int_equal(line_open(&l, 2, 8, SIZE_MAX), STATUS_OK);
	accepted(l, true);
	mark = line_mark(l);
	accepted(l, true);
	probe = line_turn(l, 1, 0);
	child = line_job(l);
	line_accept_child(l, child, probe.jobs);
	line_done(l, probe.jobs);
	assert_false(line_reached(l, mark));
	line_done(l, line_turn(l, 1, 0).jobs);
	assert_false(line_reached(l, mark));
	assert_ptr_equal(work_of(l), child);
	line_ready(l, child);
	line_done(l, line_turn(l, 1, 0).jobs);
	assert_true(line_reached(l, mark));
	line_close(l);
}

static void thousands_of_marks_never_pass_an_open_job(void **state)
{
	struct line *l;
	uint64_t mark = 0;

	(void)state;
	assert_int_equal(line_open(&l, 2, 8, SIZE_MAX), STATUS_OK);
	accepted(l, true);
	for (int i = 0; i < 5000; i++) {
		mark = line_mark(l);
		assert_false(line_reached(l, mark));
	}
	line_done(l, line_turn(l, 100, 0).jobs);
	assert_true(line_reached(l, mark));
	line_close(l);
}

static void a_call_for_help_goes_before_work_until_it_ends(void **state)
{
	struct line *l;
	struct job *a;

	(void)state;
	assert_int_equal(line_open(&l, 2, 8, SIZE_MAX), STATUS_OK);
	line_call(l, true);
	assert_null(work_of(l));
	a = accepted(l, false);
	assert_null(work_of(l));
	line_call(l, false);
	assert_ptr_equal(work_of(l), a);
	line_close(l);
}

static void more_is_given_only_from_a_long_line(void **state)
{
	struct job *jobs[LONG + 1];
	struct line *l;

	(void)state;
	assert_int_equal(line_open(&l, 2, LONG + 1, SIZE_MAX), STATUS_OK);
	assert_null(line_work_more(l));
	for (size_t i = 0; i < LONG + 1; i++)
		jobs[i] = accepted(l, false);
	line_call(l, true);
	assert_null(line_work_more(l));
	line_call(l, false);
	assert_ptr_equal(line_work_more(l), jobs[0]);
	assert_ptr_equal(line_work_more(l), jobs[1]);
	assert_null(line_work_more(l));
	assert_ptr_equal(work_of(l), jobs[2]);
	line_close(l);
}

#define THREADS 4
#define JOBS 4000

static void *work_all(void *arg)
{
	struct line *l = arg;
	struct job *j;

	while (line_work(l, &j)) {
		j->st = STATUS_EXISTS;
		line_ready(l, j);
	}
	return NULL;
}

static void *accept_all(void *arg)
{
	struct line *l = arg;

	for (uint32_t i = 0; i < JOBS; i++) {
		struct job *j = line_job(l);

		j->kind = JOB_BODY;
		j->submission.first_line = i;
		line_accept(l, j, true, false);
	}
	line_stop(l);
	return NULL;
}

static void many_threads_lose_and_swap_nothing(void **state)
{
	pthread_t workers[THREADS], caller;
	struct lane_turn turn;
	struct line *l;
	uint32_t next = 0;

	(void)state;
	assert_int_equal(line_open(&l, 2, 16, SIZE_MAX), STATUS_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i], NULL, work_all, l), 0);
	assert_int_equal(pthread_create(&caller, NULL, accept_all, l), 0);
	do {
		turn = line_turn(l, 7, 1000);
		for (struct job *j = turn.jobs; j != NULL; j = j->next_in_line) {
			assert_int_equal(j->st, STATUS_EXISTS);
			assert_int_equal(j->submission.first_line, next);
			next++;
		}
		line_done(l, turn.jobs);
	} while (!turn.stopped);
	assert_int_equal(next, JOBS);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i], NULL);
	pthread_join(caller, NULL);
	line_close(l);
}

static void done_all(struct line *l)
{
	line_done(l, line_turn(l, 100, 0).jobs);
}

/* Else workers that are ahead of the lane would fill the memory with large files. */
static void workers_begin_nothing_while_much_waits_for_the_lane(void **state)
{
	struct line *l;
	struct job *jobs[LONG + 4], *first, *second;

	(void)state;
	assert_int_equal(line_open(&l, 2, LONG + 4, (size_t)1 << 20), STATUS_OK);
	for (size_t i = 0; i < LONG + 4; i++)
		jobs[i] = accepted(l, false);
	first = work_of(l);
	second = work_of(l);
	assert_ptr_equal(first, jobs[0]);
	assert_true(bytes_reserve(&second->raw, (size_t)2 << 20));
	line_ready(l, second);
	assert_null(line_work_more(l));
	line_ready(l, first);
	assert_null(line_work_more(l));
	/* Nothing is ready any more: the lane waits for the third. */
	assert_ptr_equal(line_turn(l, 100, 0).jobs, first);
	assert_ptr_equal(work_of(l), jobs[2]);
	assert_null(line_work_more(l));
	line_done(l, first);
	assert_ptr_equal(line_work_more(l), jobs[3]);
	line_ready(l, jobs[3]);
	line_ready(l, jobs[2]);
	done_all(l);
	line_close(l);
}

struct worker {
	struct line *line;
	atomic_int tid;
	struct job *_Atomic got;
};

static void *work_once(void *arg)
{
	struct worker *w = arg;
	struct job *j;

	atomic_store(&w->tid, gettid());
	if (line_work(w->line, &j))
		atomic_store(&w->got, j);
	return NULL;
}

/* Whether the worker waits, once it does or has got something. */
static bool stays(struct worker *w)
{
	char path[64], state = 0;
	FILE *stat;

	while (atomic_load(&w->tid) == 0)
		sched_yield();
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", atomic_load(&w->tid));
	while (atomic_load(&w->got) == NULL && state != 'S') {
		stat = fopen(path, "r");
		if (stat == NULL || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		if (stat != NULL)
			fclose(stat);
	}
	return atomic_load(&w->got) == NULL;
}

/* Else on two cores two workers and the lane would take turns. */
static void the_last_free_worker_stays_back_while_the_lane_has_plenty(void **state)
{
	struct worker w = { 0 };
	struct job *first, *second;
	struct lane_turn turn;
	pthread_t thread;

	(void)state;
	assert_int_equal(line_open(&w.line, 2, 2 * PLENTY, SIZE_MAX), STATUS_OK);
	for (size_t i = 0; i < PLENTY + 1; i++)
		accepted(w.line, true);
	first = accepted(w.line, false);
	second = accepted(w.line, false);
	turn = line_turn(w.line, 1, 0);
	assert_non_null(turn.jobs);
	assert_int_equal(pthread_create(&thread, NULL, work_once, &w), 0);
	assert_true(stays(&w));
	/* Another one is free: one of them may work. */
	assert_ptr_equal(work_of(w.line), first);
	line_done(w.line, turn.jobs);
	assert_true(stays(&w));
	/* Less than plenty is left. */
	turn = line_turn(w.line, 1, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_ptr_equal(atomic_load(&w.got), second);
	line_done(w.line, turn.jobs);
	line_close(w.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_judged_in_the_order_of_acceptance),
		cmocka_unit_test(a_call_for_help_goes_before_work_until_it_ends),
		cmocka_unit_test(a_full_line_refuses_until_jobs_are_done),
		cmocka_unit_test(a_long_file_counts_for_several_whatever_it_is_when_it_is_read),
		cmocka_unit_test(a_mark_is_reached_when_what_came_before_is_done),
		cmocka_unit_test(a_mark_covers_what_a_job_leads_to),
		cmocka_unit_test(thousands_of_marks_never_pass_an_open_job),
		cmocka_unit_test(more_is_given_only_from_a_long_line),
		cmocka_unit_test(many_threads_lose_and_swap_nothing),
		cmocka_unit_test(workers_begin_nothing_while_much_waits_for_the_lane),
		cmocka_unit_test(the_last_free_worker_stays_back_while_the_lane_has_plenty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
