/* SPDX-License-Identifier: BSD-2-Clause */
/* lock_file.h - room for LMDB's lock file before it is mapped.
 *
 * LMDB makes it as a hole: where the disk has no block for a page of it, the first write to that
 * page kills the process with SIGBUS. Any thread. */
#ifndef KV_LOCK_FILE_H
#define KV_LOCK_FILE_H

#include <reprint/status.h>

/* Of the environment in this directory; NO_SPACE. What else may be wrong with the file is left to
 * whoever opens it, as are file systems that promise no room. */
enum status lock_file_reserve(const char *path);

#endif
