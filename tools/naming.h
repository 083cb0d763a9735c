/* SPDX-License-Identifier: BSD-2-Clause */
/* naming.h - what an article of a local file is called. */
#ifndef TOOLS_NAMING_H
#define TOOLS_NAMING_H

#include <reprint/article.h>

struct bytes; /* base/bytes.h */
struct json;  /* wire/json.h */

/* Appends the article's own id, else the file's name (with #n where one file holds many without
 * ids). */
void name_article(struct bytes *out, const struct article *a, const char *file);

/* The members "file" and "id". */
void put_names(struct json *j, const struct article *a, const char *file);

#endif
