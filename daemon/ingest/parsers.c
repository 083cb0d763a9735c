/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/parsers.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stats.h"
#include "ingest/parse.h"
#include "ingest/parser.h"
#include "ingest/zygote.h"
#include "text/articles.h"
#include "text/gunzip.h"
#include "text/sound.h"
#include "text/utf8.h"

/* What a parser may take: measured, the worst files that are not refused beforehand (tame.h) come
 * to 31 times max_file_bytes. */
#define MEMORY_BYTES ((size_t)64 << 20)
#define MEMORY_TIMES 40u
/* A parser that gets no processor at all is given up after this many times its time. */
#define WALL_TIMES 30
#define PIECE_BYTES ((size_t)16 << 20)

/* A worker's place: where its ends of the rings are, and what its parser has to do. */
struct seat {
	struct ring_end tasks, notes;
	bool taken;                             /* a parser was started and not given up */
	struct parse_input todo[PARSERS_AHEAD]; /* from `first` on, round and round */
	size_t first, count;
	size_t said; /* of them, those that the parser has been told */
};

struct parsers {
	struct zygote *zygote;
	struct seat *seats;
	struct parsers_options o;
	atomic_bool stopped;
};

/* One delivery at its parser. */
struct call {
	struct parsers *p;
	size_t number;
	struct seat *seat;
	long long since_ms; /* its start */
	long long cpu_ms;   /* the parser's, when first asked for; -1: not yet */
	long long time_ms;  /* of the processor that it may take */
	size_t problems;
};

/* ---- in the zygote and its children --------------------------------------------------------- */

static void prepare(void *ctx)
{
	(void)ctx;
	text_prepare();
}

static void run(void *ctx, void *share)
{
	const struct parsers *p = ctx;

	parser_run(share, MEMORY_BYTES + MEMORY_TIMES * p->o.max_bytes);
}

static void ended(void *ctx, void *share)
{
	struct parser_share *s = share;

	(void)ctx;
	ring_wake(&s->tasks);
	ring_wake(&s->notes);
}

/* ---- starting ------------------------------------------------------------------------------- */

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What a worker waits for is lost for good; a new start has it all again. */
static _Noreturn void give_up(const char *why)
{
	log_error("parsers lost", "%s; start the daemon again", why);
	_exit(EXIT_FAILURE);
}

/* CLOSED: the parser is gone. TIMEOUT: it has had its time. What takes system calls is asked only
 * of one that takes its time. */
static enum status patience(void *ctx)
{
	struct call *c = ctx;
	struct zygote *z = c->p->zygote;
	long long wall_ms = now_ms() - c->since_ms, cpu_ms;
	int how;

	if (!zygote_runs(z, c->number, &how))
		return STATUS_CLOSED;
	if (wall_ms < RING_NAP_MS)
		return STATUS_OK;
	if (zygote_lost(z))
		give_up("the process that forks them was killed");
	cpu_ms = zygote_cpu_ms(z, c->number);
	if (c->cpu_ms < 0)
		c->cpu_ms = cpu_ms;
	return cpu_ms - c->cpu_ms > c->time_ms || wall_ms > WALL_TIMES * c->time_ms ? STATUS_TIMEOUT
										    : STATUS_OK;
}

/* What is packed may be as much as is allowed. */
static size_t load_of(const struct parse_input *in)
{
	return gunzip_knows(in->bytes) ? in->max_bytes : in->bytes.len;
}

static struct call call_of(struct parsers *p, size_t number, size_t load)
{
	return (struct call){
		.p = p,
		.number = number,
		.seat = &p->seats[number],
		.since_ms = now_ms(),
		.cpu_ms = -1,
		.time_ms = p->o.time_ms * (long long)(1 + load / PIECE_BYTES),
	};
}

static enum status hear(struct call *c, void *out, size_t len)
{
	return ring_read(&c->seat->notes, out, len, patience, c);
}

static enum status say(struct call *c, const void *bytes, size_t len)
{
	return ring_write(&c->seat->tasks, bytes, len, patience, c);
}

/* A parser in an empty seat, and what it says of its confinement. */
static enum status start(struct parsers *p, size_t number)
{
	struct parser_share *share = zygote_share(p->zygote, number);
	struct call c = call_of(p, number, 0);
	struct parser_note note;
	enum status st;

	ring_clear(&share->tasks);
	ring_clear(&share->notes);
	c.seat->tasks = (struct ring_end){ &share->tasks, 0 };
	c.seat->notes = (struct ring_end){ &share->notes, 0 };
	c.seat->said = 0;
	st = zygote_start(p->zygote, number);
	if (st == STATUS_OK)
		st = hear(&c, &note, sizeof note);
	if (st == STATUS_OK && note.st != STATUS_OK)
		st = note.st < STATUS_COUNT ? (enum status)note.st : STATUS_MALFORMED;
	c.seat->taken = st == STATUS_OK;
	if (st != STATUS_OK)
		zygote_kill(p->zygote, number);
	return st;
}

