/* SPDX-License-Identifier: BSD-2-Clause */
/* purge.h - epochs without the articles that were forgotten, so that their bytes are gone.
 *
 * A sealed epoch is written anew beside itself, record by record (so no page of the old file comes
 * along), synced and walked; then its file is renamed over the old one. A crash leaves the old or
 * the new file under the name, and a half-written one is removed at the next start. What stays of a
 * forgotten article is its number: in tombstones, alerts, clusters, and its file's path among the
 * deliveries, which keeps it from being taken in again. */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include <reprint/status.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct purged {
	uint32_t epoch;
	uint32_t writer;      /* its process: what it wrote is NUMBER.WRITER.new, nobody else's */
	uint64_t first, last; /* of the forgotten articles in it */
};

/* From beside the daemon (snapshot.h): writes each sealed epoch that holds forgotten articles anew
 * and tells it; when it fails, nothing of that is left. */
typedef void (*purge_fn)(void *ctx, const struct purged *p);
enum status purge_write(const char *state, size_t map_size, purge_fn fn, void *ctx);

/* Where the newest epoch holds forgotten articles, it ends and another begins. Outside a batch. */
enum status purge_part(struct store *s);
/* Takes what was written for an epoch in its place. NOT_FOUND: it has expired meanwhile. */
enum status purge_take(struct store *s, const struct purged *p);
/* Removes what was written, where it was not taken. */
void purge_drop(struct store *s, const struct purged *p);

#endif
