/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands over a real socket, with a real store, index and pipeline in a temporary folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/stats.h"
#include "base/bytes.h"
#include "index/index.h"
#include "ingest/pipeline.h"
#include "server/server.h"
#include "store/store.h"
#include "text/text.h"
#include "wire/value.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#define LINE_MAX_BYTES 1000000u
#define QUEUE_MAX 10

struct house {
	char folder[64], socket[96], state[96];
	uv_loop_t loop;
	uv_timer_t guard;
	struct store *store;
	struct index *index;
	struct pipeline *pipeline;
	struct server *server;
	int fd; /* a connection */
	char *line;
	unsigned reloads;
};

/* ---- the house */

static void wake(void *ctx)
{
	struct house *h = ctx;

	server_wake(h->server);
}

static enum status reload(void *ctx, char *why, size_t why_cap)
{
	struct house *h = ctx;

	if (h->reloads++ == 0)
		return STATUS_OK;
	snprintf(why, why_cap, "line 3: what is that?");
	return STATUS_USAGE;
}

static void on_guard(uv_timer_t *t)
{
	(void)t;
	fail_msg("nothing happened for thirty seconds");
}

static void open_state(struct house *h)
{
	struct store_options so = { .path = h->state, .map_size = 64u << 20, .keep_text = true };
	struct index_options io = { 0 };
	struct pipeline_options po = { .threads = 1,
				       .batch_max = 10,
				       .queue_max = QUEUE_MAX,
				       .max_file_bytes = 1u << 20,
				       .max_matches = 100,
				       .keep_text = true,
				       .alert_kinds = WHY_ALL,
				       .alert_ratio = 0.2,
				       .alert_max_age_ms = 86400000,
				       .wake = wake,
				       .wake_ctx = h };

	assert_int_equal(store_open(&h->store, &so), STATUS_OK);
	io.path = store_index_path(h->store);
	assert_int_equal(index_open(&h->index, &io), STATUS_OK);
	po.store = h->store;
	po.index = h->index;
	assert_int_equal(pipeline_open(&h->pipeline, &po), STATUS_OK);
}

static int open_house(void **state)
{
	struct house *h = calloc(1, sizeof *h);
	struct server_options o = { .alert_ratio = 0.2, .reload = reload };

	assert_non_null(h);
	h->line = malloc(LINE_MAX_BYTES);
	assert_non_null(h->line);
	snprintf(h->folder, sizeof h->folder, "/tmp/reprint-test-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->socket, sizeof h->socket, "%s/sock", h->folder);
	snprintf(h->state, sizeof h->state, "%s/state", h->folder);
	text_start();
	open_state(h);
	uv_loop_init(&h->loop);
	uv_timer_init(&h->loop, &h->guard);
	o.loop = &h->loop;
	o.path = h->socket;
	o.pipeline = h->pipeline;
	o.ctx = h;
	assert_int_equal(server_open(&h->server, &o), STATUS_OK);
	h->fd = -1;
	*state = h;
	return 0;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

static int close_house(void **state)
{
	struct house *h = *state;

	server_close(h->server);
	pipeline_close(h->pipeline);
	index_close(h->index);
	store_close(h->store);
	uv_close((uv_handle_t *)&h->guard, NULL);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	if (h->fd >= 0)
		close(h->fd);
	assert_int_not_equal(access(h->socket, F_OK), 0);
	nftw(h->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(h->line);
	free(h);
	return 0;
}

/* ---- a peer in the same thread: whoever waits turns the loop */

static void turn(struct house *h)
{
	uv_timer_start(&h->guard, on_guard, 30000, 0);
	uv_run(&h->loop, UV_RUN_ONCE);
	uv_timer_stop(&h->guard);
}

static int connect_to(struct house *h)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(to.sun_path, h->socket, strlen(h->socket) + 1);
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

static const char *get_line(struct house *h, int fd)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, h->line + n, 1, 0);

		if (got < 0) {
			assert_int_equal(errno, EAGAIN);
			turn(h);
			continue;
		}
		assert_int_equal(got, 1);
		assert_true(n + 1 < LINE_MAX_BYTES);
		if (h->line[n] == '\n') {
			h->line[n] = '\0';
			return h->line;
		}
		n++;
	}
}

/* Sends a request and returns the first line of the reply. */
static const char *ask(struct house *h, const char *request)
{
	if (h->fd < 0)
		h->fd = connect_to(h);
	put(h, h->fd, span_of_text(request));
	put(h, h->fd, span_of("\n", 1));
	return get_line(h, h->fd);
}

static void has(const char *line, const char *part)
{
	if (strstr(line, part) == NULL)
		fail_msg("no %s in %.500s", part, line);
}

static void lacks(const char *line, const char *part)
{
	if (strstr(line, part) != NULL)
		fail_msg("%s in %.500s", part, line);
}

