/* SPDX-License-Identifier: BSD-2-Clause */
/* upkeep.h - work on the files of a state: --backup, --restore, --verify, --repair.
 *
 * Backup and verify read, of a stopped state or beside the daemon, which runs them itself for
 * `reprint backup` and `reprint verify`. Restore and repair want the state to themselves.
 * Each returns the process's exit code, and tells its own errors. */
#ifndef UPKEEP_H
#define UPKEEP_H

#include <stdbool.h>

struct config;

/* The stream on stdout. */
int upkeep_backup(const struct config *c);
/* "-": from stdin. The state directory is made, or empty. */
int upkeep_restore(const struct config *c, const char *file);
/* A line a file, and one a problem; json: as objects. 2: there are problems. */
int upkeep_verify(const struct config *c, bool json);
/* Only for the daemon: purge_write(), a line of JSON for each epoch. */
int upkeep_purge(const struct config *c);
/* Sets aside what is damaged and removes what the next start makes again. */
int upkeep_repair(const struct config *c);

#endif
