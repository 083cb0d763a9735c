/* SPDX-License-Identifier: BSD-2-Clause */
/* meta.h - the small environment beside the epochs: what outlives them.
 *
 * Every change is a durable transaction of its own. It may lag behind an epoch, never lead; but the
 * lease does on purpose: numbers below it may have been given out by an epoch that is lost now. */
#ifndef STORE_META_H
#define STORE_META_H

#include "store/epoch.h"

#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

enum meta_table { META_STATE, META_CONSUMERS, META_TOMBSTONES, META_SNAPSHOTS, META_TABLE_COUNT };

#define META_LEASE (UINT64_C(1) << 20) /* numbers leased at a time */

struct meta {
	struct kv *kv;
	uint64_t secret;
	int64_t horizon_ms; /* INT64_MIN: nothing has expired */
	uint64_t lease[APPENDED_COUNT];
	uint64_t *tombstones; /* ascending; also in META_TOMBSTONES */
	size_t tombstone_count, tombstone_cap;
};

struct meta_options {
	const char *path;
	bool sync;
	/* What a new one begins with. */
	uint64_t secret;
	int64_t horizon_ms;
	const uint64_t *lease; /* [APPENDED_COUNT] */
};

/* Made when there is none. */
enum status meta_open(struct meta *m, const struct meta_options *o);
void meta_close(struct meta *m);
/* What an open environment of a meta says; m->kv is not set. Given back by meta_close(). */
enum status meta_take(struct meta *m, struct kv_txn *t);
struct kv_options meta_kv_options(const char *path, bool sync);

/* At least `next` may be given out from now on. Durable only when the lease had to be renewed. */
enum status meta_lease(struct meta *m, const uint64_t next[APPENDED_COUNT]);
enum status meta_set_horizon(struct meta *m, int64_t horizon_ms);
enum status meta_bury(struct meta *m, const uint64_t *seqs, size_t count);
/* Forgets the tombstones up to a seq: their rows have expired. */
enum status meta_unbury(struct meta *m, uint64_t seq);
bool meta_buried(const struct meta *m, uint64_t seq);
/* Which tombstone it has; tombstone_count: none. */
size_t meta_grave(const struct meta *m, uint64_t seq);

#endif
