/* SPDX-License-Identifier: BSD-2-Clause */
/* tame.h - markup made harmless before libxml2 sees it. Any thread.
 *
 * Two things make its parsers slow or forgetful: an element with very many attributes, each of
 * which is compared with all before it, and HTML that nests deeper than it follows. */
#ifndef TEXT_TAME_H
#define TEXT_TAME_H

#include <reprint/span.h>

struct bytes; /* base/bytes.h */

/* The markup (HTML or XML) itself, or a copy in *scratch without the attributes of an element
 * beyond the first 128. */
struct span tame_attributes(struct bytes *scratch, struct span markup);

/* The same for HTML, where NUL becomes U+FFFD too: it would end the input. */
struct span tame_html(struct bytes *scratch, struct span html);

/* Sets *out to the HTML without what only nests: its paragraphs, headings, breaks and metadata.
 * Scripts are left out. */
void tame_flat(struct bytes *out, struct span html);

#endif
