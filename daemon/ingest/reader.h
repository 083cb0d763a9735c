/* SPDX-License-Identifier: BSD-2-Clause */
/* reader.h - a delivered file's bytes, bounded, and never anything but a regular file below its
 * root.
 *
 * Thread: any (workers). */
#ifndef INGEST_READER_H
#define INGEST_READER_H

#include <reprint/status.h>
#include <stddef.h>
#include <stdint.h>

struct bytes; /* base/bytes.h */

/* What the file was when it was read. */
struct read_file {
	uint64_t size;
	int64_t mtime_ns;
};

/* Reads path below the directory root into *out (cleared first). No link on the way is followed and
 * nothing but a regular file is opened for long (base/beneath.h). NOT_FOUND (gone: not an error of
 * ours), DENIED, NOT_REGULAR, TOO_LARGE, IO, NO_MEMORY, NO_DESCRIPTORS. */
enum status reader_read(struct bytes *out, struct read_file *what, const char *root,
			const char *path, size_t max_bytes);

#endif
