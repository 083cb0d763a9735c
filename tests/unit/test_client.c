/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections over a real Unix socket, against a small table of commands that lives here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "server/clients.h"
#include "wire/reply.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#define BODY_MAX 200000u
#define BODIES_MAX 300000u
#define MAX_CLIENTS 4u
#define BIG 65536u

static const struct client_patience patience = { .idle_ms = 1000,
						 .partial_ms = 100,
						 .unread_ms = 5000 };

struct house {
	uv_loop_t loop;
	uv_pipe_t listener;
	uv_timer_t guard; /* a test that waits for ever fails instead */
	uv_timer_t rested;
	struct clients *clients;
	char path[64];
	bool admits;
	bool busy; /* articles wait */
	/* What the commands did: */
	struct call *held; /* "hold" */
	unsigned begun, gone, body_len;
	uint64_t streamed, to_stream;
};

/* ---- the commands */

static void say(struct call *c, const char *key, uint64_t n)
{
	struct json j = reply_open(&c->out, request_tag(c->request));

	json_put_number(&j, key, n);
	reply_close(&j);
}

static void on_gone(struct call *c)
{
	struct house *h = c->state;

	h->gone++;
	if (h->held == c)
		h->held = NULL;
	call_done(c);
}

static void stream_on(struct call *c)
{
	struct house *h = c->state;
	char line[1000];

	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	while (!call_full(c) && h->streamed < h->to_stream) {
		put_bytes(&c->out, line, sizeof line);
		h->streamed++;
		call_send(c);
	}
	if (h->streamed < h->to_stream)
		return;
	reply_ok(&c->out, request_tag(c->request), true);
	call_done(c);
}

static void big(struct call *c)
{
	char filler[1024];

	memset(filler, 'y', sizeof filler);
	for (size_t n = 0; n < BIG; n += sizeof filler)
		put_bytes(&c->out, filler, sizeof filler);
	put_bytes(&c->out, "\n", 1);
	call_done(c);
}

static void begin(void *ctx, struct call *c)
{
	struct house *h = ctx;
	struct span cmd = request_command(c->request);

	h->begun++;
	c->state = h;
	if (span_equal(cmd, span_of_text("hold"))) {
		c->gone = on_gone;
		h->held = c;
	} else if (span_equal(cmd, span_of_text("stream"))) {
		c->gone = on_gone;
		c->room = stream_on;
		stream_on(c);
	} else if (span_equal(cmd, span_of_text("big"))) {
		big(c);
	} else if (span_equal(cmd, span_of_text("body"))) {
		h->body_len = (unsigned)c->body.len;
		say(c, "bytes", c->body.len);
		call_done(c);
	} else {
		say(c, "begun", h->begun);
		call_done(c);
	}
}

static bool admit(void *ctx, struct peer *out, int fd)
{
	struct house *h = ctx;

	return h->admits && peer_of(out, fd, getegid()) && out->uid == getuid();
}

static bool busy(void *ctx)
{
	return ((struct house *)ctx)->busy;
}

static void on_rested(uv_timer_t *t)
{
	struct house *h = t->data;

	if (clients_resume(h->clients))
		uv_timer_start(t, on_rested, 1, 0);
}

static void rest(void *ctx)
{
	struct house *h = ctx;

	uv_timer_start(&h->rested, on_rested, 1, 0);
}

/* ---- the house */

static void on_connection(uv_stream_t *listener, int error)
{
	struct house *h = listener->data;

	assert_int_equal(error, 0);
	clients_accept(h->clients, listener);
}

static void on_guard(uv_timer_t *t)
{
	(void)t;
	fail_msg("nothing happened for ten seconds");
}

