/* SPDX-License-Identifier: BSD-2-Clause */
/* fold_ascii.h - words one by one, for who may stop at any of them: where ASCII alone settles what
 * a word is, at a tenth of the cost. Any thread; no memory but the caller's. */
#ifndef TEXT_FOLD_ASCII_H
#define TEXT_FOLD_ASCII_H

#include <stddef.h>

struct folded; /* text/fold.h */

/* Promise: that of fold_words(), but that it may stop earlier, behind one word. */
size_t fold_ascii(struct folded *out, const char *text, size_t len);

#endif
