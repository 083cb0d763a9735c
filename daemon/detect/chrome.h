/* SPDX-License-Identifier: BSD-2-Clause */
/* chrome.h - what belongs to a site and not to its articles: navigation, notices, "Share this
 * post".
 *
 * Learned, not listed: a paragraph that was seen in several unlike articles of one site is chrome
 * of that site. Look-alike articles are not counted (the caller says which). Lines of a few words
 * (labels, bylines, "Read also: ...") never count as text where the site is known.
 * Thread:  one owner (the lane).
 * Memory:  bounded per site and in all; the least seen paragraphs are forgotten first. */
#ifndef DETECT_CHROME_H
#define DETECT_CHROME_H

#include <reprint/fingerprint.h>
#include <reprint/span.h>
#include <reprint/status.h>

struct arena;
struct bytes;  /* base/bytes.h */
struct chrome; /* opaque */

enum status chrome_open(struct chrome **out);
void chrome_close(struct chrome *c); /* accepts NULL */

/* Sets out[i] to 1 where paragraph i of an article of this site is chrome. hashes[i] =
 * tokens_hash() of the paragraph. A site that is absent has none. Returns how many are. */
uint32_t chrome_mark(const struct chrome *c, uint8_t *out, struct span site,
		     const struct fingerprint *f, const uint64_t *hashes);

/* Counts an article's paragraphs for its site. NO_MEMORY leaves the counts as they were. */
enum status chrome_learn(struct chrome *c, struct span site, const struct fingerprint *f,
			 const uint64_t *hashes);

/* ---- for who asks why */

/* A line of a site as it was learned. */
struct chrome_line {
	uint64_t hash;
	uint32_t articles; /* unlike articles that had it */
	uint32_t since;    /* unlike articles counted after the last that had it */
};
#define CHROME_LINES 4096u /* of one site at most */

/* How many unlike articles of the site were counted; 0: none. */
uint32_t chrome_articles(const struct chrome *c, struct span site);
/* The lines that were seen in enough articles to be left out if they are short, in no order; out
 * has room for CHROME_LINES. Returns how many. */
uint32_t chrome_lines(const struct chrome *c, struct chrome_line *out, struct span site);
/* In how many articles a line of so many half words must be seen. */
uint32_t chrome_enough(uint32_t units);
/* Half words from which on a line is text; a shorter one is left out wherever it stands, unless
 * the article is hardly anything else. */
uint32_t chrome_text_units(void);

/* Everything learned, appended to *out; and back. MALFORMED: nothing was taken over. */
void chrome_save(const struct chrome *c, struct bytes *out);
enum status chrome_load(struct chrome *c, struct span saved);

#endif
