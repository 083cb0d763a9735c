/* SPDX-License-Identifier: BSD-2-Clause */
/* compare.h - how much two articles share: resemblance and containment of their kept shingle sets
 * (Broder 1997), and the passages themselves.
 *
 * Kept:    the tokens of an article without its masked ranges, in order.
 * Thread:  any; all memory from the arena. A probe serves many comparisons of one article.
 * Cost:    linear in the tokens of the other article; nothing per comparison is allocated but
 * passages. */
#ifndef DETECT_COMPARE_H
#define DETECT_COMPARE_H

#include <reprint/fingerprint.h>
#include <reprint/status.h>
#include <reprint/verdict.h>

struct arena;
struct probe; /* opaque: one article, made ready to be compared with many */

struct kept {
	const uint16_t *tokens; /* [count] */
	uint32_t count;
	uint32_t units;
	const struct masked *masked; /* what was left out */
	const uint32_t *cuts;        /* [masked_count] how many kept tokens stand before each */
	uint32_t masked_count;
	const uint32_t *paragraphs; /* [paragraph_count + 1] of the article, in all tokens */
	uint32_t paragraph_count;
	const uint8_t *quoted; /* [paragraph_count] 1: a quotation; NULL: not known */
};

/* The kept tokens of an article. masked is sorted and disjoint; it and paragraphs must stay. Where
 * nothing is masked the tokens are not copied and must stay too. */
enum status kept_of(struct kept *out, const uint16_t *tokens, uint32_t token_count,
		    const uint32_t *paragraphs, uint32_t paragraph_count,
		    const struct masked *masked, uint32_t masked_count, struct arena *arena);

struct comparison {
	double resemblance;     /* Jaccard of the two shingle sets */
	double containment;     /* share of the probe's article found in the other */
	double contained_by;    /* share of the other found in the probe's */
	double span;            /* share of this article from its first passage to its last */
	double span_there;      /* the same of the other */
	uint32_t opening_units; /* both begin with the same words, half words */
	uint32_t longest_units; /* of the longest shared run, half words */
	uint32_t shared_units;  /* in all passages but quotations */
	uint32_t whole_units;   /* longest passage of nearly whole paragraphs on both sides, no
				   quotation */
	uint32_t quoted_units;  /* in passages that are one quotation on either side */
	uint32_t number_count; /* distinct numbers of the side with fewer; 0 without a shared run */
	double numbers;        /* share of them that the other side has too; 1 if there are none */
	double aligned; /* share of the longer's tokens that agree in order; 0: not looked at */
	double aligned_span;  /* of the side where it is less: from the first of them to the last */
	double words_changed; /* share of words that do not agree there, numbers apart */
	double numbers_changed;    /* share of numbers that do not */
	uint32_t numbers_replaced; /* and how many that are */
	uint32_t figures_kept;     /* numbers inside passages that agree */
	uint32_t figures_replaced; /* places inside passages where both have numbers, and others */
	bool same;                 /* equal token sequences */
	const struct passage *passages; /* in order of `here`, at most COMPARE_PASSAGES */
	uint32_t passage_count;
};
#define COMPARE_PASSAGES 64u

/* hashes[] = the shingles of k's tokens (shingles_count(k->count) of them). */
enum status probe_of(struct probe **out, const struct kept *k, const uint64_t *hashes,
		     struct arena *arena);

/* Compares the probe's article with another. Passages live in the arena. */
enum status compare(struct comparison *out, struct probe *p, const struct kept *other,
		    struct arena *arena);

#endif
