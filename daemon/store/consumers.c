/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/arena.h"

/* ---- consumers ------------------------------------------------------------------------------ */

static enum status take_consumer(struct consumer *out, struct span value)
{
	struct cursor c = cursor_of(value);

	out->acked = take_u64(&c);
	out->seen_ms = (int64_t)take_u64(&c);
	return c.failed ? STATUS_DAMAGED : STATUS_OK;
}

enum status store_consumer(struct store *s, struct consumer *out, struct span name)
{
	struct kv_txn t;
	struct span value;
	enum status st;

	kv_read(&t, s->meta.kv);
	if (kv_get(&t, META_CONSUMERS, name, &value))
		st = take_consumer(out, value);
	else
		st = t.st == STATUS_OK ? STATUS_NOT_FOUND : t.st;
	kv_end(&t);
	out->name = name;
	return st;
}

static void put_consumer(struct kv_txn *t, void *ctx)
{
	const struct consumer *c = ctx;
	struct bytes b = { 0 };

	put_u64(&b, c->acked);
	put_u64(&b, (uint64_t)c->seen_ms);
	if (b.failed)
		kv_fail(t, STATUS_NO_MEMORY);
	kv_put(t, META_CONSUMERS, c->name, bytes_span(&b));
	bytes_free(&b);
}

enum status store_put_consumer(struct store *s, const struct consumer *c)
{
	struct consumer copy = *c;

	return kv_change(s->meta.kv, put_consumer, &copy);
}

static void delete_consumer(struct kv_txn *t, void *ctx)
{
	const struct span *name = ctx;
	struct span value;

	if (!kv_get(t, META_CONSUMERS, *name, &value))
		kv_fail(t, STATUS_NOT_FOUND);
	kv_delete(t, META_CONSUMERS, *name);
}

enum status store_delete_consumer(struct store *s, struct span name)
{
	return kv_change(s->meta.kv, delete_consumer, &name);
}

enum status store_each_consumer(struct store *s, store_consumer_fn fn, void *ctx)
{
	struct kv_cursor c;
	struct kv_txn t;
	bool on = true;

	kv_read(&t, s->meta.kv);
	kv_seek(&c, &t, META_CONSUMERS, span_of(NULL, 0));
	for (; c.found && on; kv_next(&c)) {
		struct consumer consumer = { .name = c.key };

		if (take_consumer(&consumer, c.value) != STATUS_OK)
			kv_fail(&t, STATUS_DAMAGED);
		else
			on = fn(ctx, &consumer);
	}
	kv_leave(&c);
	kv_end(&t);
	return t.st;
}

/* ---- snapshots ------------------------------------------------------------------------------ */

struct snapshot {
	const char *name;
	struct bytes value;
};

static void put_snapshot(struct kv_txn *t, void *ctx)
{
	const struct snapshot *n = ctx;

	kv_put(t, META_SNAPSHOTS, span_of_text(n->name), bytes_span(&n->value));
}

enum status store_put_snapshot(struct store *s, const char *name, uint64_t seq, struct span bytes)
{
	struct snapshot n = { .name = name };
	enum status st;

	put_u64(&n.value, seq);
	put_bytes(&n.value, bytes.p, bytes.len);
	st = n.value.failed ? STATUS_NO_MEMORY : kv_change(s->meta.kv, put_snapshot, &n);
	bytes_free(&n.value);
	return st;
}

enum status store_snapshot(struct store *s, const char *name, uint64_t *out_seq, struct span *out,
			   struct arena *arena)
{
	enum status st = STATUS_OK;
	struct span value;
	struct kv_txn t;
	struct cursor c;
	char *copy;

	kv_read(&t, s->meta.kv);
	if (!kv_get(&t, META_SNAPSHOTS, span_of_text(name), &value))
		st = t.st == STATUS_OK ? STATUS_NOT_FOUND : t.st;
	else if ((copy = arena_copy(arena, value)) == NULL)
		st = STATUS_NO_MEMORY;
	kv_end(&t);
	if (st != STATUS_OK)
		return st;
	c = cursor_of(span_of(copy, value.len));
	*out_seq = take_u64(&c);
	*out = span_of(copy + 8, value.len - 8);
	return c.failed ? STATUS_DAMAGED : STATUS_OK;
}
