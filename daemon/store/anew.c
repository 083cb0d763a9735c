/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/anew.h"

#include "base/arena.h"
#include "store/dictionary.h"
#include "store/epoch.h"
#include "store/meta.h"
#include "store/snapshot.h"
#include "store/text.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)1 << 20)

struct anew {
	struct text *text;
	struct arena *arena;
	struct dictionary *old;   /* NULL: damaged; what needs it is lost */
	struct dictionary *fresh; /* NULL: too few texts are left for one */
	struct bytes packed;
};

/* Whether one of the texts that a dictionary was made from was forgotten. */
static bool holds_forgotten(const struct dictionary *d, const struct meta *meta)
{
	for (size_t i = 0; i < meta->tombstone_count; i++)
		if (meta->tombstones[i] >= dictionary_first(d) &&
		    meta->tombstones[i] <= dictionary_last(d))
			return true;
	return false;
}

/* The first texts that stay. */
static enum status learn(struct anew *a, struct snapshot_part *part, const struct meta *meta)
{
	struct samples samples = { .count = 0 };
	enum status st = STATUS_OK;
	struct kv_cursor c;

	kv_seek(&c, &part->txn, TABLE_TEXTS, span_of(NULL, 0));
	for (; c.found && samples.count < DICTIONARY_TEXTS && st == STATUS_OK; kv_next(&c)) {
		uint64_t seq = kv_number_of(c.key);
		struct span plain;

		if (meta_buried(meta, seq))
			continue;
		st = text_unpack(a->text, &plain, c.value, a->old, a->arena);
		if (st == STATUS_OK)
			samples_add(&samples, seq, plain);
		if (st == STATUS_DAMAGED)
			st = STATUS_OK;
		arena_clear(a->arena);
	}
	kv_leave(&c);
	if (st == STATUS_OK)
		st = dictionary_make(&a->fresh, &samples);
	samples_free(&samples);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

enum status anew_open(struct anew **out, struct snapshot_part *part, const struct meta *meta)
{
	struct dictionary *old = NULL;
	enum status st = epoch_take_dictionary(&old, &part->txn, false);
	struct anew *a;

	*out = NULL;
	if (st == STATUS_NOT_FOUND || (st == STATUS_OK && !holds_forgotten(old, meta))) {
		dictionary_drop(old);
		return STATUS_OK;
	}
	if (st != STATUS_OK && st != STATUS_DAMAGED)
		return st;
	a = calloc(1, sizeof *a);
	if (a == NULL) {
		dictionary_drop(old);
		return STATUS_NO_MEMORY;
	}
	a->old = old;
	a->text = text_open();
	a->arena = arena_open(ARENA_BYTES);
	st = a->text == NULL || a->arena == NULL ? STATUS_NO_MEMORY : learn(a, part, meta);
	if (st != STATUS_OK) {
		anew_close(a);
		return st;
	}
	text_use(a->text, a->fresh);
	*out = a;
	return STATUS_OK;
}

void anew_close(struct anew *a)
{
	if (a == NULL)
		return;
	text_close(a->text);
	arena_close(a->arena);
	dictionary_drop(a->old);
	dictionary_drop(a->fresh);
	bytes_free(&a->packed);
	free(a);
}

/* A text that cannot be read may be a piece of what has to go. */
static enum status text_anew(struct anew *a, struct span *value)
{
	struct span plain;
	enum status st = text_unpack(a->text, &plain, *value, a->old, a->arena);

	bytes_clear(&a->packed);
	if (st == STATUS_OK)
		st = text_pack(a->text, &a->packed, plain);
	arena_clear(a->arena);
	*value = bytes_span(&a->packed);
	return st == STATUS_DAMAGED ? STATUS_NOT_FOUND : st;
}

enum status anew_value(struct anew *a, struct span *value, unsigned table, struct span key)
{
	if (table == TABLE_TEXTS)
		return text_anew(a, value);
	if (table != TABLE_HEAD || !epoch_is_dictionary(key))
		return STATUS_OK;
	if (a->fresh == NULL)
		return STATUS_NOT_FOUND;
	*value = dictionary_bytes(a->fresh);
	return STATUS_OK;
}
