/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.h - what is derived from the rows, made again at start. */
#ifndef INGEST_REPLAY_H
#define INGEST_REPLAY_H

#include "ingest/pipeline.h"

struct row;

/* Fills the index above its sealed runs and the chrome counts above their snapshot (*out_chrome:
 * its seq) from the store. Before the lane runs; uses its arenas. */
enum status replay(const struct lane_view *lane, uint64_t *out_chrome);

/* All postings of one stored row; keys as assess_keys() makes them. */
enum status replay_post(struct index *x, const struct row *row, const uint64_t *keys,
			size_t key_count, uint64_t secret);

#endif
