/* SPDX-License-Identifier: BSD-2-Clause */
#include "state.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "config.h"
#include "detect/judge.h"
#include "index/index.h"
#include "ingest/parsers.h"
#include "ingest/pipeline.h"
#include "store/store.h"

static void take_thresholds(struct thresholds *out, const struct config *c)
{
	*out = *judge_defaults();
	out->near_resemblance = c->near_resemblance;
	out->near_containment = c->near_containment;
	out->same_site_resemblance = c->same_site_resemblance;
	out->same_site_containment = c->same_site_containment;
	out->unknown_site_resemblance = c->unknown_site_resemblance;
	out->unknown_site_containment = c->unknown_site_containment;
	out->passage_shared = 2 * (double)c->passage_words;
}

size_t state_threads(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->threads > 0)
		return (size_t)c->threads;
	return cores > 0 ? (size_t)cores : 1;
}

void state_options(struct pipeline_options *out, struct thresholds *thresholds,
		   const struct config *c)
{
	take_thresholds(thresholds, c);
	*out = (struct pipeline_options){
		.threads = state_threads(c),
		.batch_max = (size_t)c->batch_max,
		.queue_max = 4096,
		.max_file_bytes = (size_t)c->max_file_bytes,
		.max_matches = (uint32_t)c->max_matches,
		.thresholds = thresholds,
		.believe_site = c->believe_site,
		.keep_text = c->keep_text,
		.alert_kinds = c->alert_kinds,
		.alert_ratio = c->alert_ratio,
		.alert_max_age_ms = c->alert_max_age,
	};
}

/* The limit in bytes: a share of the file system the state is on where it is given in per cent. */
static uint64_t disk_limit(const struct config *c)
{
	struct statvfs v;
	uint64_t percent = c->disk_limit & ~CONFIG_PERCENT;

	if ((c->disk_limit & CONFIG_PERCENT) == 0)
		return c->disk_limit;
	if (statvfs(c->state, &v) != 0)
		return 0;
	return (uint64_t)v.f_blocks * v.f_frsize / 100 * percent;
}

static enum status open_once(struct state *out, const struct config *c,
			     const struct pipeline_options *o, bool temporary)
{
	struct store_options store = {
		.path = c->state,
		.retention_ms = c->retention,
		.map_size = (size_t)c->map_size,
		.keep_text = c->keep_text,
		.sync = !temporary,
	};
	struct pipeline_options pipeline;
	struct thresholds thresholds;
	struct index_options index = { 0 };
	enum status st;

	if (mkdir(c->state, 0700) != 0 && errno != EEXIST)
		return status_of_errno(errno);
	store.disk_limit = disk_limit(c);
	st = store_open(&out->store, &store);
	if (st != STATUS_OK)
		return st;
	index.path = store_index_path(out->store);
	index.temporary = temporary;
	index.active_articles = fault_table();
	st = index_open(&out->index, &index);
	if (st != STATUS_OK)
		goto close_store;
	state_options(&pipeline, &thresholds, c);
	pipeline.store = out->store;
	pipeline.index = out->index;
	pipeline.roots = o->roots;
	pipeline.root_count = o->root_count;
	pipeline.queue_max = o->queue_max;
	pipeline.tries_max = o->tries_max;
	pipeline.parsers = o->parsers;
	if (o->parsers != NULL)
		pipeline.threads = parsers_count(o->parsers);
	pipeline.wake = o->wake;
	pipeline.wake_ctx = o->wake_ctx;
	st = pipeline_open(&out->pipeline, &pipeline);
	if (st != STATUS_OK)
		goto close_index;
	return STATUS_OK;

close_index:
	if (st == STATUS_DAMAGED)
		store_distrust(out->store);
	index_close(out->index);
close_store:
	store_close(out->store);
	return st;
}

/* A file that was trusted, because it is as it was left, may be damaged all the same. */
enum status state_open(struct state *out, const struct config *c, const struct pipeline_options *o,
		       bool temporary)
{
	enum status st = open_once(out, c, o, temporary);

	if (st != STATUS_DAMAGED)
		return st;
	log_warning("state is damaged", "path=%s; every file of it is walked", c->state);
	return open_once(out, c, o, temporary);
}

const char *state_advice(enum status st)
{
	switch (st) {
	case STATUS_NOT_FOUND:
		return "does the directory above it exist?";
	case STATUS_EXISTS:
		return "it is no directory";
	case STATUS_FOREIGN:
		return "name an empty or a new directory";
	case STATUS_DENIED:
		return "is it a directory of our own user?";
	case STATUS_READ_ONLY:
		return "mount it for writing, or name another one";
	case STATUS_NO_SPACE:
		return "make room there, or name another one";
	case STATUS_BUSY:
		return "another reprintd runs on it";
	case STATUS_DAMAGED:
		return "move it away or restore it: it is built anew";
	default:
		return "the machine or its disk is in trouble: its log may say more";
	}
}

void state_close(struct state *s)
{
	pipeline_close(s->pipeline);
	index_close(s->index);
	store_close(s->store);
}
