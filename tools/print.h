/* SPDX-License-Identifier: BSD-2-Clause */
/* print.h - text for people: coloured only where it is wanted, and never driven by what a feed
 * says: control characters of foreign texts are shown, not obeyed. */
#ifndef TOOLS_PRINT_H
#define TOOLS_PRINT_H

#include <reprint/span.h>
#include <stdint.h>
#include <stdio.h>

struct bytes; /* base/bytes.h */
struct value; /* wire/value.h */

enum tone { TONE_PLAIN, TONE_STRONG, TONE_FAINT, TONE_GOOD, TONE_WARM, TONE_BAD, TONE_COOL };

/* Whether print_tone() says anything. */
void print_colored(bool yes);
void print_tone(enum tone tone); /* on stdout */
enum tone print_kind_tone(struct span kind);

/* A foreign text; at most so many characters (0: all), then "...". An absent one is "-". */
void print_text(struct span text, size_t max);
/* The same, filled up with blanks. */
void print_column(struct span text, size_t width);
/* All of it into a buffer; line breaks stay. */
void print_into(struct bytes *out, struct span text);
/* The text of a member, and its number. */
void print_member(const struct value *object, const char *key, size_t max);
/* A share as "91 %". */
void print_share(double share);
/* "12..17", or "12". */
void print_range(const struct value *pair);

/* A verdict in one line: kind, id, the strongest match, repetition. */
void print_verdict_line(const struct value *verdict);
/* A verdict with everything in it. */
void print_verdict(const struct value *verdict);
/* One match in one line, with its passages below it. */
void print_match(const struct value *match);
/* The blocks of "repetition". */
void print_blocks(const struct value *repetition);

#endif
