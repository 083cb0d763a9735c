/* SPDX-License-Identifier: BSD-2-Clause */
/* merge.h - from a full table to a run, and from several runs to one. */
#ifndef INDEX_MERGE_H
#define INDEX_MERGE_H

#include "index/run.h"

#define MERGE_RUNS 4u

/* Called every few thousand postings; false: give up (STATUS_CLOSED). */
typedef bool (*merge_pause_fn)(void *ctx);

/* Write a synced run file; on failure nothing is left of it. info: the ranges. */
enum status run_of_table(const char *path, const struct run_info *info, struct table *table,
			 bool sync);
/* Runs from old to new; of a key the oldest and newest cap postings stay. *out_broken: which input
 * is damaged, when that is why (STATUS_DAMAGED). */
enum status run_of_runs(const char *path, struct run *const *runs, size_t count, uint32_t cap,
			bool sync, size_t *out_broken, merge_pause_fn pause, void *ctx);
/* The ranges of several runs together. */
struct run_info run_info_of(struct run *const *runs, size_t count);
/* Ascending numbers without doubles; of more than cap the middle goes. Returns how many stay. */
size_t numbers_cap(uint64_t *numbers, size_t count, uint32_t cap);

#endif
