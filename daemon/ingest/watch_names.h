/* SPDX-License-Identifier: BSD-2-Clause */
/* watch_names.h - finds what is called NAME in a directory; and which names are no delivery.
 *
 * Nodes are embedded in what they find and owned by it; the table owns only its buckets. Names are
 * bytes: anything but '/' and NUL. The hash is seeded, so names cannot be chosen to collide.
 * Thread: one owner at a time. */
#ifndef INGEST_WATCH_NAMES_H
#define INGEST_WATCH_NAMES_H

#include <reprint/span.h>
#include <stdint.h>

struct name_node {
	struct name_node *next;
	const void *owner; /* the directory it is in */
	uint64_t hash;
	struct span name; /* lives as long as the node is in the table */
};

/* Zero-initialise; names_free() when done. */
struct name_table {
	struct name_node **buckets;
	size_t bucket_count; /* 0 or a power of two */
	size_t count;
	uint64_t seed;
};

void names_free(struct name_table *t);
/* Fills the node and puts it in; there must be none of that name yet. False when out of memory. */
bool names_put(struct name_table *t, struct name_node *node, const void *owner, struct span name);
struct name_node *names_find(const struct name_table *t, const void *owner, struct span name);
void names_remove(struct name_table *t, struct name_node *node);

/* Starts with '.' or ends in .tmp, .part or ~: not delivered until it is renamed. */
bool name_is_ignored(struct span name);
/* For sentences that end up in JSON: what is not UTF-8, and control characters, become '?'. */
void name_make_printable(char *text);

#endif
