/* SPDX-License-Identifier: BSD-2-Clause */
/* utf8.h - what every other part of the room takes for granted: valid UTF-8. Pure; any thread. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <reprint/span.h>
#include <stdint.h>

struct bytes; /* base/bytes.h */

#define UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* Length of the longest valid start of s (Unicode 15, table 3-7: no surrogates, no overlongs). */
size_t utf8_valid(struct span s);

/* Appends s with every maximal invalid part replaced by one U+FFFD; returns how many there were. */
size_t utf8_repair(struct bytes *out, struct span s);

/* Names of files are bytes. Appends one as it is printed, and typed: each byte that is no UTF-8 as
 * \xNN, and the backslash of what looks like that as \x5c. Different names stay different. */
void utf8_spell(struct bytes *out, struct span name);
/* Whether that leaves the name as it is. */
bool utf8_is_spelled(struct span name);
/* Appends the name that is spelled so. */
void utf8_unspell(struct bytes *out, struct span spelled);

/* True when the broken UTF-8 in s is UTF-8 all the same (cut or damaged), not another charset. */
bool utf8_likely(struct span s);

/* s cut to at most max bytes, on the border of a character. */
struct span utf8_cut(struct span s, size_t max);

/* Writes one character into out[4] and returns its length, 1..4; U+FFFD for what is none, U+0000
 * included. */
size_t utf8_encode(char out[4], uint32_t character);

/* Appends the same. */
void utf8_put(struct bytes *out, uint32_t character);

#endif
