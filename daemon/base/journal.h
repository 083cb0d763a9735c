/* SPDX-License-Identifier: BSD-2-Clause */
/* journal.h - log lines as entries of systemd's journal, with their fields: the datagram that
 * "Native Journal Protocol" (systemd.io) documents, without the library.
 *
 *   log_info("epoch expired", "epoch=%u articles=%u", 3, 9)
 *   MESSAGE=epoch expired: epoch=3 articles=9 | PRIORITY=6 | SYSLOG_IDENTIFIER=reprintd |
 *   REPRINT_EVENT=epoch expired | REPRINT_EPOCH=3 | REPRINT_ARTICLES=9
 *
 * Fields are found in the format, not in the text: a hostile value cannot add one.
 * Thread: opened once, before there are threads; sending from any. */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include <stdarg.h>
#include <stdbool.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* stream: JOURNAL_STREAM, "device:inode" of what journald gave us as standard error; NULL, or when
 * standard error is something else by now: false, and nothing is sent. */
bool journal_open(const char *stream, const char *socket_path);

/* False: not open, or not taken: say it on standard error. */
bool journal_send(int priority, const char *event, const char *text, const char *format,
		  va_list args);

#endif
