/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole trip on one screen:
 *
 *   pipeline_offer(), pipeline_submit()   a job joins the line                       caller
 *   work()         read -> parse (in its parser) -> fingerprint_of -> repeats_find     workers
 *   ahead_help()   candidates of the articles that are next, looked at               workers
 *   do_file()      is the delivery known?                                            lane
 *   assess()       naming -> recognise -> mask -> keys -> match -> conclude -> join  lane
 *   remember()     store_put -> replay_post (index) -> learning_take -> alert       lane
 *   announce()     commit is durable: outcomes told, alerts waking their streams     lane
 */
#include "ingest/pipeline.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/turns.h"
#include "index/index.h"
#include "ingest/ahead.h"
#include "ingest/job.h"
#include "ingest/lane.h"
#include "ingest/line.h"
#include "ingest/naming.h"
#include "ingest/parsers.h"
#include "ingest/watch.h"
#include "ingest/work.h"
#include "store/dictionary.h"
#include "store/store.h"
#include "store/text.h"

#define PROBE_FILES 256u
#define WORKER_NICENESS 10
/* What waits for the lane: a few large files, or a batch and the next of small ones. */
#define READY_TIMES 8u
#define READY_BYTES ((size_t)64 << 20)

struct worker {
	struct pipeline *pipeline;
	size_t number;
	pthread_t thread;
};

struct pipeline {
	struct line *line;
	struct ahead *ahead;
	struct lane *lane;
	struct worker *workers;
	size_t worker_count;
	struct work_options work;
	struct store *store;
	size_t reserved; /* room in the queue that is not for files */
	bool keep_text;
};

/* The dictionary of a new epoch is another one. */
static void follow_dictionary(struct text *packer, struct store *store)
{
	struct dictionary *d = packer == NULL ? NULL : store_dictionary(store);

	if (packer != NULL)
		text_use(packer, d);
	dictionary_drop(d);
}

/* From this job on as many as the worker may begin before it ends the first. */
static void work_some(struct pipeline *p, struct job *j, const struct work_tools *tools)
{
	struct job *begun[PARSERS_AHEAD];
	size_t first = 0, count = 0;

	do {
		if (j != NULL) {
			work_begin(j, &p->work, tools);
			begun[(first + count++) % PARSERS_AHEAD] = j;
		}
		j = count < PARSERS_AHEAD && work_eager(&p->work, tools) ? line_work_more(p->line)
									 : NULL;
		if (j != NULL)
			continue;
		follow_dictionary(tools->packer, p->store);
		work_end(begun[first], &p->work, tools);
		ahead_offer(p->ahead, begun[first]);
		line_ready(p->line, begun[first]);
		first = (first + 1) % PARSERS_AHEAD;
		count--;
	} while (count > 0);
}

static void *run_worker(void *arg)
{
	const struct worker *w = arg;
	struct pipeline *p = w->pipeline;
	struct bytes packed = { 0 };
	struct work_tools tools = { w->number, p->keep_text ? text_open() : NULL, &packed };
	struct job *j;

	give_way(WORKER_NICENESS);
	while (line_work(p->line, &j)) {
		if (j == NULL)
			ahead_help(p->ahead, w->number);
		else
			work_some(p, j, &tools);
	}
	text_close(tools.packer);
	bytes_free(&packed);
	return NULL;
}

static void join_workers(struct pipeline *p)
{
	for (size_t i = 0; i < p->worker_count; i++)
		pthread_join(p->workers[i].thread, NULL);
	free(p->workers);
}

static enum status start_workers(struct pipeline *p, size_t count)
{
	p->workers = calloc(count, sizeof *p->workers);
	if (p->workers == NULL)
		return STATUS_NO_MEMORY;
	while (p->worker_count < count) {
		struct worker *w = &p->workers[p->worker_count];

		*w = (struct worker){ .pipeline = p, .number = p->worker_count };
		if (pthread_create(&w->thread, NULL, run_worker, w) != 0)
			return STATUS_NO_MEMORY;
		p->worker_count++;
	}
	return STATUS_OK;
}

