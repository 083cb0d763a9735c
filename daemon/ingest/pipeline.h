/* SPDX-License-Identifier: BSD-2-Clause */
/* pipeline.h - the way of an article from bytes to a committed verdict, and who carries it where.
 *
 * Three kinds of threads (DESIGN 4): the caller's (the loop, or main in --once), the workers, the
 * lane. A job is owned by exactly one of them. Everything of the store, the index and the chrome
 * counts belongs to the lane; others ask it, or read beside it (ahead.h).
 * Order:  jobs are judged in the order in which they were accepted, whatever the workers do. */
#ifndef INGEST_PIPELINE_H
#define INGEST_PIPELINE_H

#include <reprint/article.h>
#include <reprint/span.h>
#include <reprint/status.h>
#include <reprint/verdict.h>

struct arena;
struct chrome;
struct found;
struct index;
struct misses;
struct parsers;  /* ingest/parsers.h */
struct pipeline; /* opaque */
struct store;
struct thresholds;

struct pipeline_options {
	const char *const *roots; /* feed roots, for found files */
	size_t root_count;
	struct store *store; /* the lane's from pipeline_open() to pipeline_close() */
	struct index *index;
	size_t threads;          /* workers, at least 1; with parsers, no more than those */
	struct parsers *parsers; /* NULL: workers parse by themselves */
	size_t batch_max;        /* articles a commit */
	size_t queue_max;        /* jobs accepted and not yet done */
	size_t max_file_bytes;   /* also of what a .gz expands to, and of one JSON line */
	unsigned tries_max;      /* of a batch that the store refuses; then it and all that
				    follow are dropped; 0: tried until it is taken */
	uint32_t max_matches;    /* 0: all */
	const struct thresholds *thresholds; /* copied; NULL: the defaults */
	bool believe_site;
	bool keep_text;
	/* Alerts */
	uint32_t alert_kinds; /* bits (1u << enum kind), WHY_SAME_SITE, WHY_ORIGIN, WHY_ALL */
	double alert_ratio;
	int64_t alert_max_age_ms;
	/* Called on the lane's thread after a commit; must only wake somebody (uv_async_send). */
	void (*wake)(void *ctx);
	void *wake_ctx;
};

/* Replays what the index lacks from the store, then starts the threads. */
enum status pipeline_open(struct pipeline **out, const struct pipeline_options *o);
/* Finishes what was accepted, commits, stops the threads. Accepts NULL. */
void pipeline_close(struct pipeline *p);
/* What a reload may change: alerts, thresholds, max_matches, believe_site, batch_max. The roots
 * stay. */
void pipeline_configure(struct pipeline *p, const struct pipeline_options *o);

/* ---- offering work; the caller's thread ------------------------------------------------------ */

/* Files below a root; those that were listed are first compared with the known deliveries.
 * Returns how many were accepted, from the front: half of the queue is left to submissions, and
 * what has come in last never waits for more than that. */
size_t pipeline_offer(struct pipeline *p, const struct found *files, size_t count);

/* Bytes from a socket peer or from --once. */
struct submission {
	struct span bytes;  /* copied */
	struct span name;   /* "x.html": format by extension, fallback id; may be absent: sniffed */
	bool passing;       /* the name, or that there is none, may be another one's next time */
	struct span source; /* absent: unknown */
	uint32_t first_line; /* JSON Lines in pieces; else 1 */
	bool store;          /* false: judge only */
	bool as_feed;        /* ids are printed as source/own id (a scan of a feed root) */
	bool alert;          /* may raise alerts */
	bool tell_known;     /* also tell the verdict of an article that is nothing new */
};
/* On the lane's thread, once per article after its commit (arena memory of the lane: copy what
 * stays), then once with v == NULL when the submission is done; st and why tell if it was refused.
 * A problem of a single article comes with v == NULL, why != NULL and last == false; st == OK says
 * that it was mended. */
typedef void (*submission_fn)(void *ctx, const struct verdict *v, enum status st, const char *why,
			      bool last);
/* BUSY when the queue is full (blocking: waits instead). */
enum status pipeline_submit(struct pipeline *p, const struct submission *s, bool blocking,
			    submission_fn fn, void *ctx);

/* ---- asking the lane --------------------------------------------------------------------------
 */

/* What a question may use while it runs; all of it the lane's. Nothing may be kept. */
struct lane_view {
	struct store *store;
	struct index *index;
	struct chrome *chrome;
	struct misses *misses;
	const struct thresholds *thresholds; /* in force */
	struct arena *arena;                 /* cleared afterwards */
	struct arena *scratch;               /* for one step; rewound by whoever uses it */
	uint64_t secret;
};
typedef void (*lane_fn)(const struct lane_view *lane, void *ctx);
/* Runs fn on the lane between two jobs, outside any batch; soon, whatever is queued. fn itself
 * passes the answer on (and wakes its thread). Never refused: the memory is the caller's. */
struct lane_question {
	struct lane_question *next; /* the lane's */
	lane_fn fn;
	void *ctx;
};
void pipeline_ask(struct pipeline *p, struct lane_question *q);

/* A mark after everything accepted so far (with what it leads to). */
uint64_t pipeline_mark(struct pipeline *p);
/* Whether everything up to a mark has been judged and committed. Wakes come after each commit. */
bool pipeline_reached(struct pipeline *p, uint64_t mark);
/* Jobs accepted and not yet done. */
size_t pipeline_queued(struct pipeline *p);
/* Number of the newest committed alert; any thread. */
uint64_t pipeline_alerts(const struct pipeline *p);
/* Why the store refused a batch for the last of tries_max times, OK: it has not; what was not
 * committed before has been told STATUS_CLOSED. Any thread. */
enum status pipeline_given_up(const struct pipeline *p);
/* NULL when all is well, else why intake is paused ("no space left on ..."); any thread. */
const char *pipeline_trouble(const struct pipeline *p);

/* What the lane is at; static text, any thread. */
const char *pipeline_phase(const struct pipeline *p);

/* Finds the newest stored version an ID (or ID@N, or a bare seq number when no id is equal to it)
 * names; NOT_FOUND. On the lane. */
enum status pipeline_find(const struct lane_view *lane, struct span id, uint64_t *out_seq);

#endif
