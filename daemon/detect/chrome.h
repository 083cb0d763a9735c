/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome.h - what belongs to a site and not to its articles: navigation, notices, "Share this
 * post".
 *
 * Learned, not listed: a line that was seen in several unlike articles of one site is chrome of
 * that site until it is seen no more. Look-alike articles are not counted (the caller says which).
 * From the first article on, lines of a few words, lines of links, the article's own title and what
 * names the site's own address are no text, and a line that is chrome at several other sites is
 * chrome here, also if only the name in it is another.
 * Thread:  one owner (the lane); others may call chrome_mark() at any time.
 * Memory:  bounded per site and in all (sites.h); the weakest lines are forgotten first. */
#ifndef DETECT_CHROME_H
#define DETECT_CHROME_H

#include <reprint/fingerprint.h>
#include <reprint/span.h>
#include <reprint/status.h>
#include <stdbool.h>

struct bytes;     /* base/bytes.h */
struct chrome;    /* opaque */
struct page_line; /* detect/page_line.h */

/* Why a paragraph is left out. */
enum chrome_reason {
	CHROME_NONE,
	CHROME_SHORT,     /* a label, a byline: too short for text */
	CHROME_LINKS,     /* made of links */
	CHROME_SEEN,      /* in enough unlike articles of the site */
	CHROME_SHAPE,     /* with other figures in enough of them: a date line */
	CHROME_HEADLINE,  /* the headline of another article of the site, with a label or below */
	CHROME_ELSEWHERE, /* chrome at several other sites */
	CHROME_EDGE,      /* begins or ends as chrome at several other sites does */
	CHROME_HOST,      /* short, with the site's own address in it */
	CHROME_TITLE      /* the article's own title, above the text or in it */
};

enum status chrome_open(struct chrome **out);
void chrome_close(struct chrome *c); /* accepts NULL */

/* Sets out[i] to the enum chrome_reason of paragraph i of an article of this site; lines as
 * page_lines_of() makes them of f. A site that is absent has none. Returns how many are chrome. */
uint32_t chrome_mark(struct chrome *c, uint8_t *out, struct span site, const struct fingerprint *f,
		     const struct page_line *lines);

/* How much a paragraph says about its site. */
enum chrome_evidence { CHROME_NO_EVIDENCE = 0, CHROME_WEAK_EVIDENCE = 1, CHROME_EVIDENCE = 4 };

/* Counts an article's lines[count] for its site. evidence[count] (enum chrome_evidence): what
 * stands in copies elsewhere is no evidence; NULL: all of it is. NO_MEMORY: some may not be
 * counted. */
enum status chrome_learn(struct chrome *c, struct span site, const struct page_line *lines,
			 uint32_t count, const uint8_t *evidence);

/* ---- for who asks why */

/* A line of a site as it was learned. */
struct chrome_line {
	uint64_t hash;     /* of a page_line: its shape, if by_shape */
	uint32_t articles; /* unlike ones that had it */
	uint32_t since;    /* unlike articles counted after the last that had it */
	double weight;     /* of the sightings, the older the less */
	bool by_shape;
	bool usual;   /* it stood in at least half of the site's articles */
	bool regular; /* or of those since it was seen first */
};
#define CHROME_LINES 4096u /* of one site at most */

/* How many unlike articles of the site were counted; 0: none. */
uint32_t chrome_articles(const struct chrome *c, struct span site);
/* The lines that were seen in several articles, in no order; out has room for CHROME_LINES. Returns
 * how many. */
uint32_t chrome_lines(const struct chrome *c, struct chrome_line *out, struct span site);
/* In how many articles, lately, such a line of so many half words must be seen. */
uint32_t chrome_enough(const struct chrome_line *l, uint32_t units);
/* SHORT, SEEN, SHAPE or NONE: whether a line of so many half words is left out for itself. */
enum chrome_reason chrome_reason_of(const struct chrome_line *l, uint32_t units);
/* "seen"; static. */
const char *chrome_reason_text(enum chrome_reason reason);

/* Everything learned, appended to *out; and back. MALFORMED, VERSION (another format): nothing was
 * taken over. */
void chrome_save(const struct chrome *c, struct bytes *out);
enum status chrome_load(struct chrome *c, struct span saved);

#endif
