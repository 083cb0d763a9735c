/* SPDX-License-Identifier: BSD-2-Clause */
/* log.h - one line on stderr for what was decided; journald's level prefix, no timestamp of our
 * own. Where journal.h is open, an entry of the journal instead, with its fields.
 *
 *   log_warning("file refused", "path=%s why=%s", path, status_text(st));
 *
 * Thread: any; a line is one write(2). Control characters in the text come out as \xNN, so that a
 * hostile file name can neither forge a line nor drive a terminal. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Lines less urgent than this are dropped; LOG_LEVEL_INFO at first. */
void log_set_level(enum log_level level);

/* The "<6>" prefix: on for a service under journald, off for a person's terminal (the default). */
void log_set_prefix(int on);

void log_line(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "WHO: text" for a person: what a program that is no service says on stderr. `who` is ours. */
void log_tell(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(event, ...) log_line(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warning(event, ...) log_line(LOG_LEVEL_WARNING, event, __VA_ARGS__)
#define log_info(event, ...) log_line(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_line(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
