/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/pair.h"

#include "base/arena.h"
#include "detect/repeats.h"
#include "detect/title.h"
#include "detect/wording.h"
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

bool pair_same_words(const struct kept *here, struct span here_text, const struct kept *there,
		     struct span there_text)
{
	struct wording a = { here_text, here->masked, here->masked_count, here->paragraphs,
			     here->paragraph_count };
	struct wording b = { there_text, there->masked, there->masked_count, there->paragraphs,
			     there->paragraph_count };

	return wording_same(&a, &b);
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

static bool same_part(const struct article *a, struct article_part of_a, const struct article *b,
		      struct article_part of_b)
{
	return of_a.at != 0 && of_b.at != 0 &&
	       span_equal(article_view(a, of_a), article_view(b, of_b));
}

struct acquaintance pair_acquainted(const struct article *here, const struct article *there)
{
	struct span here_site = article_view(here, here->site);
	struct span there_site = article_view(there, there->site);
	struct acquaintance a = { .relation = RELATION_CROSS_SITE };

	a.sites_known = here_site.p != NULL && there_site.p != NULL;
	if (a.sites_known && span_equal(here_site, there_site)) {
		a.relation = RELATION_SAME_SITE;
		a.same_work = same_part(here, here->id, there, there->id) ||
			      same_part(here, here->canonical, there, there->canonical);
	}
	pair_titles(&a, article_view(here, here->title), article_view(there, there->title));
	return a;
}

void pair_titles(struct acquaintance *a, struct span here, struct span there)
{
	struct title left, right;

	title_of(&left, here);
	title_of(&right, there);
	a->titles_known = title_share(&a->titles, &left, &right);
}