/* How many lines come before the one with "end"; the last of them stays in h->line. */
static unsigned count_lines(struct house *h, const char *first)
{
	unsigned n = 0;

	while (strstr(first, "\"end\":true") == NULL) {
		has(first, "{\"ok\":true");
		n++;
		first = get_line(h, h->fd);
	}
	return n;
}

/* ---- articles */

static void put_paragraph(struct bytes *out, unsigned *seed, unsigned words)
{
	static const char *const syllables[] = {
		"ka", "lo", "mi", "tur", "ben", "sol", "ri", "dan"
	};

	for (unsigned i = 0; i < words; i++) {
		put_text(out, i > 0 ? " " : "");
		for (int k = 0; k < 4; k++) {
			*seed = *seed * 1664525u + 1013904223u;
			put_text(out, syllables[*seed >> 29]);
		}
	}
	put_text(out, "\n");
}

/* Six paragraphs that only the seed decides; then so many of a second seed. */
static void article(struct bytes *out, unsigned seed, unsigned own, unsigned other, unsigned more)
{
	bytes_clear(out);
	for (unsigned i = 0; i < own; i++)
		put_paragraph(out, &seed, 30);
	for (unsigned i = 0; i < more; i++)
		put_paragraph(out, &other, 30);
}

/* Sends a body with its request; the first reply line. */
static const char *submit(struct house *h, const char *command, const char *source,
			  const char *name, const struct bytes *body)
{
	char request[300];

	snprintf(request, sizeof request,
		 "{\"cmd\":\"%s\",\"source\":\"%s\",\"name\":\"%s\",\"bytes\":%zu}\n", command,
		 source, name, body->len);
	if (h->fd < 0)
		h->fd = connect_to(h);
	put(h, h->fd, span_of_text(request));
	put(h, h->fd, bytes_span(body));
	return get_line(h, h->fd);
}

static void add(struct house *h, const char *source, const char *name, unsigned seed, unsigned own,
		unsigned other, unsigned more)
{
	struct bytes body = { 0 };

	article(&body, seed, own, other, more);
	assert_int_equal(count_lines(h, submit(h, "add", source, name, &body)), 1);
	bytes_free(&body);
}

/* Two sites with one story, one that says everything twice, one alone. */
static void furnish(struct house *h)
{
	struct bytes twice = { 0 };

	add(h, "a.example", "one.txt", 1, 6, 0, 0);
	add(h, "b.example", "copy.txt", 1, 6, 99, 1);
	article(&twice, 3, 5, 3, 5);
	assert_int_equal(count_lines(h, submit(h, "add", "a.example", "twice.txt", &twice)), 1);
	add(h, "a.example", "alone.txt", 4, 6, 0, 0);
	bytes_free(&twice);
}

/* ---- the tests */

static void an_added_article_is_shown_as_it_was_judged(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };
	char *first;

	article(&body, 1, 6, 0, 0);
	first = strdup(submit(h, "add", "a.example", "one.txt", &body));
	has(first, "{\"ok\":true,\"v\":1,\"algo\":2,\"seq\":1,\"version\":1,\"revises\":null,"
		   "\"id\":\"one.txt\",\"source\":\"a.example\"");
	has(first, "\"verdict\":\"unique\"");
	has(get_line(h, h->fd), "\"end\":true,\"articles\":1,\"found\":0,\"refused\":0}");
	assert_string_equal(ask(h, "{\"cmd\":\"show\",\"id\":\"one.txt\"}"), first);
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"one.txt@1\"}"), "\"seq\":1,");
	free(first);
	bytes_free(&body);
}

static void check_stores_nothing(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };

	add(h, "a.example", "one.txt", 1, 6, 0, 0);
	article(&body, 1, 6, 0, 0);
	has(submit(h, "check", "b.example", "other.txt", &body), "\"seq\":null");
	has(h->line, "\"verdict\":\"exact\"");
	has(get_line(h, h->fd), "\"articles\":1,\"found\":1");
	has(ask(h, "{\"cmd\":\"status\"}"), "\"articles\":1,");
	bytes_free(&body);
}

static void a_body_that_is_no_article_is_refused_with_its_reason(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };

	put_text(&body, "{\"x\":");
	has(submit(h, "add", "a.example", "bad.json", &body), "\"code\":\"refused\"");
	/* and the connection serves on */
	has(ask(h, "{\"cmd\":\"status\"}"), "\"ok\":true");
	bytes_free(&body);
}

