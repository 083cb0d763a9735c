/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect/judge.h"

#include "detect/compare.h"

/* Half words. */
#define SHORT_UNITS 30u     /* less kept text than this is not judged */
#define PASSAGE_UNITS 90u   /* so much shared text is worth telling wherever it stands */
#define PARAGRAPH_UNITS 30u /* shared whole paragraphs, or much of a short article */
#define STORY_UNITS 100u    /* no frame of template news is so long without a figure */
#define FIGURES_MIN 4u      /* fewer numbers than this say nothing */

/* Template news: the same frame around other figures is no copy. */
static bool other_figures(const struct comparison *c)
{
	return c->resemblance < 0.8 && c->number_count >= FIGURES_MIN && c->numbers < 0.35 &&
	       c->longest_units < STORY_UNITS;
}

/* Independent sites hardly write the same long run of words; one site's own pages do. */
static bool is_near(const struct comparison *c, const struct acquaintance *a)
{
	if (other_figures(c))
		return false;
	if (a->sites_known && a->relation == RELATION_CROSS_SITE)
		return (c->longest_units >= 40 && c->resemblance >= 0.45) ||
		       (c->longest_units >= 56 &&
			(c->resemblance >= 0.3 ||
			 (c->containment >= 0.4 && c->contained_by >= 0.4)));
	if (a->sites_known)
		return c->longest_units >= 60 &&
		       (c->resemblance >= 0.55 ||
			(c->containment >= 0.7 && c->contained_by >= 0.7));
	return c->longest_units >= 24 && c->resemblance >= 0.7 && c->containment >= 0.8 &&
	       c->contained_by >= 0.8;
}

/* One side stands whole, or nearly, in a clearly longer other. */
static bool stands_in(const struct comparison *c, double share, uint32_t shorter, uint32_t longer)
{
	return share >= 0.55 && 2 * shorter <= longer && c->resemblance < 0.45 &&
	       c->shared_units >= 24 && (c->longest_units >= 40 || share >= 0.85);
}

/* A passage, not a sentence that both quote: long, or whole paragraphs, or much of one side. */
static bool worth_telling(const struct comparison *c)
{
	double most = c->containment > c->contained_by ? c->containment : c->contained_by;

	return c->shared_units >= PASSAGE_UNITS || c->whole_units >= PARAGRAPH_UNITS ||
	       (most >= 0.4 && c->longest_units >= PARAGRAPH_UNITS);
}

enum kind judge_kind(const struct comparison *c, const struct acquaintance *a)
{
	if (c->same && a->here_units > 0)
		return KIND_EXACT;
	if (a->same_work)
		return KIND_REVISION;
	if (stands_in(c, c->containment, a->here_units, a->there_units))
		return KIND_EXCERPT;
	if (stands_in(c, c->contained_by, a->there_units, a->here_units))
		return KIND_CONTAINS;
	if (is_near(c, a))
		return KIND_NEAR;
	return worth_telling(c) ? KIND_PARTIAL : KIND_UNIQUE;
}

bool judge_short(uint32_t kept_units)
{
	return kept_units < SHORT_UNITS;
}