/* The worker has nothing else to do: it waits for a process to be had. */
static void be_started(struct parsers *p, size_t number)
{
	enum status st = p->seats[number].taken ? STATUS_OK : start(p, number);

	for (bool told = false; st != STATUS_OK; told = true) {
		if (zygote_lost(p->zygote))
			give_up("the process that forks them was killed");
		if (atomic_load(&p->stopped))
			give_up("no process could be had before the end");
		if (!told)
			log_warning("no parser", "why=%s; tried again each second",
				    status_text(st));
		sleep(1);
		st = start(p, number);
	}
}

enum status parsers_open(struct parsers **out, const struct parsers_options *o)
{
	struct parsers *p = calloc(1, sizeof *p);
	struct zygote_options z = { .slots = o->count,
				    .share_bytes = sizeof(struct parser_share),
				    .prepare = prepare,
				    .run = run,
				    .ended = ended };
	enum status st = STATUS_NO_MEMORY;

	if (p == NULL)
		return st;
	p->o = *o;
	p->seats = calloc(o->count, sizeof *p->seats);
	z.ctx = p;
	if (p->seats != NULL)
		st = zygote_open(&p->zygote, &z);
	if (st == STATUS_OK)
		st = start(p, 0);
	if (st != STATUS_OK) {
		parsers_close(p);
		return st;
	}
	*out = p;
	return STATUS_OK;
}

void parsers_stop(struct parsers *p)
{
	if (p != NULL)
		atomic_store(&p->stopped, true);
}

void parsers_close(struct parsers *p)
{
	if (p == NULL)
		return;
	zygote_close(p->zygote);
	free(p->seats);
	free(p);
}

size_t parsers_count(const struct parsers *p)
{
	return p->o.count;
}

/* ---- one delivery --------------------------------------------------------------------------- */

static enum status say_task(struct call *c, const struct parse_input *in)
{
	struct parser_task task = {
		.bytes = in->bytes.len,
		.max_bytes = in->max_bytes,
		.name_len = (uint32_t)in->name.len,
		.first_line = in->first_line,
		.delivered = in->delivered,
	};
	enum status st = say(c, &task, sizeof task);

	if (st == STATUS_OK)
		st = say(c, in->name.p, in->name.len);
	if (st == STATUS_OK)
		st = say(c, in->bytes.p, in->bytes.len);
	ring_flush(&c->seat->tasks);
	return st;
}

/* What parse() can say. Others would mean something else to the lane: a file that is gone. */
static bool can_say(uint32_t st)
{
	return st == STATUS_OK || st == STATUS_MALFORMED || st == STATUS_TOO_LARGE ||
	       st == STATUS_UNSUPPORTED || st == STATUS_NO_MEMORY;
}

/* A note that makes sense. MALFORMED for one that does not. */
static enum status hear_note(struct call *c, struct parser_note *note)
{
	struct text_problem *problem = &note->problem;
	enum status st = hear(c, note, sizeof *note);

	if (st != STATUS_OK)
		return st;
	problem->why[sizeof problem->why - 1] = '\0';
	problem->why[utf8_valid(span_of_text(problem->why))] = '\0';
	if (!can_say(note->st) || note->last > 1)
		return STATUS_MALFORMED;
	if (note->last)
		return (note->st == STATUS_OK) == (problem->why[0] == '\0') ? STATUS_OK
									    : STATUS_MALFORMED;
	return c->problems++ < TEXT_PROBLEMS_MAX ? STATUS_OK : STATUS_MALFORMED;
}

static size_t burden_of(const struct articles *articles)
{
	size_t burden = 0;

	for (const struct article *a = articles_first(articles); a != NULL;
	     a = articles_next(articles, a))
		burden += article_burden(a);
	return burden;
}

/* Copied first and looked at then: the parser could still change what is in the ring. */
static enum status hear_articles(struct call *c, struct articles *out, uint64_t bytes,
				 size_t burden_max)
{
	unsigned char *to;
	enum status st;

	if (bytes > burden_max || bytes % 8 != 0)
		return STATUS_MALFORMED;
	if (bytes == 0)
		return STATUS_OK;
	to = articles_append(out, (size_t)bytes);
	if (to == NULL)
		return STATUS_NO_MEMORY;
	st = hear(c, to, (size_t)bytes);
	if (st != STATUS_OK)
		return st;
	return articles_sound(out) && burden_of(out) <= burden_max ? STATUS_OK : STATUS_MALFORMED;
}