static void matches_repeats_and_clusters_are_told(void **state)
{
	struct house *h = *state;

	furnish(h);
	has(ask(h, "{\"cmd\":\"matches\",\"id\":\"copy.txt\"}"),
	    "{\"ok\":true,\"seq\":1,\"id\":\"one.txt\"");
	assert_int_equal(count_lines(h, h->line), 1);
	has(ask(h, "{\"cmd\":\"repeats\",\"id\":\"twice.txt\"}"), "\"doubled\":true");
	has(h->line, "{\"n\":6,\"words\":30,");
	has(h->line, "\"repeat_of\":1,");
	has(h->line, "\"repeat_of\":5,");
	has(ask(h, "{\"cmd\":\"cluster\",\"id\":\"copy.txt\"}"), "\"cluster\":\"c1\",\"seq\":1");
	assert_int_equal(count_lines(h, h->line), 2);
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"cluster\",\"id\":\"c1\"}")), 2);
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"cluster\",\"id\":\"alone.txt\"}")), 1);
	has(ask(h, "{\"cmd\":\"clusters\"}"), "\"cluster\":\"c1\",\"members\":2");
	has(h->line, "\"sites\":[\"a.example\",\"b.example\"]");
	assert_int_equal(count_lines(h, h->line), 1);
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"clusters\",\"since\":\"2999-01-01\"}")),
			 0);
}

static void show_tells_of_each_paragraph(void **state)
{
	struct house *h = *state;
	struct value *v = NULL;
	const struct value *parts;
	char why[80];

	furnish(h);
	ask(h, "{\"cmd\":\"show\",\"id\":\"copy.txt\",\"paragraphs\":true}");
	assert_int_equal(value_parse(&v, why, sizeof why, span_of_text(h->line), 16), STATUS_OK);
	parts = value_of(v, "parts");
	assert_int_equal(value_count(parts), 7);
	assert_int_equal(value_count(value_of(value_at(parts, 0), "matched")), 1);
	assert_int_equal(value_count(value_of(value_at(parts, 6), "matched")), 0);
	assert_int_equal(value_number_of(value_at(parts, 6), "n", 0), 7);
	assert_true(value_text_of(value_at(parts, 6), "text").len > 100);
	value_free(v);
}

static void neighbours_are_found_by_id_and_by_hash(void **state)
{
	struct house *h = *state;
	char hash[17], request[200];
	const char *at;

	furnish(h);
	at = strstr(ask(h, "{\"cmd\":\"show\",\"id\":\"alone.txt\"}"), "\"simhash\":\"");
	assert_non_null(at);
	memcpy(hash, at + 11, 16);
	hash[16] = '\0';
	snprintf(request, sizeof request, "{\"cmd\":\"neighbours\",\"id\":\"%s\",\"bits\":0}",
		 hash);
	has(ask(h, request), "{\"ok\":true,\"bits\":0,\"seq\":4,\"id\":\"alone.txt\"");
	assert_int_equal(count_lines(h, h->line), 1);
	/* all but itself, nearest first */
	assert_int_equal(
		count_lines(h, ask(h, "{\"cmd\":\"neighbours\",\"id\":\"alone.txt\",\"bits\":64}")),
		3);
	/* 6 + 7 + 10 + 6 paragraphs */
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"neighbours\",\"id\":\"alone.txt\","
					       "\"bits\":64,\"paragraphs\":true}")),
			 29);
}

static void diff_gives_both_sides_and_what_they_share(void **state)
{
	struct house *h = *state;

	furnish(h);
	has(ask(h, "{\"cmd\":\"diff\",\"a\":\"one.txt\",\"b\":\"copy.txt\"}"),
	    "\"containment\":1.0,");
	has(h->line, "\"shared\":[{\"here\":[1,6],\"there\":[1,6],\"words\":180}]");
	has(ask(h, "{\"cmd\":\"diff\",\"a\":\"one.txt\"}"), "\"code\":\"usage\"");
}

static void explain_names_the_rule_the_numbers_and_what_would_tip_it(void **state)
{
	struct house *h = *state;

	furnish(h);
	/* The later one is judged against the earlier, whichever is named first. */
	has(ask(h, "{\"cmd\":\"explain\",\"a\":\"one.txt\",\"b\":\"copy.txt\"}"),
	    "\"here\":{\"seq\":2,\"id\":\"copy.txt\"");
	has(h->line, "\"stored\":\"near\",\"verdict\":\"near\",\"rule\":\"");
	has(h->line, "\"relation\":\"cross_site\",\"sites_known\":true");
	has(h->line, "\"contained_by\":1.0,\"span\":0.");
	has(h->line, "\"longest_run_words\":180.0");
	has(h->line, "\"measure\":\"resemblance\",\"value\":0.");
	has(h->line, "\"key\":\"near_resemblance\",\"unit\":\"share\"");
	/* Three rules make it near: no single threshold would have changed that. */
	has(h->line, "\"tip\":null");
	has(ask(h, "{\"cmd\":\"explain\",\"a\":\"one.txt\",\"b\":\"alone.txt\"}"),
	    "\"stored\":null,\"verdict\":\"unique\",\"rule\":\"no "
	    "rule\",\"relation\":\"same_site\"");
	has(h->line, "\"tip\":{\"verdict\":\"partial\",\"rule\":\"");
	has(ask(h, "{\"cmd\":\"explain\",\"a\":\"one.txt\",\"b\":\"one.txt\"}"),
	    "\"code\":\"usage\"");
	has(ask(h, "{\"cmd\":\"explain\",\"a\":\"one.txt\",\"b\":\"nix\"}"),
	    "\"code\":\"not_found\"");
}