enum status pipeline_open(struct pipeline **out, const struct pipeline_options *o)
{
	struct pipeline *p = calloc(1, sizeof *p);
	enum status st;

	if (p == NULL)
		return STATUS_NO_MEMORY;
	p->work = (struct work_options){ o->roots, o->max_file_bytes, o->parsers };
	p->store = o->store;
	p->keep_text = o->keep_text;
	p->reserved = o->queue_max / 2;
	st = line_open(&p->line, o->threads, o->queue_max,
		       READY_BYTES + READY_TIMES * o->max_file_bytes);
	if (st != STATUS_OK)
		goto free_pipeline;
	st = ahead_open(&p->ahead, p->line, o->threads);
	if (st != STATUS_OK)
		goto close_line;
	st = lane_open(&p->lane, p->line, p->ahead, o);
	if (st != STATUS_OK)
		goto close_ahead;
	st = start_workers(p, o->threads);
	if (st != STATUS_OK)
		goto stop_threads;
	*out = p;
	return STATUS_OK;

stop_threads:
	line_stop(p->line);
	join_workers(p);
	lane_close(p->lane);
close_ahead:
	ahead_close(p->ahead);
close_line:
	line_close(p->line);
free_pipeline:
	free(p);
	return st;
}

void pipeline_close(struct pipeline *p)
{
	if (p == NULL)
		return;
	line_stop(p->line);
	parsers_stop(p->work.parsers);
	join_workers(p);
	lane_close(p->lane);
	ahead_close(p->ahead);
	line_close(p->line);
	free(p);
}

void pipeline_configure(struct pipeline *p, const struct pipeline_options *o)
{
	lane_configure(p->lane, o);
}

/* ---- offering work */

static bool add_file(struct job *j, const struct found *f)
{
	struct job_file *file = &j->files[j->file_count];

	*file = (struct job_file){ f->root,     arena_copy(j->arena, f->path),
				   f->path.len, f->size,
				   f->mtime_ns, f->irregular };
	if (file->path == NULL)
		return false;
	j->file_count++;
	return true;
}

/* One job of `count` files from the front; how many it took, 0 when there is no memory or room. */
static size_t offer_job(struct pipeline *p, const struct found *files, size_t count,
			enum job_kind kind)
{
	struct job *j = line_job(p->line);

	if (j == NULL)
		return 0;
	j->kind = kind;
	j->vouched = kind == JOB_FILE;
	j->files = arena_take_zeroed(j->arena, count, sizeof *j->files);
	for (size_t i = 0; j->files != NULL && i < count; i++)
		if (!add_file(j, &files[i]))
			break;
	count = j->file_count;
	if (count > 0 && line_accept(p->line, j, false, kind == JOB_PROBE) == STATUS_OK)
		return count;
	line_return(p->line, j);
	return 0;
}

/* How many files from the front were listed, at most what one probe takes. */
static size_t listed(const struct found *files, size_t count)
{
	size_t n = 0;

	while (n < count && n < PROBE_FILES && files[n].listed)
		n++;
	return n;
}

size_t pipeline_offer(struct pipeline *p, const struct found *files, size_t count)
{
	size_t taken = 0;

	while (taken < count && line_room(p->line) > p->reserved) {
		size_t probe = listed(files + taken, count - taken), n;

		n = probe > 0 ? offer_job(p, files + taken, probe, JOB_PROBE)
			      : offer_job(p, files + taken, 1, JOB_FILE);
		if (n == 0)
			break;
		taken += n;
	}
	return taken;
}

static struct span copied(struct job *j, struct span s)
{
	char *p = s.p == NULL ? NULL : arena_copy(j->arena, s);

	return p == NULL ? (struct span){ NULL, 0 } : span_of(p, s.len);
}

