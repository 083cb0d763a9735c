/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_daemon SOCKET alerts FEEDS COUNT - from the rename of a file to its alert.
 * bench_daemon SOCKET check FILE.jsonl COUNT - round trips of `check`, a line of the file each.
 *
 * Prints "NAME p50 p99 longest", in milliseconds; one at a time, the daemon idle between them. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define PARAGRAPHS 8u
#define WORDS 50u
#define PAUSE_NS 10000000

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
	uint32_t state = number * 2654435761u + 17;

	for (unsigned p = 0; p < PARAGRAPHS; p++) {
		for (unsigned w = 0; w < WORDS; w++) {
			for (unsigned c = 0; c < 6; c++) {
				state = state * 1664525u + 1013904223u;
				fputc('a' + (int)(state >> 24) % 26, out);
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

static void bench_alerts(struct peer *p, const char *socket, const char *feeds, unsigned count)
{
	struct peer alerts = peer_open(socket);
	int64_t *us = calloc(count, sizeof *us);

	if (us == NULL)
		fail("memory");
	for (unsigned i = 0; i < count; i++)
		deliver(feeds, "first.example", i, false);
	deliver(feeds, "second.example", count, false);
	ask(p, "{\"cmd\":\"sync\",\"timeout\":60}");
	next_line(p);
	ask(&alerts,
	    "{\"cmd\":\"alerts\",\"consumer\":\"bench\",\"from\":\"now\",\"follow\":true}");
	for (unsigned i = 0; i < count; i++) {
		int64_t renamed;

		pause_between();
		renamed = deliver(feeds, "second.example", i, true);
		while (strstr(next_line(&alerts), "\"alert\":") == NULL)
			;
		us[i] = clock_monotonic_us() - renamed;
	}
	report("alerts", us, count);
	free(us);
	peer_close(&alerts);
}

/* ---- check ----------------------------------------------------------------------------------- */

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
		fprintf(p->out, "{\"cmd\":\"check\",\"name\":\"x.jsonl\",\"bytes\":%zd}\n", len);
		fwrite(line, 1, (size_t)len, p->out);
		fflush(p->out);
		while (strstr(next_line(p), "\"end\":true") == NULL)
			;
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
	unsigned count = argc == 5 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	struct peer p;

	if (count == 0 || (strcmp(argv[2], "alerts") != 0 && strcmp(argv[2], "check") != 0)) {
		fprintf(stderr, "bench_daemon: SOCKET alerts|check FEEDS|FILE.jsonl COUNT\n");
		return 2;
	}
	p = peer_open(argv[1]);
	if (strcmp(argv[2], "alerts") == 0)
		bench_alerts(&p, argv[1], argv[3], count);
	else
		bench_check(&p, argv[3], count);
	peer_close(&p);
	return 0;
}
