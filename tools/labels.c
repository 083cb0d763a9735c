/* SPDX-License-Identifier: BSD-2-Clause */
#include "labels.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "cli.h"
#include "local.h"
#include "wire/value.h"

#define DEPTH_MAX 16

/* What a label says; false: neither for nor against a copy, or not known. */
static bool truth_of(enum truth *out, struct span label)
{
	static const struct {
		const char *label;
		enum truth truth;
	} rows[] = { { "dup", TRUTH_COPY },         { "near", TRUTH_COPY },
		     { "partial", TRUTH_PART },     { "passage", TRUTH_PART },
		     { "none", TRUTH_OTHER },       { "other", TRUTH_OTHER },
		     { "weak", TRUTH_OTHER },       { "quote", TRUTH_OTHER },
		     { "boilerplate", TRUTH_OTHER } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (span_equal(label, span_of_text(rows[i].label))) {
			*out = rows[i].truth;
			return true;
		}
	}
	return false;
}

static struct label *room_for_one(struct labels *l)
{
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 256 : 2 * l->cap;
		struct label *all = realloc(l->all, cap * sizeof *all);

		if (all == NULL)
			return NULL;
		l->all = all;
		l->cap = cap;
	}
	return &l->all[l->count];
}

static bool take_line(struct labels *l, const struct value *v, struct arena *arena)
{
	struct span a = value_text_of(v, "a"), b = value_text_of(v, "b");
	struct label *one;
	enum truth truth;

	if (a.p == NULL || b.p == NULL || span_equal(a, b) ||
	    !truth_of(&truth, value_text_of(v, "label"))) {
		l->passed_over++;
		return true;
	}
	one = room_for_one(l);
	if (one == NULL)
		return false;
	*one = (struct label){ span_of(arena_copy(arena, a), a.len),
			       span_of(arena_copy(arena, b), b.len), truth };
	if (one->a.p == NULL || one->b.p == NULL)
		return false;
	l->count++;
	return true;
}

bool labels_read(struct labels *out, const char *path, struct arena *arena)
{
	struct local_file file = { 0 };
	struct span rest;
	bool good = local_read_bytes(&file, &rest, path);
	unsigned number = 0;

	*out = (struct labels){ 0 };
	while (good && rest.len > 0) {
		const char *end = memchr(rest.p, '\n', rest.len);
		struct span line = span_of(rest.p, end == NULL ? rest.len : (size_t)(end - rest.p));
		struct value *v;
		char why[128];

		number++;
		rest = end == NULL ? span_of(rest.p, 0) : span_of(end + 1, rest.len - line.len - 1);
		if (line.len == 0)
			continue;
		if (value_parse(&v, why, sizeof why, line, DEPTH_MAX) != STATUS_OK) {
			cli_fail(path, "line %u: %s", number, why);
			good = false;
			continue;
		}
		good = take_line(out, v, arena);
		value_free(v);
		if (!good)
			cli_fail(path, "%s", status_text(STATUS_NO_MEMORY));
	}
	local_free(&file);
	return good;
}

void labels_free(struct labels *l)
{
	free(l->all);
}
