/* SPDX-License-Identifier: BSD-2-Clause */
/* manifest.h - which runs there are: lines of text with a checksum, replaced whole.
 *
 * What it does not name is not there: a crash leaves the runs before or after a change. */
#ifndef INDEX_MANIFEST_H
#define INDEX_MANIFEST_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_RUNS_MAX 4096u
#define MANIFEST_GAPS_MAX 64u

struct manifest_run {
	uint64_t file;                /* its number, rising */
	uint32_t level;               /* how often it was merged */
	uint64_t first_seq, last_seq; /* for the day when its file is damaged */
	uint64_t first_delivery, last_delivery;
};

/* Articles whose postings are lost and have to be added again. */
struct gap {
	uint64_t from, to;
};

struct manifest {
	uint64_t sealed_seq, sealed_delivery;
	struct manifest_run *runs; /* oldest first */
	size_t run_count, run_cap;
	struct gap gaps[MANIFEST_GAPS_MAX];
	size_t gap_count;
};

/* Empty when there is none or it is damaged; NO_MEMORY is the only failure. */
enum status manifest_load(struct manifest *m, const char *path);
enum status manifest_save(const struct manifest *m, const char *path, bool sync);
void manifest_free(struct manifest *m);

/* At a place; STATUS_TOO_LARGE when there are absurdly many. */
enum status manifest_insert(struct manifest *m, size_t at, const struct manifest_run *run);
/* Where a file is named; run_count when it is not. */
size_t manifest_find(const struct manifest *m, uint64_t file);
/* Deliveries of a run that goes do not count as sealed any more, nor do those after them. */
void manifest_unseal_deliveries(struct manifest *m, uint64_t first, uint64_t last);
void manifest_remove(struct manifest *m, size_t at);
/* Joined with the gaps it touches; kept in order. An empty range is none. */
void gaps_add(struct gap *gaps, size_t *count, struct gap gap);

#endif
