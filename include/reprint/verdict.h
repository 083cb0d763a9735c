/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict.h - what is said of one article: the record behind the JSON line of the contract.
 *
 * Memory:  all spans and arrays are views; whoever made the verdict says how long they live.
 * Numbers: paragraphs are 1-based and inclusive; shares are 0..1; seq 0 means none. */
#ifndef REPRINT_VERDICT_H
#define REPRINT_VERDICT_H

#include <reprint/span.h>
#include <stdbool.h>
#include <stdint.h>

#define VERDICT_FORMAT 1    /* "v" */
#define VERDICT_ALGORITHM 2 /* "algo": rises when the same text may get another fingerprint */

/* Weakest first, so that a stronger kind compares greater. */
#define KIND_LIST(X)            \
	X(UNIQUE, "unique")     \
	X(SHORT, "short")       \
	X(PARTIAL, "partial")   \
	X(CONTAINS, "contains") \
	X(EXCERPT, "excerpt")   \
	X(NEAR, "near")         \
	X(REVISION, "revision") \
	X(EXACT, "exact")
#define KIND_ENUM(name, text) KIND_##name,
enum kind { KIND_LIST(KIND_ENUM) KIND_COUNT };
#undef KIND_ENUM

enum relation { RELATION_SELF, RELATION_SAME_SITE, RELATION_CROSS_SITE, RELATION_COUNT };

const char *kind_text(enum kind kind);             /* "near"; static */
const char *relation_text(enum relation relation); /* "cross_site"; static */

struct paragraph_range {
	uint32_t from, to;
};

/* A block of paragraphs that stands again later in the same article. */
struct repeat_block {
	struct paragraph_range first, again;
	uint32_t words;
	double similarity;
};

/* A passage that two articles share. */
struct passage {
	struct paragraph_range here, there;
	uint32_t words;
};

struct match {
	uint64_t seq;
	enum kind kind;
	enum relation relation;
	double resemblance, containment, contained_by;
	const struct passage *passages;
	uint32_t passage_count;
	/* Of the other article; p == NULL when unknown or expired. */
	struct span id, site, url, title, published;
};

struct verdict {
	uint64_t seq;     /* 0: judged but not stored */
	uint32_t version; /* 1-based */
	uint64_t revises; /* seq of the version before, 0 if none */
	struct span id, source, site, file, url, title, published;
	int64_t seen_ms;
	uint32_t words, paragraphs, chrome;
	uint64_t simhash, digest[2];
	enum kind kind;
	struct span of;   /* id of the earliest article of the cluster; p == NULL: this one */
	uint64_t cluster; /* seq of the cluster's first article; own seq when alone */
	double ratio;
	bool doubled;
	const struct repeat_block *blocks;
	uint32_t block_count;
	const struct match *matches;
	uint32_t match_count;
	uint32_t more; /* verified matches that are not in matches[] */
};

/* Why a verdict became an alert: bit (1u << enum kind), and these. */
#define WHY_DOUBLED (1u << 16) /* repetition.doubled */
#define WHY_REPEATS (1u << 17) /* ratio >= alert_ratio, not doubled */
#define WHY_SAME_SITE (1u << 18)
#define WHY_ALL (1u << 19)

#endif
