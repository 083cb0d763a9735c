/* SPDX-License-Identifier: BSD-2-Clause */
/* check and add: a body goes the way of every delivered file, its verdicts come back as lines. */
#include "server/command.h"

#include "ingest/naming.h"
#include "server/client.h"
#include "text/utf8.h"
#include "wire/reply.h"
#include "wire/verdict.h"

#define FLUSH_BYTES 65536u
#define LINES_BYTES (32u << 20) /* of one submission: what a slow reader can make us hold */
#define REFUSALS 1000u

struct submit {
	struct pipeline *pipeline;
	bool store;
	double alert_ratio;
	/* The lane's: */
	uint64_t articles, found, refused, omitted, written;
};

static void put_verdict(struct submit *s, struct answer *a, const struct verdict *v)
{
	size_t before = a->out.len;
	struct json j;

	s->articles++;
	if (v->match_count > 0 || v->more > 0 || v->ratio >= s->alert_ratio)
		s->found++;
	if (s->written > LINES_BYTES) {
		s->omitted++;
		return;
	}
	j = answer_line(a);
	verdict_members(&j, v);
	reply_close(&j);
	s->written += a->out.len - before;
}

/* One article of several. */
static void put_refusal(struct submit *s, struct answer *a, enum status st, const char *why)
{
	struct json j;

	if (++s->refused > REFUSALS)
		return;
	j = answer_line(a);
	json_put_text(&j, "refused", span_of_text(why != NULL ? why : status_text(st)));
	reply_close(&j);
}

static void put_last(const struct submit *s, struct answer *a, enum status st, const char *why)
{
	struct json j;

	if (st != STATUS_OK) {
		reply_error(&a->out, request_tag(a->request),
			    st == STATUS_TOO_LARGE ? "too_large" : "refused",
			    why != NULL ? why : status_text(st));
		return;
	}
	j = answer_line(a);
	json_put_flag(&j, "end", true);
	json_put_number(&j, "articles", s->articles);
	json_put_number(&j, "found", s->found);
	json_put_number(&j, "refused", s->refused);
	if (s->omitted > 0)
		json_put_number(&j, "omitted", s->omitted);
	reply_close(&j);
}

/* On the lane. */
static void on_verdict(void *ctx, const struct verdict *v, enum status st, const char *why,
		       bool last)
{
	struct answer *a = ctx;
	struct submit *s;

	if (!answers_take(a, last))
		return;
	s = a->state;
	if (v != NULL)
		put_verdict(s, a, v);
	else if (last)
		put_last(s, a, st, why);
	else
		put_refusal(s, a, st, why);
	answers_give(a, last, a->out.len > FLUSH_BYTES);
}

/* On the loop; the bytes are copied when it succeeds. */
static bool offer(struct answer *a)
{
	struct submit *s = a->state;
	struct span spelled = request_text(a->request, "name");
	struct bytes name = { 0 };
	struct submission one = {
		.bytes = bytes_span(&a->call->body),
		.source = request_text(a->request, "source"),
		.passing = spelled.p == NULL,
		.first_line = 1,
		.store = s->store,
		.alert = s->store,
		.tell_known = true,
	};
	uint64_t first_line;
	enum status st;

	if (request_number(a->request, "first_line", &first_line) == STATUS_OK && first_line > 0 &&
	    first_line <= UINT32_MAX)
		one.first_line = (uint32_t)first_line;
	utf8_unspell(&name, spelled);
	if (spelled.p != NULL)
		one.name = bytes_span(&name);
	st = name.failed ? STATUS_NO_MEMORY
			 : pipeline_submit(s->pipeline, &one, false, on_verdict, a);
	bytes_free(&name);
	if (st == STATUS_BUSY)
		return false;
	if (st != STATUS_OK)
		on_verdict(a, NULL, st, NULL, true);
	return true;
}

static void begin(struct desk *d, struct call *c, bool store)
{
	struct answer *a;
	struct submit *s;

	struct span source = request_text(c->request, "source");

	if (source.p != NULL && !naming_is_source(source)) {
		call_fail(c, "usage",
			  "\"source\" is no name of a folder: not empty, without a slash, and "
			  "none that is ignored in a feed root");
		return;
	}
	if (request_bytes(c->request) == 0) {
		call_fail(c, "usage", "\"bytes\" is missing: the articles follow the request line");
		return;
	}
	a = answers_begin(d->answers, c, NULL);
	if (a == NULL)
		return;
	a->offer = offer;
	s = answer_state(a, sizeof *s);
	if (s == NULL) {
		answers_drop(a, "no_memory", status_text(STATUS_NO_MEMORY));
		return;
	}
	*s = (struct submit){ .pipeline = d->options.pipeline,
			      .store = store,
			      .alert_ratio = d->options.alert_ratio };
	answers_ask(a);
}

void check_begin(struct desk *d, struct call *c)
{
	begin(d, c, false);
}

void add_begin(struct desk *d, struct call *c)
{
	begin(d, c, true);
}
