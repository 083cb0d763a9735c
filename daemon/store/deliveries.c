/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "store/record.h"

enum status store_put_delivery(struct store *s, struct delivery *d)
{
	d->number = state_next(s, TABLE_DELIVERIES);
	bytes_clear(&s->scratch);
	record_put_delivery(&s->scratch, d);
	if (s->scratch.failed)
		return STATUS_NO_MEMORY;
	return batch_append(&s->batch, TABLE_DELIVERIES, bytes_span(&s->scratch));
}

enum status store_delivery(struct store *s, struct delivery *out, uint64_t number)
{
	struct span value;
	enum status st = state_value(s, TABLE_DELIVERIES, number, &value, NULL);

	if (st != STATUS_OK)
		return st;
	out->number = number;
	return record_take_delivery(out, value);
}

struct each_delivery {
	store_delivery_fn fn;
	void *ctx;
	enum status st;
};

static bool show_delivery(void *ctx, uint64_t number, struct span value)
{
	struct each_delivery *each = ctx;
	struct delivery d = { .number = number };

	each->st = record_take_delivery(&d, value);
	return each->st == STATUS_OK && each->fn(each->ctx, &d);
}

enum status store_each_delivery(struct store *s, uint64_t from, store_delivery_fn fn, void *ctx)
{
	struct each_delivery each = { fn, ctx, STATUS_OK };
	enum status st = state_each(s, TABLE_DELIVERIES, from, show_delivery, &each);

	return each.st == STATUS_OK ? st : each.st;
}

enum status store_put_rejection(struct store *s, const struct rejection *r)
{
	bytes_clear(&s->scratch);
	record_put_rejection(&s->scratch, r);
	if (s->scratch.failed)
		return STATUS_NO_MEMORY;
	return batch_append(&s->batch, TABLE_REJECTIONS, bytes_span(&s->scratch));
}

struct each_rejection {
	store_rejection_fn fn;
	void *ctx;
	enum status st;
};

static bool show_rejection(void *ctx, uint64_t number, struct span value)
{
	struct each_rejection *each = ctx;
	struct rejection r = { .number = number };

	each->st = record_take_rejection(&r, value);
	return each->st == STATUS_OK && each->fn(each->ctx, &r);
}

enum status store_each_rejection(struct store *s, uint64_t from, store_rejection_fn fn, void *ctx)
{
	struct each_rejection each = { fn, ctx, STATUS_OK };
	enum status st = state_each(s, TABLE_REJECTIONS, from, show_rejection, &each);

	return each.st == STATUS_OK ? st : each.st;
}