/* Thirty-two words that two stories share, a little too little to be told. */
static void add_almost(struct house *h, const char *source, const char *name, unsigned seed)
{
	struct bytes body = { 0 };
	unsigned shared = 500, own = seed;

	for (unsigned i = 0; i < 6; i++) {
		put_paragraph(&body, &own, 30);
		if (i != 2)
			continue;
		/* In the middle of a longer paragraph of its own: no whole paragraph. */
		body.len--;
		put_text(&body, " ");
		put_paragraph(&body, &shared, 32);
		body.len--;
		put_text(&body, " ");
		put_paragraph(&body, &own, 30);
	}
	assert_int_equal(count_lines(h, submit(h, "add", source, name, &body)), 1);
	bytes_free(&body);
}

static void what_almost_matched_is_kept_for_review(void **state)
{
	struct house *h = *state;

	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"near_misses\"}")), 0);
	add_almost(h, "a.example", "first.txt", 11);
	add_almost(h, "b.example", "second.txt", 12);
	add_almost(h, "c.example", "third.txt", 13);
	has(ask(h, "{\"cmd\":\"near_misses\"}"), "\"verdict\":\"unique\",\"almost\":\"partial\"");
	has(h->line, "\"measure\":\"shared\",\"value\":32.");
	has(h->line, "\"threshold\":36.0,\"key\":\"passage_shared\"");
	has(h->line, "\"here\":{\"seq\":3,\"id\":\"third.txt\"");
	assert_int_equal(count_lines(h, h->line), 3);
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"near_misses\",\"top\":2}")), 2);
	assert_int_equal(
		count_lines(h, ask(h, "{\"cmd\":\"near_misses\",\"since\":\"2999-01-01\"}")), 0);
	has(ask(h, "{\"cmd\":\"near_misses\",\"since\":\"soon\"}"), "\"code\":\"usage\"");
	/* What is not stored any more is not told. */
	has(ask(h, "{\"cmd\":\"forget\",\"id\":\"first.txt\"}"), "\"forgotten\":1");
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"near_misses\"}")), 1);
}

static void a_check_leaves_no_near_miss(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };
	unsigned shared = 500, own = 12;

	add_almost(h, "a.example", "first.txt", 11);
	put_paragraph(&body, &own, 60);
	body.len--;
	put_text(&body, " ");
	put_paragraph(&body, &shared, 32);
	body.len--;
	put_text(&body, " ");
	put_paragraph(&body, &own, 60);
	has(submit(h, "check", "b.example", "x.txt", &body), "\"verdict\":");
	count_lines(h, get_line(h, h->fd));
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"near_misses\"}")), 0);
	bytes_free(&body);
}

static void a_sites_own_lines_are_shown_with_their_words_and_counts(void **state)
{
	static const char notice[] = "this page uses cookies to remember how you read the news\n";
	struct house *h = *state;
	char name[20];

	for (unsigned i = 0; i < 5; i++) {
		struct bytes body = { 0 };

		put_text(&body, i < 4 ? notice : "");
		for (unsigned k = 0, seed = 40 + i; k < 4; k++)
			put_paragraph(&body, &seed, 30);
		snprintf(name, sizeof name, "%u.txt", i);
		count_lines(h, submit(h, "add", "a.example", name, &body));
		bytes_free(&body);
	}
	has(ask(h, "{\"cmd\":\"chrome\",\"site\":\"a.example\"}"),
	    "\"site\":\"a.example\",\"articles\":5,\"lines\":1,\"words_not_found\":0");
	has(get_line(h, h->fd), "\"left_out\":true,\"seen_in\":4,\"of\":5,\"enough\":2,"
				"\"articles_since\":1,\"words\":11,\"text\":\"this page uses");
	has(h->line, "\"example\":4");
	has(h->line, "\"why\":\"seen\"");
	has(get_line(h, h->fd), "\"end\":true");
	has(ask(h, "{\"cmd\":\"chrome\",\"site\":\"b.example\"}"), "\"code\":\"not_found\"");
	has(ask(h, "{\"cmd\":\"chrome\"}"), "\"code\":\"usage\"");
	/* Forgotten articles take the words with them, not the count. */
	has(ask(h, "{\"cmd\":\"forget\",\"site\":\"a.example\"}"), "\"forgotten\":5");
	has(ask(h, "{\"cmd\":\"chrome\",\"site\":\"a.example\"}"), "\"words_not_found\":1");
	has(get_line(h, h->fd), "\"words\":null,\"text\":null");
	has(get_line(h, h->fd), "\"end\":true");
}

