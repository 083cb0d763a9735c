/* SPDX-License-Identifier: BSD-2-Clause */
#include "kv/kv.h"

#define PAGE_BYTES 4096u

static void touch(struct span s)
{
	const volatile char *p = s.p;

	for (size_t i = 0; i < s.len; i += PAGE_BYTES)
		(void)p[i];
	if (s.len > 0)
		(void)p[s.len - 1];
}

/* Keys must rise, so a circle of pages ends the walk instead of lengthening it. */
static bool rises(struct span before, struct span key)
{
	size_t n = before.len < key.len ? before.len : key.len;
	int order = n == 0 ? 0 : memcmp(before.p, key.p, n);

	return before.p == NULL || order < 0 || (order == 0 && before.len <= key.len);
}

static void walk_table(struct kv_txn *t, unsigned table, kv_check_fn check)
{
	uint64_t left = kv_count(t, table);
	struct span before = { NULL, 0 };
	struct kv_cursor c;

	kv_seek(&c, t, table, span_of(NULL, 0));
	for (; c.found && t->st == STATUS_OK; kv_next(&c)) {
		touch(c.key);
		touch(c.value);
		if (left < c.pieces || !rises(before, c.key) ||
		    (check != NULL && !check(table, c.key, c.value)))
			kv_fail(t, STATUS_DAMAGED);
		left -= left < c.pieces ? left : c.pieces;
		before = c.key;
	}
	if (left != 0)
		kv_fail(t, STATUS_DAMAGED);
	kv_leave(&c);
}

/* Each value is a count and as many page numbers. */
static void walk_free(struct kv_txn *t)
{
	struct kv_cursor c;

	kv_seek(&c, t, KV_FREE, span_of(NULL, 0));
	for (; c.found; kv_next(&c)) {
		size_t count = SIZE_MAX;

		if (c.value.len >= sizeof count)
			memcpy(&count, c.value.p, sizeof count);
		if (count > c.value.len / sizeof count - 1)
			kv_fail(t, STATUS_DAMAGED);
		touch(c.value);
	}
	kv_leave(&c);
}

enum status kv_walk(const struct kv_options *o, kv_check_fn check)
{
	struct kv_options reading = *o;
	struct kv_txn t;
	struct kv *kv;
	enum status st;

	reading.read_only = true;
	if (kv_file_of(o->path).bytes < 2 * (uint64_t)PAGE_BYTES)
		return STATUS_DAMAGED;
	st = kv_open(&kv, &reading);
	if (st != STATUS_OK)
		return st;
	kv_read(&t, kv);
	walk_free(&t);
	for (unsigned i = 0; i < o->table_count; i++)
		walk_table(&t, i, check);
	kv_end(&t);
	st = t.st;
	kv_close(kv);
	return st;
}
