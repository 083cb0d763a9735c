/* SPDX-License-Identifier: BSD-2-Clause */
/* markup.h - bytes to trees: the one place where libxml2's parsers are set up and bounded.
 *
 * Any thread, after text_start(). No network, no external entity, no DTD is ever loaded; nesting
 * ends at libxml2's own depth (256), names and texts at its usual limits. */
#ifndef TEXT_MARKUP_H
#define TEXT_MARKUP_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct _xmlDoc; /* libxml2; xmlFreeDoc() */
struct bytes;   /* base/bytes.h */

/* What the parser had to say. */
struct markup_note {
	bool mended;     /* not well formed (XML), or cut where it was nested too deep */
	uint32_t line;   /* of the first fault */
	const char *why; /* a clause about "it", static; "" when there was none */
};

/* A tree of the HTML (valid UTF-8): always one, unless memory runs out. TOO_LARGE when it would be
 * heavy (tame.h), also below. *scratch holds a cleaned
 * copy where one is needed. */
enum status markup_html(struct _xmlDoc **out, struct bytes *scratch, struct span html,
			struct markup_note *note);

/* A tree of the XML (valid UTF-8, whatever its declaration says), mended where it is not well
 * formed. MALFORMED when not even a root element is there. */
enum status markup_xml(struct _xmlDoc **out, struct bytes *scratch, struct span xml,
		       struct markup_note *note);

#endif
