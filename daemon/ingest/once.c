/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/once.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/stats.h"
#include "ingest/lines.h"
#include "ingest/naming.h"
#include "ingest/pipeline.h"
#include "text/text.h"
#include "wire/verdict.h"

#define DEPTH_MAX 64u
#define NAME_BYTES 4096u

struct once {
	struct pipeline *pipeline;
	size_t max_bytes;
	struct once_counts counts; /* unopened: the caller's; the rest: the lane's until the end */
	struct bytes line;         /* the lane's */
	bool incomplete;           /* the lane's: out of memory for one of them */
	pthread_mutex_t lock;      /* of pending, counts.rejected */
	pthread_cond_t changed;
	size_t pending;
};

/* A submission on its way; frees itself when told that it is done. */
struct sent {
	struct once *once;
	char name[];
};

static void complain(struct once *o, const char *name, const char *why, size_t *counter)
{
	pthread_mutex_lock(&o->lock);
	++*counter;
	pthread_mutex_unlock(&o->lock);
	log_tell("reprint", "%s: %s", name, why);
}

/* On the lane's thread. */
static void take_verdict(void *ctx, const struct verdict *v, enum status st, const char *why,
			 bool last)
{
	struct sent *s = ctx;
	struct once *o = s->once;

	if (v != NULL) {
		bytes_clear(&o->line);
		verdict_put(&o->line, v);
		if (!o->line.failed)
			(void)!fwrite(o->line.p, 1, o->line.len, stdout);
		o->incomplete |= o->line.failed;
		o->counts.verdicts++;
	} else if (st != STATUS_OK && st != STATUS_CLOSED) {
		complain(o, s->name, why, &o->counts.rejected);
	} else if (why != NULL) {
		log_tell("reprint", "%s: %s", s->name, why);
	}
	if (!last)
		return;
	free(s);
	pthread_mutex_lock(&o->lock);
	o->pending--;
	pthread_cond_signal(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

/* Whether there is no use in reading on. */
static bool given_up(const struct once *o)
{
	return pipeline_given_up(o->pipeline) != STATUS_OK;
}

/* Where a name stands: below a feed root, or by itself. */
struct place {
	const char *name; /* as printed and for the format */
	bool as_feed, passing;
};

static void submit(struct once *o, const struct place *at, struct span bytes, uint32_t first_line)
{
	size_t len = strlen(at->name);
	struct sent *s = malloc(sizeof *s + len + 1);
	struct submission what = {
		.bytes = bytes,
		.name = span_of(at->name, len),
		.first_line = first_line,
		.store = true,
		.as_feed = at->as_feed,
		.passing = at->passing,
	};
	enum status st;

	if (s == NULL) {
		complain(o, at->name, status_text(STATUS_NO_MEMORY), &o->counts.rejected);
		return;
	}
	s->once = o;
	memcpy(s->name, at->name, len + 1);
	if (at->as_feed)
		what.source = naming_source(what.name);
	pthread_mutex_lock(&o->lock);
	o->pending++;
	pthread_mutex_unlock(&o->lock);
	st = pipeline_submit(o->pipeline, &what, true, take_verdict, s);
	if (st != STATUS_OK)
		take_verdict(s, NULL, st, status_text(st), true);
}

/* ---- one file */

struct piecewise {
	struct once *once;
	const struct place *at;
};

static bool take_lines(void *ctx, struct span lines, uint32_t first_line)
{
	struct piecewise *p = ctx;

	submit(p->once, p->at, lines, first_line);
	return !given_up(p->once);
}

static void lose_line(void *ctx, enum status st, const char *why)
{
	struct piecewise *p = ctx;
	struct once_counts *counts = &p->once->counts;

	complain(p->once, p->at->name, why,
		 st == STATUS_IO ? &counts->unopened : &counts->rejected);
}

static void whole_file(struct once *o, const struct place *at, int fd, size_t size)
{
	struct bytes b = { 0 };
	ssize_t n = 0;

	if (size > o->max_bytes) {
		complain(o, at->name, "larger than max_file_bytes; split it or raise the limit",
			 &o->counts.rejected);
		return;
	}
	do {
		if (!bytes_reserve(&b, 65536))
			break;
		n = read(fd, b.p + b.len, b.cap - b.len);
		b.len += n > 0 ? (size_t)n : 0;
	} while (b.len <= o->max_bytes && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		complain(o, at->name, status_text(status_of_errno(errno)), &o->counts.rejected);
	else if (b.failed)
		complain(o, at->name, status_text(STATUS_NO_MEMORY), &o->counts.rejected);
	else
		submit(o, at, bytes_span(&b), 1);
	bytes_free(&b);
}

static void open_file(struct once *o, const struct place *at, int fd, size_t size)
{
	bool gzip = false;
	struct piecewise pieces = { o, at };

	if (text_format_of_name(span_of_text(at->name), &gzip) == TEXT_JSONL)
		lines_read(fd, gzip, o->max_bytes, take_lines, lose_line, &pieces);
	else
		whole_file(o, at, fd, size);
}

/* ---- directories */

static void walk(struct once *o, int fd, const char *below, unsigned depth);

static void visit(struct once *o, int dir_fd, const char *name, const char *below, unsigned depth)
{
	char path[NAME_BYTES];
	struct place at = { path, true, false };
	struct stat s;
	int fd;

	if ((size_t)snprintf(path, sizeof path, "%s%s%s", below, below[0] == '\0' ? "" : "/",
			     name) >= sizeof path) {
		complain(o, name, "its path is too long", &o->counts.rejected);
		return;
	}
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &s) != 0) {
		complain(o, path, status_text(status_of_errno(errno)), &o->counts.rejected);
		if (fd >= 0)
			close(fd);
		return;
	}
	if (S_ISDIR(s.st_mode)) {
		walk(o, fd, path, depth + 1);
		return;
	}
	if (S_ISREG(s.st_mode))
		open_file(o, &at, fd, (size_t)s.st_size);
	else
		complain(o, path, status_text(STATUS_NOT_REGULAR), &o->counts.rejected);
	close(fd);
}

/* Takes fd over. */
static void walk(struct once *o, int fd, const char *below, unsigned depth)
{
	struct dirent **names = NULL;
	int count;

	if (depth > DEPTH_MAX) {
		complain(o, below, "nested too deeply", &o->counts.rejected);
		close(fd);
		return;
	}
	count = scandirat(fd, ".", &names, NULL, alphasort);
	if (count < 0)
		complain(o, below, status_text(status_of_errno(errno)), &o->counts.rejected);
	for (int i = 0; i < count; i++) {
		if (!given_up(o) && !text_name_is_ignored(span_of_text(names[i]->d_name)))
			visit(o, fd, names[i]->d_name, below, depth);
		free(names[i]);
	}
	free(names);
	close(fd);
}

/* ---- paths */

static void run_path(struct once *o, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct place at = { is_stdin ? "stdin.jsonl" : path, false, is_stdin };
	struct piecewise pieces = { o, &at };
	struct stat s;
	int fd;

	if (is_stdin) {
		lines_read(STDIN_FILENO, false, o->max_bytes, take_lines, lose_line, &pieces);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &s) != 0) {
		complain(o, path, status_text(status_of_errno(errno)), &o->counts.unopened);
		if (fd >= 0)
			close(fd);
		return;
	}
	if (S_ISDIR(s.st_mode)) {
		walk(o, fd, "", 0);
		return;
	}
	if (S_ISREG(s.st_mode))
		open_file(o, &at, fd, (size_t)s.st_size);
	else
		complain(o, path, status_text(STATUS_NOT_REGULAR), &o->counts.unopened);
	close(fd);
}

enum status once_run(struct once_counts *out, struct pipeline *p, const char *const *paths,
		     size_t count, size_t max_bytes)
{
	struct once o = { .pipeline = p,
			  .max_bytes = max_bytes,
			  .lock = PTHREAD_MUTEX_INITIALIZER,
			  .changed = PTHREAD_COND_INITIALIZER };

	for (size_t i = 0; i < count && !given_up(&o); i++)
		run_path(&o, paths[i]);
	pthread_mutex_lock(&o.lock);
	while (o.pending > 0)
		pthread_cond_wait(&o.changed, &o.lock);
	pthread_mutex_unlock(&o.lock);
	bytes_free(&o.line);
	o.counts.given_up = pipeline_given_up(p);
	o.counts.known = (size_t)stats_get(STAT_ARTICLES_KNOWN);
	*out = o.counts;
	fflush(stdout);
	return o.incomplete ? STATUS_NO_MEMORY : STATUS_OK;
}