static void a_consumer_reads_on_where_it_acknowledged(void **state)
{
	struct house *h = *state;

	furnish(h);
	has(ask(h, "{\"cmd\":\"alerts\",\"consumer\":\"n\"}"), "\"alert\":1,");
	assert_int_equal(count_lines(h, h->line), 4);
	/* Reading moves nothing. */
	has(ask(h, "{\"cmd\":\"alerts\",\"consumer\":\"n\"}"), "\"alert\":1,");
	assert_int_equal(count_lines(h, h->line), 4);
	assert_string_equal(ask(h, "{\"cmd\":\"ack\",\"consumer\":\"n\",\"alert\":3}"),
			    "{\"ok\":true,\"consumer\":\"n\",\"alert\":3}");
	/* An older ack takes nothing back. */
	has(ask(h, "{\"cmd\":\"ack\",\"consumer\":\"n\",\"alert\":1}"), "\"alert\":3}");
	has(ask(h, "{\"cmd\":\"alerts\",\"consumer\":\"n\"}"), "\"alert\":4,");
	assert_int_equal(count_lines(h, h->line), 1);
	has(ask(h, "{\"cmd\":\"consumers\"}"),
	    "{\"ok\":true,\"consumer\":\"n\",\"alert\":3,\"behind\":1");
	assert_int_equal(count_lines(h, h->line), 1);
	has(ask(h, "{\"cmd\":\"consumers\",\"delete\":\"n\"}"), "\"end\":true");
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"consumers\"}")), 0);
	has(ask(h, "{\"cmd\":\"ack\",\"consumer\":\"n\",\"alert\":1}"), "\"code\":\"not_found\"");
}

static void alerts_are_listed_from_a_number_and_from_now(void **state)
{
	struct house *h = *state;

	furnish(h);
	has(ask(h, "{\"cmd\":\"alerts\",\"since\":2,\"tag\":5}"), "{\"ok\":true,\"tag\":5,\"v\":1");
	assert_int_equal(count_lines(h, h->line), 2);
	assert_int_equal(
		count_lines(h, ask(h, "{\"cmd\":\"alerts\",\"consumer\":\"x\",\"from\":\"now\"}")),
		0);
	add(h, "c.example", "later.txt", 8, 6, 0, 0);
	has(ask(h, "{\"cmd\":\"alerts\",\"consumer\":\"x\"}"), "\"alert\":5,\"why\":[\"all\"]");
	assert_int_equal(count_lines(h, h->line), 1);
}

static void a_follower_is_told_as_it_happens(void **state)
{
	struct house *h = *state;
	int follower;

	add(h, "a.example", "one.txt", 1, 6, 0, 0);
	follower = connect_to(h);
	put(h, follower, span_of_text("{\"cmd\":\"alerts\",\"follow\":true,\"consumer\":\"f\"}\n"));
	has(get_line(h, follower), "\"alert\":1,");
	add(h, "b.example", "two.txt", 2, 6, 0, 0);
	has(get_line(h, follower), "\"id\":\"two.txt\"");
	has(h->line, "\"alert\":2,");
	add(h, "b.example", "three.txt", 3, 6, 0, 0);
	has(get_line(h, follower), "\"alert\":3,");
	close(follower);
}

static void what_was_forgotten_is_told_as_a_gap(void **state)
{
	struct house *h = *state;

	furnish(h);
	assert_string_equal(ask(h, "{\"cmd\":\"forget\",\"id\":\"copy.txt\"}"),
			    "{\"ok\":true,\"forgotten\":1}");
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"copy.txt\"}"), "\"code\":\"not_found\"");
	has(ask(h, "{\"cmd\":\"alerts\",\"since\":0}"), "\"alert\":1,");
	assert_string_equal(get_line(h, h->fd), "{\"ok\":true,\"gap\":[2,2]}");
	has(get_line(h, h->fd), "\"alert\":3,");
	assert_int_equal(count_lines(h, get_line(h, h->fd)), 1);
}

static void a_site_and_a_time_can_be_forgotten(void **state)
{
	struct house *h = *state;

	furnish(h);
	assert_string_equal(ask(h, "{\"cmd\":\"forget\",\"site\":\"a.example\"}"),
			    "{\"ok\":true,\"forgotten\":3}");
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"copy.txt\"}"), "\"ok\":true");
	has(ask(h, "{\"cmd\":\"forget\",\"before\":\"2999-01-01\"}"), "\"forgotten\":1}");
	has(ask(h, "{\"cmd\":\"forget\",\"before\":\"soon\"}"), "\"code\":\"usage\"");
	has(ask(h, "{\"cmd\":\"forget\"}"), "\"code\":\"usage\"");
	has(ask(h, "{\"cmd\":\"forget\",\"site\":\"a\",\"id\":\"b\"}"), "\"code\":\"usage\"");
}

