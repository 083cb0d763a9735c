/* SPDX-License-Identifier: BSD-2-Clause */
/* sites.h - the lines of every site and how often each was seen: the memory of chrome.c.
 *
 * Clock:   a site's count of unlike articles. A line's weight halves every SITES_HALF articles, so
 *          what is not seen any more fades, and what has faded makes room.
 * Thread:  one owner.
 * Memory:  at most SITES_LINES lines a site, SITES_ROOM in all (48 MB), SITES_MAX sites. Beyond
 * that a site forgets its weakest lines; sites that were silent longest are forgotten whole. */
#ifndef DETECT_SITES_H
#define DETECT_SITES_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>
#include <stdint.h>

#include "detect/elsewhere.h"

struct bytes; /* base/bytes.h */

#define SITES_MAX 65536u
#define SITES_LINES 4096u     /* of one site, a power of two */
#define SITES_ROOM (1u << 21) /* lines of all sites together */
#define SITES_HALF 512u       /* articles */
#define SITES_ONE (1u << 11)  /* the weight of one sighting */
#define SITES_WEIGHT_MAX (16 * SITES_ONE)

enum seen_flag {
	SEEN_SHAPE = 1u << 0, /* hash is of a shape */
	SEEN_HEAD = 1u << 1,  /* it headed its article: a headline */
	SEEN_TOLD = 1u << 2,  /* counted in elsewhere */
	SEEN_EDGE = 1u << 3   /* an edge of a line that is told of, as old and heavy as that */
};

struct seen_line {
	uint64_t hash;     /* 0: free */
	uint32_t articles; /* unlike ones that had it */
	uint32_t first;    /* the site's clock when it was seen first */
	uint32_t last;     /* and last */
	uint16_t weight;   /* as of then */
	uint16_t flags;    /* enum seen_flag */
};
_Static_assert(sizeof(struct seen_line) == 24, "what SITES_ROOM takes");

struct site {
	uint64_t name;     /* 0: free */
	uint32_t articles; /* the clock */
	uint32_t used, cap;
	bool fed; /* again, since the hand came by */
	struct seen_line *lines;
};

struct sites {
	struct site *slots; /* open addressing */
	uint32_t count, mask;
	uint32_t hand; /* where the search for a silent site goes on */
	uint32_t room; /* taken: the sum of all cap */
	struct elsewhere elsewhere;
};

enum status sites_init(struct sites *all);
void sites_free(struct sites *all);

/* A forged collision of names only shares chrome between two sites. */
uint64_t sites_name(struct span site);

/* NULL: nothing is known of it. */
const struct site *sites_find(const struct sites *all, uint64_t name);
/* Finds or makes; the site's pointer stays until the next sites_take(). NO_MEMORY: NULL. */
struct site *sites_take(struct sites *all, uint64_t name);

/* NULL: not seen, or forgotten. */
struct seen_line *site_line(const struct site *s, uint64_t hash);
/* Room for a line that is not there, weight 0; NULL: NO_MEMORY. */
struct seen_line *site_add_line(struct sites *all, struct site *s, uint64_t hash);

/* The weight that is left now. */
uint32_t site_weight(const struct site *s, const struct seen_line *l);

/* Everything, appended to *out; and back into an empty one. VERSION: another format; MALFORMED,
 * NO_MEMORY: what was taken is to be freed. */
void sites_save(const struct sites *all, struct bytes *out);
enum status sites_load(struct sites *all, struct span saved);

#endif
