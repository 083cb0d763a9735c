/* SPDX-License-Identifier: BSD-2-Clause */
/* tame.h - markup made harmless before libxml2 sees it. Any thread.
 *
 * Two things make its parsers slow or forgetful: an element with very many attributes, each of
 * which is compared with all before it, and HTML that nests deeper than it follows. And its trees
 * take memory: a tag of 3 bytes is 256 of them. */
#ifndef TEXT_TAME_H
#define TEXT_TAME_H

#include <reprint/span.h>

struct bytes; /* base/bytes.h */

/* Its tree would take far more than such a text's does: more than 128 MiB and 12 times its bytes.
 */
bool tame_heavy(struct span markup, bool html);

/* The XML itself, or a copy in *scratch without the attributes of an element beyond the first
 * 128. */
struct span tame_xml(struct bytes *scratch, struct span xml);

/* The same for HTML, where NUL becomes U+FFFD too: it would end the input. */
struct span tame_html(struct bytes *scratch, struct span html);

/* Sets *out to the HTML without what only nests: its paragraphs, headings, breaks and metadata.
 * Scripts are left out. */
void tame_flat(struct bytes *out, struct span html);

#endif
