/* SPDX-License-Identifier: BSD-2-Clause */
/* anew.h - the texts of an epoch packed anew, for a copy of it without what was forgotten: its
 * dictionary holds pieces of texts, and one of them may be of a forgotten article. */
#ifndef STORE_ANEW_H
#define STORE_ANEW_H

#include <reprint/span.h>
#include <reprint/status.h>

struct anew; /* opaque */
struct meta;
struct snapshot_part;

/* *out is NULL where the dictionary has nothing of what was forgotten. */
enum status anew_open(struct anew **out, struct snapshot_part *part, const struct meta *meta);
void anew_close(struct anew *a); /* accepts NULL */

/* What stands for a value in the copy, until the next call. NOT_FOUND: nothing does. */
enum status anew_value(struct anew *a, struct span *value, unsigned table, struct span key);

#endif
