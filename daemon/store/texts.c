/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/text.h"

/* ---- dictionaries --------------------------------------------------------------------------- */

static void offer(struct store *s, struct dictionary *d)
{
	struct dictionary *old;

	pthread_mutex_lock(&s->offered_lock);
	old = s->offered;
	s->offered = dictionary_keep(d);
	pthread_mutex_unlock(&s->offered_lock);
	dictionary_drop(old);
	text_use(s->text, d);
}

struct dictionary *store_dictionary(struct store *s)
{
	struct dictionary *d;

	pthread_mutex_lock(&s->offered_lock);
	d = dictionary_keep(s->offered);
	pthread_mutex_unlock(&s->offered_lock);
	return d;
}

void texts_begin_epoch(struct store *s)
{
	samples_clear(&s->samples);
	offer(s, state_active(s)->dictionary);
}

static bool lacks_dictionary(const struct store *s)
{
	return state_active(s)->dictionary == NULL && !state_active(s)->dictionary_lost;
}

enum status texts_learn(struct store *s)
{
	enum status st = STATUS_NOT_FOUND;

	if (lacks_dictionary(s) && s->samples.count == DICTIONARY_TEXTS) {
		st = dictionary_make(&s->fresh, &s->samples);
		samples_clear(&s->samples);
	}
	return st == STATUS_NOT_FOUND ? STATUS_OK : st; /* one goes on without */
}

/* What was not committed is no sample either. */
void texts_end(struct store *s, bool committed)
{
	if (!committed)
		samples_clear(&s->samples);
	if (committed && s->fresh != NULL) {
		state_active(s)->dictionary = s->fresh;
		samples_free(&s->samples);
		offer(s, s->fresh);
	} else {
		dictionary_drop(s->fresh);
	}
	s->fresh = NULL;
}

void texts_close(struct store *s)
{
	dictionary_drop(s->offered);
	pthread_mutex_destroy(&s->offered_lock);
	samples_free(&s->samples);
}

/* ---- texts ---------------------------------------------------------------------------------- */

/* Whoever packed it may have done so with the dictionary of an epoch that is over. */
static bool packed_well(const struct store *s, const struct row *row)
{
	return row->packed.p != NULL &&
	       (row->packed_with == 0 || row->packed_with == text_used(s->text));
}

enum status texts_put(struct store *s, const struct row *row)
{
	enum status st = STATUS_OK;

	if (row->text.p == NULL || !s->o.keep_text)
		return batch_append(&s->batch, TABLE_TEXTS, span_of(NULL, 0));
	if (lacks_dictionary(s))
		samples_add(&s->samples, row->verdict.seq, row->text);
	if (packed_well(s, row))
		return batch_append(&s->batch, TABLE_TEXTS, row->packed);
	bytes_clear(&s->scratch);
	st = text_pack(s->text, &s->scratch, row->text);
	return st == STATUS_OK ? batch_append(&s->batch, TABLE_TEXTS, bytes_span(&s->scratch)) : st;
}

enum status store_text(struct store *s, struct span *out, uint64_t seq, struct arena *arena)
{
	const struct epoch *e = seq >= state_active(s)->next[TABLE_ROWS]
					? state_active(s)
					: state_epoch_of(s, TABLE_TEXTS, seq);
	struct span packed;
	enum status st;

	if (e == NULL || meta_buried(&s->meta, seq))
		return STATUS_NOT_FOUND;
	st = state_value(s, TABLE_TEXTS, seq, &packed, arena);
	return st == STATUS_OK ? text_unpack(s->text, out, packed, e->dictionary, arena) : st;
}
