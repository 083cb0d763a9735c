/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/pair.h"

#include "base/arena.h"
#include "detect/repeats.h"
#include "fingerprint/fingerprinting.h"
#include "fingerprint/shingle.h"
#include "text/quoted.h"

enum status pair_side(struct kept *out, const struct article *a, struct arena *arena)
{
	const struct article_part *paragraphs = article_paragraphs(a);
	uint8_t *is_quoted = ARENA_ARRAY(arena, uint8_t, (size_t)a->paragraph_count + 1);
	struct fingerprint f;
	struct repeats found;
	enum status st = is_quoted == NULL ? STATUS_NO_MEMORY : fingerprint_of(&f, a, arena);

	if (st == STATUS_OK)
		st = repeats_find(&found, &f, arena);
	if (st == STATUS_OK)
		st = kept_of(out, f.tokens, f.token_count, f.paragraphs, f.paragraph_count,
			     found.masked, found.masked_count, arena);
	if (st != STATUS_OK)
		return st;
	for (uint32_t p = 0; p < a->paragraph_count; p++)
		is_quoted[p] = quoted(article_view(a, paragraphs[p]));
	out->quoted = is_quoted;
	return STATUS_OK;
}

enum status pair_compare(struct comparison *out, const struct kept *here, const struct kept *there,
			 struct arena *arena)
{
	uint64_t *hashes = ARENA_ARRAY(arena, uint64_t, shingles_count(here->count) + 1);
	struct probe *probe;
	enum status st;

	if (hashes == NULL)
		return STATUS_NO_MEMORY;
	shingles_of(hashes, here->tokens, here->count);
	st = probe_of(&probe, here, hashes, arena);
	return st == STATUS_OK ? compare(out, probe, there, arena) : st;
}

struct acquaintance pair_acquainted(const struct article *here, const struct article *there)
{
	struct span here_site = article_view(here, here->site);
	struct span there_site = article_view(there, there->site);
	struct span here_id = article_view(here, here->id);
	struct acquaintance a = { .relation = RELATION_CROSS_SITE };

	a.sites_known = here_site.p != NULL && there_site.p != NULL;
	if (a.sites_known && span_equal(here_site, there_site)) {
		a.relation = RELATION_SAME_SITE;
		a.same_work =
			here_id.p != NULL && span_equal(here_id, article_view(there, there->id));
	}
	return a;
}
