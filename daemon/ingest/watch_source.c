/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/watch_source.h"

#include "ingest/watch_tree.h"

void turns_add(struct turns *t, enum turn turn, struct source *s)
{
	if (s->waits[turn])
		return;
	tree_keep(s->folder);
	s->waits[turn] = true;
	s->next[turn] = NULL;
	if (t->last != NULL)
		t->last->next[turn] = s;
	else
		t->first = s;
	t->last = s;
	t->count++;
}

void turns_add_front(struct turns *t, enum turn turn, struct source *s)
{
	if (s->waits[turn] || t->first == NULL) {
		turns_add(t, turn, s);
		return;
	}
	tree_keep(s->folder);
	s->waits[turn] = true;
	s->next[turn] = t->first;
	t->first = s;
	t->count++;
}

struct source *turns_take(struct turns *t, enum turn turn)
{
	struct source *s = t->first;

	if (s == NULL)
		return NULL;
	t->first = s->next[turn];
	if (t->first == NULL)
		t->last = NULL;
	t->count--;
	s->waits[turn] = false;
	return s;
}
