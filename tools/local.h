/* SPDX-License-Identifier: BSD-2-Clause */
/* local.h - every article of some files, one after the other, without the daemon. */
#ifndef TOOLS_LOCAL_H
#define TOOLS_LOCAL_H

#include "session.h"

struct article;

/* false stops. */
typedef bool (*local_fn)(void *ctx, const struct article *a, const char *file);

/* The exit code: EXIT_ERROR when something could not be read (told; the rest goes on). */
int local_each(struct session *s, char *const *paths, int path_count, local_fn fn, void *ctx);

#endif