enum status pipeline_submit(struct pipeline *p, const struct submission *s, bool blocking,
			    submission_fn fn, void *ctx)
{
	struct job *j = line_job(p->line);
	enum status st = STATUS_NO_MEMORY;

	if (j == NULL)
		return STATUS_NO_MEMORY;
	j->kind = JOB_BODY;
	j->vouched = true;
	j->submission = *s;
	j->submission.bytes = (struct span){ NULL, 0 };
	j->submission.name = copied(j, s->name);
	j->submission.source = copied(j, s->source);
	put_bytes(&j->raw, s->bytes.p, s->bytes.len);
	j->fn = fn;
	j->fn_ctx = ctx;
	if (!j->raw.failed && !arena_failed(j->arena))
		st = line_accept(p->line, j, blocking, false);
	if (st != STATUS_OK)
		line_return(p->line, j);
	return st;
}

/* ---- asking */

void pipeline_ask(struct pipeline *p, struct lane_question *q)
{
	line_ask(p->line, q);
}

uint64_t pipeline_mark(struct pipeline *p)
{
	return line_mark(p->line);
}

bool pipeline_reached(struct pipeline *p, uint64_t mark)
{
	return line_reached(p->line, mark);
}

size_t pipeline_queued(struct pipeline *p)
{
	return line_queued(p->line);
}

uint64_t pipeline_alerts(const struct pipeline *p)
{
	return lane_alerts(p->lane);
}

const char *pipeline_trouble(const struct pipeline *p)
{
	return lane_trouble(p->lane);
}

enum status pipeline_given_up(const struct pipeline *p)
{
	return lane_given_up(p->lane);
}

const char *pipeline_phase(const struct pipeline *p)
{
	return lane_phase(p->lane);
}

/* ---- names */

#define VERSIONS_MAX 4096u

/* Whether its source is the one that an id begins with. */
static bool by_its_source(const struct row *row)
{
	struct span id = row->verdict.id, source = row->verdict.source;

	return source.p != NULL && id.len > source.len && id.p[source.len] == '/' &&
	       memcmp(id.p, source.p, source.len) == 0;
}

/* The newest row with this id, of the given version unless that is 0; before those of others that
 * of the source which the id names. */
static uint64_t find_id(const struct lane_view *lane, struct span id, uint32_t version)
{
	uint64_t key = naming_key(KEY_ID, id, (struct span){ NULL, 0 }, lane->secret);
	struct arena_mark mark = arena_mark(lane->scratch);
	uint64_t *found = ARENA_ARRAY(lane->arena, uint64_t, VERSIONS_MAX);
	size_t count = found == NULL ? 0 : index_find(lane->index, key, found, VERSIONS_MAX);
	uint64_t seq = 0;
	bool sure = false;

	for (size_t i = 0; i < count && !sure; i++) {
		struct row row;

		if (store_get_light(lane->store, &row, found[i], lane->scratch) == STATUS_OK &&
		    span_equal(row.verdict.id, id) &&
		    (version == 0 || row.verdict.version == version)) {
			sure = by_its_source(&row);
			seq = sure || seq == 0 ? found[i] : seq;
		}
		arena_rewind(lane->scratch, mark);
	}
	return seq;
}

/* A number of digits only; false for anything else. */
static bool number(uint64_t *out, struct span s)
{
	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || *out > UINT64_MAX / 16)
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.len > 0;
}

enum status pipeline_find(const struct lane_view *lane, struct span id, uint64_t *out_seq)
{
	const char *at = id.p == NULL ? NULL : memrchr(id.p, '@', id.len);
	struct arena_mark mark = arena_mark(lane->scratch);
	struct row row;
	uint64_t n;
	enum status st;

	*out_seq = find_id(lane, id, 0);
	if (*out_seq != 0)
		return STATUS_OK;
	if (at != NULL && number(&n, span_of(at + 1, (size_t)(id.p + id.len - at - 1))) && n != 0 &&
	    n <= UINT32_MAX) {
		*out_seq = find_id(lane, span_of(id.p, (size_t)(at - id.p)), (uint32_t)n);
		return *out_seq != 0 ? STATUS_OK : STATUS_NOT_FOUND;
	}
	if (!number(&n, id))
		return STATUS_NOT_FOUND;
	st = store_get_light(lane->store, &row, n, lane->scratch);
	arena_rewind(lane->scratch, mark);
	*out_seq = n;
	return st == STATUS_OK ? STATUS_OK : STATUS_NOT_FOUND;
}
