/* SPDX-License-Identifier: BSD-2-Clause */
/* flat.h - the article object of the contract, read without building a tree.
 *
 * Scans of millions of lines spend their time here, and jansson takes a malloc per key and value.
 * Whatever is not quite a flat object of strings, numbers and literals is left to jansson, which
 * stays the law: what flat_read() takes, jansson reads to the same values. Any thread. */
#ifndef TEXT_FLAT_H
#define TEXT_FLAT_H

#include <reprint/span.h>

struct bytes; /* base/bytes.h */

/* Absent where the object has no such key, or no string (for the id: no string or integer). */
struct flat {
	struct span id, site, url, title, published, text, html;
};

/* Reads an object from valid UTF-8, blanks around it allowed. Values are views of `json`, or of
 * *scratch where an escape had to be undone. False: ask jansson (and nothing else is promised). */
bool flat_read(struct flat *out, struct bytes *scratch, struct span json);

#endif
