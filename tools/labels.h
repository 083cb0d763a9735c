/* SPDX-License-Identifier: BSD-2-Clause */
/* labels.h - pairs of articles that somebody has judged: JSON Lines of {"a","b","label"}.
 *
 * dup and near are copies; partial and passage are parts; none, other, weak, quote and boilerplate
 * are neither. Lines that say something else are passed over and counted. */
#ifndef TOOLS_LABELS_H
#define TOOLS_LABELS_H

#include <reprint/span.h>
#include <stdbool.h>

#include "detect/calibration.h"

struct arena;

struct label {
	struct span a, b; /* ids */
	enum truth truth;
};

struct labels {
	struct label *all;
	size_t count, cap;
	size_t passed_over;
};

/* The ids live in the arena. False: told on stderr. */
bool labels_read(struct labels *out, const char *path, struct arena *arena);
void labels_free(struct labels *l);

#endif
