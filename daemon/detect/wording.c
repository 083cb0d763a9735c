/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/wording.h"

#include "text/fold.h"

/* Goes through the kept words of one side. */
struct reading {
	const struct wording *of;
	struct span left; /* text not folded yet */
	struct folded folded;
	uint32_t next;  /* word in folded */
	uint32_t token; /* its number in the article */
	uint32_t mask;  /* first of masked[] that does not end before it */
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
		size_t used = fold_words(&r->folded, r->left.p, r->left.len);

		r->left = span_of(r->left.p + used, r->left.len - used);
		r->next = 0;
	}
}

static void begin(struct reading *r, const struct wording *w)
{
	r->of = w;
	r->left = w->text;
	r->folded.count = 0;
	r->next = r->token = r->mask = 0;
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
		x = next_word(&here);
		y = next_word(&there);
		if ((x.p == NULL) != (y.p == NULL) || !span_equal(x, y))
			return false;
	} while (x.p != NULL);
	return true;
}