static int open_house(void **state)
{
	struct house *h = calloc(1, sizeof *h);
	struct clients_options o = { .max = MAX_CLIENTS,
				     .body_max = BODY_MAX,
				     .bodies_max = BODIES_MAX,
				     .patience = patience,
				     .admit = admit,
				     .begin = begin,
				     .busy = busy,
				     .rest = rest };

	assert_non_null(h);
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&h->loop);
	h->admits = true;
	snprintf(h->path, sizeof h->path, "/tmp/reprint-test-%d.sock", (int)getpid());
	unlink(h->path);
	o.loop = &h->loop;
	o.ctx = h;
	assert_int_equal(clients_open(&h->clients, &o), STATUS_OK);
	uv_pipe_init(&h->loop, &h->listener, 0);
	h->listener.data = h;
	assert_int_equal(uv_pipe_bind(&h->listener, h->path), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&h->listener, 64, on_connection), 0);
	uv_timer_init(&h->loop, &h->guard);
	uv_timer_init(&h->loop, &h->rested);
	h->rested.data = h;
	*state = h;
	return 0;
}

static int close_house(void **state)
{
	struct house *h = *state;

	clients_close(h->clients);
	uv_close((uv_handle_t *)&h->listener, NULL);
	uv_close((uv_handle_t *)&h->guard, NULL);
	uv_close((uv_handle_t *)&h->rested, NULL);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	unlink(h->path);
	free(h);
	return 0;
}

/* Turns the loop once; waits for something to happen when there is nothing. */
static void turn(struct house *h)
{
	uv_timer_start(&h->guard, on_guard, 10000, 0);
	uv_run(&h->loop, UV_RUN_ONCE);
	uv_timer_stop(&h->guard);
}

/* Until nothing is to be done any more. */
static void settle(struct house *h)
{
	for (int i = 0; i < 64; i++)
		uv_run(&h->loop, UV_RUN_NOWAIT);
}

static int connect_to(struct house *h)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(to.sun_path, h->path, strlen(h->path) + 1);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void put(struct house *h, int fd, struct span s)
{
	while (s.len > 0) {
		ssize_t n = send(fd, s.p, s.len, MSG_NOSIGNAL);

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			turn(h);
			continue;
		}
		s = span_of(s.p + n, s.len - (size_t)n);
	}
}

static void put_line(struct house *h, int fd, const char *text)
{
	put(h, fd, span_of_text(text));
}

/* The next line, or false at the end of the stream. */
static bool get_line(struct house *h, int fd, char *out, size_t cap)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, out + n, 1, 0);

		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return false;
		if (got < 0) {
			assert_int_equal(errno, EAGAIN);
			turn(h);
			continue;
		}
		if (out[n] == '\n' || n + 2 == cap) {
			out[n] = '\0';
			return true;
		}
		n++;
	}
}

static void expect(struct house *h, int fd, const char *want)
{
	char line[512];

	assert_true(get_line(h, fd, line, sizeof line));
	assert_string_equal(line, want);
}

static void expect_error(struct house *h, int fd, const char *code)
{
	char line[512], want[80];

	assert_true(get_line(h, fd, line, sizeof line));
	snprintf(want, sizeof want, "\"code\":\"%s\"", code);
	if (strstr(line, want) == NULL)
		fail_msg("not %s: %s", code, line);
}

static void expect_end(struct house *h, int fd)
{
	char line[512];

	assert_false(get_line(h, fd, line, sizeof line));
}

/* Everything up to the end of the stream. */
static size_t drain(struct house *h, int fd, size_t at_most)
{
	static char room[65536];
	size_t all = 0;

	while (all < at_most) {
		ssize_t n = recv(fd, room, sizeof room, 0);

		if (n == 0)
			break;
		if (n < 0)
			turn(h);
		else
			all += (size_t)n;
	}
	return all;
}

/* ---- the tests */

static void a_request_is_answered_with_its_tag(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "{\"cmd\":\"x\",\"tag\":\"a\"}\n");
	expect(h, fd, "{\"ok\":true,\"tag\":\"a\",\"begun\":1}");
	close(fd);
}

