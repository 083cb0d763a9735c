/* SPDX-License-Identifier: BSD-2-Clause */
/* line.h - jobs waiting in the order in which they were accepted, and questions for the lane.
 *
 * Workers take jobs in that order and finish in any; the lane gets them in that order again.
 * Marks: each job belongs to a generation; a mark closes the current one. What a job leads to (the
 * files of a probe) inherits its generation, so a mark covers it too.
 * Thread: any; one lock inside, held for pointer work only. */
#ifndef INGEST_LINE_H
#define INGEST_LINE_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct lane_question;
struct line; /* opaque */

/* Room is counted in files; a long one counts for as many as it has LINE_LOAD_BYTES, at most for
 * LINE_LOAD_MAX, so that few of them do not keep others waiting for long. */
#define LINE_LOAD_BYTES 65536u
#define LINE_LOAD_MAX 256u

/* workers: how many there will be. ready_max: bytes of jobs that wait for the lane or are with it,
 * from which on no worker begins another, but the one that the lane waits for. */
enum status line_open(struct line **out, size_t workers, size_t queue_max, size_t ready_max);
void line_close(struct line *l); /* accepts NULL; frees the jobs still in it */

/* How many more may be accepted now. */
size_t line_room(struct line *l);
/* A cleared job of the line's; NULL when out of memory. */
struct job *line_job(struct line *l);
/* Gives back a job that was not accepted. */
void line_return(struct line *l, struct job *j);
/* Takes the job over; with wait, first until there is room. ready: no worker has to see it.
 * CLOSED when the line stops, BUSY when there is no room: the job stays the caller's. */
enum status line_accept(struct line *l, struct job *j, bool wait, bool ready);
/* From the lane: a job that another one led to; room or not. */
void line_accept_child(struct line *l, struct job *j, const struct job *parent);

/* The next job to work on, or NULL when help is called for, which goes first; false when the line
 * stops. While the lane has plenty to judge, the last of several workers that comes for work waits,
 * and leaves it its processor. */
bool line_work(struct line *l, struct job **out);
/* One more job where the line is long enough to leave the other workers theirs; else NULL. Never
 * waits. */
struct job *line_work_more(struct line *l);
/* There is help to be given (ahead.h); or there is none. */
void line_call(struct line *l, bool help);
void line_ready(struct line *l, struct job *j);

void line_ask(struct line *l, struct lane_question *q);
struct lane_turn {
	struct lane_question *questions;
	struct job *jobs; /* linked by next_in_line, in order */
	size_t articles;  /* in them */
	bool stopped;     /* nothing more will come */
};
/* What the lane has to do now; waits until there is something, or wait_ms. articles_max 0: only
 * questions are. */
struct lane_turn line_turn(struct line *l, size_t articles_max, unsigned wait_ms);
/* The jobs are committed: they leave their generations and are kept for reuse. */
void line_done(struct line *l, struct job *jobs);

/* No more is accepted; what was is finished; then workers and lane are told. */
void line_stop(struct line *l);
bool line_stopping(struct line *l);

uint64_t line_mark(struct line *l);
bool line_reached(struct line *l, uint64_t mark);
size_t line_queued(struct line *l);

#endif
