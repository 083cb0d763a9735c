/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/look.h"

#include "base/arena.h"
#include "index/index.h"
#include "ingest/naming.h"
#include "store/store.h"

#define FEW_KEYS 6u
#define TITLED_RESEMBLANCE 0.1 /* no rule asks for the titles of texts less alike */

enum status look_begin(struct looker *l, const struct kept *here, const struct naming *name,
		       struct span title, const uint64_t *shingles, struct arena *keep,
		       struct arena *scratch)
{
	enum status st;

	*l = (struct looker){ .here = here,
			      .name = name,
			      .title = title,
			      .shingles = shingles,
			      .keep = keep,
			      .scratch = scratch };
	st = sieve_of(&l->sieve, here->tokens, here->count, scratch);
	l->floor = arena_mark(scratch);
	return st;
}

static enum relation relation_of(const struct naming *here, const struct row *there)
{
	if (!here->passing && span_equal(there->verdict.id, here->id) &&
	    naming_owns(here, &there->verdict))
		return RELATION_SELF;
	return span_equal(there->verdict.site, here->site) ? RELATION_SAME_SITE
							   : RELATION_CROSS_SITE;
}

static enum status keep_look(const struct look **out, struct looker *l, const struct comparison *c,
			     const struct acquaintance *a)
{
	struct look *kept = ARENA_ARRAY(l->keep, struct look, 1);
	struct passage *passages = ARENA_ARRAY(l->keep, struct passage, c->passage_count);

	if (kept == NULL || passages == NULL)
		return STATUS_NO_MEMORY;
	if (c->passage_count > 0)
		memcpy(passages, c->passages, c->passage_count * sizeof *passages);
	*kept = (struct look){ *c, *a };
	kept->c.passages = passages;
	*out = kept;
	return STATUS_OK;
}

static enum status compare_with(const struct look **out, struct looker *l, const struct row *row,
				const struct kept *there)
{
	struct acquaintance a = {
		.relation = relation_of(l->name, row),
		.sites_known = l->name->site_known &&
			       !span_equal(row->verdict.site, span_of_text("unknown")),
		.here_units = l->here->units,
		.there_units = there->units,
	};
	struct title title;
	struct comparison c;
	enum status st = STATUS_OK;

	if (l->probe == NULL) {
		title_of(&l->title_words, l->title);
		st = probe_of(&l->probe, l->here, l->shingles, l->scratch);
		l->floor = arena_mark(l->scratch);
	}
	if (st == STATUS_OK)
		st = compare(&c, l->probe, there, l->scratch);
	if (st == STATUS_OK && c.resemblance >= TITLED_RESEMBLANCE) {
		title_of(&title, row->verdict.title);
		a.titles_known = title_share(&a.titles, &l->title_words, &title);
	}
	return st == STATUS_OK ? keep_look(out, l, &c, &a) : st;
}

/* Without the count of units that kept_of() makes. */
static const uint16_t *kept_tokens(uint32_t *out_count, const struct glimpse *g,
				   struct arena *arena)
{
	uint16_t *kept;
	uint32_t n = 0, at = 0;

	*out_count = g->token_count;
	if (g->masked_count == 0)
		return g->tokens;
	kept = ARENA_ARRAY(arena, uint16_t, (size_t)g->token_count + 1);
	for (uint32_t m = 0; kept != NULL && m <= g->masked_count; m++) {
		uint32_t end = m < g->masked_count ? g->masked[m].from : g->token_count;

		memcpy(kept + n, g->tokens + at, (end - at) * sizeof *kept);
		n += end - at;
		at = m < g->masked_count ? end + g->masked[m].count : end;
	}
	*out_count = n;
	return kept;
}

bool look_worth(struct looker *l, const struct glimpse *other)
{
	struct arena_mark mark = arena_mark(l->scratch);
	uint32_t count;
	const uint16_t *tokens = kept_tokens(&count, other, l->scratch);
	/* Without memory: for who looks at it to say. */
	bool worth =
		tokens == NULL ? arena_failed(l->scratch) : sieve_passes(&l->sieve, tokens, count);

	arena_rewind(l->scratch, mark);
	return worth;
}

enum status look_at(const struct look **out, struct looker *l, const struct row *row)
{
	struct kept there;
	enum status st = store_kept(&there, row, l->scratch);

	*out = NULL;
	if (st == STATUS_OK)
		st = compare_with(out, l, row, &there);
	arena_rewind(l->scratch, l->floor);
	return st;
}

/* One key in common is chance where other words stand on both sides of it, and a figure of speech
 * where hundreds have it, unless the text has hardly any other. */
static bool promising(const struct candidate *c, size_t key_count)
{
	return (c->firm > 0 && c->backed > 0) || c->hits > 1 || key_count <= FEW_KEYS;
}

size_t look_promising(uint64_t *seqs, const struct candidate *found, size_t count, size_t key_count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (promising(&found[i], key_count))
			seqs[n++] = found[i].seq;
	return n;
}
