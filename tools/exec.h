/* SPDX-License-Identifier: BSD-2-Clause */
/* exec.h - a command of the user's, given one line on its standard input. */
#ifndef TOOLS_EXEC_H
#define TOOLS_EXEC_H

#include <reprint/span.h>

/* Runs command by /bin/sh -c with the line (and a line end) on stdin; true: it exited with 0.
 * SIGPIPE must be ignored here; the command gets the default back. */
bool exec_line(const char *command, struct span line);

/* A pause that doubles with every try, from a quarter of a second to a minute. */
void exec_pause(unsigned tries);

#endif
