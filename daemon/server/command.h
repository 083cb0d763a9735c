/* SPDX-License-Identifier: BSD-2-Clause */
/* command.h - the table of commands (commands.def) and what a command may use.
 *
 * A command either answers on the loop, or names a slice that the lane runs (answers.h). */
#ifndef SERVER_COMMAND_H
#define SERVER_COMMAND_H

#include "server/answers.h"
#include "server/server.h"

struct call;
struct syncs; /* server/sync.h */

/* The server's own, as far as commands are concerned; the loop's. */
struct desk {
	struct server_options options;
	struct answers *answers;
	struct syncs *syncs;
	int64_t started_us; /* monotonic */
	bool upkeep;        /* a backup, verify or repair is under way */
};

struct command {
	const char *name;
	bool admin;                                    /* root and the daemon's user only */
	void (*begin)(struct desk *d, struct call *c); /* on the loop; or NULL and */
	answer_fn slice;                               /* on the lane */
	const char *help;
};

/* NULL after the last. */
const struct command *command_at(size_t i);

/* Finds the command, checks the peer, and lets it begin. */
void command_begin(struct desk *d, struct call *c);

#define COMMAND_LOOP(name, who, help) void name##_begin(struct desk *d, struct call *c);
#define COMMAND_LANE(name, who, help) \
	enum answer_step name##_slice(struct answer *a, const struct lane_view *lane);
#include "server/commands.def"
#undef COMMAND_LOOP
#undef COMMAND_LANE

#endif