static void a_line_that_comes_byte_by_byte_is_one_request(void **state)
{
	struct house *h = *state;
	const char *text = "{\"cmd\":\"body\",\"bytes\":3}\nabc";
	int fd = connect_to(h);

	for (; *text != '\0'; text++) {
		put(h, fd, span_of(text, 1));
		settle(h);
	}
	expect(h, fd, "{\"ok\":true,\"bytes\":3}");
	assert_int_equal(h->begun, 1);
	close(fd);
}

static void pipelined_requests_are_answered_in_their_order(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd,
		 "{\"cmd\":\"hold\",\"tag\":1}\n{\"cmd\":\"x\",\"tag\":2}\n"
		 "{\"cmd\":\"x\",\"tag\":3}\n");
	while (h->held == NULL)
		turn(h);
	settle(h);
	assert_int_equal(h->begun, 1);
	say(h->held, "late", 1);
	call_done(h->held);
	expect(h, fd, "{\"ok\":true,\"tag\":1,\"late\":1}");
	expect(h, fd, "{\"ok\":true,\"tag\":2,\"begun\":2}");
	expect(h, fd, "{\"ok\":true,\"tag\":3,\"begun\":3}");
	close(fd);
}

static void ten_thousand_pipelined_requests_need_no_stack(void **state)
{
	struct house *h = *state;
	struct bytes all = { 0 };
	int fd = connect_to(h);
	char line[100];

	for (int i = 0; i < 10000; i++)
		put_text(&all, "{\"cmd\":\"x\"}\n");
	/* One side only at a time: the replies do not fit the socket and must wait here. */
	for (size_t at = 0; at < all.len; at += 4000) {
		put(h, fd, span_of(all.p + at, all.len - at < 4000 ? all.len - at : 4000));
		settle(h);
	}
	for (int i = 1; i <= 10000; i++)
		assert_true(get_line(h, fd, line, sizeof line));
	assert_string_equal(line, "{\"ok\":true,\"begun\":10000}");
	bytes_free(&all);
	close(fd);
}

/* Nor does it keep out those who come while it rests. */
static void while_articles_wait_a_flood_rests_and_is_answered_all_the_same(void **state)
{
	struct house *h = *state;
	struct bytes all = { 0 };
	int flood = connect_to(h), other;
	char line[100];

	h->busy = true;
	for (int i = 0; i < 5000; i++)
		put_text(&all, "{\"cmd\":\"x\"}\n");
	put(h, flood, bytes_span(&all));
	other = connect_to(h);
	put_line(h, other, "{\"cmd\":\"x\"}\n");
	assert_true(get_line(h, other, line, sizeof line));
	assert_true(h->begun < 5000);
	for (int i = 1; i <= 5000; i++)
		assert_true(get_line(h, flood, line, sizeof line));
	assert_string_equal(line, "{\"ok\":true,\"begun\":5001}");
	bytes_free(&all);
	close(flood);
	close(other);
}

static void a_body_arrives_whole(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };
	int fd = connect_to(h);

	for (unsigned i = 0; i < BODY_MAX; i++)
		put_u8(&body, (uint8_t)(i % 7 == 0 ? '\n' : '{'));
	put_line(h, fd, "{\"cmd\":\"body\",\"bytes\":200000}\n");
	put(h, fd, bytes_span(&body));
	expect(h, fd, "{\"ok\":true,\"bytes\":200000}");
	/* and what follows is a request again */
	put_line(h, fd, "{\"cmd\":\"x\"}\n");
	expect(h, fd, "{\"ok\":true,\"begun\":2}");
	bytes_free(&body);
	close(fd);
}

static void ten_gigabytes_are_refused_by_their_claim(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "{\"cmd\":\"body\",\"tag\":9,\"bytes\":10000000000}\n{\"cmd\":\"x\"}\n");
	expect(h, fd,
	       "{\"ok\":false,\"tag\":9,\"error\":{\"code\":\"too_large\",\"message\":\"a body of "
	       "10000000000 bytes is more than the limit of 200000\"}}");
	expect_end(h, fd);
	assert_int_equal(h->begun, 0);
	close(fd);
}

