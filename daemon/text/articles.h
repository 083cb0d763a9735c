/* SPDX-License-Identifier: BSD-2-Clause */
/* articles.h - where finished records are put; walking them is in text.h. */
#ifndef TEXT_ARTICLES_H
#define TEXT_ARTICLES_H

#include "text/text.h"

/* Room for one more record of size bytes (a multiple of 8) at the end; NULL when out of memory.
 * Earlier records may move. */
unsigned char *articles_append(struct articles *a, size_t size);

#endif
