/* SPDX-License-Identifier: BSD-2-Clause */
/* clustering.h - which cluster an article joins.
 *
 * A cluster is a star: one text and its copies around a centre, the first article seen of it, which
 * names it (c<seq>) for ever. An article joins once, when it is judged; nobody moves later, and
 * clusters never merge.
 *
 * Copy:     it joins the cluster of its strongest copy (near or stronger), be that the centre or
 *           another member, if a quarter of it or of the centre stands in the other. So copies of
 *           copies make no chain: they end where the text has become another one.
 * Round-up: a copy that holds less than half of the article does not count when other clusters'
 *           passages make up a tenth of it: several stories are not one of them.
 * Rewrite:  an article without any copy joins the cluster whose centre shares a passage and a
 *           quarter with it, both ways, when another member does so too and four fifths of its
 *           matches lie there: one story told again, not a form that many stories fill in.
 *
 * Thread:  any; pure but for what near_centre does. */
#ifndef INGEST_CLUSTERING_H
#define INGEST_CLUSTERING_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct match; /* <reprint/verdict.h> */

/* The verified matches of one article, strongest first. */
struct ties {
	const struct match *matches;
	const uint64_t *clusters; /* [count] of each match; 0: it is gone */
	size_t count;
	uint32_t words;      /* of the article, without what was left out */
	uint32_t paragraphs; /* of the article */
};

/* The larger containment between the article and the centre of a cluster that is not among its
 * matches; 0 when that cannot be told. */
typedef double (*clustering_fn)(void *ctx, uint64_t cluster);

/* The cluster to join; 0: the article starts one of its own. Asks near_centre about at most four
 * clusters. Memory from scratch; without any it takes no round-up for one. */
uint64_t clustering_of(const struct ties *t, clustering_fn near_centre, void *ctx,
		       struct arena *scratch);

#endif