static void what_is_no_request_ends_the_connection(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "GET / HTTP/1.1\r\n{\"cmd\":\"x\"}\n");
	expect_error(h, fd, "malformed");
	expect_end(h, fd);
	assert_int_equal(h->begun, 0);
	close(fd);
}

static void bodies_share_one_limit_and_give_it_back(void **state)
{
	struct house *h = *state;
	int first = connect_to(h), second = connect_to(h), third;

	put_line(h, first, "{\"cmd\":\"body\",\"bytes\":200000}\nabc");
	settle(h);
	put_line(h, second, "{\"cmd\":\"body\",\"bytes\":200000}\n");
	expect_error(h, second, "busy");
	expect_end(h, second);
	close(first);
	settle(h);
	third = connect_to(h);
	put_line(h, third, "{\"cmd\":\"body\",\"bytes\":199999}\n");
	settle(h);
	put_line(h, third, "x");
	settle(h);
	assert_int_equal(clients_count(h->clients), 1);
	close(second);
	close(third);
}

static void a_slow_reader_stops_its_own_requests(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	for (int i = 0; i < 500; i++)
		put_line(h, fd, "{\"cmd\":\"big\"}\n");
	settle(h);
	/* What fits the two buffers, and not 500 times 64 KiB. */
	assert_in_range(h->begun, 1, 20);
	assert_int_equal(drain(h, fd, 500 * (BIG + 1)), 500 * (BIG + 1));
	assert_int_equal(h->begun, 500);
	close(fd);
}

static void a_stream_waits_for_its_reader(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	h->to_stream = 50000;
	put_line(h, fd, "{\"cmd\":\"stream\"}\n");
	settle(h);
	assert_in_range(h->streamed, 100, 2000);
	assert_int_equal(drain(h, fd, 50000 * 1000 + 23), 50000 * 1000 + 23);
	assert_int_equal(h->streamed, 50000);
	close(fd);
}

static void one_connection_too_many_is_refused_with_a_reason(void **state)
{
	struct house *h = *state;
	int fds[MAX_CLIENTS], extra;

	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		fds[i] = connect_to(h);
	settle(h);
	extra = connect_to(h);
	expect_error(h, extra, "busy");
	expect_end(h, extra);
	put_line(h, fds[0], "{\"cmd\":\"x\"}\n");
	expect(h, fds[0], "{\"ok\":true,\"begun\":1}");
	/* A place that becomes free can be taken. */
	close(fds[1]);
	close(extra);
	settle(h);
	extra = connect_to(h);
	put_line(h, extra, "{\"cmd\":\"x\"}\n");
	expect(h, extra, "{\"ok\":true,\"begun\":2}");
	for (unsigned i = 0; i < MAX_CLIENTS; i++)
		if (i != 1)
			close(fds[i]);
	close(extra);
}

static void a_stranger_is_refused_and_never_read(void **state)
{
	struct house *h = *state;
	int fd;

	h->admits = false;
	fd = connect_to(h);
	put_line(h, fd, "{\"cmd\":\"x\"}\n");
	expect_error(h, fd, "denied");
	expect_end(h, fd);
	assert_int_equal(h->begun, 0);
	close(fd);
}

static void half_a_line_is_waited_for_only_so_long(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);
	int64_t before;

	put_line(h, fd, "{\"cmd\":");
	before = (int64_t)uv_now(&h->loop);
	settle(h);
	clients_sweep(h->clients, before + patience.partial_ms);
	settle(h);
	assert_int_equal(clients_count(h->clients), 1);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop) + patience.partial_ms + 1);
	expect_error(h, fd, "timeout");
	expect_end(h, fd);
	close(fd);
}

static void half_a_body_is_waited_for_only_so_long(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "{\"cmd\":\"body\",\"bytes\":5}\nab");
	settle(h);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop) + patience.partial_ms + 1);
	expect_error(h, fd, "timeout");
	expect_end(h, fd);
	close(fd);
}

