/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "wire/frame.h"
#include "wire/reply.h"
#include "wire/request.h"
#include "wire/value.h"

#include <stdio.h>
#include <stdlib.h>

static struct request *parse(const char *line)
{
	struct request *r = NULL;
	char why[REQUEST_WHY];

	assert_int_equal(request_parse(&r, why, span_of_text(line)), STATUS_OK);
	return r;
}

static void refused(const char *line, const char *why_part)
{
	struct request *r = NULL;
	char why[REQUEST_WHY] = "";

	assert_int_not_equal(request_parse(&r, why, span_of_text(line)), STATUS_OK);
	assert_null(r);
	if (strstr(why, why_part) == NULL)
		fail_msg("%s: said \"%s\", not \"%s\"", line, why, why_part);
}

static void a_request_gives_its_parts(void **state)
{
	struct request *r = parse("{\"cmd\":\"neighbours\",\"id\":\"a/1\",\"bits\":3,\"all\":true,"
				  "\"timeout\":1.5,\"tag\":\"t\\\"1\",\"bytes\":12}");
	uint64_t n = 0;
	double share = 0;

	(void)state;
	assert_true(span_equal(request_command(r), span_of_text("neighbours")));
	assert_true(span_equal(request_text(r, "id"), span_of_text("a/1")));
	assert_true(span_equal(request_tag(r), span_of_text("\"t\\\"1\"")));
	assert_int_equal(request_bytes(r), 12);
	assert_int_equal(request_number(r, "bits", &n), STATUS_OK);
	assert_int_equal(n, 3);
	assert_int_equal(request_number(r, "none", &n), STATUS_NOT_FOUND);
	assert_int_equal(request_number(r, "id", &n), STATUS_MALFORMED);
	assert_int_equal(request_number(r, "timeout", &n), STATUS_MALFORMED);
	assert_int_equal(request_share(r, "timeout", &share), STATUS_OK);
	assert_true(share > 1.49 && share < 1.51);
	assert_true(request_flag(r, "all"));
	assert_false(request_flag(r, "bits"));
	assert_null(request_text(r, "bits").p);
	request_free(r);
}

static void what_is_no_request_is_refused_with_a_reason(void **state)
{
	(void)state;
	refused("hello", "not JSON");
	refused("{\"cmd\":\"x\"", "not JSON");
	refused("{\"cmd\":\"x\"} {\"cmd\":\"y\"}", "not JSON");
	refused("[\"show\"]", "one JSON object");
	refused("7", "one JSON object");
	refused("{}", "\"cmd\" is missing");
	refused("{\"cmd\":7}", "\"cmd\" is missing");
	refused("{\"cmd\":\"x\",\"cmd\":\"y\"}", "not JSON");
	refused("{\"cmd\":\"a\xff\"}", "not JSON");
	refused("{\"cmd\":\"a\\u0000b\"}", "not JSON");
	refused("{\"cmd\":\"x\",\"bytes\":-1}", "\"bytes\"");
	refused("{\"cmd\":\"x\",\"bytes\":1.5}", "\"bytes\"");
	refused("{\"cmd\":\"x\",\"bytes\":\"12\"}", "\"bytes\"");
	refused("{\"cmd\":\"x\",\"bytes\":99999999999999999999}", "not JSON");
	refused("{\"cmd\":\"x\",\"tag\":[1]}", "\"tag\"");
	refused("{\"cmd\":\"x\",\"a\":[[[[[[[[1]]]]]]]]}", "nested");
}

static void depth_is_counted_outside_of_texts_only(void **state)
{
	struct request *r = parse("{\"cmd\":\"x\",\"id\":\"[[[[[[[[[[\\\"[[[[{{{{\"}");

	(void)state;
	request_free(r);
}

static void a_million_brackets_are_refused_without_recursion(void **state)
{
	size_t len = 60000;
	char *line = malloc(len + 1);

	(void)state;
	assert_non_null(line);
	memset(line, '[', len);
	line[len] = '\0';
	refused(line, "nested");
	free(line);
}

static void a_tag_may_be_a_number_and_not_endless(void **state)
{
	struct request *r = parse("{\"cmd\":\"x\",\"tag\":17}");
	char line[600];

	(void)state;
	assert_true(span_equal(request_tag(r), span_of_text("17")));
	request_free(r);
	r = parse("{\"cmd\":\"x\",\"tag\":null}");
	assert_null(request_tag(r).p);
	request_free(r);
	snprintf(line, sizeof line, "{\"cmd\":\"x\",\"tag\":\"%0500d\"}", 0);
	refused(line, "too long");
}

/* Feeds text in pieces of step bytes and counts what is ready; bodies are added up. */
static enum frame_state feed(struct frame *f, struct span text, size_t step, size_t *out_requests,
			     size_t *out_body)
{
	enum frame_state state = FRAME_MORE;

	*out_requests = *out_body = 0;
	while (text.len > 0) {
		struct span piece = span_of(text.p, text.len < step ? text.len : step);

		text = span_of(text.p + piece.len, text.len - piece.len);
		while (piece.len > 0) {
			state = frame_feed(f, &piece);
			if (state == FRAME_BAD)
				return state;
			if (state == FRAME_READY) {
				struct bytes body;
				struct request *r = frame_take(f, &body);

				*out_requests += 1;
				*out_body += body.len;
				request_free(r);
				bytes_free(&body);
			}
		}
	}
	return state;
}

