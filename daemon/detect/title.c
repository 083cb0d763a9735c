/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/title.h"

#include "fingerprint/hash.h"
#include "text/fold.h"
#include "text/fold_ascii.h"

#define ENOUGH_WORDS 2u

static void add_word(struct title *t, uint64_t word)
{
	uint32_t at = t->count;

	while (at > 0 && t->words[at - 1] > word)
		at--;
	if (t->count == TITLE_WORDS || (at > 0 && t->words[at - 1] == word))
		return;
	for (uint32_t i = t->count++; i > at; i--)
		t->words[i] = t->words[i - 1];
	t->words[at] = word;
}

void title_of(struct title *out, struct span text)
{
	struct folded f;
	size_t at = 0;

	out->count = 0;
	while (text.p != NULL && at < text.len && out->count < TITLE_WORDS) {
		at += fold_ascii(&f, text.p + at, text.len - at);
		for (uint32_t i = 0; i < f.count; i++) {
			size_t len = (size_t)(f.border[i + 1] - f.border[i]);

			add_word(out, hash_bytes(span_of(f.bytes + f.border[i], len), 0));
		}
	}
}

bool title_share(double *out, const struct title *a, const struct title *b)
{
	uint32_t fewer = a->count < b->count ? a->count : b->count, shared = 0;

	if (fewer < ENOUGH_WORDS)
		return false;
	for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
		shared += a->words[i] == b->words[j];
		if (a->words[i] < b->words[j])
			i++;
		else
			j++;
	}
	*out = (double)shared / (double)fewer;
	return true;
}
