/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include "base/journal.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 4096

static atomic_int level_shown = LOG_LEVEL_INFO;
static atomic_int prefixed;

void log_set_level(enum log_level level)
{
	atomic_store(&level_shown, (int)level);
}

void log_set_prefix(int on)
{
	atomic_store(&prefixed, on);
}

/* Whether the character at p drives a terminal: C0, DEL, and C1 in UTF-8. */
static bool is_control(const unsigned char *p)
{
	return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

/* Copies text to out, control characters as \xNN; returns the length, at most room. */
static size_t escape(char *out, size_t room, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0' && n + 4 <= room; text++) {
		unsigned char c = (unsigned char)*text;

		if (!is_control((const unsigned char *)text)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return n;
}

/* Writes the n bytes that line[room] begins with, and text after them. */
static void write_line(char *line, size_t n, size_t room, const char *text)
{
	n += escape(line + n, room - n - 1, text);
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, n) < 0) {
		/* A full or closed stderr must not stop the daemon. */
		break;
	}
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
	char text[LINE_BYTES];
	char line[2 * LINE_BYTES];
	size_t n = 0;
	va_list args;
	bool taken;

	if ((int)level > atomic_load(&level_shown))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	va_start(args, format);
	taken = journal_send((int)level, event, text, format, args);
	va_end(args);
	if (taken)
		return;
	if (atomic_load(&prefixed))
		n = (size_t)snprintf(line, sizeof line, "<%d>", (int)level);
	n += (size_t)snprintf(line + n, sizeof line - n, "reprintd: %s: ", event);
	write_line(line, n, sizeof line, text);
}

void log_tell(const char *who, const char *format, ...)
{
	char text[LINE_BYTES];
	char line[2 * LINE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	write_line(line, (size_t)snprintf(line, sizeof line, "%s: ", who), sizeof line, text);
}
