/* SPDX-License-Identifier: BSD-2-Clause */
/* dump.h - what the daemon is doing, into the log, when it is asked by SIGUSR1.
 *
 * Asks nobody: it answers also while the lane is stuck. Thread: the loop's. */
#ifndef DUMP_H
#define DUMP_H

struct pipeline;

void dump_log(struct pipeline *p);

#endif
