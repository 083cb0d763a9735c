/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot.h - the environments of a state as they are at one moment, read from beside.
 *
 * Moment:  meta is read first, the newest epoch second, and older ones are not written any more: so
 *          meta may lag behind the epochs, never lead, as after a loss of power at that moment.
 * Process: not the one that has the store open; LMDB's lock file knows the readers of both. While
 *          the newest epoch is read its file grows by the pages that each commit changes.
 * Expiry:  an epoch that expires before it is opened is left out, with all older ones. */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/epoch.h"

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_META 0u /* the number of meta among the parts; epochs begin at 1 */

struct snapshot_part {
	uint32_t number;
	char *path;
	char name[24]; /* below the state: "meta", "epochs/00000001" */
	struct kv *kv; /* NULL: not opened */
	struct kv_txn txn;
	unsigned table_count;
};

struct snapshot {
	char *epochs_path;
	struct snapshot_part *parts; /* meta, then epochs, newest first */
	size_t count;
};

/* Asked before a part is opened: anything but OK, and it is passed over. NULL: all are opened. */
typedef enum status (*snapshot_trust_fn)(void *ctx, const struct snapshot_part *part,
					 const struct kv_options *o, kv_check_fn check);

/* NOT_FOUND: there is no state; VERSION, DAMAGED: its format is not ours. */
enum status snapshot_open(struct snapshot *out, const char *state, size_t map_size,
			  snapshot_trust_fn trust, void *ctx);
/* The part is read to its end: its file may go on without us. */
void snapshot_leave(struct snapshot_part *part);
void snapshot_close(struct snapshot *s);

/* Numbers of the epochs below a folder that have their name, newest first; of malloc. */
enum status snapshot_epochs(const char *epochs_path, uint32_t **out, size_t *out_count);

#endif
