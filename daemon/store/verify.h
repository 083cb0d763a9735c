/* SPDX-License-Identifier: BSD-2-Clause */
/* verify.h - whether what a state holds is whole and agrees with itself.
 *
 * Structure: every page of every environment is walked, in a child process that may die of it, and
 *          the checksum of every row.
 * References: numbers without holes, unless forgotten; rows to their cluster and back, earlier
 *          versions, matches; texts and alerts to their rows; cursors to their alerts.
 * Process: of a stopped state, or beside the daemon (snapshot.h): then the file of the newest epoch
 *          grows while this runs, by what is committed meanwhile. */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "base/finding.h"

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>

struct row;

struct verify_options {
	const char *path;
	size_t map_size;
	/* One call for each file that is sound, and one for each problem, as they are found. */
	finding_fn tell;
	/* NULL, or each row in order of seq but the forgotten. */
	void (*row)(void *ctx, const struct row *row, uint64_t secret);
	void *ctx; /* of both */
};

/* Problems are no failures: those are about being able to look at all. NOT_FOUND: no state. */
enum status verify_state(const struct verify_options *o);

#endif
