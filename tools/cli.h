/* SPDX-License-Identifier: BSD-2-Clause */
/* cli.h - what every command of `reprint` is given: the global options, and how to fail. */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>

/* Exit codes of the contract. */
enum { CLI_OK = 0, CLI_FOUND = 1, CLI_ERROR = 2, CLI_UNREACHABLE = 3, CLI_CANNOT = 4 };

struct cli {
	const char *program; /* argv[0], to find reprintd beside it */
	const char *socket;
	bool json;  /* --json */
	bool color; /* decided: --color, else stdout is a terminal */
};

/* argv[0] is the command's name; returns an exit code. */
typedef int (*cli_fn)(const struct cli *cli, int argc, char **argv);

/* These need no daemon: local_*.c. */
int local_scan(const struct cli *cli, int argc, char **argv);
int local_text(const struct cli *cli, int argc, char **argv);
int local_fingerprint(const struct cli *cli, int argc, char **argv);
int local_calibrate(const struct cli *cli, int argc, char **argv);
int local_restore(const struct cli *cli, int argc, char **argv); /* upkeep.c */
int local_repeats(const struct cli *cli, int argc, char **argv); /* FILE */

/* "reprint: WHAT: WHY" on stderr; returns CLI_ERROR. */
int cli_fail(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
