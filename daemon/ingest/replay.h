/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.h - what is derived from the rows, made again at start. */
#ifndef INGEST_REPLAY_H
#define INGEST_REPLAY_H

#include "ingest/pipeline.h"

struct keys;
struct row;

/* Fills the index above its sealed runs and the chrome counts above their snapshot (*out_chrome:
 * its seq) from the store. Before the lane runs; uses its arenas. */
enum status replay(const struct lane_view *lane, uint64_t *out_chrome);

/* The chrome counts once more from the store, as at a start. Outside a batch. */
enum status replay_chrome(const struct lane_view *lane);

/* Fills what a damaged run has lost, when one was met in a look-up since. Outside a batch. */
enum status replay_gaps(const struct lane_view *lane);

/* All postings of one stored row; keys as keys_of_row() makes them. */
enum status replay_post(struct index *x, const struct row *row, const struct keys *keys,
			uint64_t secret);

#endif
