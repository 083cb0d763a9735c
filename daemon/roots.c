/* SPDX-License-Identifier: BSD-2-Clause */
#include "roots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Links resolved as far as the path is there; a root may be missing at start. */
static void real_path(char out[PATH_MAX], const char *path)
{
	if (realpath(path, out) == NULL)
		snprintf(out, PATH_MAX, "%s", path);
}

/* Whether inner lies below outer, both of real_path(). */
static bool lies_below(const char *inner, const char *outer)
{
	size_t len = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return strcmp(inner, "/") != 0;
	return strncmp(inner, outer, len) == 0 && inner[len] == '/' && inner[len + 1] != '\0';
}

bool roots_apart(const char *const *roots, size_t count, const char *state)
{
	char outer[PATH_MAX], inner[PATH_MAX];

	for (size_t i = 0; i < count; i++) {
		real_path(outer, roots[i]);
		real_path(inner, state);
		if (lies_below(inner, outer) || strcmp(inner, outer) == 0) {
			log_error(
				"state in a feed root",
				"state=%s feeds=%s; it would be read as a feed: keep it elsewhere",
				state, roots[i]);
			return false;
		}
		for (size_t j = 0; j < count; j++) {
			real_path(inner, roots[j]);
			if (!lies_below(inner, outer))
				continue;
			log_error(
				"feed root in a feed root",
				"feeds=%s:%s; it would be taken in twice: name the outer one only",
				roots[i], roots[j]);
			return false;
		}
	}
	return true;
}
