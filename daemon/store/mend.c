/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include <stdatomic.h>

/* Of a reading transaction every call after a failure fails: so has what it was to tell. */
static enum status unread_of(const struct epoch *e)
{
	enum status st = atomic_load(&e->unread);

	return st != STATUS_OK ? st : e->reader.st;
}

enum status store_unread(const struct store *s)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < s->epoch_count && st != STATUS_DAMAGED; i++) {
		enum status of = unread_of(s->epochs[i]);

		st = of == STATUS_OK ? st : of;
	}
	return st;
}

/* Tried once: where a name cannot be changed the next start says more. */
static enum status set_aside(struct store *s, struct epoch *e)
{
	uint32_t number = e->number;
	enum status st = STATUS_OK;

	if (e->stuck)
		return STATUS_DAMAGED;
	if (e == state_active(s))
		st = state_rotate(s);
	if (st != STATUS_OK)
		return st;
	st = store_set_aside(s, number);
	for (size_t i = 0; i < s->epoch_count && st != STATUS_OK; i++)
		if (s->epochs[i]->number == number) {
			epoch_note(s->epochs[i], STATUS_DAMAGED);
			s->epochs[i]->stuck = true;
		}
	return st;
}

enum status store_mend(struct store *s)
{
	enum status st = STATUS_OK;

	if (store_unread(s) == STATUS_OK)
		return STATUS_OK;
	for (size_t i = s->epoch_count; i-- > 0 && st == STATUS_OK;) {
		struct epoch *e = s->epochs[i];

		if (unread_of(e) == STATUS_DAMAGED) {
			st = set_aside(s, e);
			continue;
		}
		epoch_release(e);
		e->reader.st = STATUS_OK;
		atomic_store(&e->unread, STATUS_OK);
	}
	return st;
}
