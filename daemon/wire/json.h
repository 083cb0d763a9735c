/* SPDX-License-Identifier: BSD-2-Clause */
/* json.h - writing JSON into bytes: compact, one pass, no allocation but the buffer's own.
 *
 * A cursor that places the commas; what is opened must be closed by the caller. Text may be any
 * bytes: control characters (C0, C1) are escaped, what is not UTF-8 becomes U+FFFD, one for each
 * maximal broken part. Errors are the buffer's: test out->failed once at the end. Thread: one owner
 * at a time. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <reprint/span.h>
#include <stdint.h>

struct bytes; /* base/bytes.h */

struct json {
	struct bytes *out;
	bool comma; /* the next key or element needs one before it */
};

static inline struct json json_of(struct bytes *out)
{
	return (struct json){ out, false };
}

void json_open(struct json *j, char bracket);     /* '{' or '[' */
void json_close(struct json *j, char bracket);    /* '}' or ']' */
void json_key(struct json *j, const char *key);   /* plain ASCII, written as it is */
void json_text(struct json *j, struct span text); /* null when absent */
void json_word(struct json *j, const char *word); /* a text; plain ASCII, not escaped */
void json_number(struct json *j, uint64_t n);
void json_signed(struct json *j, int64_t n);
void json_share(struct json *j, double share); /* 0.91, 0.5, 1.0: rounded to four digits */
void json_flag(struct json *j, bool flag);
void json_null(struct json *j);
void json_hex(struct json *j, const uint64_t *words, size_t count); /* 16 digits a word */
void json_moment(struct json *j, int64_t ms);                       /* RFC 3339, UTC */
void json_raw(struct json *j, struct span value); /* a value that is JSON already */

/* A key and its value in one line. */
void json_put_text(struct json *j, const char *key, struct span text);
void json_put_word(struct json *j, const char *key, const char *word);
void json_put_number(struct json *j, const char *key, uint64_t n);
void json_put_share(struct json *j, const char *key, double share);
void json_put_flag(struct json *j, const char *key, bool flag);
void json_put_hex(struct json *j, const char *key, uint64_t word);

#endif
