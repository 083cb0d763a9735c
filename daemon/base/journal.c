/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/journal.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ENTRY_BYTES 16384u
#define FORMAT_BYTES 512u
#define KEY_BYTES 48u

static atomic_int journal = -1;

bool journal_open(const char *stream, const char *socket_path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	unsigned long long device, inode;
	struct stat s;
	int fd;

	if (stream == NULL || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &s) != 0 || s.st_dev != device || s.st_ino != inode ||
	    strlen(socket_path) >= sizeof to.sun_path)
		return false;
	strcpy(to.sun_path, socket_path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return false;
	}
	atomic_store(&journal, fd);
	return true;
}

/* ---- an entry ------------------------------------------------------------------------------- */

struct entry {
	char bytes[ENTRY_BYTES];
	size_t len;
	bool full;
};

static void put(struct entry *e, const void *p, size_t len)
{
	if (e->full || len > sizeof e->bytes - e->len) {
		e->full = true;
		return;
	}
	memcpy(e->bytes + e->len, p, len);
	e->len += len;
}

/* A value with a line end has its length before it, as 64 bits, little-endian. */
static void put_field(struct entry *e, const char *key, const char *value, size_t len)
{
	put(e, key, strlen(key));
	if (memchr(value, '\n', len) == NULL) {
		put(e, "=", 1);
	} else {
		unsigned char size[8];

		for (unsigned i = 0; i < sizeof size; i++)
			size[i] = (unsigned char)((uint64_t)len >> 8 * i);
		put(e, "\n", 1);
		put(e, size, sizeof size);
	}
	put(e, value, len);
	put(e, "\n", 1);
}

/* ---- "key=%s other=%u; and a remark" --------------------------------------------------------- */

/* The length of a key that begins here; 0: none does. */
static size_t key_at(const char *format, size_t i)
{
	size_t n = 0;

	if (i > 0 && format[i - 1] != ' ')
		return 0;
	while (islower((unsigned char)format[i + n]) || format[i + n] == '_')
		n++;
	return n > 0 && format[i + n] == '=' ? n : 0;
}

/* Where its value ends: before the next key or a remark. */
static size_t value_end(const char *format, size_t i)
{
	while (format[i] != '\0' && format[i] != ';' &&
	       !(format[i] == ' ' && key_at(format, i + 1) > 0))
		i++;
	return i;
}

/* How long the text of the first n bytes of the format is. */
static size_t length_of(const char *format, size_t n, va_list args)
{
	char part[FORMAT_BYTES];
	va_list copy;
	int len;

	memcpy(part, format, n);
	part[n] = '\0';
	va_copy(copy, args);
	len = vsnprintf(NULL, 0, part, copy);
	va_end(copy);
	return len < 0 ? 0 : (size_t)len;
}

static void put_fields(struct entry *e, const char *text, const char *format, va_list args)
{
	size_t text_len = strlen(text);

	if (strlen(format) >= FORMAT_BYTES)
		return;
	for (size_t i = 0; format[i] != '\0'; i++) {
		size_t n = key_at(format, i), from, to;
		char key[KEY_BYTES] = "REPRINT_";

		if (n == 0 || n >= KEY_BYTES - strlen(key))
			continue;
		for (size_t k = 0; k < n; k++)
			key[strlen("REPRINT_") + k] = (char)toupper((unsigned char)format[i + k]);
		from = length_of(format, i + n + 1, args);
		i = value_end(format, i + n + 1);
		to = length_of(format, i, args);
		if (to > text_len)
			to = text_len;
		if (from <= to)
			put_field(e, key, text + from, to - from);
		if (format[i] == '\0')
			break;
	}
}

bool journal_send(int priority, const char *event, const char *text, const char *format,
		  va_list args)
{
	struct entry e = { .len = 0 };
	int fd = atomic_load(&journal);
	char number[12], message[ENTRY_BYTES / 2];

	if (fd < 0)
		return false;
	snprintf(number, sizeof number, "%d", priority);
	snprintf(message, sizeof message, "%s: %s", event, text);
	put_field(&e, "MESSAGE", message, strlen(message));
	put_field(&e, "PRIORITY", number, strlen(number));
	put_field(&e, "SYSLOG_IDENTIFIER", "reprintd", strlen("reprintd"));
	put_field(&e, "REPRINT_EVENT", event, strlen(event));
	put_fields(&e, text, format, args);
	return !e.full && send(fd, e.bytes, e.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)e.len;
}