static void all_versions_are_forgotten_or_the_one_that_is_named(void **state)
{
	struct house *h = *state;

	add(h, "a.example", "x.txt", 1, 6, 0, 0);
	add(h, "a.example", "x.txt", 1, 6, 50, 1);
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"x.txt\"}"), "\"version\":2,\"revises\":1,");
	has(ask(h, "{\"cmd\":\"forget\",\"id\":\"x.txt@1\"}"), "\"forgotten\":1}");
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"x.txt\"}"), "\"version\":2");
	add(h, "a.example", "y.txt", 7, 6, 0, 0);
	add(h, "a.example", "y.txt", 7, 6, 60, 1);
	has(ask(h, "{\"cmd\":\"forget\",\"id\":\"y.txt\"}"), "\"forgotten\":2}");
	has(ask(h, "{\"cmd\":\"show\",\"id\":\"y.txt@1\"}"), "\"code\":\"not_found\"");
}

static void sync_of_an_idle_house_returns_at_once(void **state)
{
	struct house *h = *state;

	assert_string_equal(ask(h, "{\"cmd\":\"sync\"}"), "{\"ok\":true}");
	add(h, "a.example", "one.txt", 1, 6, 0, 0);
	assert_string_equal(ask(h, "{\"cmd\":\"sync\",\"timeout\":20}"), "{\"ok\":true}");
	has(ask(h, "{\"cmd\":\"sync\",\"timeout\":\"x\"}"), "\"code\":\"usage\"");
}

static void the_daemon_says_how_it_is(void **state)
{
	static const char *const keys[] = { "version", "pid",           "uptime_s", "articles",
					    "files",   "rejected",      "alerts",   "queued",
					    "kernel",  "state_bytes",   "trouble",  "watches",
					    "slowed",  "slowed_sources" };
	struct house *h = *state;
	char part[40];

	furnish(h);
	ask(h, "{\"cmd\":\"status\"}");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		snprintf(part, sizeof part, "\"%s\":", keys[i]);
		has(h->line, part);
	}
	has(h->line, "\"articles\":4,");
	has(h->line, "\"alerts\":4,");
	has(h->line, "\"trouble\":null");
	assert_true(count_lines(h, ask(h, "{\"cmd\":\"stats\"}")) > 20);
	assert_int_equal(count_lines(h, ask(h, "{\"cmd\":\"rejected\"}")), 0);
	assert_true(count_lines(h, ask(h, "{\"cmd\":\"help\"}")) > 15);
}

static void reload_says_what_is_wrong(void **state)
{
	struct house *h = *state;

	assert_string_equal(ask(h, "{\"cmd\":\"reload\"}"), "{\"ok\":true}");
	has(ask(h, "{\"cmd\":\"reload\"}"), "line 3: what is that?");
	has(ask(h, "{\"cmd\":\"rescan\"}"), "\"code\":\"cannot\"");
}

static void a_wrong_question_gets_one_clear_error(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"cmd\":\"calibrate\"}", "unknown" },
		{ "{\"cmd\":\"\"}", "unknown" },
		{ "{\"cmd\":\"show\"}", "usage" },
		{ "{\"cmd\":\"show\",\"id\":7}", "usage" },
		{ "{\"cmd\":\"show\",\"id\":\"nix\"}", "not_found" },
		{ "{\"cmd\":\"show\",\"id\":\"nix@99999999999999999999\"}", "not_found" },
		{ "{\"cmd\":\"add\"}", "usage" },
		{ "{\"cmd\":\"cluster\",\"id\":\"c99\"}", "not_found" },
		{ "{\"cmd\":\"cluster\",\"id\":\"c99999999999999999999\"}", "not_found" },
		{ "{\"cmd\":\"clusters\",\"since\":\"x\"}", "usage" },
		{ "{\"cmd\":\"clusters\",\"top\":-1}", "usage" },
		{ "{\"cmd\":\"neighbours\",\"id\":\"x\",\"bits\":65}", "usage" },
		{ "{\"cmd\":\"neighbours\",\"id\":\"x\",\"bits\":\"3\"}", "usage" },
		{ "{\"cmd\":\"alerts\",\"consumer\":\"\"}", "usage" },
		{ "{\"cmd\":\"alerts\",\"consumer\":\"a b\"}", "usage" },
		{ "{\"cmd\":\"ack\",\"consumer\":\"a\"}", "usage" },
		{ "{\"cmd\":\"ack\",\"consumer\":\"a\",\"alert\":5}", "usage" },
		{ "{\"cmd\":\"consumers\",\"delete\":\"nobody\"}", "not_found" },
	};
	struct house *h = *state;
	char part[60];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(part, sizeof part, "{\"ok\":false,\"error\":{\"code\":\"%s\"", rows[i][1]);
		if (strncmp(ask(h, rows[i][0]), part, strlen(part)) != 0)
			fail_msg("%s: %s", rows[i][0], h->line);
	}
	lacks(ask(h, "{\"cmd\":\"status\"}"), "error");
}

static void the_socket_is_for_its_group_and_ours_alone(void **state)
{
	struct house *h = *state;
	struct server_options o = { .loop = &h->loop, .path = h->socket, .pipeline = h->pipeline };
	struct server *second = NULL;
	struct stat s;

	assert_int_equal(stat(h->socket, &s), 0);
	assert_int_equal(s.st_mode & 07777, 0660);
	assert_int_equal(server_open(&second, &o), STATUS_BUSY);
	assert_int_equal(access(h->socket, F_OK), 0);
	has(ask(h, "{\"cmd\":\"status\"}"), "\"ok\":true");
}