static void an_idle_connection_is_closed_a_busy_one_is_not(void **state)
{
	struct house *h = *state;
	int idle = connect_to(h), busy = connect_to(h);

	put_line(h, busy, "{\"cmd\":\"hold\"}\n");
	settle(h);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop) + patience.idle_ms + 1);
	expect_end(h, idle);
	settle(h);
	assert_int_equal(clients_count(h->clients), 1);
	assert_non_null(h->held);
	say(h->held, "late", 1);
	call_done(h->held);
	expect(h, busy, "{\"ok\":true,\"late\":1}");
	close(idle);
	close(busy);
}

static void a_reply_nobody_reads_is_given_up(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	for (int i = 0; i < 8; i++)
		put_line(h, fd, "{\"cmd\":\"big\"}\n");
	settle(h);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop) + patience.unread_ms + 1);
	settle(h);
	assert_int_equal(clients_count(h->clients), 0);
	close(fd);
}

static void a_peer_that_goes_away_ends_its_call(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "{\"cmd\":\"hold\"}\n");
	settle(h);
	assert_non_null(h->held);
	close(fd);
	while (h->gone == 0)
		turn(h);
	settle(h);
	assert_int_equal(clients_count(h->clients), 0);
}

static void a_peer_that_goes_away_while_its_input_is_full_is_noticed(void **state)
{
	struct house *h = *state;
	static char blanks[120000];
	int fd = connect_to(h);

	memset(blanks, '\n', sizeof blanks);
	put_line(h, fd, "{\"cmd\":\"hold\"}\n");
	put(h, fd, span_of(blanks, sizeof blanks));
	settle(h);
	close(fd);
	settle(h);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop));
	settle(h);
	assert_int_equal(h->gone, 1);
	assert_int_equal(clients_count(h->clients), 0);
}

static void who_has_said_all_still_gets_the_replies(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h);

	put_line(h, fd, "{\"cmd\":\"hold\"}\n{\"cmd\":\"x\"}\n");
	shutdown(fd, SHUT_WR);
	settle(h);
	clients_sweep(h->clients, (int64_t)uv_now(&h->loop));
	assert_int_equal(h->gone, 0);
	say(h->held, "late", 1);
	call_done(h->held);
	expect(h, fd, "{\"ok\":true,\"late\":1}");
	expect(h, fd, "{\"ok\":true,\"begun\":2}");
	expect_end(h, fd);
	close(fd);
}

static void closing_the_house_ends_every_call(void **state)
{
	struct house *h = *state;
	int fd = connect_to(h), other = connect_to(h);

	h->to_stream = 100000;
	put_line(h, fd, "{\"cmd\":\"hold\"}\n");
	put_line(h, other, "{\"cmd\":\"stream\"}\n");
	settle(h);
	clients_close(h->clients);
	h->clients = NULL;
	assert_int_equal(h->gone, 2);
	close(fd);
	close(other);
}

#define test(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_request_is_answered_with_its_tag),
		test(a_line_that_comes_byte_by_byte_is_one_request),
		test(pipelined_requests_are_answered_in_their_order),
		test(ten_thousand_pipelined_requests_need_no_stack),
		test(while_articles_wait_a_flood_rests_and_is_answered_all_the_same),
		test(a_body_arrives_whole),
		test(ten_gigabytes_are_refused_by_their_claim),
		test(what_is_no_request_ends_the_connection),
		test(bodies_share_one_limit_and_give_it_back),
		test(a_slow_reader_stops_its_own_requests),
		test(a_stream_waits_for_its_reader),
		test(one_connection_too_many_is_refused_with_a_reason),
		test(a_stranger_is_refused_and_never_read),
		test(half_a_line_is_waited_for_only_so_long),
		test(half_a_body_is_waited_for_only_so_long),
		test(an_idle_connection_is_closed_a_busy_one_is_not),
		test(a_reply_nobody_reads_is_given_up),
		test(a_peer_that_goes_away_ends_its_call),
		test(a_peer_that_goes_away_while_its_input_is_full_is_noticed),
		test(who_has_said_all_still_gets_the_replies),
		test(closing_the_house_ends_every_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