static const struct parse_input *todo(const struct seat *s, size_t i)
{
	return &s->todo[(s->first + i) % PARSERS_AHEAD];
}

/* Tells the parser of what fits into the ring. */
static void say_more(struct parsers *p, size_t number)
{
	struct seat *s = &p->seats[number];
	struct call c = call_of(p, number, 0);

	while (s->said < s->count) {
		const struct parse_input *in = todo(s, s->said);

		if (ring_room(&s->tasks) <
			    sizeof(struct parser_task) + in->name.len + in->bytes.len ||
		    say_task(&c, in) != STATUS_OK)
			return;
		s->said++;
	}
}

/* *answer is what the parser says of the first in its list; the return value, what is to be said of
 * it. */
static enum status ask(struct call *c, struct articles *out, struct parser_note *answer,
		       text_problem_fn report, void *ctx)
{
	const struct parse_input *in = todo(c->seat, 0);
	enum status st = STATUS_OK;

	if (c->seat->said == 0) {
		st = say_task(c, in);
		c->seat->said = 1;
	}
	while (st == STATUS_OK) {
		st = hear_note(c, answer);
		if (st != STATUS_OK || answer->last)
			break;
		if (report != NULL)
			report(ctx, (enum status)answer->st, &answer->problem);
	}
	return st != STATUS_OK
		       ? st
		       : hear_articles(c, out, answer->bytes, parse_burden_max(in->max_bytes));
}

/* The seat is empty again; *out_how is how its parser ended, 0 if it had to be killed. */
static void give_back(struct call *c, int *out_how)
{
	bool ran = zygote_runs(c->p->zygote, c->number, out_how);

	if (ran)
		*out_how = 0;
	zygote_kill(c->p->zygote, c->number);
	c->seat->taken = false;
	stats_add(STAT_PARSERS_LOST, 1);
}

static enum status blame(const struct call *c, struct text_problem *problem, enum status st,
			 int how)
{
	if (st == STATUS_NO_MEMORY)
		return parse_refuse(problem, st, "%s", status_text(st));
	if (st == STATUS_TIMEOUT)
		return parse_refuse(problem, st,
				    "took longer to parse than parse_time allows (%lld ms)",
				    c->time_ms);
	if (st == STATUS_CLOSED && WIFSIGNALED(how))
		return parse_refuse(problem, STATUS_MALFORMED, "the parser died of it (signal %d)",
				    WTERMSIG(how));
	if (st == STATUS_CLOSED)
		return parse_refuse(problem, STATUS_MALFORMED, "the parser ended on it (exit %d)",
				    WEXITSTATUS(how));
	return parse_refuse(problem, STATUS_MALFORMED, "the parser answered nonsense to it");
}

/* Whatever kills with SIGKILL is no parser's own doing: memory ran out, or somebody did it. */
static bool was_killed(const struct call *c, enum status st, int how)
{
	return st == STATUS_CLOSED && c->problems == 0 && WIFSIGNALED(how) &&
	       WTERMSIG(how) == SIGKILL;
}

void parsers_put(struct parsers *p, size_t number, const struct parse_input *in)
{
	struct seat *s = &p->seats[number];

	s->todo[(s->first + s->count++) % PARSERS_AHEAD] = *in;
	if (s->taken)
		say_more(p, number);
}

bool parsers_eager(const struct parsers *p, size_t number)
{
	const struct seat *s = &p->seats[number];

	return s->taken && s->said == s->count && s->count < PARSERS_AHEAD;
}

static void drop_first(struct seat *s)
{
	s->first = (s->first + 1) % PARSERS_AHEAD;
	s->count--;
	s->said -= s->said > 0;
}

enum status parsers_take(struct parsers *p, size_t number, struct articles *out,
			 struct text_problem *problem, text_problem_fn report, void *ctx)
{
	struct seat *s = &p->seats[number];
	struct parser_note answer = { .st = STATUS_OK };
	enum status st;
	int how = 0;

	for (unsigned tries = 2;; tries--) {
		struct call c;

		be_started(p, number);
		say_more(p, number);
		c = call_of(p, number, load_of(todo(s, 0)));
		st = ask(&c, out, &answer, report, ctx);
		if (st == STATUS_OK) {
			*problem = answer.problem;
			st = (enum status)answer.st;
			break;
		}
		articles_clear(out);
		give_back(&c, &how);
		if (tries == 1 || !was_killed(&c, st, how)) {
			st = blame(&c, problem, st, how);
			break;
		}
	}
	drop_first(s);
	return st;
}
