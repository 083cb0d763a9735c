/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/parser.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "ingest/confine.h"
#include "ingest/parse.h"
#include "text/draft.h"

#define KEEP_BYTES ((size_t)1 << 20) /* for the next delivery */

struct parser {
	struct ring_end tasks, notes;
	struct bytes name, bytes, plain;
	struct articles articles;
};

/* The other side is the daemon: it does not lie, and when it ends, so do we. */
static void hear(struct parser *p, void *out, size_t len)
{
	if (ring_read(&p->tasks, out, len, NULL, NULL) != STATUS_OK)
		exit(EXIT_FAILURE);
}

static void say(struct parser *p, const void *bytes, size_t len)
{
	if (ring_write(&p->notes, bytes, len, NULL, NULL) != STATUS_OK)
		exit(EXIT_FAILURE);
}

static void say_note(struct parser *p, bool last, enum status st,
		     const struct text_problem *problem, size_t bytes)
{
	struct parser_note note = {
		.last = last, .st = (uint32_t)st, .bytes = bytes, .problem = *problem
	};

	say(p, &note, sizeof note);
}

static void say_problem(void *ctx, enum status st, const struct text_problem *problem)
{
	say_note(ctx, false, st, problem, 0);
}

/* False when there is no memory for it; then it is heard all the same. */
static bool hear_bytes(struct parser *p, struct bytes *out, size_t len)
{
	char lost[4096];

	bytes_clear(out);
	if (bytes_reserve(out, len)) {
		hear(p, out->p, len);
		out->len = len;
		return true;
	}
	for (size_t n; len > 0; len -= n) {
		n = len < sizeof lost ? len : sizeof lost;
		hear(p, lost, n);
	}
	return false;
}

static void forget(struct parser *p)
{
	bool large = p->bytes.cap + p->plain.cap + p->articles.cap > KEEP_BYTES;

	articles_clear(&p->articles);
	bytes_clear(&p->plain);
	if (!large)
		return;
	bytes_free(&p->bytes);
	bytes_free(&p->plain);
	articles_free(&p->articles);
	malloc_trim(0);
}

/* In a test build a file's name can ask for what a flaw in a library would do, or somebody who has
 * found one. */
static void misbehave(struct parser *p, struct parser_note *answer)
{
	struct span name = bytes_span(&p->name);
	const struct text_problem complaint = { 1, "complaint" };

	if (fault_named("crash", name.p, name.len))
		__builtin_trap();
	while (fault_named("hang", name.p, name.len))
		continue;
	if (fault_named("lie", name.p, name.len) && p->articles.len > 0)
		((struct article *)(void *)p->articles.bytes)->text.len += 4096;
	while (fault_named("chatter", name.p, name.len))
		say_problem(p, STATUS_MALFORMED, &complaint);
	if (fault_named("boast", name.p, name.len))
		answer->bytes = UINT64_MAX - 7;
	if (fault_named("odd", name.p, name.len))
		answer->bytes--;
	if (fault_named("mumble", name.p, name.len))
		answer->st = STATUS_NOT_FOUND;
	if (fault_named("unended", name.p, name.len))
		answer->last = 2;
	while (fault_named("crowd", name.p, name.len) && p->articles.len < ((size_t)1 << 20)) {
		struct draft nothing = { .flags = 0 };

		draft_finish(&nothing, &p->articles);
		answer->bytes = p->articles.len;
	}
}

static void do_task(struct parser *p)
{
	struct parser_task task;
	struct parser_note answer = { .last = true };
	struct text_problem *problem = &answer.problem;
	struct parse_input in = { .name = { NULL, 0 } };
	enum status st = STATUS_NO_MEMORY;
	bool heard;

	hear(p, &task, sizeof task);
	heard = hear_bytes(p, &p->name, task.name_len);
	heard = hear_bytes(p, &p->bytes, task.bytes) && heard;
	in.name = bytes_span(&p->name);
	in.bytes = bytes_span(&p->bytes);
	in.delivered = task.delivered != 0;
	in.first_line = task.first_line;
	in.max_bytes = task.max_bytes;
	if (heard)
		st = parse(&p->articles, &p->plain, &in, problem, say_problem, p);
	else
		snprintf(problem->why, sizeof problem->why, "%s", status_text(st));
	answer.st = (uint32_t)st;
	answer.bytes = p->articles.len;
	misbehave(p, &answer);
	say(p, &answer, sizeof answer);
	say(p, p->articles.bytes, p->articles.len);
	/* Each is told as soon as it is parsed, so that a later one is not taken for it; but nobody
	 * is woken for one alone when there are more. */
	if (ring_holds(&p->tasks))
		ring_show(&p->notes);
	else
		ring_flush(&p->notes);
	forget(p);
}

void parser_run(struct parser_share *share, size_t memory_max)
{
	struct parser p = { .tasks = { &share->tasks, 0 }, .notes = { &share->notes, 0 } };
	enum status st = confine(memory_max);

	say_note(&p, true, st, &(struct text_problem){ 0, "" }, 0);
	ring_flush(&p.notes);
	while (st == STATUS_OK)
		do_task(&p);
}
