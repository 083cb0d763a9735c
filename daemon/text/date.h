/* SPDX-License-Identifier: BSD-2-Clause */
/* date.h - the moments that feeds and pages give: RFC 3339, RFC 822, and what is written instead.
 * Pure; any thread. */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include <reprint/span.h>
#include <stdint.h>

/* "2026-11-23T03:00:00Z", "Mon, 23 Nov 2026 03:00:00 GMT", "Nov 23, 2026", "23-NOV-2026 03:00",
 * "Mon Nov 23 03:00:00 2026", "2026/11/23 3:00 pm +0100", ...; without a zone it is UTC, without a
 * time midnight. Years 1900 to 2199. False, nothing written, when it is no such date. */
bool date_parse(int64_t *out_ms, struct span s);

#endif
