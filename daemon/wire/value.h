/* SPDX-License-Identifier: BSD-2-Clause */
/* value.h - parsed JSON, to be read only; the JSON library stays behind it.
 *
 * Memory:  a tree of its own, freed with its root; everything got from it is a view into it.
 * Hostile: every byte. Nesting is counted before parsing, duplicate keys and broken UTF-8 refused.
 * Thread:  one parses and frees; any number may read at once.
 * Every getter accepts NULL and answers as for a value that is not there. */
#ifndef WIRE_VALUE_H
#define WIRE_VALUE_H

#include <reprint/span.h>
#include <reprint/status.h>
#include <stdint.h>

struct value; /* opaque */

enum value_type {
	VALUE_NONE, /* not there, or null */
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_FLAG,
	VALUE_LIST,
	VALUE_OBJECT
};

/* Objects and lists nest at most max_depth deep. MALFORMED: why[] says what is wrong and where;
 * why_cap bytes with the NUL. */
enum status value_parse(struct value **out, char *why, size_t why_cap, struct span text,
			unsigned max_depth);
void value_free(struct value *root); /* accepts NULL */

enum value_type value_type(const struct value *v);
const struct value *value_of(const struct value *object, const char *key); /* NULL: not there */
size_t value_count(const struct value *list);                              /* else 0 */
const struct value *value_at(const struct value *list, size_t i);

struct span value_text(const struct value *v);           /* absent when not a text */
bool value_number(const struct value *v, uint64_t *out); /* false: no whole number >= 0 */
double value_share(const struct value *v);               /* any number, else 0 */
bool value_flag(const struct value *v);                  /* only true is true */

/* The value as compact JSON, appended. */
struct bytes; /* base/bytes.h */
void value_put(struct bytes *out, const struct value *v);

/* Shorthands for members. */
struct span value_text_of(const struct value *object, const char *key);
uint64_t value_number_of(const struct value *object, const char *key, uint64_t fallback);

#endif