static void requests_and_bodies_are_found_whatever_the_pieces(void **state)
{
	const char *text = "{\"cmd\":\"a\"}\n\n  \r\n{\"cmd\":\"b\",\"bytes\":5}\n1\n3\n5"
			   "{\"cmd\":\"c\",\"bytes\":0}\n{\"cmd\":\"d\",\"bytes\":2}\n{}";
	size_t requests, body;

	(void)state;
	for (size_t step = 1; step <= strlen(text); step++) {
		struct frame f;

		frame_init(&f, 5);
		assert_int_equal(feed(&f, span_of_text(text), step, &requests, &body), FRAME_READY);
		assert_int_equal(requests, 4);
		assert_int_equal(body, 7);
		assert_false(frame_partial(&f));
		frame_free(&f);
	}
}

static void a_body_over_the_limit_is_refused_by_its_claim(void **state)
{
	struct frame f;
	size_t requests, body;

	(void)state;
	frame_init(&f, 100);
	assert_int_equal(feed(&f, span_of_text("{\"cmd\":\"add\",\"bytes\":10000000000}\nxxx"), 64,
			      &requests, &body),
			 FRAME_BAD);
	assert_string_equal(f.code, "too_large");
	assert_non_null(strstr(f.why, "10000000000"));
	assert_int_equal(f.body.cap, 0);
	/* and stays refused */
	assert_int_equal(feed(&f, span_of_text("{\"cmd\":\"a\"}\n"), 64, &requests, &body),
			 FRAME_BAD);
	frame_free(&f);
}

static void an_endless_line_is_refused_at_its_limit(void **state)
{
	struct frame f;
	char piece[1000];
	size_t fed = 0;
	enum frame_state st = FRAME_MORE;

	(void)state;
	memset(piece, ' ', sizeof piece);
	frame_init(&f, 100);
	while (st == FRAME_MORE && fed < 1u << 20) {
		struct span in = span_of(piece, sizeof piece);

		st = frame_feed(&f, &in);
		fed += sizeof piece;
	}
	assert_int_equal(st, FRAME_BAD);
	assert_string_equal(f.code, "too_large");
	assert_true(fed <= REQUEST_LINE_MAX + sizeof piece);
	frame_free(&f);
}

static void a_claimed_body_takes_memory_only_as_it_comes(void **state)
{
	struct frame f;
	struct span in = span_of_text("{\"cmd\":\"add\",\"bytes\":1000000}\nabc");

	(void)state;
	frame_init(&f, 1u << 20);
	assert_int_equal(frame_feed(&f, &in), FRAME_CLAIMED);
	assert_int_equal(frame_feed(&f, &in), FRAME_MORE);
	assert_int_equal(f.body.len, 3);
	assert_true(f.body.cap < 1000);
	assert_true(frame_partial(&f));
	frame_free(&f);
}

static void replies_carry_ok_tag_and_end(void **state)
{
	struct bytes b = { 0 };
	struct json j = reply_open(&b, span_of_text("7"));

	(void)state;
	json_put_number(&j, "articles", 3);
	reply_close(&j);
	reply_ok(&b, span_of_text(NULL), true);
	reply_error(&b, span_of_text("\"t\""), "not_found", "no \"x\"");
	put_u8(&b, 0);
	assert_string_equal(b.p, "{\"ok\":true,\"tag\":7,\"articles\":3}\n"
				 "{\"ok\":true,\"end\":true}\n"
				 "{\"ok\":false,\"tag\":\"t\",\"error\":{\"code\":\"not_found\","
				 "\"message\":\"no \\\"x\\\"\"}}\n");
	bytes_free(&b);
}

static void a_reply_is_read_back(void **state)
{
	struct reply r;

	(void)state;
	assert_int_equal(reply_parse(&r, span_of_text("{\"ok\":false,\"error\":{\"code\":\"busy\","
						      "\"message\":\"later\"}}\n")),
			 STATUS_OK);
	assert_false(r.ok);
	assert_true(span_equal(r.code, span_of_text("busy")));
	assert_true(span_equal(r.message, span_of_text("later")));
	reply_free(&r);
	assert_int_equal(reply_parse(&r, span_of_text("{\"ok\":true,\"end\":true,\"n\":2}")),
			 STATUS_OK);
	assert_true(r.ok && r.end);
	assert_int_equal(value_number_of(r.line, "n", 0), 2);
	assert_int_equal(value_number_of(r.line, "m", 9), 9);
	reply_free(&r);
	assert_int_equal(reply_parse(&r, span_of_text("{\"end\":true}")), STATUS_MALFORMED);
	assert_int_equal(reply_parse(&r, span_of_text("HTTP/1.1 400")), STATUS_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_gives_its_parts),
		cmocka_unit_test(what_is_no_request_is_refused_with_a_reason),
		cmocka_unit_test(depth_is_counted_outside_of_texts_only),
		cmocka_unit_test(a_million_brackets_are_refused_without_recursion),
		cmocka_unit_test(a_tag_may_be_a_number_and_not_endless),
		cmocka_unit_test(requests_and_bodies_are_found_whatever_the_pieces),
		cmocka_unit_test(a_body_over_the_limit_is_refused_by_its_claim),
		cmocka_unit_test(an_endless_line_is_refused_at_its_limit),
		cmocka_unit_test(a_claimed_body_takes_memory_only_as_it_comes),
		cmocka_unit_test(replies_carry_ok_tag_and_end),
		cmocka_unit_test(a_reply_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
