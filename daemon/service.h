/* SPDX-License-Identifier: BSD-2-Clause */
/* service.h - the daemon: feeds watched, the socket answered, until a signal says stop. */
#ifndef SERVICE_H
#define SERVICE_H

#include <reprint/status.h>
#include <stddef.h>

struct config;
struct parsers; /* ingest/parsers.h */

/* Reads the configuration anew (file, then --set), for a reload; why[CONFIG_WHY_BYTES] on failure.
 */
typedef enum status (*service_config_fn)(void *ctx, struct config *out, char *why);

/* Returns the process's exit code. Errors are told in the log. parsers: NULL where workers parse by
 * themselves. */
int service_run(struct config *c, struct parsers *parsers, service_config_fn again, void *ctx);

#endif
