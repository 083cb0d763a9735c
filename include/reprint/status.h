/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h - the one list of everything that can go wrong.
 *
 * Zero is success. errno, MDB_* and UV_* are translated where they appear and travel no further. */
#ifndef REPRINT_STATUS_H
#define REPRINT_STATUS_H

#define STATUS_LIST(X)                                         \
	X(OK, "ok")                                            \
	X(NO_MEMORY, "out of memory")                          \
	X(TOO_SMALL, "the buffer is too small")                \
	X(TOO_LARGE, "larger than the limit")                  \
	X(MALFORMED, "malformed")                              \
	X(UNSUPPORTED, "not a format that is known")           \
	X(NOT_FOUND, "not found")                              \
	X(EXISTS, "exists already")                            \
	X(DENIED, "permission denied")                         \
	X(NOT_REGULAR, "not a regular file")                   \
	X(IO, "input or output failed")                        \
	X(NO_SPACE, "no space left")                           \
	X(NO_DESCRIPTORS, "too many open files")               \
	X(BUSY, "in use by another process")                   \
	X(CLOSED, "closed")                                    \
	X(TIMEOUT, "took too long")                            \
	X(DAMAGED, "damaged")                                  \
	X(VERSION, "written by another version of the format") \
	X(USAGE, "not understood")                             \
	X(READ_ONLY, "the file system is read-only")           \
	X(FOREIGN, "something else is in it")

#define STATUS_ENUM(name, text) STATUS_##name,
enum status { STATUS_LIST(STATUS_ENUM) STATUS_COUNT };
#undef STATUS_ENUM

/* The sentence for a status, static, never NULL. Any thread. */
const char *status_text(enum status st);

/* The status that an errno value means; STATUS_IO for those without a better word. Any thread. */
enum status status_of_errno(int error);

#endif
