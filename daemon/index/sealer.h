/* SPDX-License-Identifier: BSD-2-Clause */
/* sealer.h - a thread that writes runs and keeps the manifest.
 *
 * Tasks are done in the order they were given, but what is about tables goes ahead of a merge or a
 * warming that is under way, and a much smaller merge ahead of a large one: what comes meanwhile
 * would be many runs, each of which costs every look-up. A task changes hands whole: what is in it
 * belongs to the thread until it is taken back.
 * Thread:  all calls by one owner. Nothing but sealer_wait() and sealer_close() blocks. */
#ifndef INDEX_SEALER_H
#define INDEX_SEALER_H

#include "index/manifest.h"
#include "index/merge.h"

enum task_kind {
	TASK_SEAL,  /* a table becomes a run */
	TASK_MERGE, /* runs become one */
	TASK_WARM,  /* a run is read into memory */
	TASK_RETIRE /* a table or runs go: unnamed, closed, unlinked (renamed when damaged); `again`
		     */
};

struct task {
	struct task *next;
	enum task_kind kind;
	struct table *table;
	size_t again; /* RETIRE: the table, or a new one, comes back empty, for so many postings; 0:
			 no */
	struct run *runs[MERGE_RUNS];
	size_t run_count;
	uint32_t cap;
	/* Of a seal: */
	struct run_info info;
	uint64_t sealed_seq, sealed_delivery;
	struct gap gaps[MANIFEST_GAPS_MAX]; /* what will be left of them */
	size_t gap_count;
	bool old; /* the table was full before an index_renew() */
	/* The result: */
	enum status st;
	struct run *made;
	size_t broken; /* DAMAGED: which of the runs */
};

struct sealer; /* opaque */

/* The manifest is moved into the sealer. next_file: above every file that is there. */
enum status sealer_open(struct sealer **out, const char *path, struct manifest *manifest,
			uint64_t next_file, bool sync);
/* Waiting seals are done, merges and warmings given up; tasks not taken back yet can still be
 * taken. */
void sealer_stop(struct sealer *s);
void sealer_close(struct sealer *s); /* accepts NULL; all tasks have been taken */

void sealer_give(struct sealer *s, struct task *t);
/* A task that is done, NULL when there is none; costs next to nothing then. */
struct task *sealer_take(struct sealer *s);
/* Until there is something to take. */
void sealer_wait(struct sealer *s);

/* "folder/0000000000000001.run" as a new string. */
char *sealer_run_path(const char *folder, uint64_t file);

#endif
