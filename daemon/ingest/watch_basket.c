/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_basket.h"

#include <assert.h>
#include <stdlib.h>

#define OFFER_FILES 256u

/* A file found, its path as a place in `paths`. */
struct basket_item {
	struct found file;
	size_t path_at;
};

enum status basket_open(struct basket *b)
{
	*b = (struct basket){ .items = calloc(BASKET_FILES, sizeof(*b->items)) };
	return b->items == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void basket_close(struct basket *b)
{
	free(b->items);
	bytes_free(&b->paths);
	*b = (struct basket){ 0 };
}

/* Moves what waits to the front of both arrays. */
static void compact(struct basket *b)
{
	size_t waiting = b->count - b->first;
	size_t gone = waiting == 0 ? b->paths.len : b->items[b->first].path_at;

	if (waiting > 0)
		memmove(b->paths.p, b->paths.p + gone, b->paths.len - gone);
	b->paths.len -= gone;
	for (size_t i = 0; i < waiting; i++) {
		b->items[i] = b->items[b->first + i];
		b->items[i].path_at -= gone;
	}
	b->first = 0;
	b->count = waiting;
}

bool basket_put(struct basket *b, const struct found *f)
{
	struct basket_item *item;
	size_t at;

	if (b->first > 0 && (b->count == BASKET_FILES || b->paths.len >= BASKET_TEXT_MAX))
		compact(b);
	if (b->count == BASKET_FILES || b->paths.len >= BASKET_TEXT_MAX)
		return false;
	at = b->paths.len;
	put_bytes(&b->paths, f->path.p, f->path.len);
	if (b->paths.failed) {
		b->paths.failed = false;
		return false;
	}
	item = &b->items[b->count++];
	*item = (struct basket_item){ *f, at };
	b->put++;
	return true;
}

size_t basket_waiting(const struct basket *b)
{
	return b->count - b->first;
}

bool basket_has_room(const struct basket *b)
{
	return basket_waiting(b) < BASKET_LISTED && b->paths.len < BASKET_TEXT_MAX;
}

static size_t offer_some(struct basket *b, size_t count, watch_found_fn found, void *ctx)
{
	struct found files[OFFER_FILES];
	size_t taken;

	for (size_t i = 0; i < count; i++) {
		const struct basket_item *item = &b->items[b->first + i];

		files[i] = item->file;
		files[i].path.p = b->paths.p + item->path_at;
	}
	taken = found(ctx, files, count);
	assert(taken <= count);
	b->first += taken;
	b->taken += taken;
	return taken;
}

bool basket_offer(struct basket *b, watch_found_fn found, void *ctx)
{
	bool all = true;

	while (all && b->first < b->count) {
		size_t waiting = b->count - b->first;
		size_t count = waiting < OFFER_FILES ? waiting : OFFER_FILES;

		all = offer_some(b, count, found, ctx) == count;
	}
	if (b->first == b->count)
		compact(b);
	return all;
}
