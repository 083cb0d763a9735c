/* SPDX-License-Identifier: BSD-2-Clause */
/* roots.h - whether the feed roots and the state keep out of each other's way.
 *
 * A root below another one would be taken in twice, and be its own duplicate; a state below a root
 * would be read as a feed. Thread: main's. */
#ifndef ROOTS_H
#define ROOTS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a state, which may not be there yet, lies in none of the roots. False: logged in which.
 */
bool roots_without(const char *const *roots, size_t count, const char *state);
/* The same, and no root in another one. The same root named twice is fine. */
bool roots_apart(const char *const *roots, size_t count, const char *state);

#endif
