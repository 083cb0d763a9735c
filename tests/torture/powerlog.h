/* SPDX-License-Identifier: BSD-2-Clause */
/* powerlog.h - the log that recorder.so writes and powercut replays: records, each followed by its
 * path, its second path, and what was written. */
#ifndef TORTURE_POWERLOG_H
#define TORTURE_POWERLOG_H

#include <stdint.h>

enum power_op {
	POWER_WRITE,         /* len bytes at `at` */
	POWER_WRITE_DURABLE, /* the same, and it was on the disk when the call returned */
	POWER_SYNC,          /* of a file or a directory */
	POWER_TRUNCATE,      /* to `at` bytes */
	POWER_CREATE,        /* an empty file */
	POWER_MKDIR,
	POWER_RENAME, /* path becomes the second path */
	POWER_REMOVE, /* of a file or a directory */
	POWER_MARK    /* `at` was promised to somebody by now */
};

struct power_record {
	uint32_t op, path_len, to_len, unused;
	uint64_t at, len; /* len: only of writes */
};

#endif
