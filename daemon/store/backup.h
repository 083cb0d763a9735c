/* SPDX-License-Identifier: BSD-2-Clause */
/* backup.h - a state as one stream of checked parcels (parcel.h), and back.
 *
 * What is in it: meta and every epoch, table by table. What is derived is not: index runs are made
 *          again at the first start. A stream restored is compact, whatever its state was.
 * Process: a backup is written beside the daemon, or of a stopped state (snapshot.h). */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/parcel.h"

#include <reprint/status.h>
#include <stddef.h>

#define BACKUP_WHY_BYTES 160u

/* What went wrong, and on which side. */
struct backup_failure {
	bool of_stream; /* else of the state's directory */
	char why[BACKUP_WHY_BYTES];
};

enum status backup_write(struct parcel_totals *out, struct backup_failure *failure, int fd,
			 const char *state, size_t map_size);

/* Reads a stream into an empty or missing directory: built below it, every parcel checked, then the
 * whole verified, then moved into place; whatever fails, nothing usable is left there. EXISTS:
 * something is in the directory. */
enum status backup_restore(struct parcel_totals *out, struct backup_failure *failure, int fd,
			   const char *state, size_t map_size);

#endif
