/* SPDX-License-Identifier: BSD-2-Clause */
#include "roots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* Links resolved as far as the path is there; a root, or the state, may be missing at start. */
static void real_path(char out[PATH_MAX], const char *path)
{
	char whole[PATH_MAX], front[PATH_MAX];
	char *slash = front;
	size_t len;

	snprintf(whole, sizeof whole, "%s%s", path[0] == '/' ? "" : "./", path);
	snprintf(front, sizeof front, "%s", whole);
	while (realpath(front, out) == NULL && (slash = strrchr(front, '/')) != NULL)
		*slash = '\0';
	len = slash == NULL ? 0 : strlen(out);
	if (len == 1 && whole[strlen(front)] == '/')
		len = 0; /* below the root itself, which ends in a slash */
	snprintf(out + len, PATH_MAX - len, "%s", whole + strlen(front));
}

/* Whether inner lies below outer, both of real_path(). */
static bool lies_below(const char *inner, const char *outer)
{
	size_t len = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return strcmp(inner, "/") != 0;
	return strncmp(inner, outer, len) == 0 && inner[len] == '/' && inner[len + 1] != '\0';
}

bool roots_without(const char *const *roots, size_t count, const char *state)
{
	char outer[PATH_MAX], inner[PATH_MAX];

	real_path(inner, state);
	for (size_t i = 0; i < count; i++) {
		real_path(outer, roots[i]);
		if (!lies_below(inner, outer) && strcmp(inner, outer) != 0)
			continue;
		log_error("state in a feed root",
			  "state=%s feeds=%s; it would be read as a feed: keep it elsewhere", state,
			  roots[i]);
		return false;
	}
	return true;
}

bool roots_apart(const char *const *roots, size_t count, const char *state)
{
	char outer[PATH_MAX], inner[PATH_MAX];

	for (size_t i = 0; i < count; i++) {
		real_path(outer, roots[i]);
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
	return roots_without(roots, count, state);
}
