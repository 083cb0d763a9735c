/* SPDX-License-Identifier: BSD-2-Clause */
/* pair.h - two articles that are compared because somebody says so. Any thread; memory from the
 * arena. */
#ifndef DETECT_PAIR_H
#define DETECT_PAIR_H

#include <reprint/article.h>
#include <reprint/status.h>

#include "detect/compare.h"
#include "detect/judge.h"

/* An article without what it repeats; no chrome is known here. */
enum status pair_side(struct kept *out, const struct article *a, struct arena *arena);

/* Whether both keep the very same words: equal tokens can be made to collide. Texts as of a row or
 * an article; the sides are those that were compared. */
bool pair_same_words(const struct kept *here, struct span here_text, const struct kept *there,
		     struct span there_text);

/* One comparison: a probe of its own. Passages live in the arena. */
enum status pair_compare(struct comparison *out, const struct kept *here, const struct kept *there,
			 struct arena *arena);

/* What the articles themselves say of each other, their titles too; the kept units are left 0. */
struct acquaintance pair_acquainted(const struct article *here, const struct article *there);

/* What their titles say, into a->titles; absent ones say nothing. */
void pair_titles(struct acquaintance *a, struct span here, struct span there);

#endif
