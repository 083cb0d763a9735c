/* SPDX-License-Identifier: BSD-2-Clause */
/* url.h - addresses in the one form in which they are compared. Pure; any thread. */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include <reprint/span.h>

struct bytes; /* base/bytes.h */

/* Appends the canonical form of an http(s) url: scheme, user, default port and a leading "www.",
 * "m." or "amp." of the host dropped, host in lower case, fragment and tracking parameters
 * (utm_*, fbclid, gclid, ...) removed, trailing slash ignored. False, nothing appended: not such a
 * url. */
bool url_canonical(struct bytes *out, struct span url);

/* Appends `reference` resolved against `base` (RFC 3986 section 5); as it is when base is no url.
 */
void url_resolve(struct bytes *out, struct span base, struct span reference);

#endif
