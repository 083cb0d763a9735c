/* SPDX-License-Identifier: BSD-2-Clause */
/* rebase.h - rows of an epoch that is written anew, where rows that they are told by go: the first
 * that loses one is told without, and serves those after it in its stead.
 *
 * Rows are given in rising order. Thread: one owner.
 * Errors:  NO_MEMORY; DAMAGED, when a row cannot be read. */
#ifndef STORE_REBASE_H
#define STORE_REBASE_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct meta;
struct rebase; /* opaque */
struct snapshot_part;

enum status rebase_open(struct rebase **out, struct snapshot_part *part, const struct meta *meta);
void rebase_close(struct rebase *r); /* accepts NULL */

/* A row that stays, as it is to be stored; the value is ours until the next. */
enum status rebase_row(struct rebase *r, struct span *row, uint64_t seq);

#endif
