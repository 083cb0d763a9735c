/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - moments as milliseconds since 1970 UTC, and their RFC 3339 form. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <reprint/span.h>
#include <stdint.h>

#define CLOCK_TEXT_BYTES 32

int64_t clock_now_ms(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for durations */

/* "2026-11-23T03:00:00.123Z" into out[CLOCK_TEXT_BYTES]; returns out. Years 0..9999, else clipped.
 */
char *clock_text(char *out, int64_t ms);

/* RFC 3339 ("2026-11-23T03:00:00.123+02:00", 'T' or blank, zone optional = UTC, time optional).
 * False when the span is not such a moment. What is read, and as what, is a part of the format of
 * stored rows (RECORD_DATED). */
bool clock_parse(int64_t *out_ms, struct span s);

/* Milliseconds of a UTC calendar moment; month 1..12; no range checks beyond int64. */
int64_t clock_of_calendar(int64_t year, int month, int day, int hour, int minute, int second);

#endif
