/* SPDX-License-Identifier: BSD-2-Clause */
/* parsers.h - parse() in processes that own nothing, one for each worker.
 *
 * A parser gets a delivery's bytes through a ring of shared memory and answers through another; see
 * confine.h for what it may do besides. What it answers is looked at as if a stranger had sent it.
 * A parser that crashes, takes too long or answers nonsense costs the delivery it was at; the next
 * one finds a new parser.
 *
 * Thread: parsers_open() and parsers_close() of a process with one thread; the others any, one
 *         for each number. */
#ifndef INGEST_PARSERS_H
#define INGEST_PARSERS_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>

#include "text/text.h"

struct parse_input; /* ingest/parse.h */
struct parsers;     /* opaque */

struct parsers_options {
	size_t count;
	size_t max_bytes;  /* of a delivery, as it is and expanded */
	long long time_ms; /* of the processor, for each 16 MiB begun */
};

/* Before anything else is opened. DENIED or UNSUPPORTED where a process cannot be confined here:
 * then none may parse. */
enum status parsers_open(struct parsers **out, const struct parsers_options *o);
/* Nothing is worth waiting for from now on: a worker that has no parser and gets none ends the
 * process. Accepts NULL. */
void parsers_stop(struct parsers *p);
void parsers_close(struct parsers *p); /* accepts NULL */

size_t parsers_count(const struct parsers *p);

#define PARSERS_AHEAD 8u /* deliveries that one parser may have to do */

/* Gives parser `number` one more to do. The spans of *in stay as they are until its answer is
 * taken. */
void parsers_put(struct parsers *p, size_t number, const struct parse_input *in);
/* Whether all it was given has reached it, so that it may have more. */
bool parsers_eager(const struct parsers *p, size_t number);
/* What parse() returns for the first that was put and not taken yet. Also TIMEOUT, and MALFORMED
 * for a delivery that its parser died of. When no parser can be made any more, because the process
 * that forks them was killed, this process ends too, to be started again. */
enum status parsers_take(struct parsers *p, size_t number, struct articles *out,
			 struct text_problem *problem, text_problem_fn report, void *ctx);

#endif
