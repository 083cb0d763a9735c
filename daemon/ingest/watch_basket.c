/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_basket.h"

#include <assert.h>
#include <stdlib.h>

#include "ingest/watch_tree.h"

#define OFFER_FILES 64u                 /* of a source in one turn */
#define OFFER_BYTES (UINT64_C(4) << 20) /* of files, in the same */

struct basket_item {
	struct basket_item *next;
	struct found file;
	uint64_t number; /* of those ever put */
	char path[];
};

/* ---- putting --------------------------------------------------------------------------------- */

static bool is_crowded(const struct basket *b, const struct source *s)
{
	bool little = s->items < BASKET_LITTLE;

	return b->count >= (little ? 2 * BASKET_FILES : BASKET_FILES) ||
	       b->bytes >= (little ? 2 * BASKET_BYTES : BASKET_BYTES);
}

bool basket_put(struct basket *b, struct source *s, const struct found *f)
{
	struct basket_item *item;

	if (is_crowded(b, s) || s->items >= BASKET_SHARE || s->item_bytes >= BASKET_SHARE_BYTES)
		return false;
	item = malloc(sizeof *item + f->path.len);
	if (item == NULL)
		return false;
	*item = (struct basket_item){ .file = *f, .number = ++b->put };
	memcpy(item->path, f->path.p, f->path.len);
	item->file.path.p = item->path;
	if (s->item != NULL)
		s->last_item->next = item;
	else
		s->item = item;
	s->last_item = item;
	s->items++;
	s->item_bytes += f->path.len;
	b->count++;
	b->bytes += f->path.len;
	turns_add(&b->turns, TURN_OFFER, s);
	return true;
}

bool basket_has_share(const struct source *s)
{
	return s->items < BASKET_LISTED && s->item_bytes < BASKET_SHARE_BYTES;
}

bool basket_has_room(const struct basket *b, const struct source *s)
{
	return basket_has_share(s) && !is_crowded(b, s);
}

/* ---- giving ---------------------------------------------------------------------------------- */

/* The first of a source. */
static void drop(struct basket *b, struct source *s)
{
	struct basket_item *item = s->item;

	s->item = item->next;
	s->items--;
	s->item_bytes -= item->file.path.len;
	b->count--;
	b->bytes -= item->file.path.len;
	free(item);
}

static size_t offer_some(const struct source *s, size_t *count, watch_found_fn found, void *ctx)
{
	struct found files[OFFER_FILES];
	uint64_t bytes = 0;
	size_t taken;

	*count = 0;
	for (const struct basket_item *i = s->item;
	     i != NULL && *count < OFFER_FILES && bytes < OFFER_BYTES; i = i->next) {
		files[(*count)++] = i->file;
		bytes += i->file.size < OFFER_BYTES ? i->file.size : OFFER_BYTES;
	}
	taken = found(ctx, files, *count);
	assert(taken <= *count);
	return taken;
}

bool basket_offer(struct basket *b, watch_found_fn found, void *ctx)
{
	while (b->turns.first != NULL) {
		struct source *s = b->turns.first;
		size_t count, taken = offer_some(s, &count, found, ctx);

		if (taken == 0)
			return false; /* it stays the first */
		for (size_t i = 0; i < taken; i++)
			drop(b, s);
		turns_take(&b->turns, TURN_OFFER);
		if (s->items > 0)
			turns_add(&b->turns, TURN_OFFER, s);
		tree_release(s->folder);
		if (taken < count)
			return false;
	}
	return true;
}

bool basket_gave(const struct basket *b, uint64_t put)
{
	for (const struct source *s = b->turns.first; s != NULL; s = s->next[TURN_OFFER]) {
		if (s->item->number <= put)
			return false;
	}
	return true;
}

void basket_close(struct basket *b)
{
	for (struct source *s; (s = turns_take(&b->turns, TURN_OFFER)) != NULL;) {
		while (s->items > 0)
			drop(b, s);
		tree_release(s->folder);
	}
	*b = (struct basket){ 0 };
}
