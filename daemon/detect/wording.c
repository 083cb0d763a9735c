/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/wording.h"

#include "text/fold.h"
#include "text/fold_ascii.h"

#include <string.h>

/* Goes through the kept words of one side. */
struct reading {
	const struct wording *of;
	struct span left; /* text not folded yet */
	struct folded folded;
	uint32_t next;  /* word in folded */
	uint32_t token; /* its number in the article */
	uint32_t mask;  /* first of masked[] that does not end before it */
	uint32_t line;  /* in which `left` begins */
	bool at_line;   /* at its begin */
};

static bool is_masked(struct reading *r, uint32_t token)
{
	const struct masked *m = r->of->masked;

	while (r->mask < r->of->masked_count && token >= m[r->mask].from + m[r->mask].count)
		r->mask++;
	return r->mask < r->of->masked_count && token >= m[r->mask].from;
}

/* The next kept word; absent at the end. */
static struct span next_word(struct reading *r)
{
	for (;;) {
		while (r->next < r->folded.count) {
			uint32_t i = r->next++;
			uint16_t from = r->folded.border[i];

			if (!is_masked(r, r->token++))
				return span_of(r->folded.bytes + from,
					       (size_t)(r->folded.border[i + 1] - from));
		}
		if (r->left.len == 0)
			return (struct span){ NULL, 0 };
		size_t used = fold_ascii(&r->folded, r->left.p, r->left.len);

		r->at_line = r->left.p[used - 1] == '\n';
		r->line += r->at_line;
		r->left = span_of(r->left.p + used, r->left.len - used);
		r->next = 0;
	}
}

/* ---- whole paragraphs */

/* A paragraph that may be passed over as a whole: its bytes, and the tokens [r->token, to). */
static bool paragraph_of(const struct reading *r, struct span *out, uint32_t *to)
{
	const uint32_t *paragraphs = r->of->paragraphs;
	const char *end;

	if (!r->at_line || r->next < r->folded.count || r->left.len == 0 || paragraphs == NULL ||
	    r->line >= r->of->paragraph_count || paragraphs[r->line] != r->token)
		return false;
	end = memchr(r->left.p, '\n', r->left.len);
	*out = span_of(r->left.p, end == NULL ? r->left.len : (size_t)(end - r->left.p));
	*to = paragraphs[r->line + 1];
	return true;
}

static void pass(struct reading *r, struct span paragraph, uint32_t to)
{
	size_t used = paragraph.len < r->left.len ? paragraph.len + 1 : paragraph.len;

	r->left = span_of(r->left.p + used, r->left.len - used);
	r->token = to;
	r->line++;
}

/* The first mask that reaches beyond the token at hand begins here at the earliest. */
static const struct masked *next_mask(struct reading *r)
{
	is_masked(r, r->token);
	return r->mask < r->of->masked_count ? &r->of->masked[r->mask] : NULL;
}

static bool pass_masked(struct reading *r)
{
	struct span paragraph;
	const struct masked *m;
	uint32_t to;

	if (!paragraph_of(r, &paragraph, &to))
		return false;
	m = next_mask(r);
	if (m == NULL || m->from > r->token || m->from + m->count < to)
		return false;
	pass(r, paragraph, to);
	return true;
}

static bool is_whole(struct reading *r, uint32_t to)
{
	const struct masked *m = next_mask(r);

	return m == NULL || m->from >= to;
}

static bool pass_equal(struct reading *a, struct reading *b)
{
	struct span x, y;
	uint32_t to_a, to_b;

	if (!paragraph_of(a, &x, &to_a) || !paragraph_of(b, &y, &to_b) || !span_equal(x, y) ||
	    to_a - a->token != to_b - b->token || !is_whole(a, to_a) || !is_whole(b, to_b))
		return false;
	pass(a, x, to_a);
	pass(b, y, to_b);
	return true;
}

/* ---- both sides */

static void begin(struct reading *r, const struct wording *w)
{
	r->of = w;
	r->left = w->text;
	r->folded.count = 0;
	r->next = r->token = r->mask = r->line = 0;
	r->at_line = true;
}

/* Nothing needs to be folded to see that: most copies are. */
static bool same_bytes(const struct wording *a, const struct wording *b)
{
	if (a->masked_count != b->masked_count || !span_equal(a->text, b->text))
		return false;
	for (uint32_t m = 0; m < a->masked_count; m++)
		if (a->masked[m].from != b->masked[m].from ||
		    a->masked[m].count != b->masked[m].count)
			return false;
	return true;
}

bool wording_same(const struct wording *a, const struct wording *b)
{
	struct reading here, there;
	struct span x, y;

	if (same_bytes(a, b))
		return true;
	begin(&here, a);
	begin(&there, b);
	do {
		while (pass_masked(&here) || pass_masked(&there) || pass_equal(&here, &there))
			;
		x = next_word(&here);
		y = next_word(&there);
		if ((x.p == NULL) != (y.p == NULL) || !span_equal(x, y))
			return false;
	} while (x.p != NULL);
	return true;
}
