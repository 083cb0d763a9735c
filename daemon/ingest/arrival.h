/* SPDX-License-Identifier: BSD-2-Clause */
/* arrival.h - deliveries: which files are known, what is written down of those that came. The
 * lane's.
 *
 * A delivery's identity is source + path + size + mtime + content hash, stored in the commit of its
 * verdicts: a crash re-reads at most the last batch and stores nothing twice. */
#ifndef INGEST_ARRIVAL_H
#define INGEST_ARRIVAL_H

#include "ingest/pipeline.h"

struct job;
struct line;

/* Sends those files of a probe on to the workers that are not known by path, size and mtime, and
 * are not older than the horizon. */
void arrival_probe(const struct lane_view *lane, struct line *line, struct job *probe);

/* After reading: the same path with the same content and time, or a file of the same source that
 * only moved (its old path is gone). */
bool arrival_known(const struct lane_view *lane, const struct job *j, const char *const *roots);
/* Whether the delivery is written down already, just as it is. */
bool arrival_recorded(const struct lane_view *lane, const struct job *j);

/* Inside a batch. Writes the delivery down; *out_number is its number. */
enum status arrival_record(const struct lane_view *lane, const struct job *j, uint64_t *out_number);
/* Inside a batch. One rejection, one log line; a file refused before for the same reason is not
 * told again. */
enum status arrival_reject(const struct lane_view *lane, const struct job *j, const char *why,
			   int64_t now_ms);

#endif
