/* SPDX-License-Identifier: BSD-2-Clause */
/* charset.h - any bytes as valid UTF-8: byte order mark, declaration, UTF-8, else windows-1252.
 * Any thread. */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include <reprint/span.h>
#include <reprint/status.h>

struct bytes; /* base/bytes.h */

/* The text of `in` without its byte order mark: a view of `in` itself where that is UTF-8 already,
 * else of *scratch, which is overwritten. `declared` is a name from the document or from outside;
 * absent or unknown ones are passed over, and so are "utf-16" for bytes that plainly are not and
 * any for what is plainly UTF-8.
 * *out_lossy is set (never cleared) when something became U+FFFD. NO_MEMORY. */
enum status charset_decode(struct span *out, struct bytes *scratch, struct span in,
			   struct span declared, bool *out_lossy);

/* The charset that an HTML document (meta) or an XML one (declaration) names in its first bytes;
 * absent if none. */
struct span charset_of_html(struct span html);
struct span charset_of_xml(struct span xml);

/* Has iconv load what it needs for every charset of the web and some older ones, for a process that
 * will not be able to open files; other charsets are unknown to it from then on. Nothing of it is
 * given back. */
void charset_prepare(void);

#endif
