/* SPDX-License-Identifier: BSD-2-Clause */
/* look.h - what a candidate looks like beside an article, before anything is decided.
 *
 * A look depends on the article's kept text, its names and the candidate's row alone: whoever takes
 * it, whenever, sees the same.
 * Thread:  any; one looker belongs to one thread.
 * Memory:  looks from `keep`. Of `scratch` the looker holds a part until the caller rewinds it;
 *          what is above, as the candidate's row, is given back by look_at(). */
#ifndef INGEST_LOOK_H
#define INGEST_LOOK_H

#include "base/arena.h"
#include "detect/compare.h"
#include "detect/judge.h"
#include "detect/sieve.h"
#include "detect/title.h"

struct candidate; /* index/index.h */
struct glimpse;   /* store/store.h */
struct naming;
struct row;

struct look {
	struct comparison c;   /* passages in `keep`; `same` by the tokens only */
	struct acquaintance a; /* who is whose version is left open */
};

struct looker {
	const struct kept *here;
	const struct naming *name;
	struct span title;
	const uint64_t *shingles; /* of the kept tokens */
	struct arena *keep, *scratch;
	struct sieve sieve;
	struct probe *probe;      /* made for the first comparison */
	struct title title_words; /* with it */
	struct arena_mark floor;
};

enum status look_begin(struct looker *l, const struct kept *here, const struct naming *name,
		       struct span title, const uint64_t *shingles, struct arena *keep,
		       struct arena *scratch);
/* Whether a candidate passes the sieve: the others need not be looked at. False when out of memory
 * too. */
bool look_worth(struct looker *l, const struct glimpse *other);
/* NO_MEMORY. */
enum status look_at(const struct look **out, struct looker *l, const struct row *row);

/* The seqs of those candidates that promise something, in their order; returns how many. */
#define LOOK_CANDIDATES 256u
size_t look_promising(uint64_t *seqs, const struct candidate *found, size_t count,
		      size_t key_count);

#endif
