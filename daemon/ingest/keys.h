/* SPDX-License-Identifier: BSD-2-Clause */
/* keys.h - under which keys an article's kept text stands in the index. Pure; any thread. */
#ifndef INGEST_KEYS_H
#define INGEST_KEYS_H

#include <reprint/status.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct kept; /* detect/compare.h */
struct row;  /* store/store.h */

struct keys {
	const uint64_t *all;
	const uint8_t *flanks; /* of each: index.h */
	size_t count;
	const uint64_t *shingles; /* of the kept tokens, shingles_count() of them */
};

/* Arrays of the arena. NO_MEMORY. */
enum status keys_of(struct keys *out, const struct kept *k, uint64_t secret, struct arena *arena);
/* The same for a stored row: what replay posts is what was posted. */
enum status keys_of_row(struct keys *out, const struct row *row, uint64_t secret,
			struct arena *arena);

#endif
