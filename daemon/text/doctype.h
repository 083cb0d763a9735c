/* SPDX-License-Identifier: BSD-2-Clause */
/* doctype.h - the declarations that an XML document brings along. Any thread.
 *
 * libxml2 compares each declared attribute with all before it, gives it to every element and lets
 * parameter entities write declarations: a file of 2 MB could hold a worker for hours. A feed needs
 * none of it but a few names of characters. */
#ifndef TEXT_DOCTYPE_H
#define TEXT_DOCTYPE_H

#include <reprint/span.h>

struct bytes; /* base/bytes.h */

/* The XML itself, or a copy in *scratch without the declarations in its DOCTYPE where they are more
 * than 16 KiB or more than plain entities. */
struct span doctype_tame(struct bytes *scratch, struct span xml);

#endif
