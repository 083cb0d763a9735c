/* SPDX-License-Identifier: BSD-2-Clause */
/* answers.h - calls that need the lane: asked slice by slice, so that the lane is never held.
 *
 * An answer's slice runs on the lane, writes reply lines into answer->out and says how to go on.
 * Its lines then travel to the loop and to the peer; the next slice is asked when there is room.
 *
 *   phase     owner      leaves it by
 *   asked     the lane   coming back to the loop (answers_collect)
 *   paused    the loop   room at the client, or its end
 *   waiting   the loop   answers_wake(), or the client's end
 *
 * Thread: begin, collect, wake, close on the loop; slices and answer_ functions on the lane. */
#ifndef SERVER_ANSWERS_H
#define SERVER_ANSWERS_H

#include "base/bytes.h"
#include "ingest/pipeline.h"
#include "wire/json.h"
#include "wire/request.h"

struct answer;
struct answers; /* opaque */
struct call;    /* server/client.h */
struct row;     /* store/store.h */

enum answer_step {
	ANSWER_DONE,
	ANSWER_MORE, /* another slice as soon as there is room */
	ANSWER_WAIT  /* another slice after the next commit */
};
typedef enum answer_step (*answer_fn)(struct answer *a, const struct lane_view *lane);

struct answer {
	struct lane_question question;
	struct answers *answers;
	struct call *call;             /* the loop's */
	const struct request *request; /* anybody's */
	struct bytes out;              /* the owner's */
	answer_fn slice;
	/* Or NULL, and instead of a slice: hands work to the lane. On the loop; false: not now,
	 * again after the next commit. Its work ends with answers_give(). */
	bool (*offer)(struct answer *a);
	enum answer_step step;
	void *state;      /* the command's, from answer_state(); freed with the answer */
	uint64_t at;      /* where the next slice begins */
	int64_t since_us; /* when this slice began */
	/* The loop's: which list it is in. */
	struct answer *next;
	struct answer *next_offered;
	uint64_t wakes_seen; /* a commit since the slice was asked is not slept through */
	bool paused, waiting, posted, finished;
	/* The lane's: something was looked for in a part of the index that is being made again. */
	bool torn, begun;
	unsigned tries; /* for that reason */
};

/* ready() is called on the lane's thread when something can be collected; it only wakes the
 * loop. */
enum status answers_open(struct answers **out, struct pipeline *pipeline, void (*ready)(void *ctx),
			 void *ctx);
/* Waits for what the lane was asked, then ends every call that is left. What an offer handed over
 * is not waited for: it may take as long as a full disk lasts, and finds nobody listening then.
 * Accepts NULL. */
void answers_close(struct answers *s);

/* A call that slice will answer; NULL (and the call has ended) when out of memory. */
struct answer *answers_begin(struct answers *s, struct call *c, answer_fn slice);
void answers_ask(struct answer *a);
/* Ends it with an error instead. */
void answers_drop(struct answer *a, const char *code, const char *message);
/* Sends what came back. */
void answers_collect(struct answers *s);
/* Asks the waiting ones again. */
void answers_wake(struct answers *s);

/* For an offer, from the lane's thread: a->out and a->request are ours between take and give.
 * False: the server has gone, nobody listens any more; last: this was the final call. */
bool answers_take(struct answer *a, bool last);
/* flush: hand a->out over before the answer is done. */
void answers_give(struct answer *a, bool last, bool flush);
/* Something else than an answer is with the lane: answers_close() waits for it. */
void answers_enter(struct answers *s);
void answers_leave(struct answers *s);

/* ---- for slices, on the lane ----------------------------------------------------------------- */

/* Zeroed memory that lives as long as the answer; the same at each call. NULL: out of memory. */
void *answer_state(struct answer *a, size_t size);
/* A reply line, to be closed with reply_close(). */
struct json answer_line(struct answer *a);
enum answer_step answer_end(struct answer *a); /* the line with "end" */
enum answer_step answer_fail(struct answer *a, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* This slice has taken its time or room: return ANSWER_MORE. */
bool answer_over(const struct answer *a);

/* What was looked up in the index may lack something: where that is so, and the slice was the first
 * one, it is asked again, a few times, from the beginning, when the lane has mended the index. */
void answer_doubt(struct answer *a, const struct lane_view *lane);

/* The stored version that the request's key names. False: the answer has failed, return
 * ANSWER_DONE. */
bool answer_find(struct answer *a, const struct lane_view *lane, const char *key,
		 uint64_t *out_seq);
bool answer_row(struct answer *a, const struct lane_view *lane, const char *key, struct row *out);
/* A whole number of the request, fallback when absent. False: failed. */
bool answer_number(struct answer *a, const char *key, uint64_t fallback, uint64_t *out);

#endif
