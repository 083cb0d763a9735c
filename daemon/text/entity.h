/* SPDX-License-Identifier: BSD-2-Clause */
/* entity.h - a character reference left over in a text that was escaped once too often.
 *
 * Pure; any thread. */
#ifndef TEXT_ENTITY_H
#define TEXT_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* The bytes that the reference at text[0] == '&' takes, with its semicolon, and the character it
 * means; 0 when there is none. Names of HTML 4 and the letters and marks of HTML 5 that news uses;
 * 128..159 mean windows-1252, as in every browser; what cannot be a character is U+FFFD.
 * "&amp;quot;" is the reference &quot;, however often its ampersand was escaped. */
size_t entity_at(int32_t *out_character, const char *text, size_t len);

#endif