static void a_stale_socket_is_replaced_and_nothing_else_is(void **state)
{
	struct house *h = *state;
	struct server_options o = { .loop = &h->loop, .pipeline = h->pipeline };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct server *second = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	FILE *f;

	snprintf(at.sun_path, sizeof at.sun_path, "%s/stale", h->folder);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	close(fd);
	o.path = at.sun_path;
	assert_int_equal(server_open(&second, &o), STATUS_OK);
	server_close(second);
	assert_int_not_equal(access(at.sun_path, F_OK), 0);
	f = fopen(at.sun_path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(server_open(&second, &o), STATUS_EXISTS);
	assert_int_equal(access(at.sun_path, F_OK), 0);
	o.path = "/nonexistent/reprint.sock";
	assert_int_equal(server_open(&second, &o), STATUS_NOT_FOUND);
}

/* systemd's end of NOTIFY_SOCKET, and a server that is asked for a sign of life. */
static int expect_signs_of_life(struct house *h, struct server **out)
{
	struct server_options o = { .loop = &h->loop, .pipeline = h->pipeline };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	static char path[100];

	snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", h->folder);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	setenv("WATCHDOG_USEC", "8000", 1);
	snprintf(path, sizeof path, "%s/second", h->folder);
	o.path = path;
	assert_int_equal(server_open(out, &o), STATUS_OK);
	unsetenv("WATCHDOG_USEC");
	return fd;
}

static unsigned signs_of_life(int fd)
{
	char text[100];
	unsigned n = 0;

	while (recv(fd, text, sizeof text, 0) > 0)
		n++;
	return n;
}

struct stuck {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool there, released, left;
};

/* Holds the lane until it is released. */
static void hold_lane(const struct lane_view *lane, void *ctx)
{
	struct stuck *s = ctx;

	(void)lane;
	pthread_mutex_lock(&s->lock);
	s->there = true;
	pthread_cond_broadcast(&s->changed);
	while (!s->released)
		pthread_cond_wait(&s->changed, &s->lock);
	s->left = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void wait_until(struct stuck *s, const bool *what)
{
	pthread_mutex_lock(&s->lock);
	while (!*what)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void release(struct stuck *s)
{
	pthread_mutex_lock(&s->lock);
	s->released = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	wait_until(s, &s->left);
}

static void the_watchdog_is_fed_only_while_the_lane_answers(void **state)
{
	struct house *h = *state;
	struct stuck s = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct lane_question q = { .fn = hold_lane, .ctx = &s };
	struct server *second;
	int fd = expect_signs_of_life(h, &second);

	while (signs_of_life(fd) == 0)
		turn(h);
	pipeline_ask(h->pipeline, &q);
	wait_until(&s, &s.there);
	/* One answer may have been on its way. */
	for (int i = 0; i < 10; i++)
		turn(h);
	signs_of_life(fd);
	for (int i = 0; i < 20; i++)
		turn(h);
	assert_int_equal(signs_of_life(fd), 0);
	release(&s);
	while (signs_of_life(fd) == 0)
		turn(h);
	server_close(second);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

/* Holds the lane too, but goes on in steps. */
static void keep_lane_busy(const struct lane_view *lane, void *ctx)
{
	struct stuck *s = ctx;
	bool over = false;

	(void)lane;
	while (!over) {
		stats_add(STAT_LANE_STEPS, 1);
		pthread_mutex_lock(&s->lock);
		s->there = true;
		over = s->released;
		s->left = over;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
}

static void the_watchdog_is_fed_while_a_busy_lane_gets_on(void **state)
{
	struct house *h = *state;
	struct stuck s = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct lane_question q = { .fn = keep_lane_busy, .ctx = &s };
	struct server *second;
	int fd = expect_signs_of_life(h, &second);

	pipeline_ask(h->pipeline, &q);
	wait_until(&s, &s.there);
	/* One answer may have been on its way. */
	for (int i = 0; i < 10; i++)
		turn(h);
	signs_of_life(fd);
	for (int i = 0; i < 3; i++)
		while (signs_of_life(fd) == 0)
			turn(h);
	release(&s);
	server_close(second);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

static void bodies_wait_while_the_queue_is_full_and_are_all_judged(void **state)
{
	struct house *h = *state;
	struct stuck s = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct lane_question q = { .fn = hold_lane, .ctx = &s };
	struct bytes body = { 0 }, request = { 0 };
	enum { PEERS = QUEUE_MAX + 5 };
	int peers[PEERS];

	pipeline_ask(h->pipeline, &q);
	wait_until(&s, &s.there);
	for (unsigned i = 0; i < PEERS; i++) {
		article(&body, 1000 + i, 2, 0, 0);
		bytes_clear(&request);
		put_format(&request, "{\"cmd\":\"add\",\"name\":\"%u.txt\",\"bytes\":%zu}\n", i,
			   body.len);
		put_bytes(&request, body.p, body.len);
		peers[i] = connect_to(h);
		put(h, peers[i], bytes_span(&request));
		for (int k = 0; k < 5; k++)
			uv_run(&h->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(pipeline_queued(h->pipeline), QUEUE_MAX);
	release(&s);
	for (unsigned i = 0; i < PEERS; i++) {
		has(get_line(h, peers[i]), "\"ok\":true,\"v\":1");
		close(peers[i]);
	}
	has(ask(h, "{\"cmd\":\"status\"}"), "\"articles\":15,");
	bytes_free(&body);
	bytes_free(&request);
}

/* A full disk may hold a batch for as long as it likes: a stop does not wait for it. */
static void closing_does_not_wait_for_what_the_lane_has_not_judged(void **state)
{
	struct house *h = *state;
	struct server_options o = { .loop = &h->loop, .pipeline = h->pipeline };
	struct stuck s = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	struct lane_question q = { .fn = hold_lane, .ctx = &s };
	struct server *second;
	char usual[sizeof h->socket];

	memcpy(usual, h->socket, sizeof usual);
	snprintf(h->socket, sizeof h->socket, "%s/second", h->folder);
	o.path = h->socket;
	assert_int_equal(server_open(&second, &o), STATUS_OK);
	pipeline_ask(h->pipeline, &q);
	wait_until(&s, &s.there);
	h->fd = connect_to(h);
	put(h, h->fd,
	    span_of_text("{\"cmd\":\"add\",\"name\":\"late.txt\",\"bytes\":10}\nlate words"));
	while (pipeline_queued(h->pipeline) == 0)
		turn(h);
	server_close(second);
	release(&s);
	close(h->fd);
	h->fd = -1;
	memcpy(h->socket, usual, sizeof usual);
	while (strstr(ask(h, "{\"cmd\":\"show\",\"id\":\"late.txt\"}"), "\"ok\":true") == NULL)
		turn(h);
}

static void closing_in_the_middle_of_everything_leaves_nothing_behind(void **state)
{
	struct house *h = *state;
	struct bytes body = { 0 };
	char request[100];
	int follower, half;

	furnish(h);
	follower = connect_to(h);
	half = connect_to(h);
	put(h, follower, span_of_text("{\"cmd\":\"alerts\",\"follow\":true,\"since\":4}\n"));
	put(h, half, span_of_text("{\"cmd\":\"add\",\"bytes\":100}\nhalf"));
	article(&body, 77, 40, 0, 0);
	snprintf(request, sizeof request, "{\"cmd\":\"add\",\"name\":\"l.txt\",\"bytes\":%zu}\n",
		 body.len);
	put(h, h->fd, span_of_text(request));
	put(h, h->fd, bytes_span(&body));
	put(h, h->fd, span_of_text("{\"cmd\":\"sync\"}\n{\"cmd\":\"status\"}\n"));
	uv_run(&h->loop, UV_RUN_NOWAIT);
	bytes_free(&body);
	/* close_house() does the rest, under the eyes of the sanitizers */
	close(follower);
	close(half);
}

#define test(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_added_article_is_shown_as_it_was_judged),
		test(check_stores_nothing),
		test(a_body_that_is_no_article_is_refused_with_its_reason),
		test(matches_repeats_and_clusters_are_told),
		test(show_tells_of_each_paragraph),
		test(neighbours_are_found_by_id_and_by_hash),
		test(diff_gives_both_sides_and_what_they_share),
		test(explain_names_the_rule_the_numbers_and_what_would_tip_it),
		test(what_almost_matched_is_kept_for_review),
		test(a_check_leaves_no_near_miss),
		test(a_sites_own_lines_are_shown_with_their_words_and_counts),
		test(a_consumer_reads_on_where_it_acknowledged),
		test(alerts_are_listed_from_a_number_and_from_now),
		test(a_follower_is_told_as_it_happens),
		test(what_was_forgotten_is_told_as_a_gap),
		test(a_site_and_a_time_can_be_forgotten),
		test(all_versions_are_forgotten_or_the_one_that_is_named),
		test(sync_of_an_idle_house_returns_at_once),
		test(the_daemon_says_how_it_is),
		test(reload_says_what_is_wrong),
		test(a_wrong_question_gets_one_clear_error),
		test(the_socket_is_for_its_group_and_ours_alone),
		test(a_stale_socket_is_replaced_and_nothing_else_is),
		test(the_watchdog_is_fed_only_while_the_lane_answers),
		test(the_watchdog_is_fed_while_a_busy_lane_gets_on),
		test(bodies_wait_while_the_queue_is_full_and_are_all_judged),
		test(closing_does_not_wait_for_what_the_lane_has_not_judged),
		test(closing_in_the_middle_of_everything_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
