/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_names.h"

#include <stdlib.h>
#include <sys/random.h>

#include "fingerprint/hash.h"

#define BUCKETS_MIN 256u

static uint64_t hash_of(const struct name_table *t, const void *owner, struct span name)
{
	return hash_bytes(name, t->seed ^ (uint64_t)(uintptr_t)owner);
}

static struct name_node **bucket_of(const struct name_table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->bucket_count - 1)];
}

static void link_node(struct name_table *t, struct name_node *node)
{
	struct name_node **bucket = bucket_of(t, node->hash);

	node->next = *bucket;
	*bucket = node;
}

/* Doubles the buckets. A failure is only slow, as long as there are some. */
static bool grow(struct name_table *t)
{
	struct name_table old = *t;
	size_t count = old.bucket_count == 0 ? BUCKETS_MIN : old.bucket_count * 2;
	struct name_node **buckets = calloc(count, sizeof(*buckets));

	if (buckets == NULL)
		return old.bucket_count != 0;
	if (old.bucket_count == 0 && getrandom(&t->seed, sizeof t->seed, 0) < 0)
		t->seed = (uint64_t)(uintptr_t)buckets;
	t->buckets = buckets;
	t->bucket_count = count;
	for (size_t i = 0; i < old.bucket_count; i++) {
		for (struct name_node *n = old.buckets[i], *next; n != NULL; n = next) {
			next = n->next;
			link_node(t, n);
		}
	}
	free(old.buckets);
	return true;
}

void names_free(struct name_table *t)
{
	free(t->buckets);
	*t = (struct name_table){ 0 };
}

bool names_put(struct name_table *t, struct name_node *node, const void *owner, struct span name)
{
	if (t->count >= t->bucket_count && !grow(t))
		return false;
	node->owner = owner;
	node->name = name;
	node->hash = hash_of(t, owner, name);
	link_node(t, node);
	t->count++;
	return true;
}

struct name_node *names_find(const struct name_table *t, const void *owner, struct span name)
{
	uint64_t hash;

	if (t->count == 0)
		return NULL;
	hash = hash_of(t, owner, name);
	for (struct name_node *n = *bucket_of(t, hash); n != NULL; n = n->next) {
		if (n->hash == hash && n->owner == owner && span_equal(n->name, name))
			return n;
	}
	return NULL;
}

void names_remove(struct name_table *t, struct name_node *node)
{
	struct name_node **link = bucket_of(t, node->hash);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	t->count--;
}

/* How many bytes the UTF-8 character at p has; 0: it is none, or a control character. NUL ends the
 * text and is never a continuation, so nothing behind it is read. */
static size_t character_len(const unsigned char *p)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0x20 || p[0] == 0x7f || (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
		return 0;
	return len;
}

void name_make_printable(char *text)
{
	unsigned char *p = (unsigned char *)text;

	while (*p != '\0') {
		size_t len = character_len(p);

		if (len == 0)
			*p = '?';
		p += len == 0 ? 1 : len;
	}
}
