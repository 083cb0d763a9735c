/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_daemon SOCKET alerts FEEDS COUNT [RATE] - from the rename of a file to its alert; beside
 *     RATE other files a second.
 * bench_daemon SOCKET check FILE.jsonl COUNT - round trips of `check`, a line of the file each.
 * Prints "NAME p50 p99 longest", in milliseconds; one at a time, the daemon idle between them, or
 * with RATE what was delivered a second at the end.
 *
 * bench_daemon SOCKET pipelined FILE.jsonl COUNT - the same, many under way on one connection.
 * Prints "pipelined", and how many a second. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/clock.h"

#define PARAGRAPHS 8u
#define WORDS 50u
#define PAUSE_NS 10000000
#define UNDER_WAY 64u /* pipelined */
#define TICK_NS 2000000

struct peer {
	FILE *in, *out;
	char *line;
	size_t line_cap;
};

static void fail(const char *what)
{
	fprintf(stderr, "bench_daemon: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct peer peer_open(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct peer p = { 0 };

	if (strlen(path) >= sizeof at.sun_path)
		fail("the path of the socket is too long");
	strcpy(at.sun_path, path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
		fail(path);
	p.in = fdopen(fd, "r");
	p.out = fdopen(dup(fd), "w");
	if (p.in == NULL || p.out == NULL)
		fail(path);
	return p;
}

static void peer_close(struct peer *p)
{
	fclose(p->in);
	fclose(p->out);
	free(p->line);
}

/* A reply's next line; the bench ends on an error. */
static const char *next_line(struct peer *p)
{
	if (getline(&p->line, &p->line_cap, p->in) <= 0)
		fail("the daemon has gone");
	if (strncmp(p->line, "{\"ok\":true", 10) != 0) {
		fprintf(stderr, "bench_daemon: %s", p->line);
		exit(1);
	}
	return p->line;
}

static void ask(struct peer *p, const char *request)
{
	fprintf(p->out, "%s\n", request);
	fflush(p->out);
}

static void pause_between(void)
{
	nanosleep(&(struct timespec){ 0, PAUSE_NS }, NULL);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *name, int64_t *us, size_t count)
{
	qsort(us, count, sizeof *us, by_value);
	printf("%s %.2f %.2f %.2f\n", name, (double)us[count / 2] / 1e3,
	       (double)us[count * 99 / 100] / 1e3, (double)us[count - 1] / 1e3);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

/* A text of its own for each number; copies have a paragraph more. */
static void put_text(FILE *out, unsigned number, bool copy)
{
	uint64_t state = mix64(number + 1);

	for (unsigned p = 0; p < PARAGRAPHS; p++) {
		for (unsigned w = 0; w < WORDS; w++) {
			for (unsigned c = 0; c < 6; c++) {
				state = state * 6364136223846793005u + 1442695040888963407u;
				fputc('a' + (int)(state >> 40) % 26, out);
			}
			fputs(w + 1 < WORDS ? " " : ".\n", out);
		}
	}
	if (copy)
		fputs("Reported first elsewhere, and taken over here with thanks.\n", out);
}

/* Returns the moment of the rename. */
static int64_t deliver(const char *feeds, const char *source, unsigned number, bool copy)
{
	char beside[4096], path[4096];
	int64_t at;
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", feeds, source);
	mkdir(path, 0777);
	snprintf(beside, sizeof beside, "%s/%s/.%u.txt", feeds, source, number);
	snprintf(path, sizeof path, "%s/%s/%u.txt", feeds, source, number);
	out = fopen(beside, "w");
	if (out == NULL)
		fail(beside);
	put_text(out, number, copy);
	fclose(out);
	at = clock_monotonic_us();
	if (rename(beside, path) != 0)
		fail(path);
	return at;
}

struct load {
	const char *feeds;
	unsigned rate, base;
	atomic_bool over;
	double reached; /* files a second */
};

static void *deliver_load(void *arg)
{
	struct load *l = arg;
	int64_t start = clock_monotonic_us(), now = start;
	unsigned done = 0;

	while (!atomic_load(&l->over)) {
		for (; done < (double)(now - start) / 1e6 * l->rate; done++)
			deliver(l->feeds, "load.example", l->base + done, false);
		nanosleep(&(struct timespec){ 0, TICK_NS }, NULL);
		now = clock_monotonic_us();
	}
	l->reached = (double)done * 1e6 / (double)(now - start);
	return NULL;
}

static void bench_alerts(struct peer *p, const char *socket, const char *feeds, unsigned count,
			 unsigned rate)
{
	const unsigned base = (unsigned)clock_now_ms() & 0x3fffffff; /* no run's texts come again */
	struct load load = { .feeds = feeds, .rate = rate, .base = base + count + 1 };
	struct peer alerts = peer_open(socket);
	char request[128];
	pthread_t loader;
	int64_t *us = calloc(count, sizeof *us);

	if (us == NULL)
		fail("memory");
	for (unsigned i = 0; i < count; i++)
		deliver(feeds, "first.example", base + i, false);
	deliver(feeds, "second.example", base + count, false);
	ask(p, "{\"cmd\":\"sync\",\"timeout\":60}");
	next_line(p);
	snprintf(request, sizeof request,
		 "{\"cmd\":\"alerts\",\"consumer\":\"bench%u\",\"from\":\"now\",\"follow\":true}",
		 base);
	ask(&alerts, request);
	if (rate > 0 && pthread_create(&loader, NULL, deliver_load, &load) != 0)
		fail("thread");
	for (unsigned i = 0; i < count; i++) {
		int64_t renamed;

		pause_between();
		renamed = deliver(feeds, "second.example", base + i, true);
		while (strstr(next_line(&alerts), "\"alert\":") == NULL)
			;
		us[i] = clock_monotonic_us() - renamed;
	}
	atomic_store(&load.over, true);
	if (rate > 0)
		pthread_join(loader, NULL);
	report("alerts", us, count);
	if (rate > 0)
		printf("delivered %.0f\n", load.reached);
	free(us);
	peer_close(&alerts);
}

/* ---- check ----------------------------------------------------------------------------------- */

static void send_check(struct peer *p, const char *line, size_t len)
{
	fprintf(p->out, "{\"cmd\":\"check\",\"name\":\"x.jsonl\",\"bytes\":%zu}\n", len);
	fwrite(line, 1, len, p->out);
}

static void take_reply(struct peer *p)
{
	while (strstr(next_line(p), "\"end\":true") == NULL)
		;
}

static void bench_pipelined(struct peer *p, const char *path, unsigned count)
{
	FILE *articles = fopen(path, "r");
	int64_t start = clock_monotonic_us();
	size_t cap = 0, sent = 0, taken = 0;
	char *line = NULL;
	ssize_t len = 0;

	if (articles == NULL)
		fail(path);
	while (len >= 0 || taken < sent) {
		if (sent < count && len >= 0 && (len = getline(&line, &cap, articles)) > 0) {
			send_check(p, line, (size_t)len);
			sent++;
		} else {
			len = -1;
		}
		if (sent - taken < UNDER_WAY && len > 0)
			continue;
		fflush(p->out);
		for (; taken < sent && (len < 0 || sent - taken > UNDER_WAY / 2); taken++)
			take_reply(p);
	}
	printf("pipelined %.0f\n", (double)taken * 1e6 / (double)(clock_monotonic_us() - start));
	free(line);
	fclose(articles);
}

static void bench_check(struct peer *p, const char *path, unsigned count)
{
	FILE *articles = fopen(path, "r");
	int64_t *us = calloc(count, sizeof *us);
	size_t cap = 0, done = 0;
	char *line = NULL;
	ssize_t len;

	if (articles == NULL || us == NULL)
		fail(path);
	for (; done < count && (len = getline(&line, &cap, articles)) > 0; done++) {
		int64_t start;

		pause_between();
		start = clock_monotonic_us();
		send_check(p, line, (size_t)len);
		fflush(p->out);
		take_reply(p);
		us[done] = clock_monotonic_us() - start;
	}
	if (done == 0)
		fail("no articles");
	report("check", us, done);
	free(line);
	free(us);
	fclose(articles);
}

int main(int argc, char **argv)
{
	unsigned count = argc >= 5 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	unsigned rate = argc == 6 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
	const char *what = count > 0 ? argv[2] : "";
	struct peer p;

	if (strcmp(what, "alerts") != 0 && strcmp(what, "check") != 0 &&
	    strcmp(what, "pipelined") != 0) {
		fprintf(stderr, "bench_daemon: SOCKET alerts FEEDS COUNT [RATE]\n"
				"bench_daemon: SOCKET check|pipelined FILE.jsonl COUNT\n");
		return 2;
	}
	p = peer_open(argv[1]);
	if (strcmp(what, "alerts") == 0)
		bench_alerts(&p, argv[1], argv[3], count, rate);
	else if (strcmp(what, "check") == 0)
		bench_check(&p, argv[3], count);
	else
		bench_pipelined(&p, argv[3], count);
	peer_close(&p);
	return 0;
}
