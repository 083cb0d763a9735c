/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/state.h"

#include "base/checksum.h"
#include "store/recent.h"

#define WORTH 0.25 /* of a row that another has, before it is told by it */

/* A site changes its looks, and more of it is known as chrome with every article at first: its row
 * is replaced after so many others, each time four times as many, up to a number that makes a whole
 * row now and then no matter. */
#define SERVES_FIRST 4u
#define SERVES_MOST 256u

/* Of a row that may be a base of one that comes now: in its epoch, at hand, not long and not
 * forgotten; else NULL. */
static const uint64_t *bases_of(const struct store *s, uint64_t seq)
{
	struct span row;

	if (seq < state_active(s)->head.first[TABLE_ROWS] || !recent_get(s->recent, seq, &row) ||
	    row.len > RECORD_BASE_BYTES || meta_buried(&s->meta, seq))
		return NULL;
	return recent_bases(s->recent, seq);
}

static bool serves(const struct store *s, const struct site_row *row, uint64_t site)
{
	const uint64_t *bases = row->site == site ? bases_of(s, row->seq) : NULL;

	return bases != NULL && bases[RECORD_BASE_SITE] == 0 && bases[RECORD_BASE_COPIED] == 0 &&
	       row->served < row->serves;
}

/* Its own, or of the two where it may be the one that was used longer ago. */
static struct site_row *row_of(struct store *s, uint64_t site)
{
	struct site_row *row = &s->site_rows[site % SITE_ROWS];
	struct site_row *other = &s->site_rows[site % SITE_ROWS ^ 1];

	if (row->site == site || other->site == site)
		return row->site == site ? row : other;
	return row->used <= other->used ? row : other;
}

static void replace(struct site_row *row, uint64_t site, uint64_t seq)
{
	uint32_t serves = row->site == site ? 4 * row->serves : SERVES_FIRST;

	*row = (struct site_row){ site, seq, seq, 0, serves < SERVES_MOST ? serves : SERVES_MOST };
}

/* The row that has most of it; where that is told by another, the other. */
static uint64_t copied_by(const struct store *s, const struct verdict *v)
{
	const struct match *best = NULL;
	const uint64_t *bases;

	for (uint32_t i = 0; i < v->match_count; i++)
		if (v->matches[i].containment >= WORTH &&
		    (best == NULL || v->matches[i].containment > best->containment))
			best = &v->matches[i];
	bases = best == NULL ? NULL : recent_bases(s->recent, best->seq);
	if (bases == NULL)
		return 0;
	return bases[RECORD_BASE_COPIED] == 0 ? best->seq : bases[RECORD_BASE_COPIED];
}

void bases_choose(struct store *s, const struct row *row, uint64_t bases[RECORD_BASES])
{
	const struct verdict *v = &row->verdict;
	uint64_t site = checksum_of(v->site);
	struct site_row *of = row_of(s, site);
	uint64_t copied = copied_by(s, v);

	bases[RECORD_BASE_SITE] = serves(s, of, site) ? of->seq : 0;
	if (copied == bases[RECORD_BASE_SITE] || bases_of(s, copied) == NULL)
		copied = 0;
	bases[RECORD_BASE_COPIED] = copied;
	of->served += bases[RECORD_BASE_SITE] != 0;
	if (of->site == site)
		of->used = v->seq;
	if (bases[RECORD_BASE_SITE] == 0 && bases[RECORD_BASE_COPIED] == 0 &&
	    row->token_count < RECORD_BASE_BYTES / sizeof *row->tokens)
		replace(of, site, v->seq);
}
