/* SPDX-License-Identifier: BSD-2-Clause */
/* commands.h - what each command that asks the daemon runs; the table is in reprint.c. Each returns
 * the exit code of the contract and tells its own errors. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "session.h"

int run_repeats(struct session *s, struct args *a); /* repeats.c */
int run_check(struct session *s, struct args *a);   /* submit.c */
int run_add(struct session *s, struct args *a);
int run_show(struct session *s, struct args *a); /* look.c */
int run_matches(struct session *s, struct args *a);
int run_cluster(struct session *s, struct args *a);
int run_clusters(struct session *s, struct args *a);
int run_neighbours(struct session *s, struct args *a);
int run_explain(struct session *s, struct args *a); /* why.c */
int run_near_misses(struct session *s, struct args *a);
int run_chrome(struct session *s, struct args *a);
int run_diff(struct session *s, struct args *a);   /* diff.c */
int run_alerts(struct session *s, struct args *a); /* alerts.c */
int run_ack(struct session *s, struct args *a);
int run_consumers(struct session *s, struct args *a);
int run_status(struct session *s, struct args *a); /* state.c */
int run_stats(struct session *s, struct args *a);
int run_rejected(struct session *s, struct args *a);
int run_sync(struct session *s, struct args *a);
int run_forget(struct session *s, struct args *a);
int run_backup(struct session *s, struct args *a); /* upkeep.c */
int run_verify(struct session *s, struct args *a);
int run_repair(struct session *s, struct args *a);
int run_rescan(struct session *s, struct args *a);
int run_reload(struct session *s, struct args *a);

#endif
